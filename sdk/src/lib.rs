//! Metrics of a Rust service that sells an AI feature by subscription: what its users cost, whether they
//! pay, whether it is fast. Under the same names and with the same meaning as the exporter's, for
//! Prometheus to read.
//!
//! ```
//! use pratiko_metrics::domain::event::TokenUsage;
//! use pratiko_metrics::exposition::Format;
//! use pratiko_metrics::{Metrics, Registry};
//!
//! let registry = Registry::new();
//! let metrics = Metrics::expose(&registry, Default::default())?;
//!
//! // Where the model is called:
//! let gpt = metrics.llm("openai", "gpt-5", "pro");
//! let mut call = gpt.start();
//! call.user("user-17").tokens(TokenUsage { input: 1200, output: 250, ..Default::default() });
//! call.cost_eur("0.0041".parse()?);
//! call.succeed();
//!
//! // Where Prometheus asks:
//! let page = registry.text(Format::Text);
//! assert!(page.contains(
//!     "pratiko_llm_cost_eur_total{provider=\"openai\",model=\"gpt-5\",plan=\"pro\"} 0.0041\n"
//! ));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What to take from where
//!
//! | you want to | take |
//! |---|---|
//! | say what your service does: calls to models, payments, subscriptions, caches, errors | [`Metrics`] |
//! | count something of your own | [`Registry::counter`], [`Registry::histogram`], … and [`labels!`] |
//! | serve `/metrics` | `serve`, `MetricsService` (feature `server`), a router (`axum-0-8`), or [`Registry::encode`] in a handler of yours |
//! | time every HTTP request against the promise of 5 s | `http` (feature `tower`) |
//! | put all this into a `prometheus::Registry` that you have | feature `prometheus-0-14` |
//! | have `process_*` metrics | feature `process` |
//! | test what your service records | [`Registry::value`], [`Registry::read`] |
//! | have the business figures of several instances together, and across restarts | `ship` (feature `ship`) |
//!
//! # Expose or ship
//!
//! [`Metrics::expose`] computes the business figures in this process: MRR, cost per user with its
//! distribution, payment success. That is right for one instance, whose restarts begin anew.
//! `Metrics::ship` sends the same facts to an exporter, which records each of them durably and once, and
//! computes the figures for all. The rest of the code is the same, and so are the dashboards. No fact is
//! counted by both.
//!
//! # Promises
//!
//! - Recording never panics, never waits for a scrape, and allocates nothing for a series or a user that is
//!   there; the first record of either takes a lock, and with business figures the first of a
//!   quarter-hour closes the one before. Threads do not contend: each adds to its own cells.
//! - Labels are types. Their values are enums, or texts with a cap past which they become `other`; a
//!   counter tells (`pratiko_metrics_folded_total`). Two different sets of labels are never one series.
//! - Totals never fall: what is negative, no number or absurdly large is refused and counted
//!   (`pratiko_metrics_refused_total`). Money is added as integers of 10⁻⁹ euro and written exactly.
//! - No user is a label, on a page or in a log.
//! - Registries are passed in. There is no hidden one; [`global`] is empty until you fill it.
//! - The core needs no runtime and few crates. Everything else is a feature, off by default.
//!
//! # Features
//!
//! `server`, `tower`, `axum-0-8`, `prometheus-0-14` (and `prometheus-protobuf`, which switches on that
//! crate's own feature), `process`, `ship` (and `ship-tls`, for exporters behind https). Those that put another crate's types
//! into this one's interface carry its version in their name, so that the next version can stand beside
//! it. The oldest Rust that this crate compiles with is in its manifest; raising it is no breaking change.
//!
//! Structs that are filled in by their users ([`AccountSettings`], [`LlmRecord`], `ship::ShipSettings`) may get
//! further fields: end them with `..Default::default()`.
//!
//! [`domain`] is the crate of the business events and of money; what it holds is part of this crate's
//! interface.

#![forbid(unsafe_code)]
#![deny(missing_docs)]

pub mod business;
pub mod catalogue;
mod cells;
mod clock;
pub mod exposition;
#[cfg(any(feature = "tower", feature = "axum-0-8", feature = "server"))]
pub mod http;
#[cfg(feature = "process")]
mod process;
#[cfg(feature = "prometheus-0-14")]
mod prometheus;
mod recorders;
mod registry;
mod series;
#[cfg(feature = "ship")]
pub mod ship;

#[cfg(feature = "server")]
pub use crate::http::{Server, serve};
pub use business::AccountSettings;
pub use cells::{
    Buckets, BucketsError, Counter, Entered, Gauge, Histogram, HistogramReading, Instrument, Level, Quantity,
    UpDownCounter,
};
pub use clock::SystemClock;
pub use pratiko_domain as domain;
#[cfg(feature = "process")]
pub use process::ProcessMetrics;
#[cfg(feature = "prometheus-0-14")]
pub use prometheus::PrometheusCollector;
pub use recorders::{
    AuthOutcome, Cache, CacheResult, GdprRequest, LlmCall, LlmCalls, LlmRecord, Metrics, Operation,
    OperationOutcome, OperationTimer, RecordError,
};
pub use registry::{
    AlreadySet, Definition, FamilyHealth, FamilyName, RegisterError, Registry, Source, global, set_global,
};
pub use series::{Family, LabelValue, Labels, NoLabels};
