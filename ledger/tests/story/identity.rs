//! The identity of revenue and its movements, over a whole ledger: recorded in any order and more than
//! once, with rates that come in pieces, against the oracle of the domain.

use std::collections::BTreeMap;
use std::sync::Arc;

use pratiko_domain::currency::DailyRates;
use pratiko_domain::event::{Body, Event};
use pratiko_domain::money::Money;
use pratiko_domain::plan::PlanSlot;
use pratiko_domain::revenue::{MOVEMENT_WINDOWS, MovementKind, SubscriptionState};
use pratiko_domain::time::Timestamp;
use pratiko_ledger::Settings;
use pratiko_ledger::recording::Verdict;
use pratiko_ledger::settings::PlanSettings;
use proptest::prelude::*;

use crate::oracle::Oracle;
use crate::oracle::company::{Company, Dice};
use crate::world::World;

/// The event that tells of a state, with ids that are unique among all customers.
fn told(customer: usize, state: &SubscriptionState, at: Timestamp) -> Event {
    let mut change = state.change.clone();
    change.customer = format!("customer-{customer}");
    change.id = format!("{customer}-{}", change.id);
    for (item, plan) in change.items.iter_mut().zip(&state.plans) {
        item.plan = Some(format!("plan-{}", plan.0));
    }
    Event {
        source: "test".to_owned(),
        id: format!("{customer}-{}", state.event_id),
        time: at,
        subject: None,
        body: Body::SubscriptionChanged(change),
    }
}

fn rates_in_pieces(company: &Company, dice: &mut Dice) -> Vec<Vec<DailyRates>> {
    let mut all: Vec<DailyRates> = company
        .rates
        .currencies()
        .flat_map(|currency| {
            let rates = company.rates.of_currency(currency);
            rates.map(|(day, rate)| DailyRates { day, rates: vec![(currency.to_owned(), rate)] })
        })
        .collect();
    dice.shuffle(&mut all);
    all.chunks(100).map(<[DailyRates]>::to_vec).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3, max_shrink_iters: 0, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn revenue_at_the_end_is_revenue_at_the_start_and_what_moved_it(seed in any::<u64>()) {
        let mut dice = Dice::new(seed);
        let company = Arc::new(Company::of(150, &mut dice));
        let plan = |slot: u16| PlanSettings { name: format!("plan-{slot}"), ..PlanSettings::default() };
        let settings = Settings {
            zone: Arc::new(company.zone),
            plans: vec![plan(PlanSlot::FIRST.0), plan(PlanSlot::FIRST.0 + 1)],
            ..Settings::default()
        };
        let mut world = World::with_settings(settings);
        world.now = company.any_instant(&mut dice);

        let customers = company.customers.iter().enumerate();
        let mut events: Vec<Event> = customers
            .flat_map(|(number, states)| states.iter().map(move |state| (number, state)))
            .map(|(number, state)| told(number, state, world.now))
            .collect();
        dice.shuffle(&mut events);
        let mut pieces = rates_in_pieces(&company, &mut dice);
        for group in events.chunks(80) {
            world.accept(group.to_vec());
            prop_assert_eq!(world.record(group[..1].to_vec()), [Verdict::Duplicate]);
            let now = world.now;
            if let Some(piece) = pieces.pop() {
                world.recorder().add_rates(&piece, now).unwrap();
            }
        }
        let now = world.now;
        for piece in pieces {
            world.recorder().add_rates(&piece, now).unwrap();
        }

        let oracle = Oracle::new(&company);
        let snapshot = world.snapshot();
        let revenue = &snapshot.figures.revenue;
        prop_assert_eq!(&revenue.mrr, &oracle.revenue(now));
        for window in MOVEMENT_WINDOWS {
            let just_before = Timestamp::from_micros(window.start(now, &company.zone).micros() - 1);
            let movements: BTreeMap<(PlanSlot, MovementKind), Money> = revenue
                .movements
                .iter()
                .filter(|((_, _, of), amount)| *of == window && !amount.is_zero())
                .map(|((plan, kind, _), amount)| {
                    ((*plan, *kind), if kind.is_loss() { -*amount } else { *amount })
                })
                .collect();
            prop_assert_eq!(&movements, &oracle.movements(just_before, now), "{:?}", window);
            let mut end = oracle.revenue(just_before);
            for ((plan, _), amount) in movements {
                *end.entry(plan).or_default() += amount;
            }
            end.retain(|_, amount| !amount.is_zero());
            prop_assert_eq!(&end, &revenue.mrr, "{:?}", window);
        }
    }
}
