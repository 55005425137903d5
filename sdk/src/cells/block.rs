//! Memory for the cells of several series: for each slot a stretch of its own.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::slot;

const LINE_WORDS: usize = 16;

/// What processors hand around between them: two cache lines, which are fetched together.
#[derive(Debug, Default)]
#[repr(align(128))]
struct Line([AtomicU64; LINE_WORDS]);

/// A block of words, each of which has a place in every slot.
///
/// The words of one slot lie together: threads that write to different slots never write to the same
/// line, and whoever adds a family up reads each slot from its beginning to its end.
#[derive(Debug)]
pub struct Block {
    lines: Box<[Line]>,
    lines_per_slot: usize,
    refused: AtomicU64,
}

impl Block {
    /// A block of so many words, all zero, in every slot.
    pub fn for_adding(words: usize) -> Arc<Self> {
        Self::new(words, slot::count())
    }

    /// A block of so many words, all zero, in one slot.
    pub fn for_setting(words: usize) -> Arc<Self> {
        Self::new(words, 1)
    }

    fn new(words: usize, slots: usize) -> Arc<Self> {
        // The last one stays unused: a processor that sees several lines written in a row fetches the
        // next one ahead, and that one is another thread's.
        let lines_per_slot = words.div_ceil(LINE_WORDS) + 1;
        let lines = (0..lines_per_slot * slots).map(|_| Line::default()).collect();
        Arc::new(Self { lines, lines_per_slot, refused: AtomicU64::new(0) })
    }

    /// How many records its cells have refused.
    pub fn refused(&self) -> u64 {
        self.refused.load(Ordering::Relaxed)
    }

    #[inline]
    fn cell(&self, slot: usize, word: usize) -> Option<&AtomicU64> {
        let line = self.lines.get(slot * self.lines_per_slot + word / LINE_WORDS)?;
        Some(&line.0[word % LINE_WORDS])
    }
}

/// The words of one series in a block.
#[derive(Debug, Clone)]
pub struct Cells {
    block: Arc<Block>,
    first: usize,
}

impl Cells {
    /// Those from `first` on.
    pub fn new(block: Arc<Block>, first: usize) -> Self {
        Self { block, first }
    }

    /// Adds to a word, which stays at the greatest number that 64 bits hold once it gets there.
    #[inline]
    pub fn add(&self, word: usize, more: u64) {
        let slot = slot::current();
        let Some(cell) = self.block.cell(slot.number(), self.first + word) else { return };
        if slot.is_exclusive() {
            cell.store(cell.load(Ordering::Relaxed).saturating_add(more), Ordering::Relaxed);
        } else if cell.fetch_add(more, Ordering::Relaxed).checked_add(more).is_none() {
            // Comparing before would make every thread try again that another one was faster than.
            cell.store(u64::MAX, Ordering::Relaxed);
        }
    }

    /// Adds to a word what may be negative; only the sum of all slots means something.
    #[inline]
    pub fn add_signed(&self, word: usize, more: i64) {
        let slot = slot::current();
        let Some(cell) = self.block.cell(slot.number(), self.first + word) else { return };
        if slot.is_exclusive() {
            cell.store(cell.load(Ordering::Relaxed).wrapping_add_signed(more), Ordering::Relaxed);
        } else {
            cell.fetch_add(more as u64, Ordering::Relaxed);
        }
    }

    /// Changes a word that is not added to as an integer.
    #[inline]
    pub fn update(&self, word: usize, change: impl Fn(u64) -> u64) {
        let slot = slot::current();
        let Some(cell) = self.block.cell(slot.number(), self.first + word) else { return };
        if slot.is_exclusive() {
            cell.store(change(cell.load(Ordering::Relaxed)), Ordering::Relaxed);
        } else {
            let _ = cell.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |now| Some(change(now)));
        }
    }

    /// Sets the first word of a block that is for setting, and in the second one that it is set.
    #[inline]
    pub fn set(&self, value: u64) {
        if let (Some(cell), Some(is_set)) = (self.setting(0), self.setting(1)) {
            cell.store(value, Ordering::Relaxed);
            // Whoever sees this sees the value.
            is_set.store(1, Ordering::Release);
        }
    }

    /// Forgets what was set.
    pub fn clear(&self) {
        if let Some(is_set) = self.setting(1) {
            is_set.store(0, Ordering::Relaxed);
        }
    }

    /// What was set, unless nothing was.
    pub fn get(&self) -> Option<u64> {
        let is_set = self.setting(1)?.load(Ordering::Acquire) == 1;
        is_set.then(|| self.setting(0).map(|cell| cell.load(Ordering::Relaxed))).flatten()
    }

    #[inline]
    fn setting(&self, word: usize) -> Option<&AtomicU64> {
        self.block.cell(0, self.first + word)
    }

    /// A word's value in every slot.
    #[inline]
    pub fn slots(&self, word: usize) -> impl Iterator<Item = u64> {
        let word = self.first + word;
        (0..slot::count()).filter_map(move |slot| Some(self.block.cell(slot, word)?.load(Ordering::Relaxed)))
    }

    /// Counts a record that made no sense.
    #[cold]
    pub fn refuse(&self) {
        self.block.refused.fetch_add(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_full_stays_full_in_slots_of_ones_own_and_in_shared_ones() {
        let cells = Cells::new(Block::for_adding(1), 0);
        let threads = slot::count() * 2;
        let all_there = std::sync::Barrier::new(threads);
        std::thread::scope(|scope| {
            for _ in 0..threads {
                scope.spawn(|| {
                    // So that some find no slot of their own.
                    slot::current();
                    all_there.wait();
                    for more in [u64::MAX, 5, u64::MAX] {
                        cells.add(0, more);
                    }
                });
            }
        });
        let used: Vec<u64> = cells.slots(0).filter(|word| *word > 0).collect();
        assert!(used.len() > 1, "{used:?}");
        assert!(used.iter().all(|word| *word == u64::MAX), "{used:?}");
    }

    #[test]
    fn whatever_threads_add_is_there_in_the_end() {
        // More threads than there are slots of their own, and threads that follow others in theirs.
        let cells = Cells::new(Block::for_adding(20), 0);
        for _ in 0..5 {
            std::thread::scope(|scope| {
                for _ in 0..slot::count() * 2 {
                    scope.spawn(|| {
                        for step in 0..2_000 {
                            cells.add(step % 20, 3);
                        }
                    });
                }
            });
        }
        let threads = slot::count() as u64 * 2 * 5;
        let totals: Vec<u64> = (0..20).map(|word| cells.slots(word).sum()).collect();
        assert_eq!(totals, vec![threads * 100 * 3; 20]);
    }
}
