//! What was sent, and what became of it.

use std::sync::atomic::{AtomicU64, Ordering};

use pratiko_domain::event::Kind;
use pratiko_metrics::catalogue;
use pratiko_metrics::exposition::Page;

use super::Histogram;

/// What became of one event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IngestResult {
    /// It is recorded.
    Accepted,
    /// It was recorded before.
    Duplicate,
    /// It was not recorded.
    Rejected,
}

/// Why a whole request was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refused {
    /// Not JSON.
    Malformed,
    /// Too many bytes.
    TooLarge,
    /// Too much is waiting.
    Busy,
    /// The ledger does not work.
    Unavailable,
}

const RESULTS: [&str; 3] = ["accepted", "duplicate", "rejected"];
const REASONS: [&str; 4] = ["malformed", "too_large", "busy", "unavailable"];
/// Every kind, and `unknown`.
const KINDS: usize = Kind::ALL.len() + 1;

/// Counts what was sent.
#[derive(Debug, Default)]
pub struct IngestCounts {
    events: [[AtomicU64; RESULTS.len()]; KINDS],
    refused: [AtomicU64; REASONS.len()],
    /// How long answers took.
    pub duration: Histogram,
}

impl IngestCounts {
    /// Counts an event; `None` for one whose kind could not be told.
    pub fn event(&self, kind: Option<Kind>, result: IngestResult) {
        let kind = kind.map_or(KINDS - 1, |kind| kind as usize);
        self.events[kind][result as usize].fetch_add(1, Ordering::Relaxed);
    }

    /// Counts a request that was refused as a whole.
    pub fn refused(&self, reason: Refused) {
        self.refused[reason as usize].fetch_add(1, Ordering::Relaxed);
    }

    /// Writes everything that was counted.
    pub fn write(&self, page: &mut Page) {
        let mut family = catalogue::INGEST_EVENTS_TOTAL.family(page);
        for (kind, results) in self.events.iter().enumerate() {
            let kind = Kind::ALL.get(kind).map_or("unknown", |kind| kind.name());
            for (result, count) in RESULTS.iter().zip(results) {
                let labels = [("source", "api"), ("kind", kind), ("result", *result)];
                family.sample(&labels, count.load(Ordering::Relaxed));
            }
        }
        let mut family = catalogue::INGEST_REFUSED_REQUESTS_TOTAL.family(page);
        for (reason, count) in REASONS.iter().zip(&self.refused) {
            family.sample(&[("reason", *reason)], count.load(Ordering::Relaxed));
        }
        self.duration.write(&catalogue::INGEST_REQUEST_DURATION_SECONDS, page);
    }
}
