//! A counter of money.

use std::hint::black_box;

use pratiko_domain::money::Money;
use pratiko_metrics::{Definition, Registry};

use crate::cases::money::{NANOS, PER_THREAD};
use crate::group::{Case, Goal};

const BOUND: &str = "pratiko Counter<Money>";

pub fn cases() -> Vec<Case> {
    let registry = Registry::new();
    let counter = registry.counter::<Money>(Definition::new("a_eur_total", "A.")).expect("the name is valid");
    let amount = Money::from_nanos(NANOS.into());
    vec![Case::ours(BOUND, move |_| black_box(&counter).add(black_box(amount)))]
}

pub fn goals() -> Vec<Goal> {
    vec![Goal::Ratio { contender: BOUND, threads: 2, limit: PER_THREAD, at_most: 1.2 }]
}
