//! The business figures of one moment, together: what a page of metrics is written from.
//!
//! The ledger computes them from everything that was ever recorded, an application from what its
//! own process has seen; the functions and the page are the same.

mod payment;
mod plan;

pub use payment::PaymentFigures;
pub use plan::PlanFigures;

use std::collections::BTreeSet;

use crate::cost::{CostSummary, projected_month, window_index};
use crate::money::Money;
use crate::payments::RecentPayments;
use crate::plan::{CostLimits, PlanSlot};
use crate::revenue::RevenueSummary;
use crate::time::{Timestamp, Window, Zone};

/// The business figures of one moment. Amounts are in euro.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct BusinessFigures {
    /// Every plan that something is known of, by slot.
    pub plans: Vec<PlanFigures>,
    /// What users cost, by slot.
    pub costs: CostSummary,
    /// What customers pay.
    pub revenue: RevenueSummary,
    /// Recent payments, for 1 h, 1 d, 7 d and 30 d.
    pub payments: Vec<PaymentFigures>,
}

impl BusinessFigures {
    /// The figures at `now`. `known` are plans to be shown though nothing is in these figures of
    /// them: they are configured, or in totals. `describe` gives a plan's name and limits.
    pub fn of(
        costs: CostSummary,
        revenue: RevenueSummary,
        payments: &RecentPayments,
        mut known: BTreeSet<PlanSlot>,
        describe: impl Fn(PlanSlot) -> (String, CostLimits),
        now: Timestamp,
        zone: &dyn Zone,
    ) -> Self {
        add_seen(&costs, &revenue, &mut known);
        let plan = |slot: PlanSlot| {
            let plan = costs.plans.get(usize::from(slot.0));
            let spent = |window| plan.map(|plan| plan.total(window)).unwrap_or_default();
            let projected_month = projected_month(spent(Window::MonthToDate), spent(Window::Week), now, zone);
            let (name, limits) = describe(slot);
            PlanFigures { slot, name, limits, projected_month }
        };
        let plans = known.into_iter().map(plan).collect();
        Self { plans, payments: payments.figures(now, zone), costs, revenue }
    }

    /// The name of a plan; `other` for one that nothing is known of.
    pub fn plan_name(&self, slot: PlanSlot) -> &str {
        self.plans.iter().find(|plan| plan.slot == slot).map_or("other", |plan| plan.name.as_str())
    }
}

/// Adds the plans that have a figure.
fn add_seen(costs: &CostSummary, revenue: &RevenueSummary, seen: &mut BTreeSet<PlanSlot>) {
    let longest = [Window::Days30, Window::MonthToDate].map(window_index);
    for (slot, plan) in costs.plans.iter().enumerate() {
        let mut spent = longest.iter().flat_map(|window| [plan.llm[*window], plan.other[*window]]);
        if plan.active[2] > 0 || spent.any(|amount: Money| !amount.is_zero()) {
            seen.insert(PlanSlot(slot as u16));
        }
    }
    seen.extend(revenue.subscriptions.keys().map(|(plan, ..)| *plan));
    seen.extend(revenue.movements.keys().map(|(plan, ..)| *plan));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cost::PlanCosts;
    use crate::time::UtcZone;

    #[test]
    fn plans_are_shown_that_are_known_or_have_a_figure() {
        let mut costs = CostSummary { plans: vec![PlanCosts::default(); 7], overall: None };
        costs.plans[5].other[window_index(Window::MonthToDate)] = Money::from_cents(1);
        costs.plans[6].active[2] = 1;
        let figures = BusinessFigures::of(
            costs,
            RevenueSummary::default(),
            &RecentPayments::default(),
            BTreeSet::from([PlanSlot(4)]),
            |slot| (format!("plan-{}", slot.0), CostLimits::default()),
            "2026-03-31T00:00:00Z".parse().unwrap(),
            &UtcZone,
        );
        let names: Vec<&str> = figures.plans.iter().map(|plan| plan.name.as_str()).collect();
        assert_eq!(names, ["plan-4", "plan-5", "plan-6"]);
        assert_eq!(figures.plans[1].projected_month, Money::from_cents(1));
        assert_eq!((figures.plan_name(PlanSlot(6)), figures.plan_name(PlanSlot(3))), ("plan-6", "other"));
    }
}
