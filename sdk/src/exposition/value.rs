//! A sample's value, written in the shortest form that reads back as the same number.

use std::time::Duration;

use pratiko_domain::money::Money;

/// A sample's value.
///
/// Integers and money are written exactly, digit by digit; only a float was ever a float.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum Value {
    /// A 64-bit float; NaN and the infinities are written `NaN`, `+Inf`, `-Inf`.
    Float(f64),
    /// A signed integer.
    Signed(i64),
    /// An unsigned integer.
    Unsigned(u64),
    /// An amount, as its exact decimal.
    Money(Money),
    /// A span of time in seconds, as its exact decimal.
    Seconds(Duration),
}

/// Floats from here on have gaps between whole numbers and keep their exponent.
const EXACT_WHOLE_FLOATS: f64 = 9_007_199_254_740_992.0;

impl Value {
    /// The number that Prometheus reads: money in its unit, time in seconds. It is the nearest float,
    /// and exact for whole numbers up to 2⁵³.
    ///
    /// ```
    /// use std::time::Duration;
    /// use pratiko_metrics::exposition::Value;
    ///
    /// assert_eq!(Value::from(Duration::from_millis(250)).as_f64(), 0.25);
    /// ```
    pub fn as_f64(self) -> f64 {
        const PER_UNIT: f64 = 1e9;
        match self {
            Self::Float(value) => value,
            Self::Signed(value) => value as f64,
            Self::Unsigned(value) => value as f64,
            Self::Money(value) => value.nanos() as f64 / PER_UNIT,
            Self::Seconds(value) => value.as_secs_f64(),
        }
    }

    pub(super) fn write(self, out: &mut Vec<u8>) {
        match self {
            Self::Float(value) => write_float(value, out),
            Self::Signed(value) => out.extend_from_slice(itoa::Buffer::new().format(value).as_bytes()),
            Self::Unsigned(value) => out.extend_from_slice(itoa::Buffer::new().format(value).as_bytes()),
            Self::Money(value) => write_nanos(value.is_negative(), value.nanos().unsigned_abs(), out),
            Self::Seconds(value) => write_nanos(false, value.as_nanos(), out),
        }
    }
}

/// Writes 10⁻⁹ of a unit as a decimal without trailing zeros.
fn write_nanos(negative: bool, nanos: u128, out: &mut Vec<u8>) {
    const PER_UNIT: u64 = 1_000_000_000;
    if negative {
        out.push(b'-');
    }
    // Dividing 128 bits takes many times as long.
    let fraction = if let Ok(nanos) = u64::try_from(nanos) {
        out.extend_from_slice(itoa::Buffer::new().format(nanos / PER_UNIT).as_bytes());
        nanos % PER_UNIT
    } else {
        out.extend_from_slice(itoa::Buffer::new().format(nanos / u128::from(PER_UNIT)).as_bytes());
        (nanos % u128::from(PER_UNIT)) as u64
    };
    if fraction != 0 {
        out.push(b'.');
        // A leading one keeps the zeros after the point.
        let mut buffer = itoa::Buffer::new();
        let digits = buffer.format(PER_UNIT + fraction);
        out.extend_from_slice(digits[1..].trim_end_matches('0').as_bytes());
    }
}

fn write_float(value: f64, out: &mut Vec<u8>) {
    if value.is_nan() {
        out.extend_from_slice(b"NaN");
    } else if value.is_infinite() {
        out.extend_from_slice(if value > 0.0 { b"+Inf" } else { b"-Inf" });
    } else if value.fract() == 0.0 && value.abs() < EXACT_WHOLE_FLOATS {
        out.extend_from_slice(itoa::Buffer::new().format(value as i64).as_bytes());
    } else {
        out.extend_from_slice(ryu::Buffer::new().format_finite(value).as_bytes());
    }
}

impl From<f64> for Value {
    fn from(value: f64) -> Self {
        Self::Float(value)
    }
}

impl From<i32> for Value {
    fn from(value: i32) -> Self {
        Self::Signed(i64::from(value))
    }
}

impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Self::Signed(value)
    }
}

impl From<u32> for Value {
    fn from(value: u32) -> Self {
        Self::Unsigned(u64::from(value))
    }
}

impl From<u64> for Value {
    fn from(value: u64) -> Self {
        Self::Unsigned(value)
    }
}

impl From<usize> for Value {
    fn from(value: usize) -> Self {
        Self::Unsigned(value as u64)
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Unsigned(u64::from(value))
    }
}

impl From<Duration> for Value {
    fn from(value: Duration) -> Self {
        Self::Seconds(value)
    }
}

impl From<Money> for Value {
    fn from(value: Money) -> Self {
        Self::Money(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn written(value: impl Into<Value>) -> String {
        let mut out = Vec::new();
        value.into().write(&mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn values_have_the_shortest_form() {
        assert_eq!(written(1.0), "1");
        assert_eq!(written(0.5), "0.5");
        assert_eq!(written(-0.25), "-0.25");
        assert_eq!(written(1e300), "1e300");
        assert_eq!(written(u64::MAX), "18446744073709551615");
        assert_eq!(written(true), "1");
        assert_eq!(written(f64::NAN), "NaN");
        assert_eq!(written(f64::INFINITY), "+Inf");
        assert_eq!(written(f64::NEG_INFINITY), "-Inf");
        assert_eq!(written(Money::from_nanos(2_083_333_333_333)), "2083.333333333");
    }

    #[test]
    fn seconds_are_written_to_the_nanosecond() {
        assert_eq!(written(Duration::from_nanos(30_500_000_001)), "30.500000001");
        assert_eq!(written(Duration::from_millis(20)), "0.02");
        assert_eq!(written(Duration::from_secs(u64::MAX)), u64::MAX.to_string());
    }

    #[test]
    fn values_are_numbers() {
        let values: [(Value, f64); 5] = [
            ((-0.5).into(), -0.5),
            ((-3_i64).into(), -3.0),
            (7_u64.into(), 7.0),
            (Money::from_cents(-1999).into(), -19.99),
            (Duration::from_millis(1_500).into(), 1.5),
        ];
        for (value, expected) in values {
            assert_eq!(value.as_f64(), expected, "{value:?}");
        }
    }

    proptest! {
        #[test]
        fn amounts_are_written_as_their_decimal(nanos in -(1i128 << 90)..(1i128 << 90)) {
            let amount = Money::from_nanos(nanos);
            prop_assert_eq!(written(amount), amount.to_string());
        }

        #[test]
        fn every_finite_float_reads_back_as_itself(value in proptest::num::f64::NORMAL | proptest::num::f64::ZERO) {
            prop_assert_eq!(written(value).parse::<f64>().unwrap(), value);
        }
    }
}
