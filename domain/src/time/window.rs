//! The windows over which figures are taken.

use super::{Hour, Quarter, Timestamp, Zone};

/// A span of time that ends now.
///
/// Figures are kept per UTC quarter-hour, so a window begins where one of them does: windows up to
/// a day are the quarter-hour in progress and as many whole ones before it as fill the window;
/// longer ones the same by hours. A window of an hour therefore spans 60 to 75 minutes, one of 30
/// days 30 days and up to an hour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Window {
    /// One hour.
    Hour,
    /// One day.
    Day,
    /// Seven days.
    Week,
    /// Thirty days.
    Days30,
    /// The calendar month so far, in the reporting time zone.
    MonthToDate,
}

impl Window {
    /// Every window, in ascending order.
    pub const ALL: [Self; 5] = [Self::Hour, Self::Day, Self::Week, Self::Days30, Self::MonthToDate];

    /// Its label value.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Hour => "1h",
            Self::Day => "1d",
            Self::Week => "7d",
            Self::Days30 => "30d",
            Self::MonthToDate => "month_to_date",
        }
    }

    /// The first quarter-hour of the window that ends at `now`.
    pub fn first_quarter(self, now: Timestamp, zone: &dyn Zone) -> Quarter {
        let whole_quarters = |count: i64| Quarter(now.quarter().0 - count);
        let whole_hours = |count: i64| Hour(now.hour().0 - count).first_quarter();
        match self {
            Self::Hour => whole_quarters(4),
            Self::Day => whole_quarters(24 * 4),
            Self::Week => whole_hours(7 * 24),
            Self::Days30 => whole_hours(30 * 24),
            Self::MonthToDate => zone.start_of_day(zone.date_of(now).first_of_month()).quarter(),
        }
    }

    /// The first instant of the window that ends at `now`.
    pub fn start(self, now: Timestamp, zone: &dyn Zone) -> Timestamp {
        self.first_quarter(now, zone).start()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::UtcZone;

    #[test]
    fn windows_begin_with_a_quarter_hour_or_an_hour() {
        let now: Timestamp = "2026-03-01T10:40:00Z".parse().unwrap();
        let start = |window: Window| window.start(now, &UtcZone).to_string();
        assert_eq!(start(Window::Hour), "2026-03-01T09:30:00Z");
        assert_eq!(start(Window::Day), "2026-02-28T10:30:00Z");
        assert_eq!(start(Window::Week), "2026-02-22T10:00:00Z");
        assert_eq!(start(Window::Days30), "2026-01-30T10:00:00Z");
        assert_eq!(start(Window::MonthToDate), "2026-03-01T00:00:00Z");
    }
}
