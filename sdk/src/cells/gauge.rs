//! Values that go up and down.

use std::time::Duration;

use pratiko_domain::money::Money;

use super::block::Cells;
use crate::exposition::Value;

/// A value that is set: the size of a queue, the age of a file.
///
/// A clone is the same gauge. It is on no page before it is first set, nor once it is cleared: what is
/// not known is absent, and not zero. For what is counted up and down by many threads, such as requests in
/// flight, take an [`UpDownCounter`], which they do not contend for.
///
/// ```
/// use pratiko_metrics::{Definition, Registry};
/// use pratiko_metrics::exposition::Format;
///
/// let registry = Registry::new();
/// let waiting = registry.gauge::<u64>(Definition::new("jobs_waiting", "Jobs that wait."))?;
/// waiting.set(3);
/// assert!(registry.text(Format::Text).contains("jobs_waiting 3\n"));
/// waiting.clear();
/// assert_eq!(registry.text(Format::Text), "");
/// # Ok::<(), pratiko_metrics::RegisterError>(())
/// ```
#[derive(Debug, Clone)]
pub struct Gauge<G: Level = f64> {
    cells: Cells,
    level: std::marker::PhantomData<G>,
}

/// What a [`Gauge`] can be set to. Sealed: [`f64`], [`i64`], [`u64`], [`bool`] (1 or 0), [`Money`] (in
/// euro) and [`Duration`] (in seconds).
pub trait Level: Copy + Send + Sync + sealed::Sealed + 'static {}

impl<G: Level> Gauge<G> {
    pub(crate) fn at(cells: Cells) -> Self {
        Self { cells, level: std::marker::PhantomData }
    }

    /// Sets it.
    #[inline]
    pub fn set(&self, value: G) {
        self.cells.set(value.word());
    }

    /// Takes it off the page until it is set again: what it told is not known any more.
    #[inline]
    pub fn clear(&self) {
        self.cells.clear();
    }

    /// What it was set to the last time; `None` before that and once it is cleared.
    pub fn value(&self) -> Option<Value> {
        self.cells.get().map(G::value)
    }
}

/// A number of things that are there now, counted up and down by any number of threads: requests in
/// flight, open connections.
///
/// ```
/// use pratiko_metrics::{Definition, Registry};
///
/// let registry = Registry::new();
/// let open = registry.up_down_counter(Definition::new("connections", "Connections that are open."))?;
/// let connection = open.enter();
/// assert_eq!(open.value(), 1);
/// drop(connection);
/// assert_eq!(open.value(), 0);
/// # Ok::<(), pratiko_metrics::RegisterError>(())
/// ```
#[derive(Debug, Clone)]
pub struct UpDownCounter {
    cells: Cells,
}

impl UpDownCounter {
    pub(crate) fn at(cells: Cells) -> Self {
        Self { cells }
    }

    /// Adds `more`, which may be negative.
    #[inline]
    pub fn add(&self, more: i64) {
        self.cells.add_signed(0, more);
    }

    /// How many there are.
    pub fn value(&self) -> i64 {
        self.cells.slots(0).fold(0, u64::wrapping_add) as i64
    }

    /// Counts one more until the returned guard is dropped, in whatever thread.
    pub fn enter(&self) -> Entered {
        self.add(1);
        Entered(self.clone())
    }
}

/// Counts one less when it is dropped. See [`UpDownCounter::enter`].
#[derive(Debug)]
#[must_use = "it counts for as long as it is kept"]
pub struct Entered(UpDownCounter);

impl Drop for Entered {
    fn drop(&mut self) {
        self.0.add(-1);
    }
}

mod sealed {
    use crate::exposition::Value;

    pub trait Sealed {
        fn word(self) -> u64;
        fn value(word: u64) -> Value;
    }
}

macro_rules! level {
    ($type:ty, $value:ident => $to:expr, $word:ident => $from:expr) => {
        impl Level for $type {}
        impl sealed::Sealed for $type {
            #[inline]
            fn word(self) -> u64 {
                let $value = self;
                $to
            }
            fn value($word: u64) -> Value {
                $from
            }
        }
    };
}

level!(f64, value => value.to_bits(), word => Value::Float(f64::from_bits(word)));
level!(i64, value => value as u64, word => Value::Signed(word as i64));
level!(u64, value => value, word => Value::Unsigned(word));
level!(bool, value => u64::from(value), word => Value::Unsigned(word));
// Beyond ±9.2 billion euro it stays there.
level!(Money,
    value => value.nanos().clamp(i128::from(i64::MIN), i128::from(i64::MAX)) as i64 as u64,
    word => Value::Money(Money::from_nanos(i128::from(word as i64))));
level!(Duration,
    value => u64::try_from(value.as_nanos()).unwrap_or(u64::MAX),
    word => Value::Seconds(Duration::from_nanos(word)));
