//! Hours of the day at which other prices hold.

use crate::time::Timestamp;

/// The days of a week, Monday first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Weekdays([bool; 7]);

impl Weekdays {
    /// Every day.
    pub const ALL: Self = Self([true; 7]);

    /// Their names in price files, Monday first.
    pub const NAMES: [&'static str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

    /// The days from `first` to `last`, both included, counted from Monday (0); over Sunday if need be.
    pub fn range(first: usize, last: usize) -> Self {
        let mut days = [false; 7];
        let mut day = first % 7;
        loop {
            days[day] = true;
            if day == last % 7 {
                return Self(days);
            }
            day = (day + 1) % 7;
        }
    }

    /// Whether the UTC day of `at` is one of them.
    pub fn contain(self, at: Timestamp) -> bool {
        // 1970-01-01 was a Thursday.
        let day = (at.utc_date().days_since_epoch() + 3).rem_euclid(7);
        self.0[day as usize]
    }
}

/// A span of every day, in UTC, on some days of the week: from `start`, included, to `end`, excluded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hours {
    /// Minutes after midnight UTC at which it starts.
    pub start: u32,
    /// Minutes after midnight UTC at which it ends; before `start`, the span goes over midnight.
    pub end: u32,
    /// The days on which it holds, by the UTC day of the call.
    pub days: Weekdays,
}

impl Hours {
    /// Whether `at` lies in it.
    pub fn contain(&self, at: Timestamp) -> bool {
        let minute = (at.micros_of_day() / 60_000_000) as u32;
        let within = if self.start <= self.end {
            (self.start..self.end).contains(&minute)
        } else {
            minute >= self.start || minute < self.end
        };
        within && self.days.contain(at)
    }
}
