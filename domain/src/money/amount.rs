//! The amount itself: addition, division with one rounding, and its decimal form.

use std::fmt;
use std::iter::Sum;
use std::ops::{Add, AddAssign, Mul, Neg, Sub, SubAssign};

/// How many nano-units make one unit of a currency (one euro, one dollar).
pub const NANOS_PER_UNIT: i128 = 1_000_000_000;

/// An exact amount in one currency, which the context names (a field `_eur`, a `currency` beside it).
///
/// Sums do not overflow in practice: 128 bits hold 1.7 × 10²⁹ units. Arithmetic saturates there
/// rather than wrapping, so that even an absurd sum keeps its sign.
///
/// ```
/// use pratiko_domain::money::Money;
///
/// let cost: Money = "0.001234567".parse()?;
/// assert_eq!((cost * 1000).to_string(), "1.234567");
/// // A yearly price as a month of revenue: one rounding, half to even.
/// assert_eq!(Money::from_units(100).divided_by(12).to_string(), "8.333333333");
/// # Ok::<(), pratiko_domain::money::ParseMoneyError>(())
/// ```
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Money(i128);

impl Money {
    /// Nothing.
    pub const ZERO: Self = Self(0);

    /// An amount from 10⁻⁹ of a unit.
    #[inline]
    pub const fn from_nanos(nanos: i128) -> Self {
        Self(nanos)
    }

    /// An amount of whole units.
    pub const fn from_units(units: i64) -> Self {
        Self(units as i128 * NANOS_PER_UNIT)
    }

    /// An amount of hundredths (cents).
    pub const fn from_cents(cents: i64) -> Self {
        Self(cents as i128 * (NANOS_PER_UNIT / 100))
    }

    /// The amount in 10⁻⁹ of a unit.
    #[inline]
    pub const fn nanos(self) -> i128 {
        self.0
    }

    /// The amount as the 64-bit integer that one stored amount must fit; `None` beyond ±9.2 billion units.
    #[inline]
    pub fn to_stored(self) -> Option<i64> {
        i64::try_from(self.0).ok()
    }

    /// Whether the amount is exactly zero.
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// Whether the amount is above zero.
    pub const fn is_positive(self) -> bool {
        self.0 > 0
    }

    /// Whether the amount is below zero.
    pub const fn is_negative(self) -> bool {
        self.0 < 0
    }

    /// The amount divided by `divisor`, rounded once, half to even; zero for a divisor of zero.
    #[must_use]
    pub fn divided_by(self, divisor: i128) -> Self {
        Self(divide_half_even(self.0, divisor))
    }

    /// `self × numerator ÷ denominator`, rounded once, half to even.
    ///
    /// Normalising a weekly price to a month is `price.scaled(52, 12)`.
    #[must_use]
    pub fn scaled(self, numerator: i128, denominator: i128) -> Self {
        Self(divide_half_even(self.0.saturating_mul(numerator), denominator))
    }

    /// `self ÷ other` as a plain number, for ratios; `None` when `other` is zero.
    pub fn ratio_to(self, other: Self) -> Option<f64> {
        (other.0 != 0).then(|| self.0 as f64 / other.0 as f64)
    }
}

/// Integer division that rounds to nearest and ties to the even quotient.
fn divide_half_even(dividend: i128, divisor: i128) -> i128 {
    if divisor == 0 {
        return 0;
    }
    let quotient = dividend.wrapping_div(divisor);
    let remainder = dividend.wrapping_rem(divisor);
    let twice = remainder.unsigned_abs().saturating_mul(2);
    let size = divisor.unsigned_abs();
    let away = twice > size || (twice == size && quotient % 2 != 0);
    if !away {
        quotient
    } else if (dividend < 0) == (divisor < 0) {
        quotient + 1
    } else {
        quotient - 1
    }
}

impl Add for Money {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl Sub for Money {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}

impl AddAssign for Money {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl SubAssign for Money {
    fn sub_assign(&mut self, other: Self) {
        *self = *self - other;
    }
}

impl Mul<i128> for Money {
    type Output = Self;
    fn mul(self, factor: i128) -> Self {
        Self(self.0.saturating_mul(factor))
    }
}

impl Neg for Money {
    type Output = Self;
    fn neg(self) -> Self {
        Self(self.0.saturating_neg())
    }
}

impl Sum for Money {
    fn sum<I: Iterator<Item = Self>>(amounts: I) -> Self {
        amounts.fold(Self::ZERO, Add::add)
    }
}

/// The shortest exact decimal: `12`, `0.5`, `-0.000000001`.
impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let size = self.0.unsigned_abs();
        let nanos_per_unit = NANOS_PER_UNIT.unsigned_abs();
        let (units, fraction) = (size / nanos_per_unit, size % nanos_per_unit);
        if self.is_negative() {
            f.write_str("-")?;
        }
        if fraction == 0 {
            return write!(f, "{units}");
        }
        let digits = format!("{fraction:09}");
        write!(f, "{units}.{}", digits.trim_end_matches('0'))
    }
}

impl fmt::Debug for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Money({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn division_rounds_half_to_even() {
        let halves = [(5, 2, 2), (7, 2, 4), (-5, 2, -2), (-7, 2, -4), (5, -2, -2), (6, 4, 2), (2, 4, 0)];
        for (dividend, divisor, expected) in halves {
            assert_eq!(divide_half_even(dividend, divisor), expected, "{dividend} / {divisor}");
        }
    }

    #[test]
    fn a_divisor_of_zero_gives_zero_and_no_panic() {
        assert_eq!(Money::from_units(5).divided_by(0), Money::ZERO);
        assert_eq!(Money::from_units(5).ratio_to(Money::ZERO), None);
    }

    #[test]
    fn an_absurd_sum_saturates_instead_of_wrapping() {
        let most = Money::from_nanos(i128::MAX);
        assert_eq!(most + most, most);
        assert!((most * 2).is_positive());
    }

    proptest! {
        #[test]
        fn the_decimal_form_reads_back_as_the_same_amount(nanos in -(1i128 << 100)..(1i128 << 100)) {
            let amount = Money::from_nanos(nanos);
            prop_assert_eq!(amount.to_string().parse::<Money>(), Ok(amount));
        }

        #[test]
        fn division_is_within_half_a_nano(dividend in -(1i128 << 90)..(1i128 << 90), divisor in 1i128..1_000_000) {
            let quotient = divide_half_even(dividend, divisor);
            let error = (dividend - quotient * divisor).abs() * 2;
            prop_assert!(error <= divisor);
        }

        #[test]
        fn sums_do_not_depend_on_their_order(mut nanos in proptest::collection::vec(-(1i128 << 80)..(1i128 << 80), 0..20)) {
            let forward: Money = nanos.iter().copied().map(Money::from_nanos).sum();
            nanos.reverse();
            let backward: Money = nanos.into_iter().map(Money::from_nanos).sum();
            prop_assert_eq!(forward, backward);
        }
    }
}
