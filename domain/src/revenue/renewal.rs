//! When a subscription is due to be paid again.

use crate::event::{Interval, SubscriptionStatus};
use crate::time::Timestamp;

use super::history::SubscriptionHistory;

/// The instants after `from` and up to `until` at which the subscription fell due for another period.
pub fn renewals_within(
    subscription: &SubscriptionHistory,
    from: Timestamp,
    until: Timestamp,
) -> Vec<Timestamp> {
    let Some(schedule) = Schedule::of(subscription) else { return Vec::new() };
    let mut number = schedule.periods_before(from);
    let mut due = Vec::new();
    loop {
        let at = schedule.due(number);
        if at > until {
            return due;
        }
        // Whether it is due is decided by how it stood until then.
        let just_before = Timestamp::from_micros(at.micros() - 1);
        if at > from
            && number >= 1
            && subscription.status_at(just_before).is_some_and(SubscriptionStatus::earns)
        {
            due.push(at);
        }
        number += 1;
    }
}

/// The first instant after `now` at which the subscription, as it stands, falls due.
pub fn next_renewal(subscription: &SubscriptionHistory, now: Timestamp) -> Option<Timestamp> {
    subscription.status_at(now).filter(|status| status.earns())?;
    let schedule = Schedule::of(subscription)?;
    let first = schedule.periods_before(now).max(1);
    (first..first + 3).map(|number| schedule.due(number)).find(|at| *at > now)
}

/// Billing periods, counted from an anchor.
struct Schedule {
    anchor: Timestamp,
    interval: Interval,
    count: i64,
}

impl Schedule {
    fn of(subscription: &SubscriptionHistory) -> Option<Self> {
        let last = &subscription.states().last()?.change;
        let first_earning = subscription.states().iter().find(|state| state.change.status.earns())?;
        let item = last.items.first()?;
        Some(Self {
            anchor: last.billing_anchor.unwrap_or(first_earning.change.effective_at),
            interval: item.interval,
            count: i64::from(item.interval_count.max(1)),
        })
    }

    /// The end of period `number`, counted from 1.
    fn due(&self, number: i64) -> Timestamp {
        let micros = |days: i64| Timestamp::from_micros(self.anchor.micros() + days * 86_400_000_000);
        let months = |months: i64| {
            let midnight = Timestamp::from_date(self.anchor.utc_date().plus_months(months));
            Timestamp::from_micros(midnight.micros() + self.anchor.micros_of_day())
        };
        let units = number.saturating_mul(self.count);
        match self.interval {
            Interval::Day => micros(units),
            Interval::Week => micros(units * 7),
            Interval::Month => months(units),
            Interval::Year => months(units * 12),
        }
    }

    /// A number of periods that had ended at `at`: possibly one too few, never too many.
    fn periods_before(&self, at: Timestamp) -> i64 {
        let days = (at.micros() - self.anchor.micros()).div_euclid(86_400_000_000);
        let longest_days = match self.interval {
            Interval::Day => 1,
            Interval::Week => 7,
            Interval::Month => 31,
            Interval::Year => 366,
        };
        let guess = (days / (longest_days * self.count)).max(0);
        let mut number = guess;
        while self.due(number + 1) <= at {
            number += 1;
        }
        number
    }
}
