//! What was seen rather than told, and what was inferred from it; and what says twice what counts once.

use pratiko_domain::event::{Event, PaymentOutcome, PaymentReason};
use pratiko_domain::money::Money;
use pratiko_domain::time::Timestamp;
use pratiko_ledger::recording::Verdict::{self, Accepted, Duplicate};
use pratiko_ledger::store::Total;
use serde_json::{Value, json};

use crate::world::{World, event, start, subscription_with};

fn days(days: u64) -> std::time::Duration {
    std::time::Duration::from_secs(days * 86_400)
}

/// A state of Carl's subscription, some days before the story begins.
fn state(id: &str, ago: u64, known_by: &str, euro: &str) -> Event {
    let known_by = json!({ "known_by": known_by });
    subscription_with(id, start().minus(days(ago)), "carl", "pro", euro, "active", &known_by)
}

fn import(world: &mut World, events: Vec<Event>) -> Vec<Verdict> {
    let now = world.now;
    world.recorder().record(events, true, now).unwrap()
}

fn worth(world: &mut World) -> Money {
    world.snapshot().figures.revenue.mrr.values().copied().sum()
}

#[test]
fn what_was_seen_as_it_was_told_is_known() {
    let mut world = World::plain();
    world.accept(vec![state("told-1", 9, "told", "20"), state("told-2", 5, "told", "30")]);
    assert_eq!(import(&mut world, vec![state("seen-1", 3, "seen", "30")]), [Duplicate]);
    assert_eq!(import(&mut world, vec![state("seen-2", 2, "seen", "40")]), [Accepted]);
    assert_eq!(import(&mut world, vec![state("seen-3", 1, "seen", "40")]), [Duplicate]);
    assert_eq!(worth(&mut world), Money::from_units(40));
    // It went there and back, and only the way back was missed.
    world.accept(vec![state("told-3", 0, "told", "50")]);
    world.pass(60);
    let again =
        subscription_with("seen-4", world.now, "carl", "pro", "40", "active", &json!({ "known_by": "seen" }));
    assert_eq!(import(&mut world, vec![again]), [Accepted]);
    assert_eq!(worth(&mut world), Money::from_units(40));
}

#[test]
fn the_first_inference_stays_and_contradicts_nothing() {
    let mut world = World::plain();
    let look = |euro: &str, ago: u64| {
        let seen = format!("seen-{ago}");
        vec![state("inferred-0", 20, "inferred", euro), state(&seen, ago, "seen", euro)]
    };
    assert_eq!(import(&mut world, look("20", 9)), [Accepted, Accepted]);
    assert_eq!(import(&mut world, look("20", 5)), [Duplicate, Duplicate]);
    assert_eq!(import(&mut world, look("30", 2)), [Duplicate, Accepted]);
    assert_eq!(import(&mut world, vec![state("inferred-1", 15, "inferred", "30")]), [Duplicate]);
    assert_eq!(worth(&mut world), Money::from_units(30));
    world.reopen();
    assert_eq!(worth(&mut world), Money::from_units(30));
}

#[test]
fn nothing_is_inferred_for_a_time_that_was_told_of() {
    let mut world = World::plain();
    world.accept(vec![state("told", 20, "told", "20")]);
    let look = vec![
        state("inferred-0", 25, "inferred", "30"),
        state("inferred-1", 20, "inferred", "30"),
        state("seen", 1, "seen", "20"),
    ];
    assert_eq!(import(&mut world, look), [Accepted, Duplicate, Duplicate]);
}

fn attempt(id: &str, at: Timestamp, counts_as: &str, outcome: &str) -> Event {
    let data: Value = json!({ "customer": "carl", "counts_as": counts_as, "method": "card", "outcome": outcome, "amount": "20" });
    event(id, "payment.attempt", at, None, &data)
}

#[test]
fn an_attempt_and_that_it_was_the_first_may_be_told_apart() {
    let mut world = World::plain();
    let at = start().minus(days(1));
    world.accept(vec![
        attempt("charge-1", at, "attempt", "failed"),
        attempt("charge-2", at, "attempt", "succeeded"),
        attempt("invoice-1", at, "first_attempt", "failed"),
    ]);
    let late = attempt("invoice-1", at, "first_attempt", "succeeded");
    assert_eq!(import(&mut world, vec![late]), [Duplicate]);
    for _ in 0..2 {
        let snapshot = world.snapshot();
        let of_30_days = snapshot.figures.payments.last().unwrap();
        let counts = |outcome| (of_30_days.attempts.of(outcome), of_30_days.first_attempts.of(outcome));
        assert_eq!(counts(PaymentOutcome::Failed), (1, 1));
        assert_eq!(counts(PaymentOutcome::Succeeded), (1, 0));
        let failed = Total::PaymentAttempts(
            pratiko_domain::event::PaymentMethod::Card,
            PaymentOutcome::Failed,
            Some(PaymentReason::Other),
        );
        assert_eq!(world.total(failed), 1);
        world.reopen();
    }
}
