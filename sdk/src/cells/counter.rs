//! A total that only grows.

use super::block::Cells;
use super::quantity::Quantity;
use crate::exposition::Value;

/// A total that only grows: of events (`u64`), of money ([`Money`](pratiko_domain::money::Money), in
/// euro, exact), of time ([`Duration`](std::time::Duration), in seconds) or of anything (`f64`).
///
/// A clone is the same counter. Adding takes a few nanoseconds, also when every thread does it at
/// once; it never blocks, allocates or panics. What is negative, no finite number or far too large for
/// one record ([`Quantity`]) is refused and counted (`pratiko_metrics_refused_total`).
///
/// ```
/// use pratiko_metrics::{Definition, Registry};
/// use pratiko_metrics::exposition::Format;
///
/// let registry = Registry::new();
/// let jobs = registry.counter::<u64>(Definition::new("jobs_total", "Jobs done."))?;
/// jobs.increment();
/// jobs.add(2);
/// assert!(registry.text(Format::Text).contains("jobs_total 3\n"));
/// # Ok::<(), pratiko_metrics::RegisterError>(())
/// ```
#[derive(Debug, Clone)]
pub struct Counter<Q: Quantity = u64> {
    cells: Cells,
    quantity: std::marker::PhantomData<Q>,
}

impl<Q: Quantity> Counter<Q> {
    pub(crate) fn at(cells: Cells) -> Self {
        Self { cells, quantity: std::marker::PhantomData }
    }

    /// Adds `more`.
    #[inline]
    pub fn add(&self, more: Q) {
        match more.word() {
            Some(word) => Q::add(&self.cells, 0, word),
            None => self.cells.refuse(),
        }
    }

    /// What was added so far, by all threads.
    pub fn value(&self) -> Value {
        Q::total(self.cells.slots(0))
    }
}

impl Counter<u64> {
    /// Adds one.
    #[inline]
    pub fn increment(&self) {
        self.cells.add(0, 1);
    }
}
