//! An instant, and the quarter-hours and hours that business figures are kept by.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::calendar::Date;

const MICROS_PER_SECOND: i64 = 1_000_000;
const MICROS_PER_QUARTER: i64 = 15 * 60 * MICROS_PER_SECOND;
const MICROS_PER_HOUR: i64 = 4 * MICROS_PER_QUARTER;
const MICROS_PER_DAY: i64 = 24 * MICROS_PER_HOUR;

/// An instant: microseconds since 1970-01-01T00:00:00Z, written as RFC 3339 in UTC.
///
/// ```
/// use pratiko_domain::time::Timestamp;
///
/// let noon: Timestamp = "2026-03-01T12:00:00+01:00".parse()?;
/// assert_eq!(noon.to_string(), "2026-03-01T11:00:00Z");
/// # Ok::<(), pratiko_domain::time::ParseTimestampError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Timestamp(i64);

impl Timestamp {
    /// The latest instant that is still an instant: the end of the year 9999.
    pub const MAX: Self = Self(253_402_300_799 * MICROS_PER_SECOND);
    /// The earliest: the beginning of the year 1.
    pub const MIN: Self = Self(-62_135_596_800 * MICROS_PER_SECOND);

    /// An instant from microseconds since the Unix epoch.
    #[inline]
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// An instant from seconds since the Unix epoch.
    pub const fn from_seconds(seconds: i64) -> Self {
        Self(seconds.saturating_mul(MICROS_PER_SECOND))
    }

    /// Midnight UTC at the beginning of `date`.
    pub const fn from_date(date: Date) -> Self {
        Self(date.days_since_epoch() * MICROS_PER_DAY)
    }

    /// Microseconds since the Unix epoch.
    #[inline]
    pub const fn micros(self) -> i64 {
        self.0
    }

    /// Seconds since the Unix epoch, with their fraction.
    pub fn seconds(self) -> f64 {
        self.0 as f64 / MICROS_PER_SECOND as f64
    }

    /// The calendar day in UTC.
    pub const fn utc_date(self) -> Date {
        Date::from_days_since_epoch(self.0.div_euclid(MICROS_PER_DAY))
    }

    /// Microseconds since midnight UTC.
    pub const fn micros_of_day(self) -> i64 {
        self.0.rem_euclid(MICROS_PER_DAY)
    }

    /// The quarter-hour that the instant lies in.
    #[inline]
    pub const fn quarter(self) -> Quarter {
        Quarter(self.0.div_euclid(MICROS_PER_QUARTER))
    }

    /// The hour that the instant lies in.
    #[inline]
    pub const fn hour(self) -> Hour {
        Hour(self.0.div_euclid(MICROS_PER_HOUR))
    }

    /// The time from `earlier` to this instant; zero if it is not earlier.
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_micros(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }

    /// The instant `span` later, at most [`Timestamp::MAX`].
    #[must_use]
    pub fn plus(self, span: Duration) -> Self {
        let span = i64::try_from(span.as_micros()).unwrap_or(i64::MAX);
        Self(self.0.saturating_add(span)).min(Self::MAX)
    }

    /// The instant `span` earlier, at least [`Timestamp::MIN`].
    #[must_use]
    pub fn minus(self, span: Duration) -> Self {
        let span = i64::try_from(span.as_micros()).unwrap_or(i64::MAX);
        Self(self.0.saturating_sub(span)).max(Self::MIN)
    }
}

/// A UTC quarter-hour, numbered from the Unix epoch: the finest grain of the roll-ups. Every time
/// zone's offset is a whole number of them, so a month of any zone is too.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Quarter(pub i64);

impl Quarter {
    /// Its first instant.
    pub const fn start(self) -> Timestamp {
        Timestamp(self.0 * MICROS_PER_QUARTER)
    }

    /// The hour it lies in.
    pub const fn hour(self) -> Hour {
        Hour(self.0.div_euclid(4))
    }
}

/// A UTC hour, numbered from the Unix epoch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hour(pub i64);

impl Hour {
    /// Its first instant.
    pub const fn start(self) -> Timestamp {
        Timestamp(self.0 * MICROS_PER_HOUR)
    }

    /// Its first quarter-hour.
    pub const fn first_quarter(self) -> Quarter {
        Quarter(self.0 * 4)
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Date { year, month, day } = self.utc_date();
        let micros = self.micros_of_day();
        let seconds = micros / MICROS_PER_SECOND;
        let (hour, minute, second) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
        write!(f, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}")?;
        match micros % MICROS_PER_SECOND {
            0 => f.write_str("Z"),
            fraction => write!(f, ".{}Z", format!("{fraction:06}").trim_end_matches('0')),
        }
    }
}

/// A text is not an instant in RFC 3339.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a time like 2026-03-01T12:00:00Z (RFC 3339, with a zone)")]
pub struct ParseTimestampError;

/// Reads RFC 3339: a date, `T`, a time with at most any number of decimals (those below a
/// microsecond are cut off), and `Z` or an offset. A leap second counts as the second after it.
impl FromStr for Timestamp {
    type Err = ParseTimestampError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        parse(text.as_bytes()).ok_or(ParseTimestampError)
    }
}

fn parse(text: &[u8]) -> Option<Timestamp> {
    let digits = |range: std::ops::Range<usize>| {
        text.get(range)?.iter().try_fold(0_i64, |number, byte| {
            byte.is_ascii_digit().then(|| number * 10 + i64::from(byte - b'0'))
        })
    };
    let is = |position: usize, allowed: &[u8]| text.get(position).is_some_and(|byte| allowed.contains(byte));
    let separators = is(4, b"-") && is(7, b"-") && is(10, b"Tt ") && is(13, b":") && is(16, b":");
    let date = Date::new(
        i32::try_from(digits(0..4)?).ok()?,
        u8::try_from(digits(5..7)?).ok()?,
        u8::try_from(digits(8..10)?).ok()?,
    )?;
    let (hour, minute, second) = (digits(11..13)?, digits(14..16)?, digits(17..19)?);
    if !separators || hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    let mut position = 19;
    let mut micros = 0;
    if is(position, b".") {
        position += 1;
        let first = position;
        let mut unit = MICROS_PER_SECOND / 10;
        while let Some(digit) = text.get(position).filter(|byte| byte.is_ascii_digit()) {
            micros += i64::from(digit - b'0') * unit;
            unit /= 10;
            position += 1;
        }
        if position == first {
            return None;
        }
    }
    let offset_minutes = match text.get(position)? {
        b'Z' | b'z' if text.len() == position + 1 => 0,
        sign @ (b'+' | b'-') if text.len() == position + 6 && is(position + 3, b":") => {
            let (hours, minutes) = (digits(position + 1..position + 3)?, digits(position + 4..position + 6)?);
            if hours > 23 || minutes > 59 {
                return None;
            }
            (hours * 60 + minutes) * if *sign == b'+' { 1 } else { -1 }
        }
        _ => return None,
    };
    let seconds = date.days_since_epoch() * 86_400 + hour * 3600 + (minute - offset_minutes) * 60 + second;
    Some(Timestamp(seconds * MICROS_PER_SECOND + micros))
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl serde::de::Visitor<'_> for Visitor {
            type Value = Timestamp;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a time like \"2026-03-01T12:00:00Z\"")
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Timestamp, E> {
                text.parse().map_err(E::custom)
            }
        }
        deserializer.deserialize_str(Visitor)
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for Timestamp {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Timestamp".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string", "format": "date-time" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn offsets_fractions_and_leap_seconds_are_understood() {
        let cases = [
            ("1970-01-01T00:00:00Z", "1970-01-01T00:00:00Z"),
            ("2026-03-01T00:30:00+01:00", "2026-02-28T23:30:00Z"),
            ("2024-02-29t12:00:00.5-05:30", "2024-02-29T17:30:00.5Z"),
            ("2026-01-01 00:00:00.1234567Z", "2026-01-01T00:00:00.123456Z"),
            ("2016-12-31T23:59:60Z", "2017-01-01T00:00:00Z"),
            ("1969-12-31T23:59:59.9Z", "1969-12-31T23:59:59.9Z"),
        ];
        for (text, expected) in cases {
            assert_eq!(text.parse::<Timestamp>().unwrap().to_string(), expected, "{text}");
        }
    }

    #[test]
    fn what_is_not_a_time_is_refused() {
        for text in [
            "",
            "2026-03-01",
            "2026-03-01T12:00:00",
            "2026-02-29T12:00:00Z",
            "2026-13-01T12:00:00Z",
            "2026-03-01T24:00:00Z",
            "2026-03-01T12:00:00.Z",
            "2026-03-01T12:00:00+1:00",
            "2026-03-01T12:00:00Zjunk",
            "2026/03/01T12:00:00Z",
            "２０26-03-01T12:00:00Z",
        ] {
            assert_eq!(text.parse::<Timestamp>(), Err(ParseTimestampError), "{text}");
        }
    }

    proptest! {
        #[test]
        fn every_instant_reads_back_as_itself(micros in Timestamp::MIN.0..Timestamp::MAX.0) {
            let instant = Timestamp::from_micros(micros);
            prop_assert_eq!(instant.to_string().parse(), Ok(instant));
        }

        #[test]
        fn an_instant_lies_in_its_quarter_and_its_quarter_in_its_hour(micros in Timestamp::MIN.0..Timestamp::MAX.0) {
            let instant = Timestamp::from_micros(micros);
            let quarter = instant.quarter();
            prop_assert!(quarter.start() <= instant && instant < Quarter(quarter.0 + 1).start());
            prop_assert_eq!(quarter.hour(), instant.hour());
        }
    }
}
