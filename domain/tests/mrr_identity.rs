//! end = start + opening + new + expansion + reactivation − contraction − churn + fx, over companies with
//! thousands of subscriptions in several currencies, against an oracle that goes through every midnight
//! and knows nothing of how the figures are computed.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on ends")]

mod oracle;

use std::collections::BTreeMap;

use oracle::Oracle;
use oracle::company::{Company, Dice};
use pratiko_domain::money::Money;
use pratiko_domain::plan::PlanSlot;
use pratiko_domain::revenue::{
    CustomerHistory, MOVEMENT_WINDOWS, MovementKind, RevenuePolicy, RevenueSummary, Standing, Valuation,
};
use pratiko_domain::time::{Timestamp, Window};
use proptest::prelude::*;

/// Revenue and movements by plan.
type ByPlan = BTreeMap<PlanSlot, Money>;

fn summary(company: &Company, dice: &mut Dice, now: Timestamp) -> RevenueSummary {
    let valuation = Valuation { rates: &company.rates, zone: &company.zone };
    let standings: Vec<Standing> = company
        .customers
        .iter()
        .map(|states| {
            let mut arrived = states.clone();
            // Some are told twice, and they arrive in any order.
            let again = dice.below(states.len() + 1);
            arrived.extend_from_slice(&states[..again]);
            dice.shuffle(&mut arrived);
            Standing::of(&CustomerHistory::new(arrived, vec![]), now, RevenuePolicy::default(), valuation)
        })
        .collect();
    RevenueSummary::of(standings.iter(), now, &company.zone)
}

fn of_window(summary: &RevenueSummary, window: Window) -> BTreeMap<(PlanSlot, MovementKind), Money> {
    let within = summary.movements.iter().filter(|((_, _, of), _)| *of == window);
    let signed = within
        .map(|((plan, kind, _), amount)| ((*plan, *kind), if kind.is_loss() { -*amount } else { *amount }));
    signed.filter(|(_, amount)| !amount.is_zero()).collect()
}

/// A case is a whole company; `PROPTEST_CASES` asks for more of them.
fn config() -> ProptestConfig {
    let cases = std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(4);
    ProptestConfig { cases, max_shrink_iters: 0, failure_persistence: None, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn every_movement_is_what_a_naive_oracle_finds_and_together_they_make_the_difference(seed in any::<u64>()) {
        let mut dice = Dice::new(seed);
        let company = Company::of(1200, &mut dice);
        let subscriptions: usize = company.customers.iter().map(|states| oracle::ids(states).len()).sum();
        prop_assert!(subscriptions > 2000, "{} are not thousands", subscriptions);
        let oracle = Oracle::new(&company);
        let now = company.any_instant(&mut dice);
        let found = summary(&company, &mut dice, now);
        prop_assert_eq!(&found.mrr, &oracle.revenue(now));

        for window in MOVEMENT_WINDOWS {
            let from = window.start(now, &company.zone);
            let just_before = Timestamp::from_micros(from.micros() - 1);
            let start = oracle.revenue(just_before);
            prop_assert_eq!(&start, &summary(&company, &mut dice, just_before).mrr);

            let movements = of_window(&found, window);
            prop_assert_eq!(&movements, &oracle.movements(just_before, now), "{:?}", window);

            let mut end: ByPlan = start;
            for ((plan, _), amount) in &movements {
                *end.entry(*plan).or_default() += *amount;
            }
            end.retain(|_, amount| !amount.is_zero());
            prop_assert_eq!(&end, &found.mrr, "{:?}", window);
        }
    }
}
