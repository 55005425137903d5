//! Words that become labels: the first so many keep themselves.

use std::hash::BuildHasher;

use pratiko_domain::event::LONGEST_NAME_BYTES;

use crate::series::{Index, Rows};

/// A set of words that only grows, up to a cap. Known ones are found without a lock.
#[derive(Debug)]
pub(super) struct Words {
    known: Rows<Box<str>>,
    index: Index,
    hashing: foldhash::fast::RandomState,
    most: u32,
    /// What further words become.
    other: &'static str,
}

impl Words {
    /// An empty set, for `most` words.
    pub fn new(most: u32, other: &'static str) -> Self {
        let hashing = foldhash::fast::RandomState::default();
        Self { known: Rows::new(), index: Index::new(), hashing, most, other }
    }

    /// The word itself, if it is known or there is room; else what further words become.
    pub fn admit<'a>(&self, word: &'a str) -> &'a str {
        let hash = self.hashing.hash_one(word);
        let is_it = |number| self.known.get(number).is_some_and(|known| **known == *word);
        if self.index.find(hash, is_it).is_some() {
            return word;
        }
        if self.known.len() >= self.most || word.is_empty() || word.len() > LONGEST_NAME_BYTES {
            return self.other;
        }
        let hash_of = |number| self.known.get(number).map_or(0, |known| self.hashing.hash_one(&**known));
        let make = |number| number < self.most && self.known.push(word.into());
        self.index.find_or_make(hash, is_it, hash_of, make).map_or(self.other, |_| word)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_words_keep_themselves() {
        let words = Words::new(2, "_OTHER");
        let admitted =
            ["timeout", "429", "request 1 failed", "timeout", "", "429"].map(|word| words.admit(word));
        assert_eq!(admitted, ["timeout", "429", "_OTHER", "timeout", "_OTHER", "429"]);
        let long = "x".repeat(300);
        assert_eq!(Words::new(2, "_OTHER").admit(&long), "_OTHER");
    }
}
