//! A histogram of durations that threads add to without waiting for each other.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use pratiko_metrics::catalogue::Metric;
use pratiko_metrics::exposition::Page;

/// Upper bounds of the buckets, in seconds.
const BOUNDS: [f64; 11] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0, 10.0];

/// A histogram of durations.
#[derive(Debug, Default)]
pub struct Histogram {
    buckets: [AtomicU64; BOUNDS.len()],
    above: AtomicU64,
    micros: AtomicU64,
}

impl Histogram {
    /// Adds one duration.
    pub fn record(&self, took: Duration) {
        let bucket = BOUNDS.iter().position(|bound| took.as_secs_f64() <= *bound);
        bucket.map_or(&self.above, |bucket| &self.buckets[bucket]).fetch_add(1, Ordering::Relaxed);
        self.micros.fetch_add(u64::try_from(took.as_micros()).unwrap_or(u64::MAX), Ordering::Relaxed);
    }

    /// Writes it as `metric`.
    pub fn write(&self, metric: &'static Metric, page: &mut Page) {
        let counts = self.buckets.iter().map(|count| count.load(Ordering::Relaxed));
        let sum = self.micros.load(Ordering::Relaxed) as f64 / 1e6;
        metric.family(page).histogram(
            &[],
            BOUNDS.into_iter().zip(counts),
            self.above.load(Ordering::Relaxed),
            sum,
        );
    }
}
