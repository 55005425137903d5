//! The least that each thing can be done with: no registry, no names, no checks.

use std::array::from_fn;
use std::cell::Cell;
use std::sync::atomic::{AtomicU64, Ordering};

/// Threads that have cells of their own.
const SLOTS: usize = 8;

thread_local! {
    static THREAD_NUMBER: Cell<usize> = const { Cell::new(0) };
}

/// Says which cells are this thread's.
pub fn take_thread_number(number: usize) {
    THREAD_NUMBER.set(number);
}

/// What no other thread's cache line holds a part of. Processors fetch lines in pairs, and, where several
/// are written in a row, some of those that follow: so far apart that nobody fetches the next thread's.
#[repr(align(512))]
struct Padded<T>(T);

/// One cell for each thread.
pub struct Sharded<T>(Box<[Padded<T>; SLOTS]>);

impl<T> Sharded<T> {
    pub fn new(cell: impl Fn() -> T) -> Self {
        Self(Box::new(from_fn(|_| Padded(cell()))))
    }

    /// This thread's.
    pub fn mine(&self) -> &T {
        &self.0[THREAD_NUMBER.get() % SLOTS].0
    }
}

/// Buckets for the bounds that a group uses, the one above the last bound, and a sum.
pub struct Buckets {
    counts: [AtomicU64; 15],
    sum: AtomicU64,
}

impl Buckets {
    pub fn new() -> Self {
        Self { counts: from_fn(|_| AtomicU64::new(0)), sum: AtomicU64::new(0) }
    }

    /// Two additions; which bucket it is was known before.
    pub fn add(&self, bucket: usize, value: u64) {
        add(&self.counts[bucket], 1);
        add(&self.sum, value);
    }

    /// The same by the only thread that ever adds here.
    pub fn add_alone(&self, bucket: usize, value: u64) {
        add_alone(&self.counts[bucket], 1);
        add_alone(&self.sum, value);
    }
}

/// Adds to a cell.
pub fn add(cell: &AtomicU64, value: u64) {
    cell.fetch_add(value, Ordering::Relaxed);
}

/// Adds to a cell as the only thread that ever does: no other's addition can come between.
pub fn add_alone(cell: &AtomicU64, value: u64) {
    cell.store(cell.load(Ordering::Relaxed).wrapping_add(value), Ordering::Relaxed);
}
