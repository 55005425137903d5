//! Attempts to pay, kept for as long as a window may ask for them.

use std::collections::BTreeMap;

use crate::event::PaymentOutcome;
use crate::figures::PaymentFigures;
use crate::time::{Quarter, Timestamp, Window, Zone};

use super::OutcomeCounts;

/// How many attempts to pay ended how, by quarter-hour.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RecentPayments(BTreeMap<Quarter, Attempts>);

/// Outcomes of all attempts to pay, and of first ones.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Attempts {
    all: OutcomeCounts,
    first: OutcomeCounts,
}

impl RecentPayments {
    /// The windows over which payments are counted.
    pub const WINDOWS: [Window; 4] = [Window::Hour, Window::Day, Window::Week, Window::Days30];

    /// Counts attempts of a quarter-hour that ended with `outcome`: all of them, and first ones.
    pub fn add(&mut self, quarter: Quarter, outcome: PaymentOutcome, attempts: u64, first_attempts: u64) {
        let known = self.0.entry(quarter).or_default();
        known.all.add(outcome, attempts);
        known.first.add(outcome, first_attempts);
    }

    /// Forgets what no window that ends at `now` or later reaches.
    pub fn forget(&mut self, now: Timestamp, zone: &dyn Zone) {
        let oldest = Self::WINDOWS.map(|window| window.first_quarter(now, zone)).into_iter().min();
        if let Some(oldest) = oldest {
            self.0 = self.0.split_off(&oldest);
        }
    }

    /// The figures of every window that ends at `now`.
    pub fn figures(&self, now: Timestamp, zone: &dyn Zone) -> Vec<PaymentFigures> {
        let of_window = |window: Window| {
            let mut sum = Attempts::default();
            for (_, attempts) in self.0.range(window.first_quarter(now, zone)..) {
                sum.all.add_all(&attempts.all);
                sum.first.add_all(&attempts.first);
            }
            PaymentFigures { window, attempts: sum.all, first_attempts: sum.first }
        };
        Self::WINDOWS.map(of_window).to_vec()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::UtcZone;

    #[test]
    fn attempts_leave_each_window_with_their_quarter_hour_and_are_then_forgotten() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let mut payments = RecentPayments::default();
        payments.add(at("2026-03-01T10:05:00Z").quarter(), PaymentOutcome::Failed, 3, 1);
        let failed = |payments: &RecentPayments, now: &str| {
            let figures = payments.figures(at(now), &UtcZone);
            let counts = figures.iter().map(|figures| {
                (
                    figures.attempts.of(PaymentOutcome::Failed),
                    figures.first_attempts.of(PaymentOutcome::Failed),
                )
            });
            counts.collect::<Vec<_>>()
        };
        assert_eq!(failed(&payments, "2026-03-01T11:14:59Z"), [(3, 1); 4]);
        assert_eq!(failed(&payments, "2026-03-01T11:15:00Z"), [(0, 0), (3, 1), (3, 1), (3, 1)]);
        assert_eq!(failed(&payments, "2026-03-31T10:59:59Z"), [(0, 0), (0, 0), (0, 0), (3, 1)]);
        payments.forget(at("2026-03-31T10:59:59Z"), &UtcZone);
        assert_ne!(payments, RecentPayments::default());
        payments.forget(at("2026-03-31T11:00:00Z"), &UtcZone);
        assert_eq!(payments, RecentPayments::default());
    }
}
