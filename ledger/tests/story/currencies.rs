//! Amounts in other currencies: converted when they come, or once when their rate does.

use pratiko_domain::currency::DailyRates;
use pratiko_domain::money::Money;
use pratiko_domain::plan::PlanSlot;
use pratiko_domain::revenue::MovementKind;
use pratiko_domain::time::{Date, Window};
use pratiko_ledger::figures::Snapshot;
use pratiko_ledger::recording::Verdict;
use pratiko_ledger::store::Total;
use serde_json::json;

use crate::world::{World, at, cost, event, slot, subscription, subscription_in, usage_with};

fn dollars(day: u8, rate: &str) -> Vec<DailyRates> {
    let day = Date { year: 2026, month: 3, day };
    vec![DailyRates { day, rates: vec![("USD".to_owned(), rate.parse().unwrap())] }]
}

fn spent(world: &mut World) -> Money {
    let snapshot = world.snapshot();
    let total = |(total, value): &(Total, i128)| matches!(total, Total::LlmCost(..)).then_some(*value);
    Money::from_nanos(snapshot.totals.iter().filter_map(total).sum())
}

#[test]
fn an_amount_waits_for_its_rate_and_is_converted_once() {
    let mut world = World::plain();
    let noon = at("2026-03-10T11:00:00Z");
    let call = usage_with("call-1", noon, Some("ada"), &json!({ "cost": "1.10", "currency": "USD" }));
    let payment = json!({ "method": "card", "outcome": "succeeded", "amount": "11", "currency": "USD" });
    let payment = event("pay-1", "payment.attempt", noon, Some("ada"), &payment);
    world.accept(vec![call.clone(), payment]);
    assert_eq!((world.total(Total::Unconverted), world.total(Total::Converted)), (2, 0));
    assert_eq!(spent(&mut world), Money::ZERO);

    let now = world.now;
    // The rate of the day itself is not the one that counts.
    let added = world.recorder().add_rates(&dollars(10, "2"), now).unwrap();
    assert_eq!((added.new, added.converted), (1, 0));
    let added = world.recorder().add_rates(&dollars(9, "1.1"), now).unwrap();
    assert_eq!((added.new, added.converted, added.conflicts.len()), (1, 2, 0));
    assert_eq!(spent(&mut world), Money::from_units(1));
    let snapshot = world.snapshot();
    assert_eq!(cost(&snapshot, PlanSlot::NONE, Window::Day), "1");
    let paid = |(total, value): &(Total, i128)| matches!(total, Total::PaymentAmount(..)).then_some(*value);
    assert_eq!(snapshot.totals.iter().find_map(paid), Some(Money::from_units(10).nanos()));

    // What is known stays, and nothing is converted twice.
    let added = world.recorder().add_rates(&dollars(9, "5"), now).unwrap();
    assert_eq!((added.new, added.converted, added.conflicts.len()), (0, 0, 1));
    world.reopen();
    assert_eq!(spent(&mut world), Money::from_units(1));
    assert_eq!(world.record(vec![call]), [Verdict::Duplicate]);
    let later = usage_with("call-2", noon, Some("ada"), &json!({ "cost": "2.20", "currency": "USD" }));
    world.accept(vec![later]);
    assert_eq!(spent(&mut world), Money::from_units(3));
    assert_eq!((world.total(Total::Unconverted), world.total(Total::Converted)), (2, 2));
}

fn mrr(snapshot: &Snapshot) -> String {
    snapshot.figures.revenue.total_mrr().to_string()
}

/// What moved revenue in 30 days, by kind.
fn movements(snapshot: &Snapshot) -> Vec<String> {
    let revenue = &snapshot.figures.revenue;
    let of_window = revenue.movements.iter().filter(|((_, _, window), _)| *window == Window::Days30);
    of_window.map(|((_, kind, _), amount)| format!("{} {amount}", kind.name())).collect()
}

#[test]
fn revenue_follows_the_rates_from_midnight_to_midnight() {
    let mut world = World::plain();
    let subscribed = subscription("sub", at("2026-03-10T11:00:00Z"), "acme", "pro", "30", "active");
    world.accept(vec![subscription_in("USD", &subscribed)]);
    let snapshot = world.snapshot();
    assert_eq!((mrr(&snapshot).as_str(), snapshot.figures.revenue.unconverted), ("0", 1));
    assert_eq!(snapshot.currencies, [("USD".to_owned(), 1, None)]);

    // The rate that counted then becomes known: it is as if it had always been.
    let now = world.now;
    world.recorder().add_rates(&dollars(9, "1.25"), now).unwrap();
    let snapshot = world.snapshot();
    assert_eq!((mrr(&snapshot).as_str(), movements(&snapshot)), ("24", vec!["new 24".to_owned()]));
    assert_eq!(snapshot.currencies[0].2, Some(Date { year: 2026, month: 3, day: 9 }));

    // Today's rate is published, and counts from midnight on, without any event.
    world.recorder().add_rates(&dollars(10, "1.5"), now).unwrap();
    assert_eq!(mrr(&world.snapshot()), "24");
    world.pass(12 * 3600 - 1);
    assert_eq!(mrr(&world.snapshot()), "24");
    world.pass(1);
    let snapshot = world.snapshot();
    let pro = slot(&snapshot, "pro");
    let fx = snapshot.figures.revenue.movements[&(pro, MovementKind::ExchangeRate, Window::Days30)];
    assert_eq!((mrr(&snapshot), fx), ("20".to_owned(), Money::from_units(-4)));

    // A rate that comes late changes that midnight and no event.
    world.pass(86_400);
    let now = world.now;
    world.recorder().add_rates(&dollars(11, "1"), now).unwrap();
    let snapshot = world.snapshot();
    assert_eq!((mrr(&snapshot).as_str(), movements(&snapshot)), ("30", vec!["new 24".into(), "fx 6".into()]));
    let by_currency: Vec<_> = snapshot.figures.revenue.mrr_by_currency.iter().collect();
    assert_eq!(by_currency, [(&"USD".to_owned(), &Money::from_units(30))]);
    world.reopen();
    assert_eq!(movements(&world.snapshot()), ["new 24", "fx 6"]);
}

/// A row of the table of definitions of monthly recurring revenue.
#[test]
fn refunds_do_not_touch_recurring_revenue() {
    let mut world = World::plain();
    let then = at("2026-03-10T11:00:00Z");
    let refund = event("refund", "refund", then, Some("acme"), &json!({ "amount": "25" }));
    world.accept(vec![subscription("sub", then, "acme", "pro", "25", "active"), refund]);
    let snapshot = world.snapshot();
    assert_eq!((mrr(&snapshot).as_str(), movements(&snapshot)), ("25", vec!["new 25".to_owned()]));
    assert_eq!(world.total(Total::Refunds), Money::from_units(25).nanos());
}

#[test]
fn an_old_history_converts_nothing_that_happened_long_after_it() {
    let mut world = World::plain();
    let noon = at("2026-03-10T11:00:00Z");
    world.accept(vec![usage_with(
        "call-1",
        noon,
        Some("ada"),
        &json!({ "cost": "1.10", "currency": "USD" }),
    )]);
    let now = world.now;
    let added = world.recorder().add_rates(&dollars(1, "5"), now).unwrap();
    assert_eq!((added.new, added.converted), (1, 0));
    // Friday's is not the one that counts on a Tuesday.
    let added = world.recorder().add_rates(&dollars(6, "2"), now).unwrap();
    assert_eq!((added.new, added.converted), (1, 0));
    let added = world.recorder().add_rates(&dollars(9, "1.1"), now).unwrap();
    assert_eq!((added.new, added.converted), (1, 1));
    assert_eq!(spent(&mut world), Money::from_units(1));
}
