//! What time alone changes.

use pratiko_domain::plan::PlanSlot;
use pratiko_domain::revenue::{ChurnReason, TrialStage};
use pratiko_domain::time::Window;
use pratiko_ledger::store::{Store, Total};
use serde_json::json;

use crate::world::{World, at, cost, event, slot, start, subscription, subscription_with, usage};

const HOUR: u64 = 3600;
const DAY: u64 = 24 * HOUR;

fn costs(world: &mut World) -> [String; 5] {
    let snapshot = world.snapshot();
    Window::ALL.map(|window| cost(&snapshot, PlanSlot::NONE, window))
}

#[test]
fn costs_leave_the_windows_one_after_the_other() {
    let mut world = World::plain();
    world.accept(vec![usage("1", start(), "anna", "1")]);
    let expected = [
        (0, ["1", "1", "1", "1", "1"]),
        (HOUR, ["1", "1", "1", "1", "1"]),
        (HOUR + 900, ["0", "1", "1", "1", "1"]),
        (DAY + 900, ["0", "0", "1", "1", "1"]),
        (7 * DAY + HOUR, ["0", "0", "0", "1", "1"]),
        (22 * DAY, ["0", "0", "0", "1", "0"]),
        (30 * DAY + HOUR, ["0", "0", "0", "0", "0"]),
    ];
    for (after, expected) in expected {
        world.now = start();
        world.pass(after);
        assert_eq!(costs(&mut world), expected, "{after} s later");
    }
    // The clock is set back by a month: what had left the windows is in them again.
    world.now = start();
    assert_eq!(costs(&mut world), ["1"; 5]);
}

#[test]
fn a_clock_that_is_set_back_a_little_is_waited_for() {
    let mut world = World::plain();
    world.accept(vec![usage("1", start(), "anna", "1")]);
    let before = world.snapshot();
    world.now = at("2026-03-10T11:59:50Z");
    assert_eq!(world.snapshot().taken_at, before.taken_at);
    world.now = at("2026-03-10T11:30:00Z");
    assert_eq!(world.snapshot().taken_at, world.now);
}

#[test]
fn old_quarter_hours_become_hours_and_nothing_else_changes() {
    let mut world = World::plain();
    let events = (0..40_u64).map(|number| {
        let time = start().minus(std::time::Duration::from_secs(number * 50 * 60));
        usage(&number.to_string(), time, ["anna", "ben"][number as usize % 2], "0.1")
    });
    world.accept(events.collect());
    world.pass(30 * DAY);
    let before = world.snapshot();
    let compact = |world: &mut World| {
        let (mut store, now) = (world.store(), world.now);
        for _ in 0..5 {
            store.begin().unwrap();
            store.maintain(now).unwrap();
            store.commit().unwrap();
        }
    };
    compact(&mut world);
    assert_eq!(world.snapshot(), before);
    // By a clock that is wrong for a moment, everything is old.
    world.pass(60 * DAY);
    compact(&mut world);
    world.now = start();
    world.pass(30 * DAY);
    assert_eq!(world.snapshot().figures.costs, before.figures.costs);
}

#[test]
fn what_time_changed_while_the_ledger_was_closed_is_counted_once() {
    let mut world = World::plain();
    let ends = json!({ "cancel_at": at("2026-03-12T00:00:00Z") });
    world.accept(vec![
        subscription_with("1", start(), "acme", "pro", "10", "active", &ends),
        subscription("2", start(), "zeta", "pro", "10", "trialing"),
        subscription("3", at("2026-03-10T12:00:01Z"), "zeta", "pro", "10", "active"),
    ]);
    let pro = slot(&world.snapshot(), "pro");
    let churned = Total::Churned(pro, ChurnReason::Voluntary);
    let expired = Total::Trials(pro, TrialStage::Expired);
    assert_eq!((world.total(churned), world.total(expired)), (0, 0));
    world.reopen_after(|world| world.pass(20 * DAY));
    // Not lost either when something is recorded of the customer, and the ledger closed, before the
    // figures are first taken.
    let data = json!({
        "id": "in-1", "customer": "acme", "status": "void", "amount": "1",
        "issued_at": start(), "effective_at": start(),
    });
    world.accept(vec![event("4", "invoice", start(), None, &data)]);
    world.reopen();
    for _ in 0..3 {
        assert_eq!((world.total(churned), world.total(expired)), (1, 1));
        world.reopen();
        world.pass(60);
    }
}

#[test]
fn a_counter_stays_when_a_late_event_undoes_what_it_counted() {
    let mut world = World::plain();
    world.accept(vec![
        subscription("1", at("2026-03-01T00:00:00Z"), "acme", "pro", "10", "active"),
        subscription("2", at("2026-03-05T00:00:00Z"), "acme", "pro", "10", "canceled"),
    ]);
    let snapshot = world.snapshot();
    let churned = Total::Churned(slot(&snapshot, "pro"), ChurnReason::Voluntary);
    assert_eq!((world.total(churned), snapshot.figures.revenue.churned), (1, 1));
    // The same instant with a later version: it was not cancelled after all.
    let again = json!({ "version": 1 });
    let time = at("2026-03-05T00:00:00Z");
    world.accept(vec![subscription_with("3", time, "acme", "pro", "10", "active", &again)]);
    for _ in 0..2 {
        let snapshot = world.snapshot();
        assert_eq!(
            (world.total(churned), snapshot.figures.revenue.churned, snapshot.figures.revenue.paying),
            (1, 0, 1)
        );
        world.reopen();
    }
    // The departure that counted before is not counted again when it happens.
    world.accept(vec![subscription("4", at("2026-03-09T00:00:00Z"), "acme", "pro", "10", "canceled")]);
    assert_eq!((world.total(churned), world.snapshot().figures.revenue.churned), (1, 1));
}

#[test]
fn discounts_renewals_and_invoices_change_with_time() {
    let mut world = World::plain();
    let discount = json!({ "discounts": [{ "percent_off": "50", "ends_at": at("2026-03-20T00:00:00Z") }] });
    let invoice = json!({
        "id": "in-1", "customer": "acme", "status": "open", "amount": "10",
        "issued_at": start(), "effective_at": start(),
    });
    world.accept(vec![
        subscription_with("1", start(), "acme", "pro", "10", "active", &discount),
        event("2", "invoice", start(), None, &invoice),
    ]);
    assert_eq!(world.snapshot().figures.revenue.total_mrr().to_string(), "5");
    world.pass(10 * DAY);
    assert_eq!(world.snapshot().figures.revenue.total_mrr().to_string(), "10");
    assert_eq!(world.snapshot().figures.revenue.invoices_failed, 0);
    world.pass(5 * DAY);
    assert_eq!(world.snapshot().figures.revenue.invoices_failed, 1);
    world.now = at("2026-04-10T12:30:00Z");
    assert_eq!(world.snapshot().figures.revenue.renewals[&Window::Day], 1);
}
