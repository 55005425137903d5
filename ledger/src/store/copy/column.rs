//! A column's values as the text that `COPY` reads.

use std::fmt::Write;

use pratiko_domain::event::Kind;
use pratiko_domain::money::Money;
use pratiko_domain::time::Date;
use rusqlite::Row;
use rusqlite::types::{FromSqlError, ValueRef};

use super::instant;
use crate::store::postgres::content;
use crate::store::sqlite::EventId;

/// What a column holds.
#[derive(Debug, Clone, Copy)]
pub enum Column {
    /// A number, as it is.
    Number,
    /// A text.
    Text,
    /// 10⁻⁹ of a unit.
    Money,
    /// 10⁻¹⁵ of a unit.
    Femtos,
    /// Microseconds since 1970.
    Instant,
    /// Days since 1970.
    Day,
    /// 0 or 1.
    Boolean,
    /// Bytes.
    Bytes,
    /// An event's id.
    EventId,
    /// A hash of an event's data and its kind.
    Content,
}

impl Column {
    /// Writes the value at `position`.
    pub fn write(self, row: &Row<'_>, position: usize, out: &mut String) -> rusqlite::Result<()> {
        let value = row.get_ref(position)?;
        if matches!(value, ValueRef::Null) {
            out.push_str("\\N");
            return Ok(());
        }
        let number = || value.as_i64().map_err(rusqlite::Error::from);
        // Writing to a string cannot fail.
        let _ = match self {
            Self::Number => write!(out, "{}", exact(value)?),
            Self::Text => {
                escape(value.as_str()?, out);
                Ok(())
            }
            Self::Money => write!(out, "{}", Money::from_nanos(exact(value)?)),
            Self::Femtos => {
                let femtos = exact(value)?;
                let (whole, rest) = (femtos.unsigned_abs() / FEMTOS, femtos.unsigned_abs() % FEMTOS);
                let sign = if femtos < 0 { "-" } else { "" };
                write!(out, "{sign}{whole}.{rest:015}")
            }
            Self::Instant => write!(out, "{}", instant(number()?)),
            Self::Day => write!(out, "{}", Date::from_days_since_epoch(number()?)),
            Self::Boolean => write!(out, "{}", number()? != 0),
            Self::Bytes => {
                out.push_str("\\\\x");
                value.as_blob()?.iter().try_for_each(|byte| write!(out, "{byte:02x}"))
            }
            Self::EventId => {
                escape(&EventId::text(value)?, out);
                Ok(())
            }
            Self::Content => write!(out, "{}", content(kind(row.get("kind")?)?, value.as_str()?)),
        };
        Ok(())
    }
}

const FEMTOS: u128 = 1_000_000_000_000_000;

fn kind(number: usize) -> rusqlite::Result<Kind> {
    Kind::ALL.get(number).copied().ok_or(FromSqlError::InvalidType.into())
}

/// A number of up to 128 bits.
fn exact(value: ValueRef<'_>) -> rusqlite::Result<i128> {
    match value {
        ValueRef::Integer(number) => Ok(number.into()),
        _ => value.as_str()?.parse().map_err(|_| FromSqlError::InvalidType.into()),
    }
}

fn escape(text: &str, out: &mut String) {
    for character in text.chars() {
        match character {
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            other => out.push(other),
        }
    }
}
