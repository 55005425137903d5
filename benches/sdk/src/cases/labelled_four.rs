//! A counter with four labels: from the labels to the series, and plus one.

use std::array::from_fn;
use std::hint::black_box;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use metrics::Label;
use opentelemetry::KeyValue;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;

use super::labelled_two::LIMIT;
use crate::group::{Case, Group};
use crate::labels::{FOUR, Four, Model, Outcome, Plan, Provider, all_fours};
use crate::limits::add;
use crate::ours;
use crate::peers::{OpenTelemetry, global_metrics, prometheus_counters};

/// Names and values of a series' labels.
type Pairs = [(&'static str, &'static str); 4];

pub fn group() -> Group {
    let cases = [limits(), ours::labelled::four(), prometheus(), client(), metrics(), opentelemetry()];
    let title = "A counter with 4 labels (256 series, one of them hot)";
    Group::new(title, cases.into_iter().flatten(), ours::labelled::goals())
}

/// The labels of the hot series, as enums that the compiler knows nothing about.
pub fn enums() -> Four {
    black_box(FOUR)
}

/// The same as text.
pub fn texts() -> Pairs {
    const TEXTS: Pairs = pairs(FOUR);
    black_box(TEXTS)
}

const fn pairs((provider, model, outcome, plan): Four) -> Pairs {
    [
        ("provider", provider.text()),
        ("model", model.text()),
        ("outcome", outcome.text()),
        ("plan", plan.text()),
    ]
}

fn limits() -> Vec<Case> {
    let cells: Arc<[[[[AtomicU64; 4]; 4]; 4]; 4]> =
        Arc::new(from_fn(|_| from_fn(|_| from_fn(|_| from_fn(|_| AtomicU64::new(0))))));
    vec![Case::limit(LIMIT, move |_| {
        let (provider, model, outcome, plan) = enums();
        add(&black_box(&cells)[provider as usize][model as usize][outcome as usize][plan as usize], 1);
    })]
}

fn prometheus() -> Vec<Case> {
    let family = prometheus_counters("a_total", &["provider", "model", "outcome", "plan"]);
    for labels in all_fours() {
        family.with_label_values(&pairs(labels).map(|(_, value)| value));
    }
    vec![Case::peer("prometheus with_label_values", move |_| {
        black_box(&family).with_label_values(&texts().map(|(_, value)| value)).inc();
    })]
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Enums {
    provider: Provider,
    model: Model,
    outcome: Outcome,
    plan: Plan,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Strings {
    provider: String,
    model: String,
    outcome: String,
    plan: String,
}

impl Strings {
    fn new(pairs: Pairs) -> Self {
        let [provider, model, outcome, plan] = pairs.map(|(_, value)| value.to_owned());
        Self { provider, model, outcome, plan }
    }
}

fn client() -> Vec<Case> {
    let by_enums: Family<Enums, Counter> = Family::default();
    let by_strings: Family<Strings, Counter> = Family::default();
    for labels @ (provider, model, outcome, plan) in all_fours() {
        by_enums.get_or_create_owned(&Enums { provider, model, outcome, plan });
        by_strings.get_or_create_owned(&Strings::new(pairs(labels)));
    }
    vec![
        Case::peer("prometheus-client, enums", move |_| {
            let (provider, model, outcome, plan) = enums();
            black_box(&by_enums).get_or_create(&Enums { provider, model, outcome, plan }).inc();
        }),
        Case::peer("prometheus-client, String", move |_| {
            black_box(&by_strings).get_or_create(&Strings::new(texts())).inc();
        }),
    ]
}

fn metrics_labels(pairs: Pairs) -> Vec<Label> {
    Vec::from(pairs.map(|(name, value)| Label::new(name, value)))
}

fn metrics() -> Vec<Case> {
    global_metrics();
    for labels in all_fours() {
        metrics::counter!("four_total", metrics_labels(pairs(labels))).increment(0);
    }
    let handle = metrics::counter!("four_total", metrics_labels(texts()));
    vec![
        Case::peer("metrics handle", move |_| black_box(&handle).increment(1)),
        Case::peer("metrics counter!, &'static str", |_| {
            metrics::counter!("four_total", metrics_labels(texts())).increment(1);
        }),
        Case::peer("metrics counter!, String", |_| {
            let labels = texts().map(|(name, value)| Label::new(name, value.to_owned()));
            metrics::counter!("four_total", Vec::from(labels)).increment(1);
        }),
    ]
}

fn opentelemetry() -> Vec<Case> {
    let counter = OpenTelemetry::meter().u64_counter("four").build();
    for labels in all_fours() {
        counter.add(0, &pairs(labels).map(|(name, value)| KeyValue::new(name, value)));
    }
    let bound = counter.bind(&texts().map(|(name, value)| KeyValue::new(name, value)));
    let strings = counter.clone();
    vec![
        Case::peer("opentelemetry bound", move |_| black_box(&bound).add(1)),
        Case::peer("opentelemetry, &'static str", move |_| {
            black_box(&counter).add(1, &texts().map(|(name, value)| KeyValue::new(name, value)));
        }),
        Case::peer("opentelemetry, String", move |_| {
            let labels = texts().map(|(name, value)| KeyValue::new(name, value.to_owned()));
            black_box(&strings).add(1, &labels);
        }),
    ]
}
