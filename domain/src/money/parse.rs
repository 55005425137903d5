//! Reading a decimal amount, exactly.

use std::str::FromStr;

use super::amount::Money;

/// Why a text is not an amount.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ParseMoneyError {
    /// Not digits with at most one point, with an optional sign and exponent.
    #[error("not a decimal amount; write it like \"12.34\"")]
    NotADecimal,
    /// More units than 128 bits hold.
    #[error("the amount is too large")]
    TooLarge,
}

/// Reads `12`, `-0.5`, `1.5e-3`. Digits below 10⁻⁹ are rounded once, half to even.
impl FromStr for Money {
    type Err = ParseMoneyError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (negative, unsigned) = match text.as_bytes().first() {
            Some(b'-') => (true, &text[1..]),
            _ => (false, text),
        };
        let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => {
                (mantissa, exponent.parse::<i32>().map_err(|_| ParseMoneyError::NotADecimal)?)
            }
            None => (unsigned, 0),
        };
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let digits = || whole.bytes().chain(fraction.bytes());
        if whole.is_empty() || !digits().all(|digit| digit.is_ascii_digit()) || mantissa.ends_with('.') {
            return Err(ParseMoneyError::NotADecimal);
        }
        let mut value: i128 = 0;
        for digit in digits() {
            value = value
                .checked_mul(10)
                .and_then(|value| value.checked_add(i128::from(digit - b'0')))
                .ok_or(ParseMoneyError::TooLarge)?;
        }
        // `value` counts units of 10^(exponent − fraction digits); nano-units are 10⁻⁹.
        let fraction_digits = i32::try_from(fraction.len()).map_err(|_| ParseMoneyError::TooLarge)?;
        let shift = exponent.saturating_sub(fraction_digits).saturating_add(9);
        let nanos = if value == 0 { 0 } else { scale_by_power_of_ten(value, shift)? };
        Ok(Money::from_nanos(if negative { -nanos } else { nanos }))
    }
}

fn scale_by_power_of_ten(value: i128, shift: i32) -> Result<i128, ParseMoneyError> {
    // The most that an i128 can move by: 38 decimal digits.
    let power = |digits: u32| 10_i128.checked_pow(digits);
    if shift >= 0 {
        power(shift.unsigned_abs())
            .and_then(|factor| value.checked_mul(factor))
            .ok_or(ParseMoneyError::TooLarge)
    } else {
        Ok(power(shift.unsigned_abs())
            .map_or(0, |divisor| Money::from_nanos(value).divided_by(divisor).nanos()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nanos(text: &str) -> Result<i128, ParseMoneyError> {
        text.parse::<Money>().map(Money::nanos)
    }

    #[test]
    fn decimals_are_read_exactly() {
        let cases = [
            ("0", 0),
            ("12", 12_000_000_000),
            ("-0.5", -500_000_000),
            ("0.000000001", 1),
            ("1.5e-3", 1_500_000),
            ("2E2", 200_000_000_000),
            ("0e99999", 0),
        ];
        for (text, expected) in cases {
            assert_eq!(nanos(text), Ok(expected), "{text}");
        }
    }

    #[test]
    fn digits_below_a_nano_round_half_to_even() {
        assert_eq!(nanos("0.0000000005"), Ok(0));
        assert_eq!(nanos("0.0000000015"), Ok(2));
        assert_eq!(nanos("0.00000000051"), Ok(1));
        assert_eq!(nanos("1e-400"), Ok(0));
    }

    #[test]
    fn what_is_not_a_decimal_is_refused() {
        for text in [
            "", "-", ".", "1.", ".5", "1,5", "+1", "NaN", "inf", "0x10", "1e", "1e1.5", " 1", "1 ", "--1",
            "1.2.3",
        ] {
            assert_eq!(nanos(text), Err(ParseMoneyError::NotADecimal), "{text:?}");
        }
    }

    #[test]
    fn what_is_too_large_is_refused() {
        for text in ["1e300", "999999999999999999999999999999999999999999", "1e2147483647"] {
            assert_eq!(nanos(text), Err(ParseMoneyError::TooLarge), "{text}");
        }
    }
}
