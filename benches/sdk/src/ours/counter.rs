//! A counter without labels.

use std::hint::black_box;

use pratiko_metrics::{Definition, Registry};

use crate::group::{Case, Goal};

const BOUND: &str = "pratiko Counter";

pub fn cases() -> Vec<Case> {
    let registry = Registry::new();
    let counter = registry.counter::<u64>(Definition::new("a_total", "A.")).expect("the name is valid");
    vec![Case::ours(BOUND, move |_| black_box(&counter).increment())]
}

pub fn goals() -> Vec<Goal> {
    vec![Goal::BelowEveryPeer { contender: BOUND, threads: 2 }]
}
