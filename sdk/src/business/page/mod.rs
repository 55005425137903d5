//! The business figures on a page, whoever computed them.
//!
//! A new figure is an entry of the catalogue and a line here.

mod cost;
mod payments;
mod revenue;

use pratiko_domain::figures::BusinessFigures;
use pratiko_domain::money::Money;
use pratiko_domain::plan::PlanSlot;

use crate::exposition::Page;

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
