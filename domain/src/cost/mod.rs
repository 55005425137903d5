//! What users cost.

mod distribution;
mod summary;

pub use distribution::{Distribution, nearest_rank};
pub use summary::{CostKind, CostSummary, CostTally, PlanCosts, UserFacts, WindowSums};

use std::time::Duration;

use crate::money::Money;
use crate::time::{Timestamp, Window, Zone};

/// Where a month will end: month to date + a seventh of the last seven days × the days left.
pub fn projected_month(month_to_date: Money, last_week: Money, now: Timestamp, zone: &dyn Zone) -> Money {
    const WEEK: Duration = Duration::from_secs(7 * 86_400);
    let month_end = zone.start_of_day(zone.date_of(now).first_of_next_month());
    let left = i128::try_from(month_end.since(now).as_micros()).unwrap_or(0);
    month_to_date + last_week.scaled(left, WEEK.as_micros() as i128)
}

/// Cost per user: a plan's cost ÷ its active users, rounded to 10⁻⁹; `None` without users.
pub fn cost_per_user(cost: Money, active_users: u64) -> Option<Money> {
    (active_users > 0).then(|| cost.divided_by(i128::from(active_users)))
}

/// The position of a window in sums that are kept for every window.
pub const fn window_index(window: Window) -> usize {
    window as usize
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::UtcZone;

    #[test]
    fn the_projection_adds_the_days_left_at_the_pace_of_the_last_week() {
        let now: Timestamp = "2026-03-11T00:00:00Z".parse().unwrap();
        // Ten days at €1, the last seven of which cost €7; 21 days are left.
        let projected = projected_month(Money::from_units(10), Money::from_units(7), now, &UtcZone);
        assert_eq!(projected, Money::from_units(31));
    }

    #[test]
    fn cost_per_user_needs_users() {
        assert_eq!(cost_per_user(Money::from_units(5), 2), Some(Money::from_cents(250)));
        assert_eq!(cost_per_user(Money::from_units(5), 0), None);
    }
}
