//! Counts what a thread allocates while it asks for that.
//!
//! Implementing an allocator is `unsafe`; this one hands every call on to the system's and counts.

#![allow(unsafe_code)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// What was allocated in a stretch of work.
#[derive(Debug, Clone, Copy, Default)]
pub struct Allocated {
    /// How often memory was asked for, or asked to grow.
    pub times: u64,
    /// Bytes in use at most, beyond those that were in use before.
    pub peak: i64,
    now: i64,
}

thread_local! {
    // Nothing is counted outside of `during`: a count per allocation would slow those down who allocate.
    static COUNT: Cell<Option<Allocated>> = const { Cell::new(None) };
}

/// Does `work`, and says what this thread allocated meanwhile.
pub fn during(work: impl FnOnce()) -> Allocated {
    COUNT.set(Some(Allocated::default()));
    work();
    COUNT.take().unwrap_or_default()
}

fn note(times: u64, bytes: i64) {
    if let Some(mut allocated) = COUNT.get() {
        allocated.times += times;
        allocated.now += bytes;
        allocated.peak = allocated.peak.max(allocated.now);
        COUNT.set(Some(allocated));
    }
}

struct Counting;

fn size(bytes: usize) -> i64 {
    i64::try_from(bytes).unwrap_or(i64::MAX)
}

// SAFETY: the system's allocator does all the work, with the arguments that were given; `note` only
// touches a constant-initialised thread-local without a destructor, and allocates nothing.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        note(1, size(layout.size()));
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        note(0, -size(layout.size()));
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        note(1, size(layout.size()));
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        note(1, size(new_size) - size(layout.size()));
        unsafe { System.realloc(pointer, layout, new_size) }
    }
}
