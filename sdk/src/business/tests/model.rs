//! Whatever is recorded and whenever: the figures are those of a list of all that was recorded.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use pratiko_domain::cost::{CostSummary, UserFacts, WindowSums, window_index};
use pratiko_domain::internal::InternalParties;
use pratiko_domain::money::Money;
use pratiko_domain::plan::{CostLimits, PlanSlot};
use pratiko_domain::time::{Quarter, Timestamp, Window};
use proptest::prelude::*;

use crate::business::testing::{Nepal, accounts_at, at};
use crate::business::{AccountSettings, Usage};

const START: &str = "2026-02-26T22:07:00Z";

#[derive(Debug, Clone)]
enum Step {
    Record { user: u8, customer: u8, plan: u16, llm: u64, other: u64, active: bool },
    Pass(u64),
    SetBack(u64),
    Scrape,
}

fn step() -> impl Strategy<Value = Step> {
    // Some have no room in 48 bits.
    let amount = prop_oneof![3 => 0_u64..1_000_000, 1 => 0_u64..1 << 50, 1 => Just(0_u64)];
    let record = (0_u8..6, 0_u8..6, 0_u16..4, amount.clone(), amount, any::<bool>()).prop_map(
        |(user, customer, plan, llm, other, active)| Step::Record {
            user,
            customer,
            plan,
            llm,
            other,
            active,
        },
    );
    let seconds = prop_oneof![0_u64..1000, 0_u64..20_000, 0_u64..300_000, 0_u64..4_000_000];
    prop_oneof![
        6 => record,
        4 => seconds.prop_map(Step::Pass),
        1 => (0_u64..5000).prop_map(Step::SetBack),
        2 => Just(Step::Scrape),
    ]
}

/// A list of all that was recorded.
#[derive(Default)]
struct Model {
    costs: Vec<(Quarter, u8, u64, u64)>,
    active: BTreeMap<u8, Quarter>,
    stated: BTreeMap<u8, PlanSlot>,
    payers: BTreeMap<u8, u8>,
}

impl Model {
    /// User 5 is internal; user 0 is usage without one.
    fn plan(&self, user: u8) -> PlanSlot {
        let payer = self.payers.get(&user).copied().unwrap_or(user);
        match user {
            0 => PlanSlot::UNATTRIBUTED,
            _ if user == 5 || payer == 5 => PlanSlot::INTERNAL,
            _ => self.stated.get(&user).copied().unwrap_or(PlanSlot::NONE),
        }
    }

    fn summary(&self, now: Timestamp) -> CostSummary {
        let starts = Window::ALL.map(|window| window.first_quarter(now, &Nepal));
        let start = |window: Window| starts[window_index(window)];
        let sums: Vec<(u8, WindowSums, WindowSums)> = (0..6)
            .map(|user| {
                let (mut llm, mut other) = (WindowSums::default(), WindowSums::default());
                for (quarter, _, calls, rest) in self.costs.iter().filter(|(_, known, ..)| *known == user) {
                    for (window, start) in starts.iter().enumerate().filter(|(_, start)| quarter >= start) {
                        assert!(start <= quarter);
                        llm[window] += Money::from_nanos((*calls).into());
                        other[window] += Money::from_nanos((*rest).into());
                    }
                }
                (user, llm, other)
            })
            .collect();
        let facts = sums.iter().map(|(user, llm, other)| UserFacts {
            plan: self.plan(*user),
            llm,
            other,
            active: CostSummary::ACTIVE_WINDOWS.map(|window| self.active.get(user) >= Some(&start(window))),
            revenue_share: Money::ZERO,
        });
        CostSummary::of(facts, 24, |_| CostLimits::default())
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_figures_are_those_of_a_list_of_all_that_was_recorded(
        steps in proptest::collection::vec(step(), 1..60)
    ) {
        let internal = InternalParties::new(["u-5".to_owned()]);
        let settings = AccountSettings { internal, zone: Arc::new(Nepal), ..AccountSettings::default() };
        let accounts = accounts_at(START, settings);
        let plans = ["none", "a", "b", "c"].map(|name| accounts.plan(name));
        let names: Vec<String> = (0..6).map(|user| format!("u-{user}")).collect();
        let mut model = Model::default();
        let mut now = at(START);
        // The quarter-hour that the books are in, which never goes back.
        let mut quarter = now.quarter();
        for step in steps.into_iter().chain([Step::Scrape, Step::Pass(86_400), Step::Scrape]) {
            match step {
                Step::Record { user, customer, plan, llm, other, active } => {
                    quarter = quarter.max(now.quarter());
                    let named = (customer > 0 && user > 0).then(|| names[usize::from(customer)].as_str());
                    let usage = Usage {
                        user: (user > 0).then(|| names[usize::from(user)].as_str()),
                        customer: named,
                        plan: (plan > 0).then(|| plans[usize::from(plan)]),
                        llm: Money::from_nanos(llm.into()),
                        other: Money::from_nanos(other.into()),
                        is_activity: active,
                    };
                    if user > 0 && plan > 0 {
                        model.stated.insert(user, plans[usize::from(plan)]);
                    }
                    if named.is_some() {
                        model.payers.insert(user, customer);
                    }
                    if user > 0 && active {
                        let last = model.active.entry(user).or_insert(now.quarter());
                        *last = (*last).max(now.quarter());
                    }
                    model.costs.push((quarter, user, llm, other));
                    // What a user's earlier events stated is not this one's plan.
                    let counts_under = match model.plan(user) {
                        plan @ (PlanSlot::UNATTRIBUTED | PlanSlot::INTERNAL) => plan,
                        _ => usage.plan.unwrap_or(PlanSlot::NONE),
                    };
                    prop_assert_eq!(accounts.record(&usage, now), counts_under);
                }
                Step::Pass(seconds) => now = now.plus(Duration::from_secs(seconds)),
                Step::SetBack(seconds) => now = now.minus(Duration::from_secs(seconds)),
                Step::Scrape => {
                    quarter = quarter.max(now.quarter());
                    let figures = accounts.figures(now);
                    prop_assert_eq!(figures.costs, model.summary(now.max(quarter.start())));
                }
            }
        }
    }
}
