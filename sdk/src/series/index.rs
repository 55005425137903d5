//! A hash table that only grows and is read without a lock: from a hash to the number of a row.
//!
//! Rows live elsewhere and are compared there, so equal hashes never make two rows one. A reader that
//! looks while the table grows sees the old one; what it misses there it finds under the lock.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};

/// The first table's places; each further one has twice as many.
const FIRST_PLACES: usize = 16;
/// Enough for every number that 32 bits hold.
const TABLES: usize = 30;
const NUMBER_MASK: u64 = 0xffff_ffff;

/// From hashes to numbers of rows.
#[derive(Debug)]
pub(crate) struct Index {
    tables: [OnceLock<Box<[AtomicU64]>>; TABLES],
    current: AtomicUsize,
    /// How many rows there are; whoever holds it may add one.
    rows: Mutex<u32>,
}

impl Index {
    /// An empty index.
    pub fn new() -> Self {
        Self {
            tables: std::array::from_fn(|_| OnceLock::new()),
            current: AtomicUsize::new(0),
            rows: Mutex::new(0),
        }
    }

    /// The number of the row with this hash of which `is_it` says so.
    #[inline]
    pub fn find(&self, hash: u64, is_it: impl Fn(u32) -> bool) -> Option<u32> {
        let table = self.tables.get(self.current.load(Ordering::Acquire))?.get()?;
        let last = table.len() - 1;
        let mut place = hash as usize & last;
        loop {
            // Never full, so that an empty place ends every search.
            let entry = table.get(place)?.load(Ordering::Acquire);
            if entry == 0 {
                return None;
            }
            let number = (entry & NUMBER_MASK) as u32 - 1;
            if entry & !NUMBER_MASK == hash & !NUMBER_MASK && is_it(number) {
                return Some(number);
            }
            place = (place + 1) & last;
        }
    }

    /// The same, but a row that is missing is made by `make`, which is told its number (they are given
    /// in order from zero) and may decline. One thread at a time makes rows.
    pub fn find_or_make(
        &self,
        hash: u64,
        is_it: impl Fn(u32) -> bool,
        hash_of: impl Fn(u32) -> u64,
        make: impl FnOnce(u32) -> bool,
    ) -> Option<u32> {
        let mut rows = self.rows.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(number) = self.find(hash, is_it) {
            return Some(number);
        }
        let number = *rows;
        if number == u32::MAX || !make(number) {
            return None;
        }
        *rows += 1;
        self.reserve(*rows as usize, hash_of);
        let table = self.tables.get(self.current.load(Ordering::Relaxed))?.get()?;
        place(table, hash, number);
        Some(number)
    }

    /// Makes room for `rows`, at most three quarters full.
    fn reserve(&self, rows: usize, hash_of: impl Fn(u32) -> u64) {
        let current = self.current.load(Ordering::Relaxed);
        let mut wanted = current;
        while (FIRST_PLACES << wanted) * 3 / 4 < rows {
            wanted += 1;
        }
        let Some(cell) = self.tables.get(wanted) else { return };
        cell.get_or_init(|| {
            let table: Box<[AtomicU64]> = (0..FIRST_PLACES << wanted).map(|_| AtomicU64::new(0)).collect();
            if wanted > current {
                for number in 0..(rows - 1) as u32 {
                    place(&table, hash_of(number), number);
                }
            }
            table
        });
        self.current.store(wanted, Ordering::Release);
    }
}

fn place(table: &[AtomicU64], hash: u64, number: u32) {
    let last = table.len() - 1;
    let mut place = hash as usize & last;
    while let Some(entry) = table.get(place) {
        if entry.load(Ordering::Relaxed) == 0 {
            // Whoever sees the number sees the row that was made before.
            entry.store((hash & !NUMBER_MASK) | (u64::from(number) + 1), Ordering::Release);
            return;
        }
        place = (place + 1) & last;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_hashes_stay_different_rows() {
        let index = Index::new();
        let keys = ["acme gpt-5", "acmeg pt-5"];
        for (number, key) in keys.iter().enumerate() {
            let made = index.find_or_make(7, |row| keys[row as usize] == *key, |_| 7, |_| true);
            assert_eq!(made, Some(number as u32));
        }
        assert_eq!(index.find(7, |row| keys[row as usize] == keys[1]), Some(1));
        assert_eq!(index.find(7, |_| false), None);
    }

    #[test]
    fn a_row_that_is_declined_leaves_no_trace() {
        let index = Index::new();
        assert_eq!(index.find_or_make(1, |_| true, |_| 1, |_| false), None);
        assert_eq!(index.find(1, |_| true), None);
        assert_eq!(index.find_or_make(1, |_| true, |_| 1, |number| number == 0), Some(0));
    }

    #[test]
    fn rows_are_found_while_others_are_added() {
        let index = Index::new();
        let hash = |number: u32| u64::from(number).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        std::thread::scope(|scope| {
            for _ in 0..3 {
                scope.spawn(|| {
                    for wanted in 0..5_000 {
                        let is_it = |row: u32| row == wanted;
                        let found = index.find(hash(wanted), is_it).or_else(|| {
                            index.find_or_make(hash(wanted), is_it, hash, |number| {
                                assert_eq!(number, wanted, "every thread asks in the same order");
                                true
                            })
                        });
                        assert_eq!(found, Some(wanted));
                    }
                });
            }
        });
    }
}
