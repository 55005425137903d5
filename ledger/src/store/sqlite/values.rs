//! How values are written into columns.

use pratiko_domain::money::Money;
use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, Value, ValueRef};

/// A number of up to 128 bits: an integer where it fits into 64, decimal text beyond.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Exact(pub i128);

impl ToSql for Exact {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Owned(match i64::try_from(self.0) {
            Ok(number) => Value::Integer(number),
            Err(_) => Value::Text(self.0.to_string()),
        }))
    }
}

impl FromSql for Exact {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        match value {
            ValueRef::Integer(number) => Ok(Self(number.into())),
            ValueRef::Text(_) => value.as_str()?.parse().map(Self).map_err(|_| FromSqlError::InvalidType),
            _ => Err(FromSqlError::InvalidType),
        }
    }
}

impl From<Money> for Exact {
    fn from(amount: Money) -> Self {
        Self(amount.nanos())
    }
}

impl From<Exact> for Money {
    fn from(exact: Exact) -> Self {
        Self::from_nanos(exact.0)
    }
}

/// An event's id. Most are UUIDs, and 16 bytes are less than half of their 36 characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::store) enum EventId<'a> {
    Uuid([u8; 16]),
    Text(&'a str),
}

impl<'a> EventId<'a> {
    pub fn new(text: &'a str) -> Self {
        uuid_bytes(text).map_or(Self::Text(text), Self::Uuid)
    }

    /// The text of an id in a column.
    pub fn text(column: ValueRef<'_>) -> FromSqlResult<String> {
        match column {
            ValueRef::Blob(bytes) => bytes.try_into().map(uuid_text).map_err(|_| FromSqlError::InvalidType),
            _ => column.as_str().map(str::to_owned),
        }
    }
}

impl ToSql for EventId<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Uuid(bytes) => ValueRef::Blob(bytes),
            Self::Text(text) => ValueRef::Text(text.as_bytes()),
        }))
    }
}

/// Where the hyphens of a UUID are.
const HYPHENS: [usize; 4] = [8, 13, 18, 23];

/// The bytes of a UUID in its canonical form. Any other form is another id, and stays text.
fn uuid_bytes(text: &str) -> Option<[u8; 16]> {
    let text: &[u8; 36] = text.as_bytes().try_into().ok()?;
    let mut bytes = [0; 16];
    let mut digits = 0;
    for (position, character) in text.iter().enumerate() {
        if HYPHENS.contains(&position) {
            if *character != b'-' {
                return None;
            }
            continue;
        }
        let digit = match character {
            b'0'..=b'9' => character - b'0',
            b'a'..=b'f' => character - b'a' + 10,
            _ => return None,
        };
        bytes[digits / 2] = bytes[digits / 2] << 4 | digit;
        digits += 1;
    }
    Some(bytes)
}

fn uuid_text(bytes: [u8; 16]) -> String {
    let mut text = String::with_capacity(36);
    for byte in bytes {
        if HYPHENS.contains(&text.len()) {
            text.push('-');
        }
        for digit in [byte >> 4, byte & 15] {
            text.push(char::from_digit(digit.into(), 16).unwrap_or('0'));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_canonical_uuid_becomes_its_bytes_and_back() {
        let text = "01970d3c-4f5e-7abc-8def-0123456789ab";
        assert_eq!(uuid_text(uuid_bytes(text).unwrap()), text);
    }

    #[test]
    fn any_other_form_stays_what_it_is() {
        for text in [
            "",
            "01970D3C-4F5E-7ABC-8DEF-0123456789AB",
            "01970d3c4f5e7abc8def0123456789ab",
            "01970d3c-4f5e-7abc-8def-0123456789a",
            "01970d3c-4f5e-7abc-8def+0123456789ab",
            "g1970d3c-4f5e-7abc-8def-0123456789ab",
        ] {
            assert_eq!(uuid_bytes(text), None, "{text}");
        }
    }
}
