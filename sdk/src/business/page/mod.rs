//! The business figures on a page, whoever computed them.
//!
//! A new figure is an entry of the catalogue and a line here.

mod cost;
mod payments;
mod revenue;

use pratiko_domain::figures::BusinessFigures;
use pratiko_domain::money::Money;
use pratiko_domain::plan::PlanSlot;

use crate::catalogue::{self, Metric};
use crate::exposition::Page;

/// Every family that [`write`] may write.
pub(super) static FAMILIES: [&Metric; 28] = [
    &catalogue::COST_EUR,
    &catalogue::COST_MONTH_PROJECTED_EUR,
    &catalogue::GROSS_MARGIN_EUR,
    &catalogue::ACTIVE_USERS,
    &catalogue::COST_PER_USER_EUR,
    &catalogue::USER_COST_EUR,
    &catalogue::OVERALL_USER_COST_EUR,
    &catalogue::USERS_OVER_COST,
    &catalogue::USERS_BELOW_COST,
    &catalogue::PLAN_COST_LIMIT_EUR,
    &catalogue::MRR_EUR,
    &catalogue::COMMITTED_MRR_EUR,
    &catalogue::MRR_BY_CURRENCY,
    &catalogue::ARR_EUR,
    &catalogue::ARR_GOAL_EUR,
    &catalogue::ARPU_EUR,
    &catalogue::LTV_EUR,
    &catalogue::MRR_MOVEMENT_EUR,
    &catalogue::SUBSCRIPTIONS,
    &catalogue::CUSTOMERS,
    &catalogue::RENEWALS_DUE,
    &catalogue::LEDGER_UNCONVERTED_SUBSCRIPTIONS,
    &catalogue::CHURN_RATIO,
    &catalogue::TRIAL_CONVERSION_RATIO,
    &catalogue::NET_REVENUE_RETENTION_RATIO,
    &catalogue::GROSS_REVENUE_RETENTION_RATIO,
    &catalogue::RECENT_PAYMENTS,
    &catalogue::PAYMENT_SUCCESS_RATIO,
];

/// Writes `figures`, with the annual recurring revenue that is aimed at, in euro.
pub fn write(figures: &BusinessFigures, arr_goal: Money, page: &mut Page) {
    cost::write(figures, page);
    revenue::write(figures, arr_goal, page);
    payments::write(figures, page);
}

/// Every plan that something is known of, with its name.
fn seen(figures: &BusinessFigures) -> impl Iterator<Item = (PlanSlot, &str)> {
    figures.plans.iter().map(|plan| (plan.slot, plan.name.as_str()))
}

/// Every plan that has users of its own.
fn with_users(figures: &BusinessFigures) -> impl Iterator<Item = (PlanSlot, &str)> {
    seen(figures).filter(|(slot, _)| slot.has_users())
}
