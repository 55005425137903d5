//! The numbers of those who came lately, so that the store is not asked for them again.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};

use super::parties::Party;

/// So many are in a generation before the next one begins: with the one before, the users of a large
/// company, in some 25 MB.
const IN_A_GENERATION: usize = 400_000;

/// So many ids of those who were numbered last are kept as they are.
const LATEST: usize = 1 << 16;

/// What stands for an id: 128 bits of keyed hashes. The keys are this process' own secret, so that
/// nobody can look for an id that is taken for another's, and by chance none is.
type Fingerprint = [u64; 2];

/// Users and customers at hand. Whoever comes again stays; the others leave when a generation is full.
#[derive(Default)]
pub(super) struct AtHand {
    keys: [RandomState; 2],
    young: HashMap<Fingerprint, Party>,
    old: HashMap<Fingerprint, Party>,
    /// Who was numbered last: all others were known for long.
    latest: Vec<String>,
}

impl AtHand {
    pub(super) fn get(&self, id: &str) -> Option<Party> {
        let fingerprint = self.fingerprint(id);
        self.young.get(&fingerprint).or_else(|| self.old.get(&fingerprint)).copied()
    }

    /// Whether somebody is at hand, and stays so until the next but one generation.
    pub(super) fn keep(&mut self, id: &str) -> bool {
        let fingerprint = self.fingerprint(id);
        if self.young.contains_key(&fingerprint) {
            return true;
        }
        match self.old.remove(&fingerprint) {
            Some(party) => self.young.insert(fingerprint, party).is_none(),
            None => false,
        }
    }

    pub(super) fn insert(&mut self, id: &str, party: Party) {
        self.young.insert(self.fingerprint(id), party);
        self.latest.push(id.to_owned());
    }

    /// Lets those go who did not come for long. Nobody leaves but by this.
    pub(super) fn make_room(&mut self) {
        if self.young.len() >= IN_A_GENERATION {
            self.old = std::mem::take(&mut self.young);
        }
        if self.latest.len() >= LATEST {
            self.latest.clear();
        }
    }

    pub(super) fn remove(&mut self, id: &str) {
        let fingerprint = self.fingerprint(id);
        self.young.remove(&fingerprint);
        self.old.remove(&fingerprint);
    }

    /// Lets everybody go, and says who was numbered last.
    pub(super) fn clear(&mut self) -> Vec<String> {
        (self.young, self.old) = Default::default();
        std::mem::take(&mut self.latest)
    }

    fn fingerprint(&self, id: &str) -> Fingerprint {
        [self.keys[0].hash_one(id), self.keys[1].hash_one(id)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn party(number: u32) -> Party {
        Party { number, is_forgotten: false }
    }

    #[test]
    fn whoever_comes_again_stays_and_others_leave() {
        let mut at_hand = AtHand::default();
        at_hand.insert("often", party(1));
        at_hand.insert("once", party(2));
        for number in 3..2 * IN_A_GENERATION as u32 + 10 {
            at_hand.make_room();
            assert!(at_hand.keep("often"), "at {number}");
            at_hand.insert(&number.to_string(), party(number));
        }
        assert_eq!(at_hand.get("often").map(|party| party.number), Some(1));
        assert_eq!(at_hand.get("12345").map(|party| party.number), None);
        assert_eq!(at_hand.get("once").map(|party| party.number), None);
        let last = 2 * IN_A_GENERATION as u32 + 9;
        assert_eq!(at_hand.get(&last.to_string()).map(|party| party.number), Some(last));
    }

    #[test]
    fn nobody_is_at_hand_once_all_were_let_go() {
        let mut at_hand = AtHand::default();
        at_hand.insert("anna", party(1));
        at_hand.insert("bert", party(2));
        at_hand.remove("anna");
        assert!(!at_hand.keep("anna") && at_hand.keep("bert"));
        assert_eq!(at_hand.clear(), ["anna", "bert"]);
        assert_eq!(at_hand.get("bert").map(|party| party.number), None);
    }
}
