//! Whatever else the product does: how often, how long, with what outcome.

use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::catalogue::{OPERATION_DURATION_SECONDS, OPERATIONS_TOTAL};
use crate::cells::{Buckets, Counter, Histogram};
use crate::registry::{Definition, Source};
use crate::series::Family;

crate::label_values! {
    /// How an operation ended.
    pub enum OperationOutcome {
        /// As it should.
        Success = "success",
        /// With an error.
        Error = "error",
        /// Without an end: its future was dropped, or it panicked.
        Abandoned = "abandoned",
    }
}

crate::labels! {
    struct OperationLabels<'a> { operation: &'a str, outcome: OperationOutcome }
}

/// All operations (`pratiko_operations_total`, `pratiko_operation_duration_seconds`).
#[derive(Debug, Clone)]
pub(super) struct Operations {
    counts: Family<Counter, OperationLabels<'static>>,
    durations: Family<Histogram<Duration>, OperationLabels<'static>>,
}

impl Operations {
    pub fn new() -> Self {
        let definition = |metric| Definition::from(metric).with_most_series(300);
        let buckets = Buckets::operation_durations();
        Self {
            counts: Family::new(definition(&OPERATIONS_TOTAL), ()),
            durations: Family::new(definition(&OPERATION_DURATION_SECONDS), buckets),
        }
    }

    pub fn sources(&self) -> [Arc<dyn Source>; 2] {
        [self.counts.source(), self.durations.source()]
    }

    pub fn operation(&self, operation: &str) -> Operation {
        let ended = |outcome| {
            let labels = OperationLabels { operation, outcome };
            (self.counts.with(&labels).clone(), self.durations.with(&labels).clone())
        };
        Operation(Arc::new([
            ended(OperationOutcome::Success),
            ended(OperationOutcome::Error),
            ended(OperationOutcome::Abandoned),
        ]))
    }
}

/// One thing that the product does. See [`Metrics::operation`](crate::Metrics::operation).
#[derive(Debug, Clone)]
pub struct Operation(Arc<[(Counter, Histogram<Duration>); 3]>);

impl Operation {
    /// Starts the clock. An operation that is neither [`succeed`](OperationTimer::succeed)ed nor
    /// [`fail`](OperationTimer::fail)ed is recorded as abandoned when its timer is dropped.
    pub fn start(&self) -> OperationTimer {
        OperationTimer { operation: self.clone(), started: Instant::now(), is_ended: false }
    }

    /// Runs `work` and records how long it took and whether it was an error.
    ///
    /// ```
    /// # use pratiko_metrics::{Metrics, Registry};
    /// # let metrics = Metrics::expose(&Registry::new(), Default::default())?;
    /// let parsing = metrics.operation("invoice_parsing");
    /// let number = parsing.run(|| "17".parse::<u32>());
    /// assert_eq!(number, Ok(17));
    /// # Ok::<(), pratiko_metrics::RegisterError>(())
    /// ```
    pub fn run<T, E>(&self, work: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
        let timer = self.start();
        let result = work();
        timer.end(&result);
        result
    }

    /// The same for a future. One that is dropped before its end is recorded as abandoned.
    pub async fn run_async<T, E>(&self, work: impl Future<Output = Result<T, E>>) -> Result<T, E> {
        let timer = self.start();
        let result = work.await;
        timer.end(&result);
        result
    }

    /// Records an operation that somebody else has timed.
    #[inline]
    pub fn record(&self, outcome: OperationOutcome, took: Duration) {
        let (count, durations) = &self.0[outcome as usize];
        count.increment();
        durations.record(took);
    }
}

/// An operation on its way. See [`Operation::start`].
#[derive(Debug)]
#[must_use = "it times for as long as it is kept"]
pub struct OperationTimer {
    operation: Operation,
    started: Instant,
    is_ended: bool,
}

impl OperationTimer {
    /// Records that it succeeded.
    pub fn succeed(self) {
        self.record(OperationOutcome::Success);
    }

    /// Records that it failed.
    pub fn fail(self) {
        self.record(OperationOutcome::Error);
    }

    fn end<T, E>(self, result: &Result<T, E>) {
        self.record(if result.is_ok() { OperationOutcome::Success } else { OperationOutcome::Error });
    }

    fn record(mut self, outcome: OperationOutcome) {
        self.is_ended = true;
        self.operation.record(outcome, self.started.elapsed());
    }
}

impl Drop for OperationTimer {
    fn drop(&mut self) {
        if !self.is_ended {
            self.operation.record(OperationOutcome::Abandoned, self.started.elapsed());
        }
    }
}
