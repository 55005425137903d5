//! Time goes on by the accounts' clock, whatever the times of what they are told.

use std::sync::Arc;

use pratiko_domain::event::{PaymentAttempt, PaymentMethod, PaymentOutcome, SubscriptionStatus};
use pratiko_domain::money::Money;
use pratiko_domain::time::{ManualClock, Window};

use crate::business::testing::{at, call, cost, subscription};
use crate::business::{AccountSettings, Accounts};

const START: &str = "2026-03-01T10:07:00Z";
const FAR: &str = "2126-03-01T10:07:00Z";

fn accounts() -> (Accounts, Arc<ManualClock>) {
    let clock = Arc::new(ManualClock::at(at(START)));
    (Accounts::new(AccountSettings::default(), Arc::<ManualClock>::clone(&clock)), clock)
}

#[test]
fn usage_of_the_future_moves_no_window_and_is_activity_of_now() {
    let (accounts, clock) = accounts();
    accounts.record(&call("u-1", 5), at(FAR));
    assert_eq!(cost(&accounts.figures(at("2026-03-01T11:14:59Z")), Window::Hour), Money::from_cents(5));
    assert_eq!(cost(&accounts.figures(at("2026-03-01T11:15:00Z")), Window::Hour), Money::ZERO);
    clock.set(at("2026-03-05T00:00:00Z"));
    assert_eq!(accounts.figures(accounts.now()).costs.plans[0].active, [0, 1, 1]);
}

#[test]
fn late_usage_costs_in_the_quarter_hour_in_which_it_is_told() {
    let (accounts, clock) = accounts();
    clock.set(at("2026-03-01T13:20:00Z"));
    accounts.record(&call("u-1", 5), at("2026-03-01T09:00:00Z"));
    let figures = accounts.figures(at("2026-03-01T14:14:00Z"));
    assert_eq!(cost(&figures, Window::Hour), Money::from_cents(5));
}

#[test]
fn a_payment_of_the_future_erases_no_other_and_counts_as_one_of_now() {
    let (accounts, _) = accounts();
    let attempt = |outcome| PaymentAttempt::new(PaymentMethod::Card, outcome, Money::from_units(10));
    accounts.payment_attempted(&attempt(PaymentOutcome::Failed), at(START)).unwrap();
    accounts.payment_attempted(&attempt(PaymentOutcome::Succeeded), at(FAR)).unwrap();
    let hour = |now: &str| accounts.figures(at(now)).payments[0].attempts.success_ratio();
    assert_eq!(hour("2026-03-01T11:14:59Z"), Some(0.5));
    assert_eq!(hour("2026-03-01T11:15:00Z"), None);
}

#[test]
fn a_state_told_with_a_time_of_the_future_counts_no_departure_that_is_yet_to_come() {
    let (accounts, _) = accounts();
    let mut ends = subscription("c-1", 10, SubscriptionStatus::Active, at(START));
    ends.cancel_at = Some(at("2026-03-04T00:00:00Z"));
    accounts.subscription_changed(&ends, at(FAR)).unwrap();
    assert!(accounts.totals(at(START)).is_empty());
    assert_eq!(accounts.figures(at(START)).revenue.total_mrr(), Money::from_units(10));
}
