//! Finds the row of a key without a lock.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};

use super::rows::Rows;

/// The first table has this many places; each later one is twice as large.
const FIRST_TABLE: usize = 512;
const TABLES: usize = 18;

/// A place holds a row's number + 1 in so many bits, and above them a part of its hash, so that a
/// foreign row is seldom looked at. Zero is free.
const NUMBER_BITS: u32 = 25;
const NUMBER: u32 = (1 << NUMBER_BITS) - 1;
const _: () = assert!(Rows::MOST < NUMBER);

/// Open addressing. Looking up takes no lock and may, while another thread moves entries, miss one
/// that is there; it never finds a wrong one, as whoever looks compares keys. Changes are made by
/// one thread at a time, which the caller's lock sees to, and by that lock a miss can be put right.
#[derive(Debug, Default)]
pub(super) struct Index {
    tables: [OnceLock<Box<[AtomicU32]>>; TABLES],
    /// Which table is in use. Smaller ones stay for those who still look there.
    current: AtomicUsize,
}

fn entry(hash: u64, number: u32) -> u32 {
    // The place comes from the lower bits.
    ((hash >> (64 - (32 - NUMBER_BITS))) as u32) << NUMBER_BITS | (number + 1)
}

fn number_of(entry: u32) -> u32 {
    (entry & NUMBER).saturating_sub(1)
}

impl Index {
    fn table(&self) -> &[AtomicU32] {
        self.make(self.current.load(Ordering::Acquire))
    }

    fn make(&self, number: usize) -> &[AtomicU32] {
        let table = || (0..FIRST_TABLE << number).map(|_| AtomicU32::new(0)).collect();
        self.tables[number.min(TABLES - 1)].get_or_init(table)
    }

    /// What `found` makes of the first row with this hash that it takes for the right one.
    pub fn find<T>(&self, hash: u64, found: impl Fn(u32) -> Option<T>) -> Option<T> {
        let table = self.table();
        let wanted = entry(hash, 0) & !NUMBER;
        for step in 0..table.len() {
            let entry = table[(hash as usize).wrapping_add(step) & (table.len() - 1)].load(Ordering::Acquire);
            if entry == 0 {
                return None;
            }
            if entry & !NUMBER == wanted
                && let Some(row) = found(number_of(entry))
            {
                return Some(row);
            }
        }
        None
    }

    /// Enters a row that is not there. `entered` is how many are, and `hash_of` says their hashes.
    pub fn insert(&self, hash: u64, number: u32, entered: usize, hash_of: impl Fn(u32) -> Option<u64>) {
        let mut table = self.table();
        // At most three places in four are taken.
        let current = self.current.load(Ordering::Acquire);
        if (entered + 1) * 4 > table.len() * 3 && current + 1 < TABLES {
            let larger = self.make(current + 1);
            for known in table.iter().map(|place| place.load(Ordering::Acquire)).filter(|entry| *entry != 0) {
                if let Some(hash) = hash_of(number_of(known)) {
                    place(larger, hash, known);
                }
            }
            self.current.store(current + 1, Ordering::Release);
            table = larger;
        }
        place(table, hash, entry(hash, number));
    }

    /// Takes a row out. Entries behind it move up, so that no search ends early.
    pub fn remove(&self, hash: u64, number: u32, hash_of: impl Fn(u32) -> Option<u64>) {
        let table = self.table();
        let mask = table.len() - 1;
        let at = |place: usize| table[place & mask].load(Ordering::Acquire);
        let first = hash as usize & mask;
        let found = (0..table.len())
            .map(|step| first + step)
            .take_while(|place| at(*place) != 0)
            .find(|place| number_of(at(*place)) == number);
        let Some(mut free) = found else { return };
        let mut next = free + 1;
        loop {
            let entry = at(next);
            if entry == 0 || next - free > mask {
                break;
            }
            let home = hash_of(number_of(entry)).map_or(next, |hash| hash as usize) & mask;
            // How far the entry is from where it belongs: if that reaches the free place, it moves.
            if (next.wrapping_sub(home) & mask) >= next - free {
                table[free & mask].store(entry, Ordering::Release);
                free = next;
            }
            next += 1;
        }
        table[free & mask].store(0, Ordering::Release);
    }

    /// The memory of its tables, in bytes.
    pub fn bytes(&self) -> usize {
        self.tables.iter().filter_map(OnceLock::get).map(|table| std::mem::size_of_val(&**table)).sum()
    }
}

/// Puts an entry into the first free place for its hash. There always is one.
fn place(table: &[AtomicU32], hash: u64, entry: u32) {
    let mask = table.len() - 1;
    let mut places = (0..table.len()).map(|step| &table[(hash as usize).wrapping_add(step) & mask]);
    if let Some(free) = places.find(|place| place.load(Ordering::Acquire) == 0) {
        free.store(entry, Ordering::Release);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::HashMap;

    proptest! {
        /// Few different hashes, so that searches run into each other and around the table's end.
        #[test]
        fn it_finds_what_was_entered_and_nothing_else(
            steps in proptest::collection::vec((any::<bool>(), 0_u32..600, 0_u64..40), 1..1200)
        ) {
            let index = Index::default();
            let mut model: HashMap<u32, u64> = HashMap::new();
            let hash_of_key = |key: u64| (key * 16).wrapping_sub(8) ^ (key << 57);
            for (insert, number, key) in steps {
                match (insert, model.get(&number).copied()) {
                    (true, None) => {
                        let hash = hash_of_key(key);
                        index.insert(hash, number, model.len(), |number| model.get(&number).copied());
                        model.insert(number, hash);
                    }
                    (false, Some(hash)) => {
                        index.remove(hash, number, |number| model.get(&number).copied());
                        model.remove(&number);
                    }
                    _ => {}
                }
            }
            for number in 0..600 {
                for hash in (0..40).map(hash_of_key) {
                    let found = index.find(hash, |row| (row == number).then_some(row));
                    prop_assert_eq!(found.is_some(), model.get(&number) == Some(&hash));
                }
            }
        }
    }
}
