//! A counter with two labels: from the labels to the series, and plus one.

use std::array::from_fn;
use std::hint::black_box;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use opentelemetry::KeyValue;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;

use crate::group::{Case, Group};
use crate::labels::{Outcome, Provider, TWO, Two, all_twos};
use crate::limits::add;
use crate::ours;
use crate::peers::{OpenTelemetry, global_metrics, prometheus_counters};

pub const LIMIT: &str = "limit: an array of atomics by enum";

pub fn group() -> Group {
    let cases = [limits(), ours::labelled::two(), prometheus(), client(), metrics(), opentelemetry()];
    let title = "A counter with 2 labels (16 series, one of them hot)";
    Group::new(title, cases.into_iter().flatten(), ours::labelled::goals())
}

/// The labels of the hot series, as enums that the compiler knows nothing about.
pub fn enums() -> Two {
    black_box(TWO)
}

/// The same as text.
pub fn texts() -> (&'static str, &'static str) {
    const TEXTS: (&str, &str) = (TWO.0.text(), TWO.1.text());
    black_box(TEXTS)
}

fn limits() -> Vec<Case> {
    let cells: Arc<[[AtomicU64; 4]; 4]> = Arc::new(from_fn(|_| from_fn(|_| AtomicU64::new(0))));
    vec![Case::limit(LIMIT, move |_| {
        let (provider, outcome) = enums();
        add(&black_box(&cells)[provider as usize][outcome as usize], 1);
    })]
}

fn prometheus() -> Vec<Case> {
    let family = prometheus_counters("a_total", &["provider", "outcome"]);
    // What its companion prometheus-static-metric generates for labels that are known when it is
    // compiled: every handle, in an array. It is prometheus' fastest.
    let handles = Provider::ALL.map(|provider| {
        Outcome::ALL.map(|outcome| family.with_label_values(&[provider.text(), outcome.text()]))
    });
    vec![
        Case::peer("prometheus, an array of handles by enum", move |_| {
            let (provider, outcome) = enums();
            black_box(&handles)[provider as usize][outcome as usize].inc();
        }),
        Case::peer("prometheus with_label_values", move |_| {
            let (provider, outcome) = texts();
            black_box(&family).with_label_values(&[provider, outcome]).inc();
        }),
    ]
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Enums {
    provider: Provider,
    outcome: Outcome,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Statics {
    provider: &'static str,
    outcome: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Strings {
    provider: String,
    outcome: String,
}

fn client() -> Vec<Case> {
    let by_enums: Family<Enums, Counter> = Family::default();
    let by_statics: Family<Statics, Counter> = Family::default();
    let by_strings: Family<Strings, Counter> = Family::default();
    for (provider, outcome) in all_twos() {
        by_enums.get_or_create_owned(&Enums { provider, outcome });
        by_statics.get_or_create_owned(&Statics { provider: provider.text(), outcome: outcome.text() });
        let strings = Strings { provider: provider.text().to_owned(), outcome: outcome.text().to_owned() };
        by_strings.get_or_create_owned(&strings);
    }
    vec![
        // Enums are its fastest; text that is not known before must become a `String`.
        Case::peer("prometheus-client, enums", move |_| {
            let (provider, outcome) = enums();
            black_box(&by_enums).get_or_create(&Enums { provider, outcome }).inc();
        }),
        Case::peer("prometheus-client, &'static str", move |_| {
            let (provider, outcome) = texts();
            black_box(&by_statics).get_or_create(&Statics { provider, outcome }).inc();
        }),
        Case::peer("prometheus-client, String", move |_| {
            let (provider, outcome) = texts();
            let labels = Strings { provider: provider.to_owned(), outcome: outcome.to_owned() };
            black_box(&by_strings).get_or_create(&labels).inc();
        }),
    ]
}

fn metrics() -> Vec<Case> {
    global_metrics();
    for (provider, outcome) in all_twos() {
        metrics::counter!("two_total", "provider" => provider.text(), "outcome" => outcome.text())
            .increment(0);
    }
    let (provider, outcome) = texts();
    let handle = metrics::counter!("two_total", "provider" => provider, "outcome" => outcome);
    vec![
        // A handle that was kept is its fastest; there is no other way around its registry.
        Case::peer("metrics handle", move |_| black_box(&handle).increment(1)),
        Case::peer("metrics counter!, &'static str", |_| {
            let (provider, outcome) = texts();
            metrics::counter!("two_total", "provider" => provider, "outcome" => outcome).increment(1);
        }),
        Case::peer("metrics counter!, String", |_| {
            let (provider, outcome) = texts();
            metrics::counter!("two_total", "provider" => provider.to_owned(), "outcome" => outcome.to_owned())
                .increment(1);
        }),
    ]
}

fn opentelemetry() -> Vec<Case> {
    let counter = OpenTelemetry::meter().u64_counter("two").build();
    for (provider, outcome) in all_twos() {
        counter
            .add(0, &[KeyValue::new("provider", provider.text()), KeyValue::new("outcome", outcome.text())]);
    }
    let (provider, outcome) = texts();
    let bound = counter.bind(&[KeyValue::new("provider", provider), KeyValue::new("outcome", outcome)]);
    let strings = counter.clone();
    vec![
        // Bound is its fastest (a feature that it calls experimental).
        Case::peer("opentelemetry bound", move |_| black_box(&bound).add(1)),
        Case::peer("opentelemetry, &'static str", move |_| {
            let (provider, outcome) = texts();
            let labels = [KeyValue::new("provider", provider), KeyValue::new("outcome", outcome)];
            black_box(&counter).add(1, &labels);
        }),
        Case::peer("opentelemetry, String", move |_| {
            let (provider, outcome) = texts();
            let labels = [
                KeyValue::new("provider", provider.to_owned()),
                KeyValue::new("outcome", outcome.to_owned()),
            ];
            black_box(&strings).add(1, &labels);
        }),
    ]
}
