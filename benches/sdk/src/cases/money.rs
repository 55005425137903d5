//! An amount added to a counter of money, bound.

use std::hint::black_box;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use prometheus_client::metrics::counter::Counter as ClientCounter;

use crate::group::{Case, Group};
use crate::limits::{Sharded, add, add_alone};
use crate::ours;
use crate::peers::{OpenTelemetry, global_metrics};

/// What a small call costs, in 10⁻⁹ of a unit and as the peers take it.
pub const NANOS: u64 = 1_234_567;
const AMOUNT: f64 = 0.001_234_567;

pub const PER_THREAD: &str = "limit: an integer for each thread";

pub fn group() -> Group {
    let cases = [limits(), ours::money::cases(), peers()];
    Group::new("An amount of money, bound", cases.into_iter().flatten(), ours::money::goals())
}

fn limits() -> Vec<Case> {
    let one = Arc::new(AtomicU64::new(0));
    let sharded = Sharded::new(|| AtomicU64::new(0));
    let alone = Sharded::new(|| AtomicU64::new(0));
    vec![
        Case::limit("limit: one integer", move |_| add(black_box(&one), black_box(NANOS))),
        Case::limit(PER_THREAD, move |_| {
            add(black_box(&sharded).mine(), black_box(NANOS));
        }),
        Case::limit("limit: load, add, store for each thread", move |_| {
            add_alone(black_box(&alone).mine(), black_box(NANOS));
        }),
    ]
}

fn peers() -> Vec<Case> {
    // Handles made once; all of them add binary floats.
    let prometheus = prometheus::Counter::new("a_eur_total", "A.").expect("the name is valid");
    let client = ClientCounter::<f64, AtomicU64>::default();
    global_metrics();
    let metrics = metrics::gauge!("cost_eur");
    let otel = OpenTelemetry::meter().f64_counter("cost").build().bind(&[]);
    vec![
        Case::peer("prometheus Counter (f64)", move |_| black_box(&prometheus).inc_by(black_box(AMOUNT))),
        Case::peer("prometheus-client Counter<f64>", move |_| {
            black_box(&client).inc_by(black_box(AMOUNT));
        }),
        Case::peer("metrics gauge (it has no counter of fractions)", move |_| {
            black_box(&metrics).increment(black_box(AMOUNT));
        }),
        Case::peer("opentelemetry bound f64", move |_| black_box(&otel).add(black_box(AMOUNT))),
    ]
}
