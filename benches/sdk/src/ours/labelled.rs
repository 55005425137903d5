//! Counters under labels: enums, a handle that was kept, and texts.

use std::hint::black_box;

use pratiko_metrics::{Counter, Definition, Family, Labels, Registry};

use crate::cases::{labelled_four, labelled_two};
use crate::group::{Case, Goal};
use crate::labels::{Model, Outcome, Plan, Provider, all_fours, all_twos};

const ENUMS: &str = "pratiko, enums";
const BOUND: &str = "pratiko, a handle";
const TEXTS: &str = "pratiko, texts (capped)";

pratiko_metrics::labels! {
    struct Two { provider: Provider, outcome: Outcome }
}
pratiko_metrics::labels! {
    struct TwoTexts<'a> { provider: &'a str, outcome: &'a str }
}
pratiko_metrics::labels! {
    struct Four { provider: Provider, model: Model, outcome: Outcome, plan: Plan }
}
pratiko_metrics::labels! {
    struct FourTexts<'a> { provider: &'a str, model: &'a str, outcome: &'a str, plan: &'a str }
}

fn family<L: Labels<Set = L> + 'static>() -> Family<Counter, L> {
    Registry::new().counters(Definition::new("a_total", "A.")).expect("the names are valid")
}

pub fn two() -> Vec<Case> {
    let by_enums = family::<Two>();
    let by_texts = family::<TwoTexts<'static>>();
    for (provider, outcome) in all_twos() {
        by_texts.with(&TwoTexts { provider: provider.text(), outcome: outcome.text() });
    }
    let (provider, outcome) = labelled_two::enums();
    let handle = by_enums.with(&Two { provider, outcome }).clone();
    vec![
        Case::ours(ENUMS, move |_| {
            let (provider, outcome) = labelled_two::enums();
            black_box(&by_enums).with(&Two { provider, outcome }).increment();
        }),
        Case::ours(BOUND, move |_| black_box(&handle).increment()),
        Case::ours(TEXTS, move |_| {
            let (provider, outcome) = labelled_two::texts();
            black_box(&by_texts).with(&TwoTexts { provider, outcome }).increment();
        }),
    ]
}

pub fn four() -> Vec<Case> {
    let by_enums = family::<Four>();
    let by_texts = family::<FourTexts<'static>>();
    for (provider, model, outcome, plan) in all_fours() {
        let (provider, model) = (provider.text(), model.text());
        by_texts.with(&FourTexts { provider, model, outcome: outcome.text(), plan: plan.text() });
    }
    let (provider, model, outcome, plan) = labelled_four::enums();
    let handle = by_enums.with(&Four { provider, model, outcome, plan }).clone();
    vec![
        Case::ours(ENUMS, move |_| {
            let (provider, model, outcome, plan) = labelled_four::enums();
            black_box(&by_enums).with(&Four { provider, model, outcome, plan }).increment();
        }),
        Case::ours(BOUND, move |_| black_box(&handle).increment()),
        Case::ours(TEXTS, move |_| {
            let [(_, provider), (_, model), (_, outcome), (_, plan)] = labelled_four::texts();
            black_box(&by_texts).with(&FourTexts { provider, model, outcome, plan }).increment();
        }),
    ]
}

pub fn goals() -> Vec<Goal> {
    let of = |contender| {
        [
            Goal::Ratio { contender, threads: 1, limit: labelled_two::LIMIT, at_most: 1.5 },
            Goal::BelowEveryPeer { contender, threads: 2 },
        ]
    };
    [ENUMS, BOUND].into_iter().flat_map(of).collect()
}
