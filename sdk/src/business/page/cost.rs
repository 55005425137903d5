//! What users cost.

use pratiko_domain::cost::{CostKind, CostSummary, PlanCosts, window_index};
use pratiko_domain::figures::BusinessFigures;
use pratiko_domain::plan::PlanSlot;
use pratiko_domain::time::Window;

use super::{seen, with_users};
use crate::catalogue;
use crate::exposition::Page;

pub(super) fn write(figures: &BusinessFigures, page: &mut Page) {
    write_costs(figures, page);
    write_users(figures, page);
    write_limits(figures, page);
}

fn costs_of(figures: &BusinessFigures, slot: PlanSlot) -> Option<&PlanCosts> {
    figures.costs.plans.get(usize::from(slot.0))
}

fn write_costs(figures: &BusinessFigures, page: &mut Page) {
    let mut family = catalogue::COST_EUR.family(page);
    for (slot, plan) in seen(figures) {
        let Some(costs) = costs_of(figures, slot) else { continue };
        for (kind, sums) in [(CostKind::Llm, &costs.llm), (CostKind::Other, &costs.other)] {
            for window in Window::ALL {
                let labels = [("plan", plan), ("kind", kind.name()), ("window", window.name())];
                family.sample(&labels, sums[window_index(window)]);
            }
        }
    }
    let mut family = catalogue::COST_MONTH_PROJECTED_EUR.family(page);
    for plan in &figures.plans {
        family.sample(&[("plan", &plan.name)], plan.projected_month);
    }
    let mut family = catalogue::GROSS_MARGIN_EUR.family(page);
    for (slot, plan) in seen(figures) {
        let mrr = figures.revenue.mrr.get(&slot).copied().unwrap_or_default();
        let cost = costs_of(figures, slot).map(|costs| costs.total(Window::Days30)).unwrap_or_default();
        family.sample(&[("plan", plan)], mrr - cost);
    }
}

fn write_users(figures: &BusinessFigures, page: &mut Page) {
    let mut family = catalogue::ACTIVE_USERS.family(page);
    for (slot, plan) in with_users(figures) {
        let Some(costs) = costs_of(figures, slot) else { continue };
        for (window, count) in CostSummary::ACTIVE_WINDOWS.iter().zip(costs.active) {
            family.sample(&[("plan", plan), ("window", window.name())], count);
        }
    }
    let mut family = catalogue::COST_PER_USER_EUR.family(page);
    for (slot, plan) in with_users(figures) {
        if let Some(cost) = costs_of(figures, slot).and_then(PlanCosts::per_user) {
            family.sample(&[("plan", plan)], cost);
        }
    }
    let mut family = catalogue::USER_COST_EUR.family(page);
    for (slot, plan) in with_users(figures) {
        let Some(distribution) = costs_of(figures, slot).and_then(|costs| costs.distribution) else {
            continue;
        };
        for (rank, cost) in distribution.by_rank() {
            family.sample(&[("plan", plan), ("rank", rank)], cost);
        }
    }
    let mut family = catalogue::OVERALL_USER_COST_EUR.family(page);
    if let Some(distribution) = figures.costs.overall {
        for (rank, cost) in distribution.by_rank() {
            family.sample(&[("rank", rank)], cost);
        }
    }
    let mut family = catalogue::USERS_OVER_COST.family(page);
    for (slot, plan) in with_users(figures) {
        let Some(costs) = costs_of(figures, slot) else { continue };
        for (level, count) in ["target", "alert"].iter().zip(costs.over) {
            family.sample(&[("plan", plan), ("level", level)], count);
        }
    }
    let mut family = catalogue::USERS_BELOW_COST.family(page);
    for (slot, plan) in with_users(figures) {
        if let Some(costs) = costs_of(figures, slot) {
            family.sample(&[("plan", plan)], costs.below_cost);
        }
    }
}

fn write_limits(figures: &BusinessFigures, page: &mut Page) {
    let mut family = catalogue::PLAN_COST_LIMIT_EUR.family(page);
    for plan in figures.plans.iter().filter(|plan| plan.slot.has_users()) {
        family.sample(&[("plan", &plan.name), ("level", "target")], plan.limits.target);
        family.sample(&[("plan", &plan.name), ("level", "alert")], plan.limits.alert);
    }
}
