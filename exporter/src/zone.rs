//! The reporting time zone, from the time zone database.

use jiff::tz::TimeZone;
use pratiko_domain::time::{Date, Timestamp, Zone};

/// A time zone of the database.
#[derive(Debug, Clone)]
pub struct DatabaseZone(pub TimeZone);

impl Zone for DatabaseZone {
    fn date_of(&self, instant: Timestamp) -> Date {
        let Ok(instant_there) = jiff::Timestamp::from_microsecond(instant.micros()) else {
            return instant.utc_date();
        };
        let date = self.0.to_datetime(instant_there).date();
        let there = Date::new(date.year().into(), date.month().unsigned_abs(), date.day().unsigned_abs());
        there.unwrap_or_else(|| instant.utc_date())
    }

    fn start_of_day(&self, date: Date) -> Timestamp {
        // A day begins at its first instant, which is not midnight where clocks skip midnight.
        i16::try_from(date.year)
            .ok()
            .and_then(|year| jiff::civil::Date::new(year, date.month as i8, date.day as i8).ok())
            .and_then(|day| self.0.to_ambiguous_timestamp(day.at(0, 0, 0, 0)).compatible().ok())
            .map_or_else(
                || Timestamp::from_date(date),
                |start| Timestamp::from_micros(start.as_microsecond()),
            )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn zone(name: &str) -> DatabaseZone {
        DatabaseZone(TimeZone::get(name).unwrap())
    }

    #[test]
    fn days_begin_when_they_do_in_the_zone() {
        let date = |year, month, day| Date::new(year, month, day).unwrap();
        let cases = [
            ("Europe/Berlin", date(2026, 3, 1), "2026-02-28T23:00:00Z"),
            ("Europe/Berlin", date(2026, 3, 30), "2026-03-29T22:00:00Z"),
            ("America/New_York", date(2026, 11, 2), "2026-11-02T05:00:00Z"),
            ("Asia/Kathmandu", date(2026, 1, 1), "2025-12-31T18:15:00Z"),
            // Midnight of this day did not happen there: clocks went from 0:00 to 1:00.
            ("America/Havana", date(2026, 3, 8), "2026-03-08T05:00:00Z"),
        ];
        for (name, date, expected) in cases {
            let start = zone(name).start_of_day(date);
            assert_eq!(start.to_string(), expected, "{name}");
            assert_eq!(zone(name).date_of(start), date, "{name}");
        }
    }
}
