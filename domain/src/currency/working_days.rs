//! The days on which the European Central Bank publishes rates.

use crate::time::Date;

/// Whether rates are published for a day: from Monday to Friday but on the holidays of TARGET, which
/// are New Year's Day, Good Friday, Easter Monday, the first of May, and two days of Christmas.
///
/// Source: European Central Bank, TARGET long-term calendar of closing days, since 2002.
pub(super) fn has_rates(day: Date) -> bool {
    let number = day.days_since_epoch();
    // The first day of 1970 was a Thursday.
    let is_weekend = (number + 3).rem_euclid(7) >= 5;
    let since_easter = number - easter(day.year).days_since_epoch();
    let is_holiday =
        matches!((day.month, day.day), (1 | 5, 1) | (12, 25 | 26)) || matches!(since_easter, -2 | 1);
    !is_weekend && !is_holiday
}

/// Easter Sunday of the Gregorian calendar.
///
/// Source: the anonymous algorithm, Nature 13 (1876), as in Meeus, Astronomical Algorithms, chapter 8.
fn easter(year: i32) -> Date {
    let golden = year % 19;
    let (century, of_century) = (year / 100, year % 100);
    let correction = (century - (century + 8) / 25 + 1) / 3;
    let moon = (19 * golden + century - century / 4 - correction + 15) % 30;
    let weekday = (32 + 2 * (century % 4) + 2 * (of_century / 4) - moon - of_century % 4) % 7;
    let late = (golden + 11 * moon + 22 * weekday) / 451;
    let days = moon + weekday - 7 * late + 114;
    let march = Date { year, month: 3, day: 1 }.days_since_epoch();
    // The algorithm counts 31 days to a month from March on, of which April has 30.
    let (month, day) = (days / 31, days % 31 + 1);
    Date::from_days_since_epoch(march + i64::from((month - 3) * 31 + day - 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(text: &str) -> Date {
        text.parse().unwrap()
    }

    #[test]
    fn easter_is_when_it_was_and_will_be() {
        for day in [
            "1999-04-04",
            "2000-04-23",
            "2008-03-23",
            "2011-04-24",
            "2016-03-27",
            "2024-03-31",
            "2025-04-20",
            "2026-04-05",
            "2027-03-28",
            "2038-04-25",
        ] {
            assert_eq!(easter(date(day).year), date(day), "{day}");
        }
    }

    #[test]
    fn rates_are_published_on_working_days() {
        for day in ["2026-03-06", "2026-03-09", "2026-04-07", "2026-12-24", "2026-05-25", "2026-11-02"] {
            assert!(has_rates(date(day)), "{day}");
        }
        for day in [
            "2026-03-07",
            "2026-03-08",
            "2026-01-01",
            "2026-04-03",
            "2026-04-06",
            "2026-05-01",
            "2026-12-25",
            "2025-12-26",
        ] {
            assert!(!has_rates(date(day)), "{day}");
        }
    }
}
