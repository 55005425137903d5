//! A histogram of durations.

use std::hint::black_box;
use std::time::Duration;

use pratiko_metrics::{Buckets, Definition, Registry};

use crate::cases::histogram::{PER_THREAD, duration};
use crate::group::{Case, Goal};

const BOUND: &str = "pratiko Histogram<Duration>";

pub fn cases() -> Vec<Case> {
    let registry = Registry::new();
    let definition = Definition::new("a_seconds", "A.");
    let histogram = registry.histogram::<Duration>(definition, Buckets::http_durations());
    let histogram = histogram.expect("the name is valid");
    vec![Case::ours(BOUND, move |number| black_box(&histogram).record(duration(number)))]
}

pub fn goals() -> Vec<Goal> {
    vec![Goal::Ratio { contender: BOUND, threads: 2, limit: PER_THREAD, at_most: 1.2 }]
}
