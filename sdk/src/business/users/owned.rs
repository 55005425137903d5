//! A number that belongs to the present owner of a row.

use std::sync::atomic::{AtomicU64, Ordering};

const BITS: u32 = 48;
const MOST: u64 = (1 << BITS) - 1;

/// A number of 48 bits, with the generation of the row's owner above it: whoever looked the owner up
/// changes it only if the row has not passed to another owner since.
#[derive(Debug, Default)]
pub(super) struct Owned(AtomicU64);

/// Which owner of a row, counted from the first.
pub(crate) type Generation = u16;

/// The row has another owner now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Gone;

fn word(generation: Generation, number: u64) -> u64 {
    (u64::from(generation) << BITS) | (number & MOST)
}

fn generation_of(word: u64) -> Generation {
    (word >> BITS) as Generation
}

impl Owned {
    /// The number, and whose it is.
    pub fn load(&self) -> (Generation, u64) {
        let word = self.0.load(Ordering::Acquire);
        (generation_of(word), word & MOST)
    }

    /// Puts what `change` makes of the number in its place. Nothing is written if it is the same.
    pub fn update(&self, generation: Generation, change: impl Fn(u64) -> u64) -> Result<(), Gone> {
        let mut known = self.0.load(Ordering::Acquire);
        loop {
            if generation_of(known) != generation {
                return Err(Gone);
            }
            let wanted = word(generation, change(known & MOST));
            if wanted == known {
                return Ok(());
            }
            match self.0.compare_exchange_weak(known, wanted, Ordering::AcqRel, Ordering::Acquire) {
                Ok(_) => return Ok(()),
                Err(newer) => known = newer,
            }
        }
    }

    /// Adds `amount`. Where the sum has no room, nothing is left here and the sum is returned.
    pub fn add(&self, generation: Generation, amount: u64) -> Result<Option<u64>, Gone> {
        let mut known = self.0.load(Ordering::Acquire);
        loop {
            if generation_of(known) != generation {
                return Err(Gone);
            }
            let sum = (known & MOST).saturating_add(amount);
            let (left, excess) = if sum > MOST { (0, Some(sum)) } else { (sum, None) };
            let wanted = word(generation, left);
            match self.0.compare_exchange_weak(known, wanted, Ordering::AcqRel, Ordering::Acquire) {
                Ok(_) => return Ok(excess),
                Err(newer) => known = newer,
            }
        }
    }

    /// Takes the number away and leaves zero to the same owner.
    pub fn take(&self) -> u64 {
        // Most rows hold nothing new at a scrape: reading leaves their cache line with its writer.
        if self.0.load(Ordering::Acquire) & MOST == 0 {
            return 0;
        }
        self.0.fetch_and(!MOST, Ordering::AcqRel) & MOST
    }

    /// Makes it another owner's, and returns what the last one left.
    pub fn hand_over(&self, generation: Generation, number: u64) -> u64 {
        self.0.swap(word(generation, number), Ordering::AcqRel) & MOST
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_present_owner_changes_the_number() {
        let number = Owned::default();
        assert_eq!(number.add(0, 5), Ok(None));
        assert_eq!(number.hand_over(1, 7), 5);
        assert_eq!((number.add(0, 1), number.update(0, |_| 1)), (Err(Gone), Err(Gone)));
        assert_eq!((number.load(), number.take(), number.load()), ((1, 7), 7, (1, 0)));
    }

    #[test]
    fn what_has_no_room_is_returned_whole() {
        let number = Owned::default();
        assert_eq!(number.add(0, MOST), Ok(None));
        assert_eq!(number.add(0, 2), Ok(Some(MOST + 2)));
        assert_eq!(number.add(0, u64::MAX), Ok(Some(u64::MAX)));
        assert_eq!(number.load(), (0, 0));
    }
}
