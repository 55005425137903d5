//! What can be added up: numbers of things, amounts of money, spans of time.

use std::time::Duration;

use pratiko_domain::money::Money;

use crate::exposition::Value;

/// What a counter or a histogram adds up.
///
/// Whole numbers, money and durations are added as integers, exactly; a float as a float. None of
/// them takes a negative or infinite record: it is refused and counted
/// (`pratiko_metrics_refused_total`), as a client library must not let a total fall
/// (<https://prometheus.io/docs/instrumenting/writing_clientlibs/#counter>).
///
/// This trait is sealed: [`u64`], [`f64`], [`Money`] (in euro) and [`Duration`] (shown in seconds)
/// implement it.
pub trait Quantity: Copy + Send + Sync + sealed::Sealed + 'static {}

impl Quantity for u64 {}
impl Quantity for f64 {}
impl Quantity for Money {}
impl Quantity for Duration {}

pub(crate) mod sealed {
    use super::{Duration, Money, Value};
    use crate::cells::block::Cells;

    /// How a quantity is kept in words of 64 bits.
    pub trait Sealed: Sized {
        /// Whether there is anything to refuse.
        const CAN_REFUSE: bool;
        /// The word of a quantity; `None` for one that is refused. Words are ordered like quantities.
        fn word(self) -> Option<u64>;
        /// A bound of a histogram's bucket, in the unit that is shown, as a word.
        fn bound(shown: f64) -> u64;
        /// Adds a word to one of a series.
        #[inline]
        fn add(cells: &Cells, at: usize, word: u64) {
            cells.add(at, word);
        }
        /// What all slots hold together.
        fn total(slots: impl Iterator<Item = u64>) -> Value;
        /// A word as a value.
        fn value(word: u64) -> Value {
            Self::total(std::iter::once(word))
        }
    }

    impl Sealed for u64 {
        const CAN_REFUSE: bool = false;
        #[inline]
        fn word(self) -> Option<u64> {
            Some(self)
        }
        fn bound(shown: f64) -> u64 {
            shown as u64
        }
        fn total(slots: impl Iterator<Item = u64>) -> Value {
            Value::Unsigned(slots.fold(0, u64::wrapping_add))
        }
    }

    impl Sealed for f64 {
        const CAN_REFUSE: bool = true;
        #[inline]
        fn word(self) -> Option<u64> {
            // Positive floats are ordered like their bits; zero may come with a sign.
            (self.is_finite() && self >= 0.0).then(|| self.abs().to_bits())
        }
        fn bound(shown: f64) -> u64 {
            shown.to_bits()
        }
        #[inline]
        fn add(cells: &Cells, at: usize, word: u64) {
            let more = Self::from_bits(word);
            cells.update(at, |now| (Self::from_bits(now) + more).to_bits());
        }
        fn total(slots: impl Iterator<Item = u64>) -> Value {
            Value::Float(slots.map(Self::from_bits).sum())
        }
    }

    /// One record may hold as much as a stored amount: 9.2 billion euro.
    impl Sealed for Money {
        const CAN_REFUSE: bool = true;
        #[inline]
        fn word(self) -> Option<u64> {
            self.to_stored().and_then(|nanos| u64::try_from(nanos).ok())
        }
        fn bound(shown: f64) -> u64 {
            nanos(shown)
        }
        fn total(slots: impl Iterator<Item = u64>) -> Value {
            Value::Money(Money::from_nanos(slots.map(i128::from).sum()))
        }
    }

    /// 584 years are the most that one record may last.
    impl Sealed for Duration {
        const CAN_REFUSE: bool = false;
        #[inline]
        fn word(self) -> Option<u64> {
            u64::try_from(self.as_nanos()).ok()
        }
        fn bound(shown: f64) -> u64 {
            nanos(shown)
        }
        fn total(slots: impl Iterator<Item = u64>) -> Value {
            Value::Seconds(Self::from_nanos(slots.fold(0, u64::saturating_add)))
        }
    }

    fn nanos(shown: f64) -> u64 {
        (shown * 1e9).round() as u64
    }
}
