//! The way through a customer's history, from one instant at which revenue moves to the next.

use crate::currency::EURO;
use crate::event::SubscriptionStatus;
use crate::money::Money;
use crate::plan::PlanSlot;
use crate::time::Timestamp;

use super::holding::{Holding, revalue, total};
use super::{ChurnReason, Movement, MovementKind};
use crate::revenue::history::{CustomerHistory, SubscriptionHistory};
use crate::revenue::recurring::PlanAmounts;
use crate::revenue::valuation::Valuation;

/// Every movement of a customer up to and at the instant `until`, in order.
///
/// What rates do is worked out after `horizon` only: before it, revenue is valued anew without a word.
/// Customers who pay in euro cost no more than their changes.
pub(in crate::revenue) fn movements(
    history: &CustomerHistory,
    horizon: Timestamp,
    until: Timestamp,
    valuation: Valuation<'_>,
) -> Vec<Movement> {
    let mut movements = Vec::new();
    let mut holdings: Vec<Holding<'_>> = history.subscriptions.iter().map(Holding::new).collect();
    let mut has_paid = false;
    for at in instants(history, horizon, until, valuation) {
        let revaluation = revalue(&mut holdings, at, valuation);
        if at > horizon {
            movements.extend(revaluation);
        }
        let before = total(&holdings);
        let shown_before: Vec<bool> = holdings.iter().map(Holding::earns).collect();
        has_paid |= !before.is_empty();
        for holding in &mut holdings {
            holding.change(at, valuation);
        }
        let after = total(&holdings);
        if after != before {
            movements.push(movement(&holdings, &shown_before, at, (&before, &after), has_paid));
        }
        has_paid |= !after.is_empty();
    }
    movements
}

/// The instants at which a customer's revenue may move: when something about a subscription changes,
/// and when one in another currency is revalued.
fn instants(
    history: &CustomerHistory,
    horizon: Timestamp,
    until: Timestamp,
    valuation: Valuation<'_>,
) -> Vec<Timestamp> {
    let mut instants: Vec<Timestamp> =
        history.subscriptions.iter().flat_map(SubscriptionHistory::changes).collect();
    let mut currencies: Vec<&str> = history.currencies().filter(|currency| *currency != EURO).collect();
    currencies.sort_unstable();
    currencies.dedup();
    // Nothing that was not there yet is revalued.
    if let Some(first) = instants.iter().min().copied().filter(|_| !currencies.is_empty()) {
        let from = horizon.max(first);
        instants.push(from);
        for currency in currencies {
            instants.extend(valuation.revaluations(currency, from, until));
        }
    }
    instants.retain(|at| *at <= until);
    instants.sort_unstable();
    instants.dedup();
    instants
}

/// A customer's revenue by plan, sorted by plan. Subscriptions without a rate are left out.
pub(in crate::revenue) fn revenue_at(
    history: &CustomerHistory,
    at: Timestamp,
    valuation: Valuation<'_>,
) -> PlanAmounts {
    let known =
        history.subscriptions.iter().filter_map(|subscription| subscription.revenue_at(at, valuation));
    add_up(known.flatten())
}

/// What was added and what was taken away, by plan and not added up.
pub(super) fn difference(
    before: &PlanAmounts,
    after: &PlanAmounts,
) -> impl Iterator<Item = (PlanSlot, Money)> {
    let losses = before.iter().map(|(plan, amount)| (*plan, -*amount));
    losses.chain(after.iter().copied())
}

/// The plan with the largest amount.
pub(super) fn largest(amounts: &PlanAmounts) -> Option<PlanSlot> {
    let size = |amount: Money| if amount.is_negative() { -amount } else { amount };
    amounts
        .iter()
        .max_by_key(|(plan, amount)| (size(*amount), std::cmp::Reverse(*plan)))
        .map(|(plan, _)| *plan)
}

pub(in crate::revenue) fn add_up(amounts: impl Iterator<Item = (PlanSlot, Money)>) -> PlanAmounts {
    let mut sums = PlanAmounts::new();
    for (plan, amount) in amounts {
        match sums.binary_search_by_key(&plan, |(known, _)| *known) {
            Ok(position) => sums[position].1 += amount,
            Err(position) => sums.insert(position, (plan, amount)),
        }
    }
    sums.retain(|(_, amount)| !amount.is_zero());
    sums
}

/// What changed at an instant beside the rates.
fn movement(
    holdings: &[Holding<'_>],
    earned_before: &[bool],
    at: Timestamp,
    (before, after): (&PlanAmounts, &PlanAmounts),
    has_paid: bool,
) -> Movement {
    let parts = add_up(difference(before, after));
    let sum = |amounts: &PlanAmounts| amounts.iter().map(|(_, amount)| *amount).sum::<Money>();
    let grows = sum(after) > sum(before);
    let kind = match (before.is_empty(), after.is_empty()) {
        (true, _) if has_paid => MovementKind::Reactivation,
        _ if grows && began_earlier(holdings, at) => MovementKind::Opening,
        (true, _) => MovementKind::New,
        (_, true) => MovementKind::Churn,
        _ if sum(after) >= sum(before) => MovementKind::Expansion,
        _ => MovementKind::Contraction,
    };
    let reason = (kind == MovementKind::Churn).then(|| churn_reason(holdings, earned_before, at));
    let plan = largest(after).or_else(|| largest(before)).unwrap_or(PlanSlot::NONE);
    Movement { at, kind, reason, plan, parts }
}

/// Whether something that earns from this instant on is known to have begun before its first known
/// state, which is this one.
fn began_earlier(holdings: &[Holding<'_>], at: Timestamp) -> bool {
    holdings.iter().any(|holding| {
        let first = &holding.subscription.first().change;
        first.effective_at == at && first.started_at.is_some_and(|start| start < at) && holding.earns()
    })
}

/// Involuntary if a part of what was lost was past due, is now given up as unpaid, or is now past due
/// where that does not count.
fn churn_reason(holdings: &[Holding<'_>], earned_before: &[bool], at: Timestamp) -> ChurnReason {
    let just_before = Timestamp::from_micros(at.micros() - 1);
    let because_of_payments = holdings.iter().zip(earned_before).any(|(holding, earned)| {
        *earned
            && (holding.subscription.status_at(just_before) == Some(SubscriptionStatus::PastDue)
                || matches!(
                    holding.subscription.status_at(at),
                    Some(SubscriptionStatus::Unpaid | SubscriptionStatus::PastDue)
                ))
    });
    if because_of_payments { ChurnReason::Involuntary } else { ChurnReason::Voluntary }
}
