//! Amounts in other currencies: converted when they come, or once when their rate does.

use pratiko_domain::currency::DailyRates;
use pratiko_domain::money::Money;
use pratiko_domain::plan::PlanSlot;
use pratiko_domain::time::{Date, Window};
use pratiko_ledger::recording::Verdict;
use pratiko_ledger::store::Total;
use serde_json::json;

use crate::world::{World, at, cost, event, usage_with};

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
    assert_eq!(world.total(Total::Unconverted), 2);
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
    assert_eq!(world.total(Total::Unconverted), 2);
}
