//! What was sent, and what became of it.

use std::time::Duration;

use pratiko_domain::event::Kind;
use pratiko_metrics::{Buckets, Counter, Family, Histogram, LabelValue, Registry, catalogue};

use super::OwnMetricsError;

pratiko_metrics::label_values! {
    /// What became of one event.
    pub enum IngestResult {
        /// It is recorded.
        Accepted = "accepted",
        /// It was recorded before.
        Duplicate = "duplicate",
        /// It was not recorded.
        Rejected = "rejected",
    }
}

pratiko_metrics::label_values! {
    /// Why a whole request was refused.
    pub enum Refused {
        /// Not JSON.
        Malformed = "malformed",
        /// Too many bytes.
        TooLarge = "too_large",
        /// Too much is waiting.
        Busy = "busy",
        /// The ledger does not work.
        Unavailable = "unavailable",
    }
}

pratiko_metrics::label_values! {
    /// How events come in.
    pub enum IngestSource {
        /// They are sent to the HTTP interface.
        Api = "api",
        /// They are read from an application's tables.
        Sql = "sql",
    }
}

/// The kind of an event; `None` for one whose kind could not be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct EventKind(Option<Kind>);

const KINDS: [&str; Kind::ALL.len() + 1] = {
    let mut names = ["unknown"; Kind::ALL.len() + 1];
    let mut kind = 0;
    while kind < Kind::ALL.len() {
        names[kind] = Kind::ALL[kind].name();
        kind += 1;
    }
    names
};

impl LabelValue for EventKind {
    const VALUES: &'static [&'static str] = &KINDS;

    fn text(&self) -> &str {
        KINDS[self.position()]
    }

    fn position(&self) -> usize {
        self.0.map_or(Kind::ALL.len(), |kind| kind as usize)
    }
}

pratiko_metrics::labels! {
    struct EventLabels {
        source: IngestSource,
        kind: EventKind,
        result: IngestResult,
    }
}

pratiko_metrics::labels! {
    struct RefusedLabels {
        reason: Refused,
    }
}

/// Upper bounds of the buckets for answers, in seconds.
const BOUNDS: [f64; 11] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0, 10.0];

/// Counts what was sent.
#[derive(Debug, Clone)]
pub struct IngestCounts {
    events: Family<Counter, EventLabels>,
    refused: Family<Counter, RefusedLabels>,
    /// How long answers took.
    pub duration: Histogram<Duration>,
}

impl IngestCounts {
    /// Counts that are on the pages of `registry`.
    pub fn register(registry: &Registry) -> Result<Self, OwnMetricsError> {
        let bounds = Buckets::new(&BOUNDS)?;
        Ok(Self {
            events: registry.counters(&catalogue::INGEST_EVENTS_TOTAL)?,
            refused: registry.counters(&catalogue::INGEST_REFUSED_REQUESTS_TOTAL)?,
            duration: registry.histogram(&catalogue::INGEST_REQUEST_DURATION_SECONDS, bounds)?,
        })
    }

    /// Counts an event; `None` for one whose kind could not be told.
    pub fn event(&self, source: IngestSource, kind: Option<Kind>, result: IngestResult) {
        let labels = EventLabels { source, kind: EventKind(kind), result };
        self.events.with(&labels).increment();
    }

    /// Counts a request that was refused as a whole.
    pub fn refused(&self, reason: Refused) {
        self.refused.with(&RefusedLabels { reason }).increment();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_and_result_is_counted_under_its_name_and_there_from_the_start() {
        let registry = Registry::new();
        let counts = IngestCounts::register(&registry).unwrap();
        let value = |kind: &str, result: &str| {
            let labels = [("source", "api"), ("kind", kind), ("result", result)];
            registry.value("pratiko_ingest_events_total", &labels)
        };
        let kinds = Kind::ALL.map(Some).into_iter().chain([None]);
        for kind in kinds {
            let name = kind.map_or("unknown", Kind::name);
            for result in IngestResult::ALL {
                assert_eq!(value(name, result.name()), Some(0.0), "{name}");
                counts.event(IngestSource::Api, kind, *result);
                assert_eq!(value(name, result.name()), Some(1.0), "{name}");
            }
        }
        counts.refused(Refused::Busy);
        let refused = |reason| registry.value("pratiko_ingest_refused_requests_total", &[("reason", reason)]);
        assert_eq!((refused("busy"), refused("malformed")), (Some(1.0), Some(0.0)));
        counts.duration.record(Duration::from_millis(20));
        assert_eq!(registry.value("pratiko_ingest_request_duration_seconds_sum", &[]), Some(0.02));
    }
}
