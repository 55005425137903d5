//! Amounts in a currency's smallest unit, as Stripe writes them.

use pratiko_domain::money::Money;

use super::field::Decimal;

/// Currencies without a smaller unit: an amount of 500 is ¥500. ISK and UGX have none either, and
/// stand in Stripe's API in hundredths all the same.
///
/// Source: Stripe, "Supported currencies", zero-decimal currencies and special cases.
const WITHOUT_DECIMALS: [&str; 15] =
    ["BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA", "PYG", "RWF", "VND", "VUV", "XAF", "XOF", "XPF"];

/// Currencies with thousandths.
const WITH_THREE_DECIMALS: [&str; 5] = ["BHD", "JOD", "KWD", "OMR", "TND"];

/// The code in capital letters, as our events have it.
pub fn currency(code: &str) -> String {
    code.to_ascii_uppercase()
}

/// How many decimals the smallest unit of a currency is.
fn decimals(currency: &str) -> i32 {
    if WITHOUT_DECIMALS.contains(&currency) {
        0
    } else if WITH_THREE_DECIMALS.contains(&currency) {
        3
    } else {
        2
    }
}

/// An amount in the smallest unit of a currency, given as three capital letters.
pub fn money(amount: i64, currency: &str) -> Money {
    let units_per_one = 10_i128.pow(decimals(currency).unsigned_abs());
    (Money::from_units(1) * i128::from(amount)).divided_by(units_per_one)
}

/// An amount with digits below the smallest unit.
pub fn decimal_money(amount: &Decimal, currency: &str) -> Option<Money> {
    amount.scaled(-decimals(currency))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_currency_has_its_own_smallest_unit() {
        let cases = [
            (1999, "EUR", "19.99"),
            (1, "USD", "0.01"),
            (500, "JPY", "500"),
            (500, "ISK", "5"),
            (500, "UGX", "5"),
            (5123, "KWD", "5.123"),
            (-50, "EUR", "-0.5"),
            (i64::MAX, "EUR", "92233720368547758.07"),
        ];
        for (amount, currency, expected) in cases {
            assert_eq!(money(amount, currency).to_string(), expected, "{currency}");
        }
    }

    #[test]
    fn digits_below_the_smallest_unit_are_kept() {
        let read = |text: &str| serde_json::from_str::<Decimal>(text).unwrap();
        assert_eq!(decimal_money(&read(r#""0.05""#), "USD").unwrap().to_string(), "0.0005");
        assert_eq!(decimal_money(&read(r#""0.5""#), "JPY").unwrap().to_string(), "0.5");
    }
}
