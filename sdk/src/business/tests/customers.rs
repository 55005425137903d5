//! Subscriptions, invoices, payments and who pays for whom.

use std::time::Duration;

use pratiko_domain::event::{
    InvoiceStatus, PaymentAttempt, PaymentMethod, PaymentOutcome, SubscriptionStatus,
};
use pratiko_domain::internal::InternalParties;
use pratiko_domain::money::Money;
use pratiko_domain::plan::PlanSlot;
use pratiko_domain::revenue::{ChurnReason, Milestone, TrialStage};
use pratiko_domain::time::{Timestamp, Window};

use crate::business::testing::{accounts_at, at, call, paid_invoice, subscription};
use crate::business::{AccountSettings, Usage};

const START: &str = "2026-03-01T10:07:00Z";

fn after(days: u64) -> Timestamp {
    at(START).plus(Duration::from_secs(days * 86_400))
}

#[test]
fn users_are_on_the_plan_that_their_customer_subscribes_to_and_share_what_it_pays() {
    let accounts = accounts_at(START, AccountSettings::default());
    let of_company = |user| Usage { customer: Some("company"), ..call(user, 600) };
    assert_eq!(accounts.record(&of_company("u-1"), at(START)), PlanSlot::NONE);
    let active = subscription("company", 10, SubscriptionStatus::Active, at(START));
    accounts.subscription_changed(&active, at(START)).unwrap();
    let pro = accounts.plan("pro");
    // Known and new users, whether or not the customer is named again.
    assert_eq!(accounts.record(&call("u-1", 0), at(START)), pro);
    assert_eq!(accounts.record(&of_company("u-2"), at(START)), pro);
    let figures = accounts.figures(at(START));
    let costs = &figures.costs.plans[usize::from(pro.0)];
    assert_eq!((costs.active, costs.per_user()), ([2; 3], Some(Money::from_units(6))));
    // Each pays five of the ten and costs six.
    assert_eq!((costs.below_cost, figures.revenue.paying), (2, 1));
    assert_eq!(figures.plan_name(pro), "pro");
}

#[test]
fn time_alone_ends_a_subscription_and_counts_who_left() {
    let accounts = accounts_at(START, AccountSettings::default());
    let mut ends = subscription("c-1", 10, SubscriptionStatus::Active, at(START));
    ends.cancel_at = Some(after(3));
    accounts.subscription_changed(&ends, at(START)).unwrap();
    accounts.record(&call("c-1", 1), at(START));
    let pro = accounts.plan("pro");
    assert_eq!(accounts.figures(after(2)).revenue.total_mrr(), Money::from_units(10));
    assert!(accounts.totals(after(2)).is_empty());
    assert_eq!(accounts.figures(after(3)).revenue.total_mrr(), Money::ZERO);
    let left = Milestone::Churned(pro, ChurnReason::Voluntary);
    assert_eq!(accounts.totals(after(3)).get(&left), Some(&1));
    assert_eq!(accounts.record(&call("c-1", 1), after(3)), PlanSlot::NONE);
    // Told again, it is no news.
    accounts.subscription_changed(&ends, after(4)).unwrap();
    assert_eq!(accounts.totals(after(4)).get(&left), Some(&1));
}

#[test]
fn trials_are_counted_as_they_come_and_internal_ones_apart() {
    let internal = InternalParties::new(["staff".to_owned()]);
    let accounts = accounts_at(START, AccountSettings { internal, ..AccountSettings::default() });
    for customer in ["c-1", "staff"] {
        let trial = subscription(customer, 10, SubscriptionStatus::Trialing, at(START));
        accounts.subscription_changed(&trial, at(START)).unwrap();
        let active = subscription(customer, 10, SubscriptionStatus::Active, after(7));
        accounts.subscription_changed(&active, after(7)).unwrap();
        accounts
            .invoice_changed(&paid_invoice(customer, &format!("in-{customer}"), after(7)), after(7))
            .unwrap();
    }
    let totals = accounts.totals(after(7));
    for plan in [accounts.plan("pro"), PlanSlot::INTERNAL] {
        for stage in [TrialStage::Started, TrialStage::Converted] {
            assert_eq!(totals.get(&Milestone::Trial(plan, stage)), Some(&1), "{plan:?} {stage:?}");
        }
    }
    let revenue = accounts.figures(after(7)).revenue;
    assert_eq!((revenue.paying, revenue.trial_conversion_ratio(), revenue.invoices_paid), (1, Some(1.0), 1));
}

#[test]
fn a_customer_that_comes_and_goes_for_ever_takes_no_more_memory_and_loses_no_count() {
    let accounts = accounts_at(START, AccountSettings { max_states: 4, ..AccountSettings::default() });
    let rounds = 30;
    for round in 0..rounds {
        let (start, end) = (after(round * 2), after(round * 2 + 1));
        accounts
            .subscription_changed(&subscription("c-1", 10, SubscriptionStatus::Active, start), start)
            .unwrap();
        accounts
            .subscription_changed(&subscription("c-1", 10, SubscriptionStatus::Canceled, end), end)
            .unwrap();
        accounts.invoice_changed(&paid_invoice("c-1", &format!("in-{round}"), start), end).unwrap();
    }
    let left = Milestone::Churned(accounts.plan("pro"), ChurnReason::Voluntary);
    assert_eq!(accounts.totals(after(60)).get(&left), Some(&rounds));
    assert_eq!(accounts.health().states_forgotten, (2 * rounds - 4) + (rounds - 4));
    assert_eq!(accounts.figures(after(60)).revenue.total_mrr(), Money::ZERO);
}

#[test]
fn a_living_subscription_outlasts_any_number_of_changes_of_another() {
    let accounts = accounts_at(START, AccountSettings { max_states: 3, ..AccountSettings::default() });
    let quiet = subscription("c-1", 30, SubscriptionStatus::Active, at(START));
    accounts.subscription_changed(&quiet, at(START)).unwrap();
    for day in 1..=10 {
        let mut busy = subscription("c-1", 10 + day as i64, SubscriptionStatus::Active, after(day));
        busy.id = "sub-busy".to_owned();
        accounts.subscription_changed(&busy, after(day)).unwrap();
        // At once, and also when the customer is worked out anew later.
        let revenue = accounts.figures(after(day)).revenue;
        assert_eq!(revenue.total_mrr(), Money::from_units(40 + day as i64), "day {day}");
    }
    assert_eq!(accounts.health().states_forgotten, 11 - 3);
    assert!(accounts.totals(after(11)).is_empty());
}

#[test]
fn more_living_subscriptions_than_states_are_all_kept_and_ended_ones_make_room() {
    let accounts = accounts_at(START, AccountSettings { max_states: 3, ..AccountSettings::default() });
    let tell = |number: u64, status, day| {
        let mut one = subscription("c-1", 10, status, after(day));
        one.id = format!("sub-{number}");
        accounts.subscription_changed(&one, after(day)).unwrap();
    };
    for number in 0..6 {
        tell(number, SubscriptionStatus::Active, number);
    }
    assert_eq!(accounts.figures(after(6)).revenue.total_mrr(), Money::from_units(60));
    assert_eq!(accounts.health().states_forgotten, 0);
    for number in 0..4 {
        tell(number, SubscriptionStatus::Canceled, 10 + number);
    }
    assert_eq!(accounts.figures(after(14)).revenue.total_mrr(), Money::from_units(20));
    // Of each of the four both states, but for one: two that live and the last that ended are three.
    assert_eq!(accounts.health().states_forgotten, 7);
}

#[test]
fn a_change_that_is_yet_to_come_does_not_supersede_the_state_in_force() {
    let accounts = accounts_at(START, AccountSettings { max_states: 1, ..AccountSettings::default() });
    let active = subscription("c-1", 10, SubscriptionStatus::Active, at(START));
    accounts.subscription_changed(&active, at(START)).unwrap();
    accounts
        .subscription_changed(&subscription("c-1", 20, SubscriptionStatus::Active, after(9)), at(START))
        .unwrap();
    assert_eq!(accounts.figures(after(8)).revenue.total_mrr(), Money::from_units(10));
    assert_eq!(accounts.figures(after(9)).revenue.total_mrr(), Money::from_units(20));
}

#[test]
fn an_unpaid_invoice_is_kept_while_paid_ones_are_forgotten() {
    let accounts = accounts_at(START, AccountSettings { max_states: 2, ..AccountSettings::default() });
    let active = subscription("c-1", 10, SubscriptionStatus::Active, at(START));
    accounts.subscription_changed(&active, at(START)).unwrap();
    let mut unpaid = paid_invoice("c-1", "unpaid", at(START));
    (unpaid.status, unpaid.paid_at) = (InvoiceStatus::Open, None);
    accounts.invoice_changed(&unpaid, at(START)).unwrap();
    for day in 1..=5 {
        let paid = paid_invoice("c-1", &format!("in-{day}"), after(day));
        accounts.invoice_changed(&paid, after(day)).unwrap();
    }
    let revenue = accounts.figures(after(30)).revenue;
    assert_eq!((revenue.invoices_failed, accounts.health().states_forgotten), (1, 4));
}

#[test]
fn what_was_forgotten_is_in_no_figure_from_then_on() {
    let accounts = accounts_at(START, AccountSettings { max_states: 2, ..AccountSettings::default() });
    for day in 0..4 {
        let paid = paid_invoice("c-1", &format!("in-{day}"), after(day));
        accounts.invoice_changed(&paid, after(day)).unwrap();
    }
    assert_eq!(accounts.figures(after(4)).revenue.invoices_paid, 2);
}

#[test]
fn customers_past_the_limit_are_refused_and_counted() {
    let accounts = accounts_at(START, AccountSettings { max_customers: 1, ..AccountSettings::default() });
    for customer in ["c-1", "c-2", "c-1"] {
        let active = subscription(customer, 10, SubscriptionStatus::Active, at(START));
        accounts.subscription_changed(&active, at(START)).unwrap();
    }
    assert_eq!(accounts.figures(at(START)).revenue.total_mrr(), Money::from_units(10));
    assert_eq!((accounts.health().customers, accounts.health().customers_refused), (1, 1));
}

#[test]
fn what_makes_no_sense_is_refused_and_counted() {
    let accounts = accounts_at(START, AccountSettings::default());
    let mut empty = subscription("c-1", 10, SubscriptionStatus::Active, at(START));
    empty.items.clear();
    assert_eq!(accounts.subscription_changed(&empty, at(START)).unwrap_err().field, "data.items");
    let mut negative = paid_invoice("c-1", "in-1", at(START));
    negative.amount = Money::from_units(-1);
    assert!(accounts.invoice_changed(&negative, at(START)).is_err());
    assert_eq!((accounts.health().refused, accounts.health().customers), (2, 0));
}

#[test]
fn payments_are_counted_by_outcome_until_they_leave_the_window() {
    let accounts = accounts_at(START, AccountSettings::default());
    let attempt = |outcome, attempt_number, live| PaymentAttempt {
        attempt_number,
        live,
        ..PaymentAttempt::new(PaymentMethod::Card, outcome, Money::from_units(10))
    };
    let pay = |attempt: &PaymentAttempt, now| accounts.payment_attempted(attempt, now).unwrap();
    pay(&attempt(PaymentOutcome::Failed, 1, true), at(START));
    pay(&attempt(PaymentOutcome::Succeeded, 2, true), at("2026-03-01T10:16:00Z"));
    pay(&attempt(PaymentOutcome::Succeeded, 1, false), at("2026-03-01T10:16:00Z"));
    let hour = |now: &str| accounts.figures(at(now)).payments[0];
    assert_eq!(hour("2026-03-01T11:14:00Z").window, Window::Hour);
    assert_eq!(hour("2026-03-01T11:14:00Z").attempts.success_ratio(), Some(0.5));
    assert_eq!(hour("2026-03-01T11:14:00Z").first_attempts.success_ratio(), Some(0.0));
    assert_eq!(hour("2026-03-01T11:15:00Z").attempts.success_ratio(), Some(1.0));
    assert_eq!(hour("2026-03-01T11:15:00Z").first_attempts.success_ratio(), None);
}
