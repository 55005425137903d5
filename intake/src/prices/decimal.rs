//! Decimals of price lists, exactly as they are written.

use pratiko_domain::money::{Money, ParseMoneyError};

/// Why a text is not an exact amount.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum InexactDecimal {
    #[error(transparent)]
    NotADecimal(#[from] ParseMoneyError),
    #[error("it has more than nine decimals")]
    TooFine,
}

/// The decimal `text` times 10 to the power of `shift`, refused if it has digits below 10⁻⁹.
pub(super) fn exact(text: &str, shift: i32) -> Result<Money, InexactDecimal> {
    let (digits, exponent) = match text.split_once(['e', 'E']) {
        Some((digits, exponent)) => {
            (digits, exponent.parse::<i32>().map_err(|_| ParseMoneyError::NotADecimal)?)
        }
        None => (text, 0),
    };
    let exponent = exponent.saturating_add(shift);
    let amount = format!("{digits}e{exponent}").parse::<Money>()?;
    // Digits below a nano would have been rounded away.
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let all: String = [whole.trim_start_matches('-'), fraction].concat();
    let significant = all.trim_end_matches('0');
    let lowest = i64::from(exponent) - fraction.len() as i64 + (all.len() - significant.len()) as i64;
    if !significant.trim_start_matches('0').is_empty() && lowest < -9 {
        return Err(InexactDecimal::TooFine);
    }
    Ok(amount)
}

/// The same for numbers that a program wrote as binary floats: where there are more digits than such
/// a float keeps, they are its noise, and the decimal that was meant is the one of twelve digits.
pub(super) fn meant(text: &str, shift: i32) -> Result<Money, InexactDecimal> {
    let digits = text.split(['e', 'E']).next().unwrap_or(text);
    let significant = digits.bytes().filter(u8::is_ascii_digit).skip_while(|digit| *digit == b'0').count();
    if significant <= 15 {
        return exact(text, shift);
    }
    let number: f64 = text.parse().map_err(|_| ParseMoneyError::NotADecimal)?;
    exact(&format!("{number:.11e}"), shift)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_price_per_token_becomes_one_per_million_exactly() {
        for (text, expected) in [
            ("1.25e-06", "1.25"),
            ("2.5e-7", "0.25"),
            ("0.0000003", "0.3"),
            ("0", "0"),
            ("1.8125E-08", "0.018125"),
            ("1e-15", "0.000000001"),
        ] {
            assert_eq!(exact(text, 6).unwrap().to_string(), expected, "{text}");
        }
        assert_eq!(exact("1.5e-15", 6), Err(InexactDecimal::TooFine));
        assert_eq!(exact("1.50e-14", 6).unwrap().to_string(), "0.000000015");
        assert!(exact("x", 6).is_err() && exact("1e", 6).is_err() && exact("1e9e9", 6).is_err());
    }

    #[test]
    fn the_noise_of_binary_floats_is_left_out() {
        assert_eq!(meant("3.5000000000000004e-07", 6).unwrap().to_string(), "0.35");
        assert_eq!(meant("0.30000000000000004", 0).unwrap().to_string(), "0.3");
        assert_eq!(meant("1.23456e-06", 6).unwrap().to_string(), "1.23456");
    }
}
