//! One rate: how many units of a currency one euro buys.

use std::fmt;
use std::str::FromStr;

use crate::money::{Money, NANOS_PER_UNIT};

/// How many units of a currency one euro buys, exact to 10⁻⁹.
///
/// ```
/// use pratiko_domain::currency::Rate;
///
/// let dollars_per_euro: Rate = "1.0823".parse()?;
/// assert_eq!(dollars_per_euro.to_string(), "1.0823");
/// # Ok::<(), pratiko_domain::currency::InvalidRate>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Rate(i64);

/// A number is not a rate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidRate {
    /// Not a decimal number.
    #[error("not a decimal number like 1.0823")]
    NotADecimal,
    /// Zero, negative, or so far from one that it is a mistake.
    #[error("not between 0.000001 and 100000000 units per euro")]
    OutOfRange,
}

impl Rate {
    /// The least that is believed: a unit worth a million euro.
    const LEAST: i128 = NANOS_PER_UNIT / 1_000_000;
    /// The most that is believed: a hundred million units for one euro.
    const MOST: i128 = 100_000_000 * NANOS_PER_UNIT;

    /// A rate of this many 10⁻⁹ of a unit per euro.
    pub fn from_nanos(nanos: i64) -> Result<Self, InvalidRate> {
        let believed = (Self::LEAST..=Self::MOST).contains(&i128::from(nanos));
        believed.then_some(Self(nanos)).ok_or(InvalidRate::OutOfRange)
    }

    /// In 10⁻⁹ of a unit per euro; always above zero.
    pub const fn nanos(self) -> i64 {
        self.0
    }
}

/// Reads a decimal. Digits below 10⁻⁹ are rounded once, half to even.
impl FromStr for Rate {
    type Err = InvalidRate;

    fn from_str(text: &str) -> Result<Self, InvalidRate> {
        use crate::money::ParseMoneyError;
        let units: Money = text.parse().map_err(|error| match error {
            ParseMoneyError::NotADecimal => InvalidRate::NotADecimal,
            ParseMoneyError::TooLarge => InvalidRate::OutOfRange,
        })?;
        Self::from_nanos(units.to_stored().ok_or(InvalidRate::OutOfRange)?)
    }
}

/// The shortest exact decimal.
impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Money::from_nanos(i128::from(self.0)).fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_are_read_exactly() {
        for text in ["1.0823", "0.87", "17893.1", "1", "0.000001", "100000000", "0.123456789"] {
            assert_eq!(text.parse::<Rate>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn what_cannot_be_a_rate_is_refused() {
        for text in ["0", "-1.08", "0.0000009", "100000001", "1e30", "9999999999999", "1e300"] {
            assert_eq!(text.parse::<Rate>(), Err(InvalidRate::OutOfRange), "{text}");
        }
        for text in ["", "N/A", "NaN", "inf", "1,08", "1.08 "] {
            assert_eq!(text.parse::<Rate>(), Err(InvalidRate::NotADecimal), "{text}");
        }
    }
}
