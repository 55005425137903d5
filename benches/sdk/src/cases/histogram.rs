//! A duration into a histogram, bound.

use std::hint::black_box;
use std::sync::Arc;
use std::time::Duration;

use crate::group::{Case, Group};
use crate::limits::{Buckets, Sharded};
use crate::ours;
use crate::peers::{OpenTelemetry, global_metrics, prometheus_histogram};

/// Of a server's request durations in OpenTelemetry's semantic conventions, in seconds.
pub const BOUNDS: [f64; 14] =
    [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0];

/// Durations as they come, in microseconds: most of them in the lower middle.
const MICROSECONDS: [u64; 16] = [
    3_100, 12_000, 18_000, 31_000, 44_000, 52_000, 61_000, 70_000, 83_000, 97_000, 120_000, 180_000, 240_000,
    610_000, 1_900_000, 12_000_000,
];

/// The duration of the so-manieth operation.
pub fn duration(number: u64) -> Duration {
    const DURATIONS: [Duration; 16] = {
        let mut durations = [Duration::ZERO; 16];
        let mut position = 0;
        while position < durations.len() {
            durations[position] = Duration::from_micros(MICROSECONDS[position]);
            position += 1;
        }
        durations
    };
    black_box(DURATIONS[number as usize % DURATIONS.len()])
}

pub const PER_THREAD: &str = "limit: two additions, cells for each thread";

pub fn group() -> Group {
    let cases = [limits(), ours::histogram::cases(), peers()];
    let title = "A duration into a histogram of 14 bounds, bound";
    Group::new(title, cases.into_iter().flatten(), ours::histogram::goals())
}

fn limits() -> Vec<Case> {
    let place = |microseconds: u64| {
        let bucket = BOUNDS.partition_point(|bound| *bound < microseconds as f64 / 1e6);
        (bucket, microseconds * 1000)
    };
    let places = MICROSECONDS.map(place);
    let one = Arc::new(Buckets::new());
    let sharded = Sharded::new(Buckets::new);
    let alone = Sharded::new(Buckets::new);
    vec![
        Case::limit("limit: two additions", move |number| {
            let (bucket, nanoseconds) = black_box(places[number as usize % places.len()]);
            black_box(&one).add(bucket, nanoseconds);
        }),
        Case::limit(PER_THREAD, move |number| {
            let (bucket, nanoseconds) = black_box(places[number as usize % places.len()]);
            black_box(&sharded).mine().add(bucket, nanoseconds);
        }),
        Case::limit("limit: two times load, add, store for each thread", move |number| {
            let (bucket, nanoseconds) = black_box(places[number as usize % places.len()]);
            black_box(&alone).mine().add_alone(bucket, nanoseconds);
        }),
    ]
}

fn peers() -> Vec<Case> {
    // Handles made once; all of them take seconds as a float, which who has a `Duration` must make.
    let prometheus = prometheus_histogram("a_seconds", &BOUNDS);
    let client = prometheus_client::metrics::histogram::Histogram::new(BOUNDS);
    let upkeep = global_metrics();
    let metrics = metrics::histogram!("request_duration_seconds");
    let otel = OpenTelemetry::meter()
        .f64_histogram("request.duration")
        .with_boundaries(BOUNDS.to_vec())
        .build()
        .bind(&[]);
    vec![
        Case::peer("prometheus Histogram", move |number| {
            black_box(&prometheus).observe(duration(number).as_secs_f64());
        }),
        Case::peer("prometheus-client Histogram", move |number| {
            black_box(&client).observe(duration(number).as_secs_f64());
        }),
        // It keeps every value until its upkeep puts them into buckets; that is not counted here.
        Case::peer("metrics handle (without its upkeep)", move |number| {
            black_box(&metrics).record(duration(number).as_secs_f64());
        })
        .settled_by(|| upkeep.run_upkeep()),
        Case::peer("opentelemetry bound", move |number| {
            black_box(&otel).record(duration(number).as_secs_f64());
        }),
    ]
}
