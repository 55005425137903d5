//! How reading from an application's tables goes.

use pratiko_domain::time::Timestamp;
use pratiko_metrics::{Counter, Family, Gauge, Registry, catalogue};

use super::OwnMetricsError;

pratiko_metrics::labels! {
    struct QueryLabels<'a> {
        source: &'a str,
        query: &'a str,
    }
}

/// Tells how reading from an application's tables goes, query by query.
#[derive(Debug, Clone)]
pub struct SourceCounts {
    last_success: Family<Gauge<f64>, QueryLabels<'static>>,
    failures: Family<Counter, QueryLabels<'static>>,
}

impl SourceCounts {
    /// Counts that are on the pages of `registry`.
    pub fn register(registry: &Registry) -> Result<Self, OwnMetricsError> {
        Ok(Self {
            last_success: registry.gauges(&catalogue::SOURCE_LAST_SUCCESS_TIMESTAMP_SECONDS)?,
            failures: registry.counters(&catalogue::SOURCE_FAILURES_TOTAL)?,
        })
    }

    /// A query is there, so that its first failure is seen as one.
    pub fn expect(&self, source: &str, query: &str) {
        self.failures.with(&QueryLabels { source, query });
    }

    /// Everything new was read at `now`.
    pub fn succeeded(&self, source: &str, query: &str, now: Timestamp) {
        self.last_success.with(&QueryLabels { source, query }).set(now.micros() as f64 / 1e6);
    }

    /// A round failed.
    pub fn failed(&self, source: &str, query: &str) {
        self.failures.with(&QueryLabels { source, query }).increment();
    }
}
