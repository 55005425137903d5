//! The types of families.

use super::Format;

/// What a family's samples are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Kind {
    /// A total that only grows until the process (or its source) starts anew.
    Counter,
    /// A value that goes up and down.
    Gauge,
    /// Cumulative buckets, a sum and a count.
    Histogram,
    /// Quantiles computed where they were observed, a sum and a count.
    Summary,
    /// Nobody says what it is (node_exporter's `untyped`).
    Untyped,
}

impl Kind {
    /// Its name, as the text format has it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Counter => "counter",
            Self::Gauge => "gauge",
            Self::Histogram => "histogram",
            Self::Summary => "summary",
            Self::Untyped => "untyped",
        }
    }

    /// Its name in `format`.
    pub(super) fn name(self, format: Format) -> &'static str {
        match (self, format) {
            (Self::Untyped, Format::OpenMetrics) => "unknown",
            _ => self.word(),
        }
    }
}
