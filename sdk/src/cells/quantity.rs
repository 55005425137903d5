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
/// The same becomes of a single whole number above 2⁵³, from which on Prometheus, whose numbers are
/// floats, does not tell one from its neighbours, and of a single amount above what an event may carry
/// (9.2 billion euro).
///
/// A total that is full stays where it is: that of whole numbers at 2⁶⁴ − 1, that of durations at 584
/// years, that of floats at the greatest one. What each slot of a series holds ends there too, so that
/// a total of money can stay at 18.4 billion euro, where all of it was recorded by one thread.
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

    /// The greatest whole number of one record.
    const MOST_IN_A_RECORD: u64 = 1 << 53;

    /// How a quantity is kept in words of 64 bits.
    pub trait Sealed: Sized {
        /// Whether refusals are to be expected, and shown also while there are none.
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
            (self <= MOST_IN_A_RECORD).then_some(self)
        }
        fn bound(shown: f64) -> u64 {
            shown as u64
        }
        fn total(slots: impl Iterator<Item = u64>) -> Value {
            Value::Unsigned(slots.fold(0, u64::saturating_add))
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
            cells.update(at, |now| (Self::from_bits(now) + more).min(Self::MAX).to_bits());
        }
        fn total(slots: impl Iterator<Item = u64>) -> Value {
            Value::Float(slots.map(Self::from_bits).sum::<Self>().min(Self::MAX))
        }
    }

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
