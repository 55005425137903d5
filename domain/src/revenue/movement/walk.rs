//! The way through a customer's history, from one instant at which revenue moves to the next.

use crate::event::SubscriptionStatus;
use crate::money::Money;
use crate::plan::PlanSlot;
use crate::time::Timestamp;

use super::holding::{Holding, revalue, total};
use super::{ChurnReason, Movement, MovementKind, Moves};
use crate::revenue::history::{CustomerHistory, SubscriptionHistory};
use crate::revenue::recurring::PlanAmounts;
use crate::revenue::valuation::Valuation;

/// All that moved a customer's revenue up to and at the instant `until`, in order.
///
/// What rates do is worked out after `horizon` only: before it, revenue is valued anew without a word.
/// Customers who pay in euro cost no more than their changes.
pub(in crate::revenue) fn moves(
    history: &CustomerHistory,
    horizon: Timestamp,
    until: Timestamp,
    valuation: Valuation<'_>,
) -> Moves {
    let mut all = Moves::default();
    let mut holdings: Vec<Holding<'_>> = history.subscriptions.iter().map(Holding::new).collect();
    let mut has_paid = false;
    let is_foreign = history.is_foreign();
    for Instant { at, is_change } in instants(history, horizon, until, valuation) {
        if is_foreign {
            let revaluation = revalue(&mut holdings, at, valuation);
            has_paid |= !revaluation.movements.is_empty();
            if at > horizon {
                all.movements.extend(revaluation.movements);
                all.rate_effects.extend(revaluation.rate_effects);
            }
        }
        if !is_change {
            continue;
        }
        let before = total(&holdings);
        let earned_before: Vec<bool> = holdings.iter().map(Holding::earns).collect();
        for holding in &mut holdings {
            holding.change(at, valuation);
        }
        let after = total(&holdings);
        if after != before {
            all.movements.push(movement(&holdings, &earned_before, at, (&before, &after), has_paid));
        }
        has_paid |= !after.is_empty();
    }
    all.rate_effects.shrink_to_fit();
    all
}

/// An instant at which a customer's revenue may move.
struct Instant {
    at: Timestamp,
    /// Whether something about a subscription changes, and not only a rate.
    is_change: bool,
}

/// The instants at which a customer's revenue may move: when something about a subscription changes,
/// and when one in another currency is revalued.
fn instants(
    history: &CustomerHistory,
    horizon: Timestamp,
    until: Timestamp,
    valuation: Valuation<'_>,
) -> Vec<Instant> {
    let changes = history.subscriptions.iter().flat_map(SubscriptionHistory::changes);
    let mut instants: Vec<Instant> = changes.map(|at| Instant { at, is_change: true }).collect();
    let mut currencies: Vec<&str> = history.foreign_currencies().collect();
    currencies.sort_unstable();
    currencies.dedup();
    // Nothing that was not there yet is revalued.
    if let Some(first) = instants.iter().map(|instant| instant.at).min().filter(|_| !currencies.is_empty()) {
        let from = horizon.max(first);
        instants.push(Instant { at: from, is_change: false });
        for currency in currencies {
            let midnights = valuation.revaluations(currency, from, until);
            instants.extend(midnights.into_iter().map(|at| Instant { at, is_change: false }));
        }
    }
    instants.retain(|instant| instant.at <= until);
    // Of several at one instant the first stays.
    instants.sort_unstable_by_key(|instant| (instant.at, !instant.is_change));
    instants.dedup_by_key(|instant| instant.at);
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

/// The plan with the largest amount.
pub(super) fn largest(amounts: &PlanAmounts) -> Option<PlanSlot> {
    let largest = amounts.iter().max_by_key(|(plan, amount)| (*amount, std::cmp::Reverse(*plan)));
    largest.map(|(plan, _)| *plan)
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
    let losses = before.iter().map(|(plan, amount)| (*plan, -*amount));
    let parts = add_up(losses.chain(after.iter().copied()));
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
    Movement { at, kind, reason, plan, parts, from_nothing: before.is_empty() }
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
