//! What a user or customer is known by inside.

use std::hash::{BuildHasher, Hasher, RandomState};

/// What a user or customer is known by inside: 128 bits made of the id with a secret of the process.
///
/// Equality of ids themselves would keep every id in memory, of which there is no end to the length
/// and which are personal data. Two ids share a key of 128 bits with a probability of about
/// n² ÷ 2¹²⁹, 10⁻²⁸ for 200,000 users, and as the secret is drawn anew by every process, nobody can
/// look for two that do. (Maps of labels compare the labels: those are few, short and shown.)
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Key(pub(super) [u64; 2]);

/// Makes keys.
#[derive(Debug, Default)]
pub(crate) struct Keys(RandomState);

impl Keys {
    /// The key of an id.
    pub fn of(&self, id: &str) -> Key {
        // SipHash under one secret, of the id followed by 0 and by 1: two texts that no other id has.
        let mut first = self.0.build_hasher();
        first.write(id.as_bytes());
        let mut second = first.clone();
        first.write_u8(0);
        second.write_u8(1);
        // Zero stands for no key.
        Key([first.finish().max(1), second.finish()])
    }
}

impl Key {
    /// Where to look for it.
    pub(super) fn hash(self) -> u64 {
        self.0[0]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_the_ids_alone_and_its_halves_are_apart() {
        let keys = Keys::default();
        assert_eq!(keys.of("u-1"), keys.of("u-1"));
        assert_ne!(keys.of("u-1"), keys.of("u-2"));
        assert_ne!(keys.of("u-1").0[0], keys.of("u-1").0[1]);
        assert_ne!(Keys::default().of("u-1"), keys.of("u-1"), "each process has its own secret");
    }
}
