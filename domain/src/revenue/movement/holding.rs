//! What a customer's subscriptions are worth on the way, and what new rates do to it.

use crate::money::Money;
use crate::plan::PlanSlot;
use crate::time::Timestamp;

use super::walk::{add_up, largest};
use super::{Movement, MovementKind, Moves, RateEffect};
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
pub(super) fn revalue(holdings: &mut [Holding<'_>], at: Timestamp, valuation: Valuation<'_>) -> Moves {
    let mut moves = Moves::default();
    let mut appeared = PlanAmounts::new();
    let paid_nothing = !holdings.iter().any(Holding::earns);
    for holding in holdings.iter_mut().filter(|holding| holding.worth.is_foreign()) {
        let revalued = holding.worth.in_euro(at, valuation);
        match (&holding.euro, &revalued) {
            (Some(before), Some(now)) => moves.rate_effects.extend(rate_effects(at, before, now)),
            (None, Some(now)) => appeared.extend_from_slice(now),
            _ => {}
        }
        holding.euro = revalued;
    }
    moves.movements.extend(opening(at, appeared, paid_nothing));
    moves
}

/// What a new rate did to one subscription, of which both amounts are by the same plans.
pub(in crate::revenue) fn rate_effects(
    at: Timestamp,
    before: &PlanAmounts,
    now: &PlanAmounts,
) -> impl Iterator<Item = RateEffect> {
    let effects = before.iter().zip(now).map(move |((plan, before), (_, now))| RateEffect {
        amount: *now - *before,
        at,
        plan: *plan,
    });
    effects.filter(|effect| !effect.amount.is_zero())
}

/// What was there before a first rate said what it is worth.
pub(in crate::revenue) fn opening(
    at: Timestamp,
    appeared: PlanAmounts,
    from_nothing: bool,
) -> Option<Movement> {
    let parts = add_up(appeared.into_iter());
    let plan = largest(&parts)?;
    Some(Movement { at, kind: MovementKind::Opening, reason: None, plan, parts, from_nothing })
}
