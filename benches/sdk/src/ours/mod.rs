//! The SDK in each group, and what is asked of it there.

use std::sync::{Arc, Barrier};
use std::thread;

use pratiko_metrics::{Definition, Registry};

pub mod counter;
pub mod histogram;
pub mod labelled;
pub mod llm_call;
pub mod llm_call_labels;
pub mod money;
pub mod recorder;

/// The most threads that the SDK gives cells of their own.
const MOST_THREADS_ALONE: usize = 64;

/// Starts threads that record once and stay, so that whoever comes later shares cells with others.
pub fn take_every_slot() {
    let counter =
        Registry::new().counter::<u64>(Definition::new("a_total", "A.")).expect("the name is valid");
    let all_there = Arc::new(Barrier::new(MOST_THREADS_ALONE + 1));
    for _ in 0..MOST_THREADS_ALONE {
        let (counter, all_there) = (counter.clone(), Arc::clone(&all_there));
        thread::spawn(move || {
            counter.increment();
            all_there.wait();
            loop {
                thread::park();
            }
        });
    }
    all_there.wait();
}
