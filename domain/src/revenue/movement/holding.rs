//! What a customer's subscriptions are worth on the way, and what new rates do to it.

use crate::money::Money;
use crate::plan::PlanSlot;
use crate::time::Timestamp;

use super::walk::{add_up, difference, largest};
use super::{Movement, MovementKind};
use crate::revenue::history::SubscriptionHistory;
use crate::revenue::recurring::{PlanAmounts, Worth};
use crate::revenue::valuation::Valuation;

/// What one subscription is worth, on the way through its history.
pub(super) struct Holding<'history> {
    pub subscription: &'history SubscriptionHistory,
    worth: Worth<'history>,
    /// The same in euro; `None` while there is no rate.
    euro: Option<PlanAmounts>,
}

impl<'history> Holding<'history> {
    pub fn new(subscription: &'history SubscriptionHistory) -> Self {
        Self { subscription, worth: Worth::default(), euro: Some(PlanAmounts::new()) }
    }

    pub fn change(&mut self, at: Timestamp, valuation: Valuation<'_>) {
        self.worth = self.subscription.worth_at(at);
        self.euro = self.worth.in_euro(at, valuation);
    }

    fn amounts(&self) -> impl Iterator<Item = (PlanSlot, Money)> + '_ {
        self.euro.iter().flatten().copied()
    }

    /// Whether it is revenue that is known in euro.
    pub fn earns(&self) -> bool {
        self.amounts().next().is_some()
    }
}

pub(super) fn total(holdings: &[Holding<'_>]) -> PlanAmounts {
    add_up(holdings.iter().flat_map(Holding::amounts))
}

/// Values at the rates of the day of `at` what was there just before it. The difference is the effect
/// of rates; what had no rate until now was there before its worth was known.
pub(super) fn revalue(
    holdings: &mut [Holding<'_>],
    at: Timestamp,
    valuation: Valuation<'_>,
) -> impl Iterator<Item = Movement> + use<> {
    let (mut effect, mut opening) = (PlanAmounts::new(), PlanAmounts::new());
    for holding in holdings.iter_mut().filter(|holding| holding.worth.is_foreign()) {
        let revalued = holding.worth.in_euro(at, valuation);
        match (&holding.euro, &revalued) {
            (Some(before), Some(now)) => effect.extend(difference(before, now)),
            (None, Some(now)) => opening.extend_from_slice(now),
            _ => {}
        }
        holding.euro = revalued;
    }
    let kinds = [(MovementKind::ExchangeRate, effect), (MovementKind::Opening, opening)];
    kinds.into_iter().filter_map(move |(kind, parts)| {
        let parts = add_up(parts.into_iter());
        let plan = largest(&parts)?;
        Some(Movement { at, kind, reason: None, plan, parts })
    })
}
