//! How observations are distributed: counts in buckets, and their sum.

use std::sync::Arc;

use super::block::Cells;
use super::exemplars::Exemplars;
use super::quantity::Quantity;
use super::scale::Scale;
use crate::exposition::{Exemplar, TraceId, Value};

/// How observations are distributed: of durations ([`Duration`](std::time::Duration), shown in
/// seconds), of whole numbers (`u64`), of money or of anything (`f64`).
///
/// A clone is the same histogram. Durations, money and whole numbers are summed exactly, as integers.
/// Recording never blocks, allocates or panics; what is negative, no finite number or far too large for
/// one record ([`Quantity`]) is refused and counted.
///
/// ```
/// use std::time::Duration;
/// use pratiko_metrics::exposition::Format;
/// use pratiko_metrics::{Buckets, Definition, Registry};
///
/// let registry = Registry::new();
/// let definition = Definition::new("thumbnail_duration_seconds", "Time to make a thumbnail.");
/// let thumbnails = registry.histogram::<Duration>(definition, Buckets::new(&[0.1, 1.0])?)?;
/// thumbnails.record(Duration::from_millis(250));
/// assert!(registry.text(Format::Text).contains("thumbnail_duration_seconds_sum 0.25\n"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct Histogram<Q: Quantity = std::time::Duration> {
    cells: Cells,
    scale: Arc<Scale>,
    exemplars: Option<Arc<Exemplars>>,
    quantity: std::marker::PhantomData<Q>,
}

impl<Q: Quantity> Histogram<Q> {
    pub(crate) fn at(cells: Cells, scale: &Arc<Scale>) -> Self {
        let exemplars = scale.keeps_exemplars().then(|| Arc::new(Exemplars::new(scale.buckets())));
        Self { cells, scale: Arc::clone(scale), exemplars, quantity: std::marker::PhantomData }
    }

    /// Adds one observation.
    #[inline]
    pub fn record(&self, observed: Q) {
        match observed.word() {
            Some(word) => self.add(word),
            None => self.cells.refuse(),
        }
    }

    /// Adds one observation and keeps its trace as the example of its bucket. Without
    /// [`Buckets::with_exemplars`](crate::Buckets::with_exemplars) the trace is forgotten.
    pub fn record_with_trace(&self, observed: Q, trace: TraceId) {
        let Some(word) = observed.word() else { return self.cells.refuse() };
        self.add(word);
        if let Some(exemplars) = &self.exemplars {
            exemplars.keep(self.scale.bucket(word), word, trace);
        }
    }

    /// Counts something that cannot be recorded here.
    pub(crate) fn refuse(&self) {
        self.cells.refuse();
    }

    #[inline]
    fn add(&self, word: u64) {
        self.cells.add(self.scale.bucket(word), 1);
        Q::add(&self.cells, self.scale.buckets(), word);
    }

    /// What was observed so far, by all threads.
    pub fn reading(&self) -> HistogramReading {
        let buckets = self.scale.buckets();
        HistogramReading {
            counts: (0..buckets).map(|bucket| self.cells.slots(bucket).sum()).collect(),
            sum: Q::total(self.cells.slots(buckets)),
        }
    }

    pub(crate) fn each_bucket(&self, mut see: impl FnMut(&str, u64, Option<Exemplar>)) -> (u64, Value) {
        let mut cumulative = 0;
        for (bucket, rendered) in self.scale.rendered().iter().enumerate() {
            cumulative += self.cells.slots(bucket).sum::<u64>();
            let exemplar = self.exemplars.as_ref().and_then(|exemplars| exemplars.get::<Q>(bucket));
            see(rendered, cumulative, exemplar);
        }
        (cumulative, Q::total(self.cells.slots(self.scale.buckets())))
    }
}

/// What a histogram has observed.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct HistogramReading {
    /// How many observations each bucket has, not cumulative; the last is above every bound.
    pub counts: Vec<u64>,
    /// Their sum.
    pub sum: Value,
}

impl HistogramReading {
    /// How many observations there are.
    pub fn count(&self) -> u64 {
        self.counts.iter().sum()
    }
}
