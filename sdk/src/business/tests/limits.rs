//! What happens where there is no room, and who gets room that others leave.

use std::time::Duration;

use pratiko_domain::event::SubscriptionStatus;
use pratiko_domain::internal::InternalParties;
use pratiko_domain::money::Money;
use pratiko_domain::plan::PlanSlot;
use pratiko_domain::time::Window;

use crate::business::testing::{accounts_at, at, call, cost, subscription};
use crate::business::{AccountSettings, Usage};

const START: &str = "2026-03-01T10:07:00Z";

#[test]
fn the_cost_of_users_past_the_limit_is_in_their_plan_and_in_no_figure_per_user() {
    let internal = InternalParties::new(["staff-*".to_owned()]);
    let accounts =
        accounts_at(START, AccountSettings { max_users: 1, internal, ..AccountSettings::default() });
    let pro = accounts.plan("pro");
    assert_eq!(accounts.record(&Usage { plan: Some(pro), ..call("u-1", 1) }, at(START)), pro);
    assert_eq!(accounts.record(&Usage { plan: Some(pro), ..call("u-2", 20) }, at(START)), pro);
    assert_eq!(
        accounts.record(&Usage { plan: Some(pro), ..call("staff-1", 300) }, at(START)),
        PlanSlot::INTERNAL
    );
    assert_eq!(accounts.record(&call("u-3", 4000), at(START)), PlanSlot::NONE);
    let figures = accounts.figures(at(START));
    let plan = |slot: PlanSlot| &figures.costs.plans[usize::from(slot.0)];
    assert_eq!((plan(pro).total(Window::Hour), plan(pro).active), (Money::from_cents(21), [1; 3]));
    assert_eq!(plan(pro).distribution.unwrap().max, Money::from_cents(1));
    assert_eq!(plan(PlanSlot::INTERNAL).total(Window::Hour), Money::from_cents(300));
    assert_eq!(
        (plan(PlanSlot::NONE).total(Window::Hour), plan(PlanSlot::NONE).active),
        (Money::from_units(40), [0; 3])
    );
    assert_eq!((accounts.health().users, accounts.health().past_user_limit), (1, 3));
    // It leaves the windows like any other.
    assert_eq!(cost(&accounts.figures(at("2026-03-01T11:15:00Z")), Window::Hour), Money::ZERO);
}

#[test]
fn users_of_whom_no_window_knows_make_room_for_others() {
    let accounts = accounts_at(START, AccountSettings { max_users: 2, ..AccountSettings::default() });
    accounts.record(&call("u-1", 1), at(START));
    accounts.record(&call("u-2", 2), at(START));
    let later = at(START).plus(Duration::from_secs(20 * 86_400));
    accounts.record(&call("u-2", 4), later);
    accounts.record(&call("u-3", 8), later);
    assert_eq!(accounts.health().past_user_limit, 1);
    // In April no window reaches back to the first of March.
    let april = at("2026-04-01T11:00:00Z");
    accounts.record(&call("u-4", 16), april);
    assert_eq!(accounts.health().users, 2);
    accounts.record(&call("u-2", 32), april);
    let figures = accounts.figures(april);
    let none = &figures.costs.plans[0];
    assert_eq!((none.total(Window::Days30), none.active), (Money::from_cents(4 + 8 + 16 + 32), [2; 3]));
    // What u-3 cost without room is in no distribution; u-1's row is u-4's now.
    assert_eq!(none.distribution.unwrap().p50, Money::from_cents(16));
    assert_eq!(none.distribution.unwrap().max, Money::from_cents(36));
    assert_eq!(accounts.health().past_user_limit, 1);
}

#[test]
fn a_negative_cost_is_refused_and_counted_and_the_activity_is_not() {
    let accounts = accounts_at(START, AccountSettings::default());
    accounts.record(&call("u-1", -5), at(START));
    let figures = accounts.figures(at(START));
    assert_eq!((cost(&figures, Window::Hour), figures.costs.plans[0].active[0]), (Money::ZERO, 1));
    assert_eq!(accounts.health().refused, 1);
}

#[test]
fn an_amount_that_has_no_room_in_a_row_is_counted_all_the_same() {
    let accounts = accounts_at(START, AccountSettings::default());
    let large = Money::from_units(9_000_000_000);
    accounts.record(&Usage { llm: large, other: large, ..call("u-1", 0) }, at(START));
    accounts.record(&Usage { llm: Money::from_units(281_000), ..call("u-2", 0) }, at(START));
    accounts.record(&Usage { llm: Money::from_units(281_000), ..call("u-2", 0) }, at(START));
    let figures = accounts.figures(at(START));
    assert_eq!(cost(&figures, Window::Hour), large * 2 + Money::from_units(562_000));
}

#[test]
fn a_customer_is_known_as_long_as_one_of_its_users_is() {
    let accounts = accounts_at(START, AccountSettings { max_users: 2, ..AccountSettings::default() });
    let active = subscription("company", 10, SubscriptionStatus::Active, at(START));
    accounts.subscription_changed(&active, at(START)).unwrap();
    let pro = accounts.plan("pro");
    assert_eq!(accounts.record(&Usage { customer: Some("company"), ..call("u-1", 1) }, at(START)), pro);
    // The user comes every week, the customer is not named again, and there is no room for others.
    for week in 1..=10 {
        let now = at(START).plus(Duration::from_secs(week * 7 * 86_400));
        assert_eq!(accounts.record(&call("u-1", 1), now), pro, "week {week}");
        accounts.record(&call("u-2", 1), now);
        assert_eq!(accounts.figures(now).costs.plans[usize::from(pro.0)].active, [1; 3]);
    }
    assert_eq!(accounts.health().past_user_limit, 10);
}
