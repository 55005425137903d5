//! How observations are distributed: counts in buckets, and their sum.

use std::sync::Arc;

use super::block::Cells;
use super::exemplars::Exemplars;
use super::quantity::Quantity;
use crate::exposition::{Exemplar, TraceId, Value, render_bound};

/// Upper bounds of a histogram's buckets, each inclusive, in the unit that is shown; the bucket above
/// the last one is always there.
///
/// ```
/// use pratiko_metrics::Buckets;
///
/// assert!(Buckets::new(&[0.1, 1.0, 5.0]).is_ok());
/// assert!(Buckets::new(&[5.0, 1.0]).is_err());
/// ```
#[derive(Debug, Clone)]
pub struct Buckets(Arc<Shape>);

#[derive(Debug)]
struct Shape {
    bounds: Vec<f64>,
    /// `le="…"` of every bucket, `+Inf` included.
    rendered: Vec<Box<str>>,
    keeps_exemplars: bool,
}

/// Bounds that make no buckets.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum BucketsError {
    /// Not one bound.
    #[error("a histogram needs at least one bucket")]
    Empty,
    /// A bound is no number above zero.
    #[error("{0} is no bound: bounds are numbers above zero")]
    NotABound(f64),
    /// A bound is not above the one before it.
    #[error("the bound {next} does not exceed {before}, which comes before it")]
    NotAscending {
        /// The one before.
        before: f64,
        /// The one that does not exceed it.
        next: f64,
    },
}

impl Buckets {
    /// Buckets with these upper bounds.
    pub fn new(bounds: &[f64]) -> Result<Self, BucketsError> {
        if bounds.is_empty() {
            return Err(BucketsError::Empty);
        }
        if let Some(bound) = bounds.iter().find(|bound| !bound.is_finite() || **bound <= 0.0) {
            return Err(BucketsError::NotABound(*bound));
        }
        if let Some(pair) = bounds.windows(2).find(|pair| pair[1] <= pair[0]) {
            return Err(BucketsError::NotAscending { before: pair[0], next: pair[1] });
        }
        Ok(Self::of(bounds))
    }

    /// From bounds that are known to be in order.
    fn of(bounds: &[f64]) -> Self {
        let all = bounds.iter().copied().chain([f64::INFINITY]);
        Self(Arc::new(Shape {
            bounds: bounds.to_vec(),
            rendered: all.map(render_bound).collect(),
            keeps_exemplars: false,
        }))
    }

    /// The same buckets, each of which keeps the trace of its latest observation.
    #[must_use]
    pub fn with_exemplars(&self) -> Self {
        let Shape { bounds, rendered, .. } = &*self.0;
        Self(Arc::new(Shape { bounds: bounds.clone(), rendered: rendered.clone(), keeps_exemplars: true }))
    }

    /// For requests over HTTP, in seconds, with a bound at exactly 5 s. Source: OpenTelemetry's
    /// semantic conventions, `http.server.request.duration`.
    pub fn http_durations() -> Self {
        Self::of(&[0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0])
    }

    /// For calls to language models, in seconds. Source: OpenTelemetry's semantic conventions,
    /// `gen_ai.client.operation.duration`; and 5 s, which is the promise that answers are held to.
    pub fn llm_durations() -> Self {
        Self::of(&[
            0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.0, 5.12, 10.24, 20.48, 40.96, 81.92,
        ])
    }

    /// For the first pieces of streamed answers, in seconds. Source: OpenTelemetry's semantic
    /// conventions, `gen_ai.client.operation.time_to_first_chunk`.
    pub fn first_chunk_durations() -> Self {
        Self::of(&[
            0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0,
        ])
    }

    /// For tokens of one call. Source: OpenTelemetry's semantic conventions, `gen_ai.client.token.usage`.
    pub fn llm_tokens() -> Self {
        Self::of(&[
            1.0,
            4.0,
            16.0,
            64.0,
            256.0,
            1024.0,
            4096.0,
            16384.0,
            65536.0,
            262_144.0,
            1_048_576.0,
            4_194_304.0,
            16_777_216.0,
            67_108_864.0,
        ])
    }

    /// For the sizes of bodies, in bytes: 256 B to 64 MiB, each four times the one before.
    pub fn body_sizes() -> Self {
        Self::of(&[
            256.0,
            1024.0,
            4096.0,
            16384.0,
            65536.0,
            262_144.0,
            1_048_576.0,
            4_194_304.0,
            16_777_216.0,
            67_108_864.0,
        ])
    }

    /// For anything that takes from a millisecond to ten minutes, in seconds.
    pub fn operation_durations() -> Self {
        Self::of(&[
            0.001, 0.005, 0.01, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0, 600.0,
        ])
    }

    /// The upper bounds, without `+Inf`.
    pub fn bounds(&self) -> &[f64] {
        &self.0.bounds
    }

    /// How many words a series needs: a count for each bucket, and the sum.
    pub(crate) fn words(&self) -> usize {
        self.0.bounds.len() + 2
    }
}

/// How observations are distributed: of durations ([`Duration`](std::time::Duration), shown in
/// seconds), of whole numbers (`u64`), of money or of anything (`f64`).
///
/// A clone is the same histogram. Durations, money and whole numbers are summed exactly, as integers.
/// Recording never blocks, allocates or panics; what is negative or no finite number is refused and
/// counted.
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
    /// The bounds as words, to compare with what is recorded.
    bounds: Arc<[u64]>,
    buckets: Buckets,
    exemplars: Option<Arc<Exemplars>>,
    quantity: std::marker::PhantomData<Q>,
}

impl<Q: Quantity> Histogram<Q> {
    pub(crate) fn at(cells: Cells, buckets: &Buckets) -> Self {
        let bounds = buckets.bounds().iter().map(|bound| Q::bound(*bound)).collect();
        let exemplars =
            buckets.0.keeps_exemplars.then(|| Arc::new(Exemplars::new(buckets.bounds().len() + 1)));
        Self { cells, bounds, buckets: buckets.clone(), exemplars, quantity: std::marker::PhantomData }
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
    /// [`Buckets::with_exemplars`] the trace is forgotten.
    pub fn record_with_trace(&self, observed: Q, trace: TraceId) {
        let Some(word) = observed.word() else { return self.cells.refuse() };
        self.add(word);
        if let Some(exemplars) = &self.exemplars {
            exemplars.keep(self.bucket(word), word, trace);
        }
    }

    /// Counts something that cannot be recorded here.
    pub(crate) fn refuse(&self) {
        self.cells.refuse();
    }

    #[inline]
    fn add(&self, word: u64) {
        self.cells.add(self.bucket(word), 1);
        Q::add(&self.cells, self.bounds.len() + 1, word);
    }

    #[inline]
    fn bucket(&self, word: u64) -> usize {
        self.bounds.partition_point(|bound| *bound < word)
    }

    /// What was observed so far, by all threads.
    pub fn reading(&self) -> HistogramReading {
        let buckets = self.bounds.len() + 1;
        HistogramReading {
            counts: (0..buckets).map(|bucket| self.cells.slots(bucket).sum()).collect(),
            sum: Q::total(self.cells.slots(buckets)),
        }
    }

    pub(crate) fn each_bucket(&self, mut see: impl FnMut(&str, u64, Option<Exemplar>)) -> (u64, Value) {
        let mut cumulative = 0;
        for (bucket, rendered) in self.buckets.0.rendered.iter().enumerate() {
            cumulative += self.cells.slots(bucket).sum::<u64>();
            let exemplar = self.exemplars.as_ref().and_then(|exemplars| exemplars.get::<Q>(bucket));
            see(rendered, cumulative, exemplar);
        }
        (cumulative, Q::total(self.cells.slots(self.bounds.len() + 1)))
    }
}

/// What a histogram has observed.
#[derive(Debug, Clone, PartialEq)]
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
