//! An exporter: the business figures, computed by the SDK as it computes those of an application that
//! exposes, and what an exporter says of itself.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use pratiko_domain::event::Event;
use pratiko_domain::time::{ManualClock, Timestamp};
use pratiko_metrics::catalogue;
use pratiko_metrics::exposition::{Kind, Page};
use pratiko_metrics::{
    AccountSettings, Buckets, FamilyName, Histogram, Metrics, RecordError, RegisterError, Registry, Source,
};

/// An exporter whose ledger is told everything when it happens.
#[derive(Debug)]
pub struct Exporter {
    registry: Registry,
    metrics: Metrics,
    clock: Arc<ManualClock>,
    answered: Histogram<Duration>,
    own: Own,
}

impl Exporter {
    /// One with an empty ledger.
    pub fn new(now: Timestamp) -> Result<Self, RegisterError> {
        let registry = Registry::new();
        let clock = Arc::new(ManualClock::at(now));
        let metrics =
            Metrics::expose_at(&registry, AccountSettings::default(), Arc::<ManualClock>::clone(&clock))?;
        let own =
            Own { state: Arc::new(Mutex::new(State { now, last_event: now, recorded: BTreeMap::new() })) };
        registry.register(own.clone())?;
        let answered = registry
            .histogram(&catalogue::INGEST_REQUEST_DURATION_SECONDS, Buckets::operation_durations())?;
        Ok(Self { registry, metrics, clock, answered, own })
    }

    /// What is on its page.
    pub fn registry(&self) -> &Registry {
        &self.registry
    }

    /// Records what has just happened.
    pub fn record(&self, event: Event) -> Result<(), RecordError> {
        self.clock.set(event.time);
        let number = self.own.record(&event);
        // Each comes alone, and waits for the disk.
        self.answered.record(Duration::from_micros(2_000 + number * 7_919 % 4_000));
        self.metrics.event(&event.id, event.time, event.subject.as_deref(), event.body)
    }

    /// Time goes on.
    pub fn advance(&self, now: Timestamp) {
        self.clock.set(now);
        self.own.lock().now = now;
    }
}

/// What it says of itself, as far as it is not about its process.
#[derive(Debug, Clone)]
struct Own {
    state: Arc<Mutex<State>>,
}

#[derive(Debug)]
struct State {
    now: Timestamp,
    last_event: Timestamp,
    /// By kind.
    recorded: BTreeMap<&'static str, u64>,
}

/// About so much room an event takes.
const EVENT_BYTES: u64 = 420;

impl Own {
    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts an event, and says how many there were.
    fn record(&self, event: &Event) -> u64 {
        let mut state = self.lock();
        state.last_event = event.time;
        *state.recorded.entry(event.body.kind().name()).or_default() += 1;
        state.recorded.values().sum()
    }
}

impl Source for Own {
    fn families(&self) -> Vec<FamilyName> {
        let mut families: Vec<FamilyName> = [
            &catalogue::LEDGER_INFO,
            &catalogue::LEDGER_EVENTS_TOTAL,
            &catalogue::EXCHANGE_RATE_AGE_SECONDS,
            &catalogue::COST_RECONCILIATION_RATIO,
            &catalogue::LEDGER_UNCONVERTED_TOTAL,
            &catalogue::LEDGER_UP,
            &catalogue::LEDGER_SNAPSHOT_AGE_SECONDS,
            &catalogue::LEDGER_LAST_EVENT_AGE_SECONDS,
            &catalogue::LEDGER_SIZE_BYTES,
            &catalogue::LEDGER_QUEUED_EVENTS,
            &catalogue::LEDGER_COMMIT_FAILURES_TOTAL,
            &catalogue::LEDGER_REFRESH_DURATION_SECONDS,
            &catalogue::INGEST_EVENTS_TOTAL,
            &catalogue::INGEST_REFUSED_REQUESTS_TOTAL,
            &catalogue::EXPORTER_BUILD_INFO,
            &catalogue::EXPORTER_SCRAPE_DURATION_SECONDS,
            &catalogue::EXPORTER_WEB_CONFIG_OK,
            &catalogue::EXPORTER_PRICES_OK,
            &catalogue::EXPORTER_OPEN_TO_NETWORK,
            &catalogue::EXPORTER_UNAUTHORIZED_REQUESTS_TOTAL,
        ]
        .into_iter()
        .map(FamilyName::from)
        .collect();
        families.push(FamilyName::new("node_scrape_collector_success", Kind::Gauge, &["collector"]));
        families
    }

    fn write(&self, page: &mut Page) {
        let state = self.lock();
        let events: u64 = state.recorded.values().sum();
        catalogue::LEDGER_INFO.family(page).sample(&[("ledger", "00000000-0000-4000-8000-000000000000")], 1);
        catalogue::LEDGER_EVENTS_TOTAL.family(page).sample(&[], events);
        // Rates are read, and nobody earns or pays in dollars; one provider's invoice was compared.
        let age = state.now.micros() / 1_000_000 % 86_400 + 86_400;
        catalogue::EXCHANGE_RATE_AGE_SECONDS.family(page).sample(&[("currency", "USD")], age);
        catalogue::COST_RECONCILIATION_RATIO.family(page).sample(&[("provider", "openai")], 0.987);
        catalogue::LEDGER_UNCONVERTED_TOTAL.family(page).sample(&[], 0);
        catalogue::LEDGER_UP.family(page).sample(&[], 1);
        catalogue::LEDGER_SNAPSHOT_AGE_SECONDS.family(page).sample(&[], 4);
        let age = state.now.since(state.last_event).as_secs_f64();
        catalogue::LEDGER_LAST_EVENT_AGE_SECONDS.family(page).sample(&[], age);
        catalogue::LEDGER_SIZE_BYTES.family(page).sample(&[], 300_000 + events * EVENT_BYTES);
        catalogue::LEDGER_QUEUED_EVENTS.family(page).sample(&[], 0);
        catalogue::LEDGER_COMMIT_FAILURES_TOTAL.family(page).sample(&[], 0);
        catalogue::LEDGER_REFRESH_DURATION_SECONDS.family(page).sample(&[], 0.002);
        let mut ingest = catalogue::INGEST_EVENTS_TOTAL.family(page);
        for (kind, count) in &state.recorded {
            ingest.sample(&[("source", "api"), ("kind", kind), ("result", "accepted")], *count);
            ingest.sample(&[("source", "api"), ("kind", kind), ("result", "rejected")], 0);
        }
        catalogue::INGEST_REFUSED_REQUESTS_TOTAL.family(page).sample(&[("reason", "busy")], 0);
        let version = [("version", env!("CARGO_PKG_VERSION")), ("revision", "demo")];
        catalogue::EXPORTER_BUILD_INFO.family(page).sample(&version, 1);
        catalogue::EXPORTER_SCRAPE_DURATION_SECONDS.family(page).sample(&[], 0.006);
        catalogue::EXPORTER_WEB_CONFIG_OK.family(page).sample(&[], 1);
        catalogue::EXPORTER_PRICES_OK.family(page).sample(&[], 1);
        catalogue::EXPORTER_OPEN_TO_NETWORK.family(page).sample(&[], 0);
        catalogue::EXPORTER_UNAUTHORIZED_REQUESTS_TOTAL.family(page).sample(&[], 0);
        let help = "Whether a collector could read what it reads.";
        let mut success = page.family("node_scrape_collector_success", Kind::Gauge, help);
        for collector in ["cpu", "filesystem", "meminfo", "netdev"] {
            success.sample(&[("collector", collector)], 1);
        }
    }
}
