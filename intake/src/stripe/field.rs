//! Forms that fields of Stripe's objects take.

use std::fmt;
use std::marker::PhantomData;

use pratiko_domain::money::Money;
use pratiko_domain::time::Timestamp;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Error, IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

/// An instant, in seconds since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Instant(pub Timestamp);

impl<'de> Deserialize<'de> for Instant {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let seconds = i64::deserialize(deserializer)?;
        let at = Timestamp::from_seconds(seconds);
        let is_sensible = seconds >= 0 && at <= Timestamp::MAX;
        is_sensible.then_some(Self(at)).ok_or_else(|| D::Error::custom("expected seconds since 1970"))
    }
}

/// The id of another object, which may stand there whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Id(pub String);

impl<'de> Deserialize<'de> for Id {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct IdVisitor;

        impl<'de> Visitor<'de> for IdVisitor {
            type Value = Id;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an id, or an object with one")
            }

            fn visit_str<E: Error>(self, id: &str) -> Result<Id, E> {
                Ok(Id(id.to_owned()))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Id, A::Error> {
                let mut id = None;
                while let Some(name) = object.next_key::<String>()? {
                    if name == "id" {
                        id = Some(object.next_value()?);
                    } else {
                        object.next_value::<IgnoredAny>()?;
                    }
                }
                id.map(Id).ok_or_else(|| A::Error::missing_field("id"))
            }
        }

        deserializer.deserialize_any(IdVisitor)
    }
}

/// Another object, of which often only the id stands there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expandable<T> {
    /// Only its id.
    Id(String),
    /// All of it.
    Object(Box<T>),
}

impl<T> Expandable<T> {
    /// The id, if it stands there alone.
    pub fn id(&self) -> Option<&String> {
        match self {
            Self::Id(id) => Some(id),
            Self::Object(_) => None,
        }
    }

    /// The object, if it is there.
    pub fn object(&self) -> Option<&T> {
        match self {
            Self::Object(object) => Some(object),
            Self::Id(_) => None,
        }
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Expandable<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ExpandableVisitor<T>(PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for ExpandableVisitor<T> {
            type Value = Expandable<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an id or an object")
            }

            fn visit_str<E: Error>(self, id: &str) -> Result<Self::Value, E> {
                Ok(Expandable::Id(id.to_owned()))
            }

            fn visit_map<A: MapAccess<'de>>(self, object: A) -> Result<Self::Value, A::Error> {
                T::deserialize(MapAccessDeserializer::new(object)).map(Box::new).map(Expandable::Object)
            }
        }

        deserializer.deserialize_any(ExpandableVisitor(PhantomData))
    }
}

/// A list as it stands within another object.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct List<T> {
    #[serde(default = "Vec::new")]
    pub data: Vec<T>,
}

/// A decimal number, written as a number or as a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decimal(String);

impl Decimal {
    /// The number times 10 to the power of `exponent`, rounded once to 10⁻⁹.
    pub fn scaled(&self, exponent: i32) -> Option<Money> {
        format!("{}e{exponent}", self.0).parse().ok()
    }
}

impl<'de> Deserialize<'de> for Decimal {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct DecimalVisitor;

        impl Visitor<'_> for DecimalVisitor {
            type Value = Decimal;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a decimal number")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Decimal, E> {
                let is_plain = text.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'-'));
                let number = Decimal(text.to_owned());
                let is_decimal = is_plain && text.len() <= 64 && number.scaled(0).is_some();
                is_decimal.then_some(number).ok_or_else(|| E::custom("expected a decimal number"))
            }

            fn visit_i64<E: Error>(self, number: i64) -> Result<Decimal, E> {
                Ok(Decimal(number.to_string()))
            }

            fn visit_u64<E: Error>(self, number: u64) -> Result<Decimal, E> {
                Ok(Decimal(number.to_string()))
            }

            fn visit_f64<E: Error>(self, number: f64) -> Result<Decimal, E> {
                // The shortest text that is this number: what was written, up to 15 digits.
                self.visit_str(&number.to_string())
            }
        }

        deserializer.deserialize_any(DecimalVisitor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read<T: serde::de::DeserializeOwned>(json: &str) -> Option<T> {
        serde_json::from_str(json).ok()
    }

    #[test]
    fn an_id_may_stand_alone_or_in_its_object() {
        assert_eq!(read(r#""cus_1""#), Some(Id("cus_1".to_owned())));
        let whole = r#"{"object": "customer", "address": {"id": 7}, "id": "cus_1"}"#;
        assert_eq!(read(whole), Some(Id("cus_1".to_owned())));
        assert_eq!(read::<Id>(r#"{"object": "customer"}"#), None);
        assert_eq!(read::<Id>("7"), None);
    }

    #[test]
    fn an_object_may_stand_for_itself_or_as_its_id() {
        assert_eq!(read::<Expandable<List<u8>>>(r#""li_1""#), Some(Expandable::Id("li_1".to_owned())));
        let whole = read::<Expandable<List<u8>>>(r#"{"object": "list", "data": [1, 2]}"#).unwrap();
        assert_eq!(whole.object().unwrap().data, [1, 2]);
        assert!(read::<Expandable<List<u8>>>("[]").is_none());
    }

    #[test]
    fn a_decimal_keeps_every_digit_and_rounds_once() {
        let scaled =
            |json: &str, exponent| read::<Decimal>(json).unwrap().scaled(exponent).unwrap().to_string();
        assert_eq!(scaled(r#""1999""#, -2), "19.99");
        assert_eq!(scaled(r#""0.123456789012""#, -2), "0.001234568");
        assert_eq!(scaled("33.3333333333", 0), "33.333333333");
        assert_eq!(scaled("25", 0), "25");
        for wrong in [r#""1e9""#, r#""NaN""#, r#""""#, "1e300", "true", r#""1,5""#] {
            assert_eq!(read::<Decimal>(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn an_instant_lies_between_1970_and_9999() {
        assert_eq!(read("1760000000"), Some(Instant(Timestamp::from_seconds(1_760_000_000))));
        for wrong in ["-1", "253402300800", "9223372036854775807", r#""2026-01-01""#] {
            assert_eq!(read::<Instant>(wrong), None, "{wrong}");
        }
    }
}
