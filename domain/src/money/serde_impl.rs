//! Amounts in JSON: a decimal string, or a number as long as no digit of it can have been lost.

use std::fmt;

use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::Money;

/// A 64-bit float keeps every decimal of up to 15 significant digits, and not every longer one.
const DIGITS_A_FLOAT_KEEPS: usize = 15;

impl Serialize for Money {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Money {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(MoneyVisitor)
    }
}

struct MoneyVisitor;

impl Visitor<'_> for MoneyVisitor {
    type Value = Money;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an amount as a decimal string like \"12.34\", or as a number")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Money, E> {
        text.parse().map_err(E::custom)
    }

    fn visit_i64<E: Error>(self, units: i64) -> Result<Money, E> {
        Ok(Money::from_units(units))
    }

    fn visit_u64<E: Error>(self, units: u64) -> Result<Money, E> {
        units.to_string().parse().map_err(E::custom)
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Money, E> {
        let shortest = format!("{number:e}");
        let significant = shortest.split('e').next().unwrap_or("").bytes().filter(u8::is_ascii_digit).count();
        if significant > DIGITS_A_FLOAT_KEEPS {
            return Err(E::custom(
                "the number has more digits than JSON readers keep; send it as a string like \"12.34\"",
            ));
        }
        shortest.parse().map_err(E::custom)
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for Money {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Money".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string", "format": "decimal" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Result<String, String> {
        serde_json::from_str::<Money>(json)
            .map(|amount| amount.to_string())
            .map_err(|error| error.to_string())
    }

    #[test]
    fn strings_and_short_numbers_are_read_exactly() {
        for (json, expected) in
            [("\"0.0123\"", "0.0123"), ("0.1", "0.1"), ("12", "12"), ("-3.5", "-3.5"), ("1e-3", "0.001")]
        {
            assert_eq!(read(json).as_deref(), Ok(expected), "{json}");
        }
    }

    #[test]
    fn a_number_that_may_have_lost_digits_is_refused_with_the_remedy() {
        let error = read("1234567890.123456789").unwrap_err();
        assert!(error.contains("send it as a string"), "{error}");
    }

    #[test]
    fn an_amount_is_written_as_a_string() {
        assert_eq!(serde_json::to_string(&Money::from_cents(250)).unwrap(), "\"2.5\"");
    }
}
