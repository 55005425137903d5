//! Subscriptions that are told and looked up, and what a history of that comes to.

use pratiko_domain::currency::Rates;
use pratiko_domain::event::{Body, KnownBy, SubscriptionChanged, SubscriptionStatus};
use pratiko_domain::money::Money;
use pratiko_domain::plan::PlanSlot;
use pratiko_domain::revenue::{
    CustomerHistory, Movement, MovementKind, RevenuePolicy, Standing, SubscriptionState, Valuation,
};
use pratiko_domain::time::UtcZone;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::stripe::testing::merge;

const DAY: i64 = 86_400;
/// 2026-01-01.
const START: i64 = 1_767_225_600;

pub fn day(day: i64) -> Timestamp {
    Timestamp::from_seconds(START + day * DAY)
}

fn seconds(on: i64) -> i64 {
    START + on * DAY
}

/// A subscription as the versions since 2025-03-31 have it: 25 euro a month since day 0.
pub fn subscription(more: &Value) -> Value {
    let period = json!({"current_period_start": seconds(0), "current_period_end": seconds(31)});
    let price =
        json!({"id": "price_1", "currency": "eur", "unit_amount": 2500, "recurring": {"interval": "month"}});
    let item = merge(json!({"id": "si_1", "quantity": 1, "price": price}), &period);
    merge(
        json!({
            "id": "sub_1", "object": "subscription", "customer": "cus_1", "status": "active",
            "created": seconds(0), "livemode": true, "items": {"object": "list", "data": [item]},
        }),
        more,
    )
}

fn quantity(count: u64) -> Value {
    let mut items = subscription(&json!({}))["items"].clone();
    items["data"][0]["quantity"] = json!(count);
    json!({ "items": items })
}

pub fn webhook(kind: &str, at: i64, object: &Value) -> Vec<u8> {
    let envelope = json!({
        "id": "evt_1", "object": "event", "api_version": "2025-03-31.basil", "created": at, "livemode": true,
        "type": kind, "pending_webhooks": 1, "data": {"object": object, "previous_attributes": {}},
    });
    serde_json::to_vec(&envelope).unwrap()
}

fn told(kind: &str, at: i64, more: &Value) -> Event {
    let payload = webhook(&format!("customer.subscription.{kind}"), at, &subscription(more));
    read_webhook(&payload, &Policy::default()).unwrap().events.remove(0)
}

fn seen(more: &Value, on: i64, reach: Option<i64>) -> Vec<Event> {
    let look = Look { at: day(on), reach: reach.map(day) };
    let json = subscription(more).to_string();
    read_listed(Object::Subscription, &json, look, &Policy::default()).unwrap().events
}

fn change(event: &Event) -> &SubscriptionChanged {
    match &event.body {
        Body::SubscriptionChanged(change) => change,
        other => panic!("{other:?}"),
    }
}

/// How the customer stands after these events, on a day.
fn standing(events: &[Event], on: i64) -> Standing {
    let states = events.iter().map(|event| SubscriptionState {
        event_id: event.id.clone(),
        change: change(event).clone(),
        plans: vec![PlanSlot(4); change(event).items.len()],
    });
    let valuation = Valuation { rates: &Rates::default(), zone: &UtcZone };
    let history = CustomerHistory::new(states.collect(), vec![]);
    Standing::of(&history, day(on), RevenuePolicy::default(), valuation)
}

fn movements(events: &[Event], on: i64) -> Vec<(Timestamp, MovementKind, String)> {
    let told = |movement: &Movement| (movement.at, movement.kind, movement.total().to_string());
    standing(events, on).movements.iter().map(told).collect()
}

#[test]
fn both_shapes_of_a_subscription_are_the_same_event() {
    let new = told("updated", seconds(3), &json!({"cancel_at_period_end": true}));
    let price =
        json!({"id": "price_1", "object": "plan", "currency": "eur", "amount": 2500, "interval": "month"});
    let old = json!({
        "items": {"data": [{"id": "si_1", "plan": price, "quantity": 1}]}, "cancel_at_period_end": true,
        "current_period_start": seconds(0), "current_period_end": seconds(31), "plan": price, "quantity": 1,
        "customer": {"id": "cus_1", "object": "customer", "email": "somebody@example.com"},
    });
    assert_eq!(told("updated", seconds(3), &old), new);
    let oldest = merge(old, &json!({"items": null}));
    assert_eq!(told("updated", seconds(3), &oldest), new);
    assert_eq!(change(&new).cancel_at, Some(day(31)));
}

#[test]
fn every_status_has_its_meaning() {
    let cases = [
        (json!({"status": "trialing"}), SubscriptionStatus::Trialing),
        (json!({"status": "active"}), SubscriptionStatus::Active),
        (json!({"status": "past_due"}), SubscriptionStatus::PastDue),
        (json!({"status": "unpaid"}), SubscriptionStatus::Unpaid),
        (json!({"status": "paused"}), SubscriptionStatus::Paused),
        (json!({"status": "incomplete"}), SubscriptionStatus::Incomplete),
        (json!({"status": "incomplete_expired"}), SubscriptionStatus::Canceled),
        (json!({"status": "canceled"}), SubscriptionStatus::Canceled),
        (json!({"pause_collection": {"behavior": "void"}}), SubscriptionStatus::Paused),
        (json!({"pause_collection": null}), SubscriptionStatus::Active),
    ];
    for (more, expected) in cases {
        assert_eq!(change(&told("updated", seconds(1), &more)).status, expected, "{more}");
    }
}

#[test]
fn both_fields_for_discounts_are_read_and_an_id_alone_is_a_gap() {
    let off = |percent: u64| json!({"id": "di_1", "coupon": {"percent_off": percent, "duration": "forever"}, "end": null});
    let count = |more: &Value| {
        let payload = webhook("customer.subscription.updated", seconds(1), &subscription(more));
        let said = read_webhook(&payload, &Policy::default()).unwrap();
        (change(&said.events[0]).discounts.len(), said.gaps.discounts)
    };
    assert_eq!(count(&json!({"discount": off(10), "discounts": ["di_1"]})), (1, 0));
    assert_eq!(count(&json!({"discount": off(10), "discounts": [off(10)]})), (1, 0));
    assert_eq!(count(&json!({"discounts": [off(10), off(20)]})), (2, 0));
    assert_eq!(count(&json!({"discount": null, "discounts": []})), (0, 0));
    assert_eq!(count(&json!({"discounts": ["di_1"]})), (0, 1));
}

#[test]
fn a_discount_of_one_item_among_several_takes_off_its_part_only() {
    let mut items = subscription(&json!({}))["items"].clone();
    let mut second = items["data"][0].clone();
    second["price"]["unit_amount"] = json!(1000);
    second["discounts"] = json!([{"coupon": {"percent_off": 50, "duration": "forever"}}]);
    items["data"].as_array_mut().unwrap().push(second);
    let event = told("created", seconds(0), &json!({ "items": items }));
    assert_eq!(standing(&[event], 1).revenue, [(PlanSlot(4), Money::from_units(30))]);
}

#[test]
fn a_discount_of_a_metered_item_takes_nothing_off_the_others() {
    let off = |given: Value| {
        let mut items = subscription(&json!({}))["items"].clone();
        let mut metered = items["data"][0].clone();
        metered["price"]["recurring"]["usage_type"] = json!("metered");
        metered["discounts"] = json!([given]);
        items["data"].as_array_mut().unwrap().push(metered);
        told("created", seconds(0), &json!({ "items": items }))
    };
    for given in [
        json!({"coupon": {"percent_off": 100, "duration": "forever"}}),
        json!({"coupon": {"amount_off": 500, "currency": "eur", "duration": "forever"}}),
        json!("di_1"),
    ] {
        let event = off(given);
        assert!(!change(&event).discounts_unknown);
        assert_eq!(standing(&[event], 1).revenue, [(PlanSlot(4), Money::from_units(25))]);
    }
}

#[test]
fn a_price_of_several_currencies_is_not_counted_in_another_than_is_paid() {
    let charged_in = |code: &str| {
        let object = subscription(&json!({ "currency": code }));
        let said =
            read_webhook(&webhook("customer.subscription.created", seconds(0), &object), &Policy::default());
        let said = said.unwrap();
        (change(&said.events[0]).items[0].clone(), said.gaps.prices)
    };
    let (in_euro, gaps) = charged_in("eur");
    assert_eq!((in_euro.unit_amount, in_euro.currency.as_str(), gaps), (Money::from_units(25), "EUR", 0));
    let (in_yen, gaps) = charged_in("jpy");
    assert_eq!((in_yen.unit_amount, in_yen.currency.as_str(), gaps), (Money::ZERO, "JPY", 1));
}

#[test]
fn an_amount_off_a_price_that_includes_tax_includes_tax_too() {
    let mut items = subscription(&json!({}))["items"].clone();
    items["data"][0]["price"]["tax_behavior"] = json!("inclusive");
    items["data"][0]["tax_rates"] = json!([{"percentage": 25, "inclusive": true}]);
    let off = json!({"coupon": {"amount_off": 500, "currency": "eur", "duration": "forever"}});
    let of_all = told("created", seconds(0), &json!({"items": items, "discounts": [off]}));
    // 25 are 20 and tax, 5 off are 4 and tax.
    assert_eq!(standing(&[of_all], 1).revenue, [(PlanSlot(4), Money::from_units(16))]);
    items["data"][0]["discounts"] = json!([off]);
    let of_the_item = told("created", seconds(0), &json!({ "items": items }));
    assert_eq!(standing(&[of_the_item], 1).revenue, [(PlanSlot(4), Money::from_units(16))]);
}

#[test]
fn what_moves_to_a_price_that_cannot_be_told_costs_no_more_what_it_did_and_still_ends() {
    let tiered = |more: Value| {
        let mut items = subscription(&json!({}))["items"].clone();
        items["data"][0]["price"] = json!({"id": "price_2", "currency": "eur", "billing_scheme": "tiered",
            "recurring": {"interval": "year"}});
        merge(json!({ "items": items }), &more)
    };
    let begun = told("created", seconds(0), &json!({}));
    let moved = told("updated", seconds(3), &tiered(json!({"cancel_at": seconds(20)})));
    assert_eq!(change(&moved).items[0].price.as_deref(), Some("price_2"));
    assert_eq!(change(&moved).cancel_at, Some(day(20)));
    let known = [begun.clone(), moved];
    assert_eq!(standing(&known, 9).revenue, []);
    assert_eq!(movements(&known, 9)[1], (day(3), MovementKind::Churn, "-25".to_owned()));

    let ended = told("deleted", seconds(5), &tiered(json!({"status": "canceled", "ended_at": seconds(5)})));
    assert_eq!((ended.time, change(&ended).status), (day(5), SubscriptionStatus::Canceled));
    assert_eq!(standing(&[begun, ended], 9).revenue, []);

    for items in [json!({"data": [{"price": "price_2"}]}), json!({"data": []}), json!(null)] {
        let payload =
            webhook("customer.subscription.updated", seconds(1), &subscription(&json!({"items": items})));
        let said = read_webhook(&payload, &Policy::default()).unwrap();
        assert_eq!(change(&said.events[0]).items[0].unit_amount, Money::ZERO, "{items}");
    }
}

#[test]
fn deliveries_in_the_same_second_settle_to_the_later_stage_of_life() {
    let created = told("created", seconds(0), &json!({"status": "incomplete"}));
    let paid = told("updated", seconds(0), &json!({}));
    for order in [[created.clone(), paid.clone()], [paid, created]] {
        assert_eq!(movements(&order, 9), [(day(0), MovementKind::New, "25".to_owned())]);
    }
}

#[test]
fn there_and_back_again_is_two_changes_and_a_repeated_delivery_is_none() {
    let one = told("created", seconds(0), &json!({}));
    let more = told("updated", seconds(3), &quantity(2));
    let back = told("updated", seconds(5), &json!({}));
    let again = told("updated", seconds(5), &json!({}));
    assert_eq!(back, again);
    assert_ne!(one.id, back.id);
    let expected = [
        (day(0), MovementKind::New, "25".to_owned()),
        (day(3), MovementKind::Expansion, "25".to_owned()),
        (day(5), MovementKind::Contraction, "-25".to_owned()),
    ];
    assert_eq!(movements(&[back, one, more], 9), expected);
}

#[test]
fn its_end_is_the_same_event_told_or_seen() {
    let ended = json!({"status": "canceled", "ended_at": seconds(20), "canceled_at": seconds(18)});
    let event = told("deleted", seconds(20) + 7, &ended);
    assert_eq!(event.time, day(20));
    assert_eq!(seen(&ended, 60, None).last(), Some(&event));
    assert_eq!(seen(&ended, 90, Some(15)).last(), Some(&event));
    assert_eq!(told("updated", seconds(21), &ended), event);
}

#[test]
fn what_was_seen_is_taken_to_have_been_so_from_its_beginning() {
    let events = seen(&json!({}), 60, None);
    assert_eq!(
        events.iter().map(|event| change(event).known_by).collect::<Vec<_>>(),
        [KnownBy::Inferred, KnownBy::Seen]
    );
    assert_eq!(movements(&events, 61), [(day(0), MovementKind::New, "25".to_owned())]);
}

#[test]
fn what_was_there_before_the_reach_is_one_opening() {
    let events = seen(&json!({}), 60, Some(40));
    assert_eq!(movements(&events, 61), [(day(40), MovementKind::Opening, "25".to_owned())]);
    let gone = json!({"status": "canceled", "ended_at": seconds(20)});
    assert!(seen(&gone, 60, Some(40)).is_empty());
    let left = json!({"status": "canceled", "ended_at": seconds(50)});
    assert_eq!(
        movements(&seen(&left, 60, Some(40)), 61),
        [(day(40), MovementKind::Opening, "25".to_owned()), (day(50), MovementKind::Churn, "-25".to_owned()),]
    );
}

#[test]
fn a_life_is_inferred_as_far_as_the_object_tells_it() {
    let life = |more: &Value| -> Vec<(i64, &str)> {
        let events = seen(more, 60, None);
        let told = events.iter().filter(|event| change(event).known_by == KnownBy::Inferred);
        told.map(|event| {
            let since = event.time.since(day(0)).as_secs() as i64 / DAY;
            (since, change(event).status.name())
        })
        .collect()
    };
    let trial = |more: Value| merge(json!({"trial_start": seconds(0), "trial_end": seconds(14)}), &more);
    let mut renewed = quantity(1);
    renewed["items"]["data"][0]["current_period_start"] = json!(seconds(31));
    assert_eq!(life(&json!({})), [(0, "active")]);
    assert_eq!(life(&trial(json!({}))), [(0, "trialing"), (14, "active")]);
    assert_eq!(life(&trial(json!({"status": "trialing", "trial_end": seconds(90)}))), [(0, "trialing")]);
    assert_eq!(life(&trial(json!({"status": "paused"}))), [(0, "trialing"), (14, "paused")]);
    assert_eq!(life(&trial(json!({"status": "canceled", "ended_at": seconds(9)}))), [(0, "trialing")]);
    assert_eq!(life(&json!({"status": "incomplete"})), [(0, "incomplete")]);
    assert!(life(&json!({"status": "incomplete_expired", "ended_at": seconds(1)})).is_empty());
    let unpaid = merge(renewed.clone(), &json!({"status": "past_due"}));
    assert_eq!(life(&unpaid), [(0, "active"), (31, "past_due")]);
    let lost = json!({"status": "canceled", "ended_at": seconds(45), "cancellation_details": {"reason": "payment_failed"}});
    assert_eq!(life(&merge(renewed, &lost)), [(0, "active"), (31, "past_due")]);
    assert_eq!(life(&json!({"pause_collection": {"behavior": "void"}})), [(0, "active")]);
}

#[test]
fn a_webhook_that_comes_after_a_backfill_makes_no_false_departure() {
    let mut events = seen(&json!({}), 2, None);
    events.push(told("created", seconds(0), &json!({"status": "incomplete"})));
    events.push(told("updated", seconds(0) + 3, &json!({})));
    let kinds: Vec<_> = movements(&events, 9).into_iter().map(|(_, kind, _)| kind).collect();
    assert_eq!(kinds, [MovementKind::New]);
}

#[test]
fn a_backfill_mends_what_a_lost_webhook_left() {
    let mut events = vec![told("created", seconds(0), &json!({})), told("updated", seconds(3), &quantity(2))];
    // That it went back to one was never told.
    events.extend(seen(&json!({}), 9, None));
    assert_eq!(standing(&events, 9).revenue, [(PlanSlot(4), Money::from_units(25))]);
    assert_eq!(standing(&events, 8).revenue, [(PlanSlot(4), Money::from_units(50))]);
}

proptest! {
    /// Whatever a subscription goes through, in whatever order and however often it is delivered, and
    /// whenever somebody looks: it ends as it stands.
    #[test]
    fn deliveries_settle_to_the_last_state(
        story in proptest::collection::vec((1..20_i64, 1..5_u64), 1..12),
        looks in proptest::collection::vec(0..260_i64, 0..3),
        order in any::<prop::sample::Index>(),
        lost in proptest::option::of(any::<prop::sample::Index>()),
    ) {
        let mut events = vec![told("created", seconds(0), &json!({}))];
        let (mut on, mut states) = (0, vec![(0, 1)]);
        for (days, count) in &story {
            on += days;
            states.push((on, *count));
            events.push(told("updated", seconds(on), &quantity(*count)));
        }
        // One delivery may be lost, if somebody looks after the end.
        if let Some(lost) = lost {
            events.remove(lost.index(events.len()));
        }
        for look in looks.into_iter().chain([on + 1]) {
            let count = states.iter().rev().find(|(since, _)| *since <= look).map_or(1, |(_, count)| *count);
            events.extend(seen(&quantity(count), look, None));
        }
        let expected = Money::from_units(25 * i64::try_from(states.last().unwrap().1).unwrap());
        let shift = order.index(events.len());
        events.rotate_left(shift);
        let doubled: Vec<Event> = events.iter().rev().chain(&events).cloned().collect();
        prop_assert_eq!(standing(&events, on + 1).revenue, [(PlanSlot(4), expected)]);
        let unique: std::collections::BTreeMap<String, Event> =
            doubled.into_iter().map(|event| (event.id.clone(), event)).collect();
        prop_assert_eq!(standing(&unique.into_values().collect::<Vec<_>>(), on + 1).revenue, [(PlanSlot(4), expected)]);
    }
}
