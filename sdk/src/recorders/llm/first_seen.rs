//! Names that become labels: the first so many keep themselves.

use std::hash::BuildHasher;

use pratiko_domain::event::is_name;

use crate::series::{Index, Rows};

/// What a name becomes that came too late.
pub(super) const OTHER: &str = "other";

/// The names, or groups of `N` names, that came first. Models are named by requests, and errors by
/// whoever reports them: without a cap anybody could make series without end. Known ones are found
/// without a lock.
#[derive(Debug)]
pub(super) struct FirstSeen<const N: usize> {
    known: Rows<[Box<str>; N]>,
    index: Index,
    hashing: foldhash::fast::RandomState,
    most: u32,
}

impl<const N: usize> FirstSeen<N> {
    /// None yet; room for `most`.
    pub fn new(most: u32) -> Self {
        let hashing = foldhash::fast::RandomState::default();
        Self { known: Rows::new(), index: Index::new(), hashing, most }
    }

    /// Whether these names keep themselves: they are known, or there is room for them and an event
    /// could be named so.
    pub fn admits(&self, names: [&str; N]) -> bool {
        let hash = self.hashing.hash_one(names);
        let is_it = |number| self.known.get(number).is_some_and(|known| same(known, names));
        if self.index.find(hash, is_it).is_some() {
            return true;
        }
        if self.known.len() >= self.most || !names.iter().all(|name| is_name(name)) {
            return false;
        }
        let hash_of = |number| {
            let known = self.known.get(number);
            known.map_or(0, |known| self.hashing.hash_one(known.each_ref().map(|name| &**name)))
        };
        let make = |number| number < self.most && self.known.push(names.map(Box::from));
        self.index.find_or_make(hash, is_it, hash_of, make).is_some()
    }
}

fn same<const N: usize>(known: &[Box<str>; N], names: [&str; N]) -> bool {
    known.iter().zip(names).all(|(known, name)| **known == *name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_names_keep_themselves() {
        let words = FirstSeen::new(2);
        let admitted =
            ["timeout", "429", "request 1 failed", "timeout", "", "429"].map(|word| words.admits([word]));
        assert_eq!(admitted, [true, true, false, true, false, true]);
        assert!(!FirstSeen::new(2).admits([&"x".repeat(300)]));
    }

    #[test]
    fn groups_of_names_are_told_apart_by_each_of_them() {
        let models = FirstSeen::new(200);
        let names: Vec<String> = (0..205).map(|number| format!("model-{number}")).collect();
        let own = names.iter().filter(|name| models.admits(["openai", name])).count();
        assert_eq!(own, 200);
        assert!(models.admits(["openai", "model-7"]));
        assert!(!models.admits(["openaim", "odel-7"]));
    }
}
