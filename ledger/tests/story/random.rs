//! Random events and a random clock: what is kept is always what would be read.

use pratiko_domain::currency::{DailyRates, Rate};
use pratiko_domain::event::Event;
use pratiko_domain::time::{Date, Timestamp};
use pratiko_ledger::Settings;
use pratiko_ledger::figures::Snapshot;
use pratiko_ledger::settings::{InternalParties, PlanSettings};
use pratiko_ledger::store::{Store, Total};
use pratiko_ledger::transfer;
use proptest::prelude::*;
use serde_json::json;

use crate::stores;
use crate::world::{World, event, start, subscription_in, subscription_with, usage_with};

/// What to make an event of.
#[derive(Debug, Clone)]
struct Seed {
    kind: u8,
    user: u8,
    customer: u8,
    plan: u8,
    minutes_ago: u32,
    cents: u16,
    variant: u8,
    later_minutes: u32,
}

#[derive(Debug, Clone)]
enum Step {
    Record(Vec<Seed>),
    /// Rates by how many days ago they are dated: whether of the dollar, in hundredths per euro.
    Rates(Vec<(i64, bool, i64)>),
    Pass(u64),
    SetBack(u64),
    Reopen,
    Maintain,
}

fn seed() -> impl Strategy<Value = Seed> {
    let minutes = prop_oneof![0_u32..30, 0_u32..2000, 0_u32..35 * 24 * 60];
    (0_u8..10, 0_u8..6, 0_u8..5, 0_u8..4, minutes, 0_u16..1000, 0_u8..6, 0_u32..60 * 24 * 60).prop_map(
        |(kind, user, customer, plan, minutes_ago, cents, variant, later_minutes)| Seed {
            kind,
            user,
            customer,
            plan,
            minutes_ago,
            cents,
            variant,
            later_minutes,
        },
    )
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => proptest::collection::vec(seed(), 1..12).prop_map(Step::Record),
        5 => prop_oneof![0_u64..1000, 0_u64..100_000, 0_u64..10_000_000].prop_map(Step::Pass),
        1 => prop_oneof![0_u64..1000, 0_u64..100_000, 0_u64..4_000_000].prop_map(Step::SetBack),
        2 => proptest::collection::vec((0_i64..40, any::<bool>(), 50_i64..200), 1..20).prop_map(Step::Rates),
        1 => Just(Step::Reopen),
        1 => Just(Step::Maintain),
    ]
}

/// The event of a seed. Each has a time of its own, and a number that is its id.
fn make(seed: &Seed, number: usize, now: Timestamp) -> Event {
    let ago = u64::from(seed.minutes_ago) * 60_000_000 + number as u64 % 60_000_000;
    let time = now.minus(std::time::Duration::from_micros(ago));
    let later = time.plus(std::time::Duration::from_secs(u64::from(seed.later_minutes) * 60));
    let (id, user) = (format!("{number}"), format!("user-{}", seed.user));
    let amount = format!("{}.{:02}", seed.cents / 100, seed.cents % 100);
    let customer = (seed.customer > 0).then(|| format!("customer-{}", seed.customer));
    let plan = (seed.plan > 0).then(|| format!("plan-{}", seed.plan));
    let mut more = json!({});
    if let Some(customer) = &customer {
        more["customer"] = customer.as_str().into();
    }
    if let (Some(plan), true) = (&plan, seed.variant < 3) {
        more["plan"] = plan.as_str().into();
    }
    let subject = (seed.user > 0).then_some(user.as_str());
    let payer = customer.as_deref().unwrap_or("user-1");
    let plan = plan.as_deref().unwrap_or("plan-1");
    match seed.kind {
        0..=2 => {
            match seed.variant {
                1 => {}
                2 => (more["cost"], more["currency"]) = (amount.as_str().into(), "USD".into()),
                _ => more["cost_eur"] = amount.as_str().into(),
            }
            usage_with(&id, time, subject, &more)
        }
        3 => {
            (more["category"], more["cost_eur"]) = ("hosting".into(), amount.as_str().into());
            event(&id, "cost.other", time, subject, &more)
        }
        4 => {
            let kind = ["user.registered", "user.active"][usize::from(seed.variant % 2)];
            event(&id, kind, time, Some(&user), &more)
        }
        5 | 6 => {
            let status = ["active", "trialing", "past_due", "canceled", "unpaid", "paused"];
            let status = status[usize::from(seed.variant)];
            let more = match seed.plan {
                0 => json!({ "cancel_at": later }),
                1 => json!({ "discounts": [{ "percent_off": "50", "ends_at": later }] }),
                _ => json!({ "version": number }),
            };
            let currency = ["EUR", "USD", "GBP"][usize::from(seed.cents % 3)];
            subscription_in(currency, &subscription_with(&id, time, payer, plan, &amount, status, &more))
        }
        7 => {
            let statuses = ["open", "paid", "uncollectible"];
            let status = statuses[usize::from(seed.variant % 3)];
            let data = json!({
                "id": format!("in-{payer}-{}", seed.plan), "customer": payer, "amount": amount,
                "subscription": format!("sub-{payer}"), "status": status, "issued_at": time,
                "paid_at": later, "effective_at": time, "version": number,
            });
            event(&id, "invoice", time, None, &data)
        }
        8 => {
            let outcomes = ["succeeded", "failed", "canceled", "blocked", "pending", "failed"];
            let data = json!({
                "customer": payer, "method": "card", "outcome": outcomes[usize::from(seed.variant)],
                "amount": amount, "attempt_number": seed.plan + 1,
                "currency": if seed.customer == 2 { "GBP" } else { "EUR" },
            });
            event(&id, "payment.attempt", time, None, &data)
        }
        _ => {
            let data = json!({
                "id": format!("dp-{}", seed.plan), "customer": payer, "status": "open", "amount": amount,
            });
            event(&id, "dispute", time, None, &data)
        }
    }
}

fn settings() -> Settings {
    let plan = |name: &str| PlanSettings { name: name.to_owned(), ..PlanSettings::default() };
    Settings {
        plans: vec![plan("plan-1"), plan("plan-2")],
        internal: InternalParties::new(["user-5".to_owned(), "customer-4".to_owned()]),
        ..Settings::default()
    }
}

fn totals_never_fall(before: &Snapshot, after: &Snapshot) {
    for (total, value) in &before.totals {
        assert!(crate::world::total_of(after, *total) >= *value, "{total:?} fell");
    }
}

/// Departures and trials count what was known at some moment, so they depend on the moments.
fn without_moments(snapshot: &Snapshot) -> Snapshot {
    let mut snapshot = snapshot.clone();
    snapshot.totals.retain(|(total, _)| !matches!(total, Total::Churned(..) | Total::Trials(..)));
    (snapshot.ledger, snapshot.last_recorded) = (String::new(), None);
    snapshot.figures.plans.clear();
    snapshot
}

proptest! {
    #![proptest_config(ProptestConfig { cases: stores::CASES, failure_persistence: None, ..ProptestConfig::default() })]

    /// [`World::snapshot`] compares the figures that are kept with those of a ledger that has just
    /// been opened.
    #[test]
    fn figures_that_are_kept_are_those_that_are_read(steps in proptest::collection::vec(step(), 1..30)) {
        let mut world = World::with_settings(settings());
        let mut number = 0;
        let mut before = world.snapshot();
        for step in steps {
            match step {
                Step::Record(seeds) => {
                    let events = seeds.iter().enumerate().map(|(index, seed)| make(seed, number + index, world.now));
                    let events: Vec<Event> = events.collect();
                    number += seeds.len();
                    world.accept(events);
                }
                Step::Rates(told) => {
                    let now = world.now;
                    let today = now.utc_date().days_since_epoch();
                    let days: Vec<DailyRates> = told.into_iter().map(|(ago, of_dollar, hundredths)| DailyRates {
                        day: Date::from_days_since_epoch(today - ago),
                        rates: vec![(
                            if of_dollar { "USD" } else { "GBP" }.to_owned(),
                            Rate::from_nanos(hundredths * 10_000_000).unwrap(),
                        )],
                    }).collect();
                    world.recorder().add_rates(&days, now).unwrap();
                }
                Step::Pass(seconds) => world.pass(seconds),
                Step::SetBack(seconds) => world.now = world.now.minus(std::time::Duration::from_secs(seconds)),
                Step::Reopen => world.reopen(),
                Step::Maintain => {
                    let now = world.now;
                    let mut store = world.store();
                    store.begin().unwrap();
                    store.maintain(now).unwrap();
                    store.commit().unwrap();
                }
            }
            let after = world.snapshot();
            totals_never_fall(&before, &after);
            before = after;
        }
    }

    #[test]
    fn a_late_batch_gives_the_same_figures_in_any_order(
        seeds in proptest::collection::vec(seed(), 1..40),
        group in 1_usize..20,
        turn in 0_usize..40,
    ) {
        let in_order: Vec<Event> = seeds.iter().enumerate().map(|(index, seed)| make(seed, index, start())).collect();
        let mut another_order = in_order.clone();
        another_order.reverse();
        another_order.rotate_left(turn % in_order.len());
        let mut one = World::with_settings(settings());
        one.accept(in_order);
        let mut other = World::with_settings(settings());
        for events in another_order.chunks(group) {
            other.accept(events.to_vec());
        }
        for _ in 0..3 {
            let (one_snapshot, other_snapshot) = (one.snapshot(), other.snapshot());
            prop_assert_eq!(one_snapshot.figures.costs, other_snapshot.figures.costs);
            prop_assert_eq!(one_snapshot.figures.revenue, other_snapshot.figures.revenue);
            prop_assert_eq!(one_snapshot.figures.payments, other_snapshot.figures.payments);
            one.pass(9 * 86_400 + 1234);
            other.pass(9 * 86_400 + 1234);
        }
    }

    #[test]
    fn an_exported_ledger_is_the_same_after_its_import(
        seeds in proptest::collection::vec(seed(), 1..40),
        group in 1_usize..20,
    ) {
        let mut one = World::with_settings(settings());
        let events: Vec<Event> = seeds.iter().enumerate().map(|(index, seed)| make(seed, index, start())).collect();
        for events in events.chunks(group) {
            one.accept(events.to_vec());
        }
        let mut other = World::with_settings(settings());
        other.pass(40 * 86_400);
        one.pass(40 * 86_400);
        let exported = export(&mut one);
        let now = other.now;
        let recorder = other.recorder();
        let record = |events| recorder.record(events, true, now).map_err(transfer::TransferError::from);
        let imported = transfer::import(&*exported, now, record, |_| {}).unwrap();
        prop_assert_eq!(imported.accepted, events.len() as u64);
        prop_assert_eq!(String::from_utf8(exported).unwrap(), String::from_utf8(export(&mut other)).unwrap());
        prop_assert_eq!(without_moments(&one.snapshot()), without_moments(&other.snapshot()));
    }
}

pub fn export(world: &mut World) -> Vec<u8> {
    let mut lines = Vec::new();
    transfer::export(&mut world.store(), Timestamp::MIN, Timestamp::MAX, &[], &mut lines).unwrap();
    lines
}
