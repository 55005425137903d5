//! The metrics of a product that sells an AI service by subscription: their catalogue, and the
//! encoder of the two formats that a Prometheus server reads.
//!
//! ```
//! use pratiko_metrics::exposition::{Format, Kind, Page};
//!
//! let mut page = Page::new(Format::Text);
//! page.family("queue_length", Kind::Gauge, "Jobs that wait.").sample(&[("queue", "mail")], 3);
//! assert_eq!(
//!     String::from_utf8_lossy(&page.finish()),
//!     "# HELP queue_length Jobs that wait.\n# TYPE queue_length gauge\nqueue_length{queue=\"mail\"} 3\n"
//! );
//! ```

#![forbid(unsafe_code)]
#![deny(missing_docs)]

pub mod business;
pub mod catalogue;
mod cells;
pub mod exposition;
#[cfg(feature = "process")]
mod process;
#[cfg(feature = "prometheus-0-14")]
mod prometheus;
mod recorders;
mod registry;
mod series;

pub use cells::{
    Buckets, BucketsError, Counter, Entered, Gauge, Histogram, HistogramReading, Instrument, Level, Quantity,
    UpDownCounter,
};
pub use pratiko_domain as domain;
#[cfg(feature = "process")]
pub use process::ProcessMetrics;
#[cfg(feature = "prometheus-0-14")]
pub use prometheus::PrometheusCollector;
pub use recorders::{
    AuthOutcome, Cache, CacheResult, ExposeSettings, GdprRequest, LlmCall, LlmCalls, LlmRecord, Metrics,
    Operation, OperationOutcome, OperationTimer, RecordError,
};
pub use registry::{
    AlreadySet, Definition, FamilyHealth, FamilyName, RegisterError, Registry, Source, global, set_global,
};
pub use series::{Family, LabelValue, Labels, NoLabels};
