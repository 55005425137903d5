//! Calendar days, and the time zone whose midnights end the months.

use std::fmt;
use std::str::FromStr;

use super::Timestamp;

/// A day of the proleptic Gregorian calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date {
    /// The year, 1 to 9999.
    pub year: i32,
    /// The month, 1 to 12.
    pub month: u8,
    /// The day of the month, from 1.
    pub day: u8,
}

impl Date {
    /// The day, if there is such a day.
    pub fn new(year: i32, month: u8, day: u8) -> Option<Self> {
        let valid = (1..=9999).contains(&year)
            && (1..=12).contains(&month)
            && day >= 1
            && day <= days_in_month(year, month);
        valid.then_some(Self { year, month, day })
    }

    /// How many days after 1970-01-01 it is.
    ///
    /// Years are counted from March, so that the leap day is the last of its year.
    pub const fn days_since_epoch(self) -> i64 {
        let (year, month, day) = (self.year as i64, self.month as i64, self.day as i64);
        let year = if month <= 2 { year - 1 } else { year };
        let era = year.div_euclid(400);
        let year_of_era = year.rem_euclid(400);
        let month_from_march = (month + 9) % 12;
        let day_of_year = (153 * month_from_march + 2) / 5 + day - 1;
        let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
        era * 146_097 + day_of_era - 719_468
    }

    /// The day that is `days` after 1970-01-01.
    pub const fn from_days_since_epoch(days: i64) -> Self {
        let days = days + 719_468;
        let era = days.div_euclid(146_097);
        let day_of_era = days.rem_euclid(146_097);
        let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let month_from_march = (5 * day_of_year + 2) / 153;
        let day = (day_of_year - (153 * month_from_march + 2) / 5 + 1) as u8;
        let month = (if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 }) as u8;
        let year = year_of_era + era * 400 + if month <= 2 { 1 } else { 0 };
        Self { year: year as i32, month, day }
    }

    /// The first day of its month.
    #[must_use]
    pub const fn first_of_month(self) -> Self {
        Self { day: 1, ..self }
    }

    /// The first day of the month after its own.
    #[must_use]
    pub const fn first_of_next_month(self) -> Self {
        if self.month == 12 {
            Self { year: self.year + 1, month: 1, day: 1 }
        } else {
            Self { month: self.month + 1, day: 1, ..self }
        }
    }

    /// The same day `months` later, or the last day of that month if it is shorter, as billing
    /// systems do: 31 January, then 28 February, then 31 March.
    #[must_use]
    pub fn plus_months(self, months: i64) -> Self {
        let index = i64::from(self.year) * 12 + i64::from(self.month) - 1 + months;
        let year = index.div_euclid(12) as i32;
        let month = index.rem_euclid(12) as u8 + 1;
        Self { year, month, day: self.day.min(days_in_month(year, month)) }
    }
}

/// As ISO 8601 writes it: `2026-03-01`.
impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { year, month, day } = self;
        write!(f, "{year:04}-{month:02}-{day:02}")
    }
}

/// A text is not a calendar day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a day like 2026-03-01")]
pub struct ParseDateError;

/// Reads `2026-03-01`.
impl FromStr for Date {
    type Err = ParseDateError;

    fn from_str(text: &str) -> Result<Self, ParseDateError> {
        let number = |range: std::ops::Range<usize>| {
            text.get(range).filter(|part| part.bytes().all(|byte| byte.is_ascii_digit()))?.parse::<u16>().ok()
        };
        let separated = text.len() == 10 && [4, 7].iter().all(|place| text.as_bytes()[*place] == b'-');
        let parts = || Some((number(0..4)?, number(5..7)?, number(8..10)?));
        let (year, month, day) = parts().filter(|_| separated).ok_or(ParseDateError)?;
        Self::new(i32::from(year), month as u8, day as u8).ok_or(ParseDateError)
    }
}

fn days_in_month(year: i32, month: u8) -> u8 {
    let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    match month {
        2 => 28 + u8::from(is_leap),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// The reporting time zone: where days and months begin.
///
/// This crate knows only UTC; whoever has a time zone database implements the others.
pub trait Zone: Send + Sync {
    /// The calendar day of an instant.
    fn date_of(&self, instant: Timestamp) -> Date;
    /// The first instant of a calendar day.
    fn start_of_day(&self, date: Date) -> Timestamp;
}

/// Coordinated universal time.
#[derive(Debug, Clone, Copy, Default)]
pub struct UtcZone;

impl Zone for UtcZone {
    fn date_of(&self, instant: Timestamp) -> Date {
        instant.utc_date()
    }

    fn start_of_day(&self, date: Date) -> Timestamp {
        Timestamp::from_date(date)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn months_are_added_without_leaving_the_month() {
        let day = |year, month, day| Date::new(year, month, day).unwrap();
        assert_eq!(day(2026, 1, 31).plus_months(1), day(2026, 2, 28));
        assert_eq!(day(2024, 1, 31).plus_months(1), day(2024, 2, 29));
        assert_eq!(day(2024, 2, 29).plus_months(12), day(2025, 2, 28));
        assert_eq!(day(2026, 11, 30).plus_months(3), day(2027, 2, 28));
        assert_eq!(day(2026, 12, 5).first_of_next_month(), day(2027, 1, 1));
    }

    #[test]
    fn days_that_do_not_exist_are_refused() {
        assert_eq!(Date::new(2023, 2, 29), None);
        assert_eq!(Date::new(1900, 2, 29), None);
        assert!(Date::new(2000, 2, 29).is_some());
        assert_eq!(Date::new(2023, 4, 31), None);
        assert_eq!(Date::new(2023, 0, 1), None);
    }

    #[test]
    fn a_day_is_read_as_it_is_written() {
        for text in ["2026-03-01", "0001-01-01", "9999-12-31", "2024-02-29"] {
            assert_eq!(text.parse::<Date>().unwrap().to_string(), text);
        }
        for text in [
            "",
            "2026-02-29",
            "2026-3-01",
            "2026-03-1",
            "26-03-01",
            "2026/03/01",
            "2026-03-01T",
            "+026-03-01",
            "２026-03-1",
        ] {
            assert_eq!(text.parse::<Date>(), Err(ParseDateError), "{text}");
        }
    }

    proptest! {
        #[test]
        fn a_day_and_its_number_are_the_same_thing(days in -700_000_i64..2_900_000) {
            let date = Date::from_days_since_epoch(days);
            prop_assert_eq!(date.days_since_epoch(), days);
            prop_assert_eq!(Date::new(date.year, date.month, date.day), Some(date));
        }
    }
}
