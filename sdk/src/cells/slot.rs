//! Which of a cell's slots a thread adds to.
//!
//! A contended atomic costs three to ten times one that only one thread writes. So each cell has
//! several slots, whose sum is its value. Most slots belong to one thread at a time, which then needs
//! no atomic read-modify-write at all: it loads, adds and stores. Threads beyond those share the
//! slots that are left and add atomically.
//!
//! The numbering of threads is the one thing here that is global: threads are.

use std::cell::Cell;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

/// Where a thread adds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Slot(u32);

const EXCLUSIVE: u32 = 1 << 31;
/// No slot has this number: the thread has not been given one yet.
const UNKNOWN: Slot = Slot(u32::MAX);
/// The bits of `TAKEN`.
const MOST_SLOTS: usize = 64;
const FEWEST_SLOTS: usize = 8;

impl Slot {
    /// Its number, below [`count`].
    #[inline]
    pub fn number(self) -> usize {
        (self.0 & !EXCLUSIVE) as usize
    }

    /// Whether no other thread adds here.
    #[inline]
    pub fn is_exclusive(self) -> bool {
        self.0 & EXCLUSIVE != 0
    }
}

/// Exclusive slots that a living thread has.
static TAKEN: AtomicU64 = AtomicU64::new(0);
/// Deals the shared slots out in turn.
static SHARED_TURN: AtomicUsize = AtomicUsize::new(0);

thread_local! {
    static CURRENT: Cell<Slot> = const { Cell::new(UNKNOWN) };
    static HELD: Held = const { Held(Cell::new(None)) };
}

/// How many slots a cell has: for each processor two, within limits.
pub(crate) fn count() -> usize {
    static COUNT: OnceLock<usize> = OnceLock::new();
    *COUNT.get_or_init(|| {
        let processors = std::thread::available_parallelism().map_or(1, usize::from);
        (2 * processors).next_power_of_two().clamp(FEWEST_SLOTS, MOST_SLOTS)
    })
}

/// Half of the slots are for the threads that find no slot of their own: as many as can run at once.
fn exclusive_count() -> usize {
    count() / 2
}

/// The slot of the thread that asks.
#[inline]
pub(crate) fn current() -> Slot {
    match CURRENT.get() {
        UNKNOWN => assign(),
        slot => slot,
    }
}

/// Gives its slot back when the thread ends.
struct Held(Cell<Option<u32>>);

impl Drop for Held {
    fn drop(&mut self) {
        // What is dropped after this may still record.
        CURRENT.set(shared());
        if let Some(number) = self.0.get() {
            // The next owner sees everything that was added here.
            TAKEN.fetch_and(!(1 << number), Ordering::Release);
        }
    }
}

fn shared() -> Slot {
    let exclusive = exclusive_count();
    let turn = SHARED_TURN.fetch_add(1, Ordering::Relaxed);
    Slot((exclusive + turn % (count() - exclusive)) as u32)
}

#[cold]
fn assign() -> Slot {
    let slot = take_exclusive().unwrap_or_else(shared);
    CURRENT.set(slot);
    slot
}

fn take_exclusive() -> Option<Slot> {
    let all = (1_u64 << exclusive_count()) - 1;
    let mut taken = TAKEN.load(Ordering::Relaxed);
    let number = loop {
        let number = (!taken & all).trailing_zeros();
        if number as usize >= exclusive_count() {
            return None;
        }
        match TAKEN.compare_exchange_weak(taken, taken | 1 << number, Ordering::Acquire, Ordering::Relaxed) {
            Ok(_) => break number,
            Err(now) => taken = now,
        }
    };
    // A thread that is ending has no place left to remember what it holds.
    if HELD.try_with(|held| held.0.set(Some(number))).is_err() {
        TAKEN.fetch_and(!(1 << number), Ordering::Release);
        return None;
    }
    Some(Slot(number | EXCLUSIVE))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thread_keeps_its_slot() {
        assert_eq!(current(), current());
        assert!(current().number() < count());
    }

    #[test]
    fn no_two_living_threads_have_the_same_exclusive_slot() {
        let threads = 2 * MOST_SLOTS;
        let all_there = std::sync::Barrier::new(threads);
        let slots: Vec<Slot> = std::thread::scope(|scope| {
            let slots = || {
                let slot = current();
                all_there.wait();
                slot
            };
            let handles: Vec<_> = (0..threads).map(|_| scope.spawn(slots)).collect();
            handles.into_iter().map(|handle| handle.join().unwrap()).collect()
        });
        let mut exclusive: Vec<usize> =
            slots.iter().filter(|slot| slot.is_exclusive()).map(|slot| slot.number()).collect();
        exclusive.sort_unstable();
        let before = exclusive.len();
        exclusive.dedup();
        assert_eq!(exclusive.len(), before);
        assert!(slots.iter().any(|slot| !slot.is_exclusive()));
        assert!(slots.iter().all(|slot| slot.number() < count()));
    }
}
