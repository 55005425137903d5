//! What a family is called and what it says of itself.

use std::borrow::Cow;

use crate::catalogue::Metric;
use crate::series::MOST_SERIES;

/// What a family is called, and its help on the page.
///
/// ```
/// use pratiko_metrics::{Definition, catalogue};
///
/// let ours = Definition::from(&catalogue::CACHE_REQUESTS_TOTAL);
/// let yours = Definition::new("jobs_total", "Jobs done.").with_most_series(100);
/// # let _ = (ours, yours);
/// ```
#[derive(Debug, Clone)]
pub struct Definition {
    pub(crate) name: Cow<'static, str>,
    pub(crate) help: Cow<'static, str>,
    pub(crate) most_series: u32,
}

impl Definition {
    /// A family of this name. Names end in their unit (`_seconds`, `_bytes`, `_eur`), those of counters
    /// in `_total` after it.
    pub fn new(name: impl Into<Cow<'static, str>>, help: impl Into<Cow<'static, str>>) -> Self {
        Self { name: name.into(), help: help.into(), most_series: MOST_SERIES }
    }

    /// The most series that it may have if a label takes any text; 10,000 unless told otherwise. What
    /// comes later is counted under `other`.
    #[must_use]
    pub fn with_most_series(self, most: u32) -> Self {
        Self { most_series: most, ..self }
    }
}

impl From<&'static Metric> for Definition {
    fn from(metric: &'static Metric) -> Self {
        Self::new(metric.name, metric.help)
    }
}
