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
        /// Not signed as it must be.
        Signature = "signature",
        /// Signed too long ago, or in the future.
        Timestamp = "timestamp",
    }
}

pratiko_metrics::label_values! {
    /// How events come in.
    pub enum IngestSource {
        /// They are sent to the HTTP interface.
        Api = "api",
        /// They are sent by an operator, however old they are.
        Import = "import",
        /// They are read from an application's tables.
        Sql = "sql",
        /// Stripe tells of them.
        Stripe = "stripe",
    }
}

pratiko_metrics::label_values! {
    /// What became of a webhook that was believed.
    pub enum WebhookResult {
        /// Something in it was new.
        Accepted = "accepted",
        /// All of it was known.
        Duplicate = "duplicate",
        /// Something in it contradicts what is recorded.
        Rejected = "rejected",
        /// Its type is not taken.
        Ignored = "ignored",
        /// It is of the account's other mode.
        OtherMode = "other_mode",
        /// There is nothing in it that counts.
        Nothing = "nothing",
    }
}

pratiko_metrics::label_values! {
    /// What an object of Stripe's did not hold.
    pub enum Unresolved {
        /// A discount's coupon.
        Discount = "discount",
        /// An item's price.
        Price = "price",
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
    struct WebhookLabels {
        result: WebhookResult,
    }
}

pratiko_metrics::labels! {
    struct UnresolvedLabels {
        what: Unresolved,
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
    webhooks: Family<Counter, WebhookLabels>,
    unresolved: Family<Counter, UnresolvedLabels>,
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
            webhooks: registry.counters(&catalogue::STRIPE_WEBHOOKS_TOTAL)?,
            unresolved: registry.counters(&catalogue::STRIPE_UNRESOLVED_TOTAL)?,
            duration: registry.histogram(&catalogue::INGEST_REQUEST_DURATION_SECONDS, bounds)?,
        })
    }

    /// Counts an event; `None` for one whose kind could not be told.
    pub fn event(&self, source: IngestSource, kind: Option<Kind>, result: IngestResult) {
        let labels = EventLabels { source, kind: EventKind(kind), result };
        self.events.with(&labels).increment();
    }

    /// Counts a webhook of Stripe's that was believed.
    pub fn webhook(&self, result: WebhookResult) {
        self.webhooks.with(&WebhookLabels { result }).increment();
    }

    /// Counts what objects of Stripe's did not hold.
    pub fn unresolved(&self, what: Unresolved, count: u64) {
        self.unresolved.with(&UnresolvedLabels { what }).add(count);
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
        let value = |source: &str, kind: &str, result: &str| {
            let labels = [("source", source), ("kind", kind), ("result", result)];
            registry.value("pratiko_ingest_events_total", &labels)
        };
        let kinds = Kind::ALL.map(Some).into_iter().chain([None]);
        for kind in kinds {
            let name = kind.map_or("unknown", Kind::name);
            for (source, result) in IngestSource::ALL
                .iter()
                .flat_map(|source| IngestResult::ALL.iter().map(move |result| (source, result)))
            {
                assert_eq!(value(source.name(), name, result.name()), Some(0.0), "{name}");
                counts.event(*source, kind, *result);
                assert_eq!(value(source.name(), name, result.name()), Some(1.0), "{name}");
            }
        }
        counts.refused(Refused::Busy);
        let refused = |reason| registry.value("pratiko_ingest_refused_requests_total", &[("reason", reason)]);
        assert_eq!((refused("busy"), refused("malformed")), (Some(1.0), Some(0.0)));
        counts.duration.record(Duration::from_millis(20));
        assert_eq!(registry.value("pratiko_ingest_request_duration_seconds_sum", &[]), Some(0.02));
    }
}
