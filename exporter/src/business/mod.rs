//! The business figures on a page: every family that the ledger gives, from one snapshot.
//!
//! A new metric is an entry of the catalogue and a line here.

mod cost;
mod payments;
mod revenue;
mod totals;

use pratiko_domain::money::Money;
use pratiko_domain::plan::PlanSlot;
use pratiko_ledger::figures::Snapshot;
use pratiko_metrics::catalogue;
use pratiko_metrics::exposition::Page;

/// Writes the figures of `snapshot`.
pub fn write(snapshot: &Snapshot, arr_goal: Money, page: &mut Page) {
    catalogue::LEDGER_INFO.family(page).sample(&[("ledger", &snapshot.ledger)], 1);
    let plans = Plans(snapshot);
    cost::write(&plans, page);
    revenue::write(&plans, arr_goal, page);
    payments::write(snapshot, page);
    totals::write(&plans, page);
}

/// A snapshot whose plans are looked at by name.
struct Plans<'a>(&'a Snapshot);

impl<'a> Plans<'a> {
    /// Every plan that something is known of, with its name.
    fn seen(&self) -> impl Iterator<Item = (PlanSlot, &'a str)> + use<'a> {
        self.0.plans.iter().map(|plan| (plan.slot, plan.name.as_str()))
    }

    /// Every plan that has users of its own.
    fn with_users(&self) -> impl Iterator<Item = (PlanSlot, &'a str)> + use<'a> {
        self.seen().filter(|(slot, _)| slot.has_users())
    }
}
