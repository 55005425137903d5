//! What the exporter says of itself.

use super::metric::{Label, LabelValues, Metric, Scope, Unit, closed};
use crate::exposition::Kind;

const INGEST_SOURCES: &[&str] = &["api", "import", "sql", "stripe"];
const EVENT_KINDS: &[&str] = &[
    "llm_usage",
    "other_cost",
    "user_registered",
    "user_active",
    "subscription_changed",
    "payment_attempt",
    "invoice",
    "refund",
    "dispute",
    "credit",
    "unknown",
];
const INGEST_RESULTS: &[&str] = &["accepted", "duplicate", "rejected"];
const REFUSALS: &[&str] = &["malformed", "too_large", "busy", "unavailable", "signature", "timestamp"];
const WEBHOOK_RESULTS: &[&str] = &["accepted", "duplicate", "rejected", "ignored", "other_mode", "nothing"];
const UNRESOLVED: &[&str] = &["discount", "price"];
const RATES_RESULTS: &[&str] = &["changed", "unchanged", "failed"];

/// Whether the ledger works and its figures are fresh.
pub static LEDGER_UP: Metric = Metric {
    name: "pratiko_ledger_up",
    kind: Kind::Gauge,
    scope: Scope::Instance,
    unit: Unit::Count,
    labels: &[],
    help: "Whether the ledger works and its figures are fresh.",
    meaning: "0 when the ledger cannot be opened or written, or when its figures are older than `ledger.stale_after`: they are withdrawn then.",
};

/// Age of the business figures on this page.
pub static LEDGER_SNAPSHOT_AGE_SECONDS: Metric = Metric {
    name: "pratiko_ledger_snapshot_age_seconds",
    kind: Kind::Gauge,
    scope: Scope::Instance,
    unit: Unit::Seconds,
    labels: &[],
    help: "Age of the business figures on this page.",
    meaning: "Figures follow a commit within seconds and are taken anew every ten seconds without one.",
};

/// Time since the last event was recorded.
pub static LEDGER_LAST_EVENT_AGE_SECONDS: Metric = Metric {
    name: "pratiko_ledger_last_event_age_seconds",
    kind: Kind::Gauge,
    scope: Scope::Instance,
    unit: Unit::Seconds,
    labels: &[],
    help: "Time since the last event was recorded.",
    meaning: "Absent while there is none.",
};

/// Size of the ledger on disk, its write-ahead log included.
pub static LEDGER_SIZE_BYTES: Metric = Metric {
    name: "pratiko_ledger_size_bytes",
    kind: Kind::Gauge,
    scope: Scope::Instance,
    unit: Unit::Bytes,
    labels: &[],
    help: "Size of the ledger on disk, its write-ahead log included.",
    meaning: "For planning space.",
};

/// Events that wait to be recorded.
pub static LEDGER_QUEUED_EVENTS: Metric = Metric {
    name: "pratiko_ledger_queued_events",
    kind: Kind::Gauge,
    scope: Scope::Instance,
    unit: Unit::Count,
    labels: &[],
    help: "Events that wait to be recorded.",
    meaning: "At `ingest.queue_events` further ones are refused with 429.",
};

/// How long it took to record a group of events, until it was on disk.
pub static LEDGER_COMMIT_DURATION_SECONDS: Metric = Metric {
    name: "pratiko_ledger_commit_duration_seconds",
    kind: Kind::Histogram,
    scope: Scope::Instance,
    unit: Unit::Seconds,
    labels: &[],
    help: "How long it took to record a group of events, until it was on disk.",
    meaning: "One observation a group.",
};

/// Groups of events that could not be recorded.
pub static LEDGER_COMMIT_FAILURES_TOTAL: Metric = Metric {
    name: "pratiko_ledger_commit_failures_total",
    kind: Kind::Counter,
    scope: Scope::Instance,
    unit: Unit::Count,
    labels: &[],
    help: "Groups of events that could not be recorded.",
    meaning: "Their senders were told to try again.",
};

/// How long it took to take the business figures the last time.
pub static LEDGER_REFRESH_DURATION_SECONDS: Metric = Metric {
    name: "pratiko_ledger_refresh_duration_seconds",
    kind: Kind::Gauge,
    scope: Scope::Instance,
    unit: Unit::Seconds,
    labels: &[],
    help: "How long it took to take the business figures the last time.",
    meaning: "A scrape does not wait for it.",
};

/// Events received, by what became of them.
pub static INGEST_EVENTS_TOTAL: Metric = Metric {
    name: "pratiko_ingest_events_total",
    kind: Kind::Counter,
    scope: Scope::Instance,
    unit: Unit::Count,
    labels: &[
        closed("source", INGEST_SOURCES),
        closed("kind", EVENT_KINDS),
        closed("result", INGEST_RESULTS),
    ],
    help: "Events received, by what became of them.",
    meaning: "What this process was sent: `api` is `POST /api/v1/events`, `import` is `POST /api/v1/import`, `sql` an application's tables, `stripe` what Stripe's webhooks said. `unknown` is what could not be read far enough to tell its kind.",
};

/// How long it took to answer a request with events.
pub static INGEST_REQUEST_DURATION_SECONDS: Metric = Metric {
    name: "pratiko_ingest_request_duration_seconds",
    kind: Kind::Histogram,
    scope: Scope::Instance,
    unit: Unit::Seconds,
    labels: &[],
    help: "How long it took to answer a request with events.",
    meaning: "From the whole body to the answer, the commit included.",
};

/// Requests with events that were refused as a whole.
pub static INGEST_REFUSED_REQUESTS_TOTAL: Metric = Metric {
    name: "pratiko_ingest_refused_requests_total",
    kind: Kind::Counter,
    scope: Scope::Instance,
    unit: Unit::Count,
    labels: &[closed("reason", REFUSALS)],
    help: "Requests with events that were refused as a whole.",
    meaning: "`malformed`: not JSON. `too_large`: above `ingest.max_body_bytes`. `busy`: the queue is full. `unavailable`: the ledger is not open or failed. `signature`: a webhook whose signature is missing or made with none of the secrets. `timestamp`: one whose signature is too old, or ahead of the clock.",
};

/// Webhooks of Stripe that were believed, by what became of them.
pub static STRIPE_WEBHOOKS_TOTAL: Metric = Metric {
    name: "pratiko_stripe_webhooks_total",
    kind: Kind::Counter,
    scope: Scope::Instance,
    unit: Unit::Count,
    labels: &[closed("result", WEBHOOK_RESULTS)],
    help: "Webhooks of Stripe that were believed, by what became of them.",
    meaning: "`accepted`: something in it was new. `duplicate`: all of it was known. `rejected`: an id in it stood for something else before. `ignored`: of a type that is not taken. `other_mode`: of the account's test mode, or of its live mode where `stripe.mode` is test. `nothing`: a draft, a pending charge, what other webhooks say.",
};

/// What Stripe's objects did not hold.
pub static STRIPE_UNRESOLVED_TOTAL: Metric = Metric {
    name: "pratiko_stripe_unresolved_total",
    kind: Kind::Counter,
    scope: Scope::Instance,
    unit: Unit::Count,
    labels: &[closed("what", UNRESOLVED)],
    help: "Discounts and prices in webhooks of which only an id was there.",
    meaning: "`discount`: the discounts that were known of the subscription before are taken to hold, until `backfill stripe` asks for the coupon. `price`: an item is left out because its price has tiers that webhooks do not hold.",
};

/// Times that new reference rates were looked for.
pub static EXPORTER_RATES_READS_TOTAL: Metric = Metric {
    name: "pratiko_exporter_rates_reads_total",
    kind: Kind::Counter,
    scope: Scope::Instance,
    unit: Unit::Count,
    labels: &[closed("result", RATES_RESULTS)],
    help: "Times that new reference rates were looked for.",
    meaning: "`changed`: there were new ones. `unchanged`: there were none. `failed`: the file or the server of `currencies` could not be read; the log says why. Served where `currencies.source` is not off.",
};

/// Reference rates that contradicted known ones.
pub static EXPORTER_RATES_CONFLICTS_TOTAL: Metric = Metric {
    name: "pratiko_exporter_rates_conflicts_total",
    kind: Kind::Counter,
    scope: Scope::Instance,
    unit: Unit::Count,
    labels: &[],
    help: "Reference rates that contradicted known ones.",
    meaning: "The known rate is kept, since amounts may have been converted at it. The log says which.",
};

/// Time since reference rates were last looked for without a failure.
pub static EXPORTER_RATES_READ_AGE_SECONDS: Metric = Metric {
    name: "pratiko_exporter_rates_read_age_seconds",
    kind: Kind::Gauge,
    scope: Scope::Instance,
    unit: Unit::Seconds,
    labels: &[],
    help: "Time since reference rates were last looked for without a failure.",
    meaning: "Absent until then. How old the rates themselves are is `pratiko_exchange_rate_age_seconds`.",
};

/// The version of this exporter.
pub static EXPORTER_BUILD_INFO: Metric = Metric {
    name: "pratiko_exporter_build_info",
    kind: Kind::Gauge,
    scope: Scope::Instance,
    unit: Unit::Info,
    labels: &[
        Label { name: "version", values: LabelValues::Described("the version") },
        Label {
            name: "revision",
            values: LabelValues::Described("the revision it was built from, if that was told"),
        },
    ],
    help: "The version of this exporter.",
    meaning: "For telling which hosts run what.",
};

/// How long it took to read the host for this page.
pub static EXPORTER_SCRAPE_DURATION_SECONDS: Metric = Metric {
    name: "pratiko_exporter_scrape_duration_seconds",
    kind: Kind::Gauge,
    scope: Scope::Instance,
    unit: Unit::Seconds,
    labels: &[],
    help: "How long it took to read the host for this page.",
    meaning: "All collectors together.",
};

/// Lines, files and families that a collector could not understand and passed over.
pub static EXPORTER_COLLECTOR_SKIPPED_TOTAL: Metric = Metric {
    name: "pratiko_exporter_collector_skipped_total",
    kind: Kind::Counter,
    scope: Scope::Instance,
    unit: Unit::Count,
    labels: &[Label {
        name: "collector",
        values: LabelValues::Described("the collectors that are switched on"),
    }],
    help: "Lines, files and families that a collector could not understand and passed over.",
    meaning: "A skipped line costs the collector its success and nothing else.",
};

/// Whether the web configuration file can be used.
pub static EXPORTER_WEB_CONFIG_OK: Metric = Metric {
    name: "pratiko_exporter_web_config_ok",
    kind: Kind::Gauge,
    scope: Scope::Instance,
    unit: Unit::Count,
    labels: &[],
    help: "Whether the web configuration file can be used.",
    meaning: "While it is 0 every request is refused; it shows in the log, and once the file is mended.",
};

/// Whether all price files can be used.
pub static EXPORTER_PRICES_OK: Metric = Metric {
    name: "pratiko_exporter_prices_ok",
    kind: Kind::Gauge,
    scope: Scope::Instance,
    unit: Unit::Count,
    labels: &[],
    help: "Whether all price files can be used.",
    meaning: "0 while a file of `prices.files` is broken or missing: calls are priced as before its last change, and the log says what is wrong.",
};

/// How often price files had changed and could not be used.
pub static EXPORTER_PRICES_RELOAD_FAILURES_TOTAL: Metric = Metric {
    name: "pratiko_exporter_prices_reload_failures_total",
    kind: Kind::Counter,
    scope: Scope::Instance,
    unit: Unit::Count,
    labels: &[],
    help: "How often price files had changed and could not be used.",
    meaning: "Each change of a file that leaves it broken counts once.",
};

/// Whether metrics can be read from other hosts without a credential.
pub static EXPORTER_OPEN_TO_NETWORK: Metric = Metric {
    name: "pratiko_exporter_open_to_network",
    kind: Kind::Gauge,
    scope: Scope::Instance,
    unit: Unit::Count,
    labels: &[],
    help: "Whether metrics can be read from other hosts without a credential.",
    meaning: "1 when a listener is not on a loopback address and neither tokens, users nor client certificates are configured: revenue is then anybody's to read.",
};

/// Connections that are open.
pub static EXPORTER_CONNECTIONS: Metric = Metric {
    name: "pratiko_exporter_connections",
    kind: Kind::Gauge,
    scope: Scope::Instance,
    unit: Unit::Count,
    labels: &[],
    help: "Connections that are open.",
    meaning: "At `web.max_connections` the one idle the longest is closed for a new one.",
};

/// Idle connections closed to admit new ones.
pub static EXPORTER_CONNECTIONS_EVICTED_TOTAL: Metric = Metric {
    name: "pratiko_exporter_connections_evicted_total",
    kind: Kind::Counter,
    scope: Scope::Instance,
    unit: Unit::Count,
    labels: &[],
    help: "Idle connections closed to admit new ones.",
    meaning: "Grows when more clients connect than `web.max_connections`.",
};

/// Requests refused for a missing or wrong credential.
pub static EXPORTER_UNAUTHORIZED_REQUESTS_TOTAL: Metric = Metric {
    name: "pratiko_exporter_unauthorized_requests_total",
    kind: Kind::Counter,
    scope: Scope::Instance,
    unit: Unit::Count,
    labels: &[],
    help: "Requests refused for a missing or wrong credential.",
    meaning: "A steady stream is a misconfigured client, or somebody trying.",
};

/// TLS handshakes that failed.
pub static EXPORTER_TLS_FAILURES_TOTAL: Metric = Metric {
    name: "pratiko_exporter_tls_failures_total",
    kind: Kind::Counter,
    scope: Scope::Instance,
    unit: Unit::Count,
    labels: &[],
    help: "TLS handshakes that failed.",
    meaning: "A steady stream is a client with the wrong certificate or version.",
};

const SOURCE: Label =
    Label { name: "source", values: LabelValues::Described("the databases in `sources.sql`") };
const QUERY: Label = Label { name: "query", values: LabelValues::Described("the queries of that database") };

/// When everything new was last read from a query of an application's tables.
pub static SOURCE_LAST_SUCCESS_TIMESTAMP_SECONDS: Metric = Metric {
    name: "pratiko_source_last_success_timestamp_seconds",
    kind: Kind::Gauge,
    scope: Scope::Instance,
    unit: Unit::Seconds,
    labels: &[SOURCE, QUERY],
    help: "When everything new was last read from a query of an application's tables, as seconds since 1970.",
    meaning: "Sources and queries are those of `sources.sql`. Absent until a query was read to its end for the first time since the start. A round in which every row was rejected does not count.",
};

/// Rounds in which a query of an application's tables could not be read.
pub static SOURCE_FAILURES_TOTAL: Metric = Metric {
    name: "pratiko_source_failures_total",
    kind: Kind::Counter,
    scope: Scope::Instance,
    unit: Unit::Count,
    labels: &[SOURCE, QUERY],
    help: "Rounds in which a query of an application's tables could not be read.",
    meaning: "Others go on: a query that fails or takes too long costs its own freshness and nothing else. A round in which every row was rejected counts. The log says why.",
};

pub(super) static ALL: &[&Metric] = &[
    &LEDGER_UP,
    &LEDGER_SNAPSHOT_AGE_SECONDS,
    &LEDGER_LAST_EVENT_AGE_SECONDS,
    &LEDGER_SIZE_BYTES,
    &LEDGER_QUEUED_EVENTS,
    &LEDGER_COMMIT_DURATION_SECONDS,
    &LEDGER_COMMIT_FAILURES_TOTAL,
    &LEDGER_REFRESH_DURATION_SECONDS,
    &INGEST_EVENTS_TOTAL,
    &INGEST_REQUEST_DURATION_SECONDS,
    &INGEST_REFUSED_REQUESTS_TOTAL,
    &STRIPE_WEBHOOKS_TOTAL,
    &STRIPE_UNRESOLVED_TOTAL,
    &SOURCE_LAST_SUCCESS_TIMESTAMP_SECONDS,
    &SOURCE_FAILURES_TOTAL,
    &EXPORTER_RATES_READS_TOTAL,
    &EXPORTER_RATES_CONFLICTS_TOTAL,
    &EXPORTER_RATES_READ_AGE_SECONDS,
    &EXPORTER_BUILD_INFO,
    &EXPORTER_SCRAPE_DURATION_SECONDS,
    &EXPORTER_COLLECTOR_SKIPPED_TOTAL,
    &EXPORTER_WEB_CONFIG_OK,
    &EXPORTER_PRICES_OK,
    &EXPORTER_PRICES_RELOAD_FAILURES_TOTAL,
    &EXPORTER_OPEN_TO_NETWORK,
    &EXPORTER_CONNECTIONS,
    &EXPORTER_CONNECTIONS_EVICTED_TOTAL,
    &EXPORTER_UNAUTHORIZED_REQUESTS_TOTAL,
    &EXPORTER_TLS_FAILURES_TOTAL,
];
