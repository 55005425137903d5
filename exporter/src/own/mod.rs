//! What the exporter says of itself: its process, its listener, the ledger's health, what it was sent.

mod exporter;
mod ingest;
mod ledger;
mod rates;
mod sources;

pub use exporter::ExporterSource;
pub use ingest::{IngestCounts, IngestResult, IngestSource, Refused, Unresolved, WebhookResult};
pub use ledger::LedgerSource;
pub use rates::RatesReadSource;
pub use sources::SourceCounts;

use pratiko_metrics::{BucketsError, ProcessMetrics, RegisterError, Registry};

/// What the exporter says of itself, in two parts: a scrape can leave out the business.
#[derive(Debug)]
pub struct OwnMetrics {
    /// Of the program, its process and its listener.
    pub exporter: Registry,
    /// Of the ledger, and of what it was sent.
    pub ledger: Registry,
    /// Counts what is sent.
    pub ingest: IngestCounts,
    /// Tells how reading from tables goes.
    pub sources: SourceCounts,
}

/// Why there are no metrics of the exporter's own.
#[derive(Debug, thiserror::Error)]
pub enum OwnMetricsError {
    /// Families that cannot stand on one page.
    #[error(transparent)]
    Register(#[from] RegisterError),
    /// Bounds that make no buckets.
    #[error(transparent)]
    Buckets(#[from] BucketsError),
}

impl OwnMetrics {
    /// Registers everything, in the order of the page.
    pub fn new(
        exporter: ExporterSource,
        ledger: LedgerSource,
        rates: Option<RatesReadSource>,
    ) -> Result<Self, OwnMetricsError> {
        let of_exporter = Registry::new();
        of_exporter.register(exporter)?;
        of_exporter.register(ProcessMetrics::new())?;
        let of_ledger = Registry::new();
        let ingest = IngestCounts::register(&of_ledger)?;
        of_ledger.register(ledger)?;
        if let Some(rates) = rates {
            of_ledger.register(rates)?;
        }
        let sources = SourceCounts::register(&of_ledger)?;
        Ok(Self { exporter: of_exporter, ledger: of_ledger, ingest, sources })
    }
}
