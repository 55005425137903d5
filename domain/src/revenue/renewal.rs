//! When a subscription is due to be paid again.

use crate::event::{Interval, SubscriptionStatus};
use crate::time::Timestamp;

use super::history::{SubscriptionHistory, SubscriptionState};

/// The instants after `from` and up to `until` at which the subscription fell due for another period.
///
/// The state in force until then decides: by its interval and its anchor, and if it earns. What is
/// set to end at that instant, or is cancelled or paused from it on, is not due.
pub fn renewals_within(
    subscription: &SubscriptionHistory,
    from: Timestamp,
    until: Timestamp,
) -> Vec<Timestamp> {
    let mut due = Vec::new();
    for (state, end) in subscription.spans() {
        if let Some(schedule) = Schedule::of(subscription, state) {
            let from = from.max(state.change.effective_at);
            let ends = schedule.after(from).take_while(|at| *at <= until.min(end));
            due.extend(ends.filter(|at| is_due(subscription, state, *at)));
        }
    }
    due
}

/// The first instant after `now` at which the subscription falls due, if it stays as it stands until
/// then; `None` where it is known to change before.
pub fn next_renewal(subscription: &SubscriptionHistory, now: Timestamp) -> Option<Timestamp> {
    let (state, end) =
        subscription.spans().find(|(state, end)| state.change.effective_at <= now && now < *end)?;
    let at = Schedule::of(subscription, state)?.after(now).next()?;
    (at <= end && is_due(subscription, state, at)).then_some(at)
}

/// Whether a period that ends at `at`, up to which `state` is in force, is followed by another one.
fn is_due(subscription: &SubscriptionHistory, state: &SubscriptionState, at: Timestamp) -> bool {
    let goes_on = !matches!(
        subscription.status_at(at),
        Some(SubscriptionStatus::Canceled | SubscriptionStatus::Paused)
    );
    state.change.status.earns() && state.change.cancel_at.is_none_or(|end| at < end) && goes_on
}

/// Billing periods, counted from an anchor.
struct Schedule {
    anchor: Timestamp,
    interval: Interval,
    count: i64,
}

impl Schedule {
    fn of(subscription: &SubscriptionHistory, state: &SubscriptionState) -> Option<Self> {
        let first_earning = subscription.states().iter().find(|state| state.change.status.earns())?;
        let item = state.change.items.first()?;
        Some(Self {
            anchor: state.change.billing_anchor.unwrap_or(first_earning.change.effective_at),
            interval: item.interval,
            count: i64::from(item.interval_count.max(1)),
        })
    }

    /// The end of period `number`, counted from 1; that of 0 is the anchor.
    fn end(&self, number: i64) -> Timestamp {
        let days = |days: i64| Timestamp::from_micros(self.anchor.micros() + days * 86_400_000_000);
        let months = |months: i64| {
            let midnight = Timestamp::from_date(self.anchor.utc_date().plus_months(months));
            Timestamp::from_micros(midnight.micros() + self.anchor.micros_of_day())
        };
        let units = number * self.count;
        match self.interval {
            Interval::Day => days(units),
            Interval::Week => days(units * 7),
            Interval::Month => months(units),
            Interval::Year => months(units * 12),
        }
    }

    /// The ends of periods after `at`, in order. An anchor after it is the first.
    fn after(&self, at: Timestamp) -> impl Iterator<Item = Timestamp> + '_ {
        let longest_days = match self.interval {
            Interval::Day => 1,
            Interval::Week => 7,
            Interval::Month => 31,
            Interval::Year => 366,
        };
        let days = (at.micros() - self.anchor.micros()).div_euclid(86_400_000_000);
        // Possibly too few, never too many.
        let ended = (days / (longest_days * self.count)).max(0);
        (ended..).map(|number| self.end(number)).skip_while(move |end| *end <= at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::SubscriptionItem;
    use crate::revenue::SubscriptionState;
    use crate::revenue::testing::{
        BASIC, any_instant, any_interval, any_states, at, customer, day, item, state,
    };
    use SubscriptionStatus::{Canceled, PastDue, Paused, Trialing, Unpaid};
    use proptest::prelude::*;

    fn history(states: impl IntoIterator<Item = SubscriptionState>) -> SubscriptionHistory {
        customer(states).subscriptions.remove(0)
    }

    fn every(count: u32, interval: Interval, from: &str) -> SubscriptionHistory {
        let item = SubscriptionItem { interval_count: count, ..item(2500, 1, interval) };
        history([state("sub_1", at(from)).with(BASIC, item)])
    }

    /// The days on which it falls due.
    fn days(subscription: &SubscriptionHistory, from: &str, until: &str) -> Vec<String> {
        let due = renewals_within(subscription, at(from), at(until));
        due.iter().map(|at| at.to_string().replace("T00:00:00Z", "")).collect()
    }

    #[test]
    fn a_month_from_the_31st_ends_on_the_last_day_of_shorter_months() {
        let monthly = every(1, Interval::Month, "2027-10-31");
        assert_eq!(
            days(&monthly, "2027-10-31", "2028-04-01"),
            ["2027-11-30", "2027-12-31", "2028-01-31", "2028-02-29", "2028-03-31"]
        );
        assert_eq!(next_renewal(&monthly, at("2029-01-31")), Some(at("2029-02-28")));
    }

    #[test]
    fn a_year_from_29_february_ends_on_the_28th_but_in_leap_years() {
        let yearly = every(1, Interval::Year, "2024-02-29");
        assert_eq!(
            days(&yearly, "2024-02-29", "2028-12-31"),
            ["2025-02-28", "2026-02-28", "2027-02-28", "2028-02-29"]
        );
        assert_eq!(next_renewal(&yearly, at("2024-02-29")), Some(at("2025-02-28")));
    }

    #[test]
    fn weeks_days_and_several_intervals_are_counted_from_the_anchor() {
        let weekly = every(1, Interval::Week, "2026-01-01");
        assert_eq!(days(&weekly, "2026-01-01", "2026-01-22"), ["2026-01-08", "2026-01-15", "2026-01-22"]);
        let daily = every(3, Interval::Day, "2026-02-26T06:30:00Z");
        assert_eq!(
            days(&daily, "2026-02-26", "2026-03-05"),
            ["2026-03-01T06:30:00Z", "2026-03-04T06:30:00Z"]
        );
        let quarterly = every(3, Interval::Month, "2025-11-30");
        assert_eq!(days(&quarterly, "2025-11-30", "2026-09-01"), ["2026-02-28", "2026-05-30", "2026-08-30"]);
    }

    #[test]
    fn the_first_instant_is_left_out_and_the_last_is_not() {
        let weekly = every(1, Interval::Week, "2026-01-01");
        assert_eq!(days(&weekly, "2026-01-08", "2026-01-15"), ["2026-01-15"]);
        assert_eq!(next_renewal(&weekly, at("2026-01-08")), Some(at("2026-01-15")));
    }

    #[test]
    fn a_trial_falls_due_for_the_first_time_a_period_after_it_was_paid_for() {
        let tried = history([
            state("sub_1", day(1)).costs(BASIC, 25).is(Trialing),
            state("sub_1", day(15)).costs(BASIC, 25),
        ]);
        assert_eq!(days(&tried, "2026-01-01", "2026-03-01"), ["2026-02-15"]);
        let on_trial = history([state("sub_1", day(1)).costs(BASIC, 25).is(Trialing)]);
        assert_eq!(next_renewal(&on_trial, day(2)), None);
    }

    #[test]
    fn a_subscription_that_ends_with_its_period_does_not_fall_due_again() {
        let active = state("sub_1", day(1)).costs(BASIC, 25);
        let until = |end| history([active.clone().ends(end)]);
        assert_eq!(days(&until(day(32)), "2026-01-01", "2026-06-01"), [""; 0]);
        assert_eq!(next_renewal(&until(day(32)), day(5)), None);
        assert_eq!(days(&until(day(33)), "2026-01-01", "2026-06-01"), ["2026-02-01"]);
        for status in [Canceled, Paused] {
            let ended = history([active.clone(), state("sub_1", day(32)).costs(BASIC, 25).is(status)]);
            assert_eq!(days(&ended, "2026-01-01", "2026-06-01"), [""; 0], "{status:?}");
        }
    }

    #[test]
    fn a_renewal_whose_payment_failed_was_due_all_the_same() {
        let active = state("sub_1", day(1)).costs(BASIC, 25);
        let failed = history([active, state("sub_1", day(32)).costs(BASIC, 25).is(PastDue)]);
        assert_eq!(days(&failed, "2026-01-01", "2026-03-02"), ["2026-02-01", "2026-03-01"]);
        let given_up = state("sub_1", day(1)).costs(BASIC, 25).is(Unpaid);
        assert_eq!(days(&history([given_up]), "2026-01-01", "2026-03-02"), [""; 0]);
    }

    #[test]
    fn a_change_of_interval_leaves_what_fell_due_before_it() {
        let upgraded = history([
            state("sub_1", day(1)).costs(BASIC, 25),
            state("sub_1", day(34)).with(BASIC, item(25_000, 1, Interval::Year)).billed_from(day(34)),
        ]);
        assert_eq!(days(&upgraded, "2026-01-01", "2027-03-01"), ["2026-02-01", "2027-02-03"]);
        assert_eq!(next_renewal(&upgraded, day(2)), Some(day(32)));
        assert_eq!(next_renewal(&upgraded, day(32)), None, "the known change comes first");
    }

    #[test]
    fn periods_may_be_counted_from_an_instant_to_come() {
        let first_of_month = history([state("sub_1", day(20)).costs(BASIC, 25).billed_from(day(32))]);
        assert_eq!(days(&first_of_month, "2026-01-01", "2026-03-02"), ["2026-02-01", "2026-03-01"]);
        assert_eq!(next_renewal(&first_of_month, day(20)), Some(day(32)));
    }

    proptest! {
        #[test]
        fn what_fell_due_up_to_now_does_not_depend_on_what_comes_later(
            states in any_states(),
            now in any_instant(),
        ) {
            let known: Vec<_> = states.iter().filter(|state| state.change.effective_at <= now).cloned().collect();
            let all = customer(states);
            for subscription in customer(known).subscriptions {
                let same = all.subscriptions.iter().find(|other| other.id() == subscription.id()).unwrap();
                let due = |subscription| renewals_within(subscription, day(-400), now);
                prop_assert_eq!(due(&subscription), due(same));
            }
        }

        #[test]
        fn the_next_renewal_is_the_first_of_those_that_come(
            interval in any_interval(),
            count in 1_u32..4,
            anchor in any_instant(),
            now in any_instant(),
        ) {
            let item = SubscriptionItem { interval_count: count, ..item(2500, 1, interval) };
            let subscription = history([state("sub_1", anchor.min(now)).with(BASIC, item).billed_from(anchor)]);
            let next = next_renewal(&subscription, now).unwrap();
            prop_assert!(next > now);
            prop_assert_eq!(renewals_within(&subscription, now, next), vec![next]);
        }
    }
}
