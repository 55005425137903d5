//! How a customer's recurring revenue changes.

use crate::event::SubscriptionStatus;
use crate::money::Money;
use crate::plan::PlanSlot;
use crate::time::Timestamp;

use super::history::CustomerHistory;
use super::recurring::PlanAmounts;

/// Why revenue changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MovementKind {
    /// It was there before anything was known.
    Opening,
    /// A customer pays for the first time.
    New,
    /// A customer pays more.
    Expansion,
    /// A customer who had left pays again.
    Reactivation,
    /// A customer pays less.
    Contraction,
    /// A customer pays no more.
    Churn,
    /// The rates of exchange changed.
    ExchangeRate,
}

impl MovementKind {
    /// Every kind, in the order of the identity that they fulfil.
    pub const ALL: [Self; 7] = [
        Self::Opening,
        Self::New,
        Self::Expansion,
        Self::Reactivation,
        Self::Contraction,
        Self::Churn,
        Self::ExchangeRate,
    ];

    /// Its label value.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Opening => "opening",
            Self::New => "new",
            Self::Expansion => "expansion",
            Self::Reactivation => "reactivation",
            Self::Contraction => "contraction",
            Self::Churn => "churn",
            Self::ExchangeRate => "fx",
        }
    }

    /// Whether its amount is subtracted in
    /// `end = start + opening + new + expansion + reactivation − contraction − churn + fx`.
    pub const fn is_loss(self) -> bool {
        matches!(self, Self::Contraction | Self::Churn)
    }
}

/// Why a customer left.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ChurnReason {
    /// By choice.
    Voluntary,
    /// Because payments failed.
    Involuntary,
}

impl ChurnReason {
    /// Its label value.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Voluntary => "voluntary",
            Self::Involuntary => "involuntary",
        }
    }
}

/// One change of a customer's recurring revenue. All that happens at one instant is one movement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Movement {
    /// When.
    pub at: Timestamp,
    /// What it was for the customer as a whole.
    pub kind: MovementKind,
    /// Why, for churn.
    pub reason: Option<ChurnReason>,
    /// The plan with the largest part of it.
    pub plan: PlanSlot,
    /// Revenue after less revenue before, by plan. A change of plan has a part in both.
    pub parts: PlanAmounts,
}

impl Movement {
    /// Revenue after less revenue before.
    pub fn total(&self) -> Money {
        self.parts.iter().map(|(_, amount)| *amount).sum()
    }
}

/// Every movement of a customer up to and at the instant `until`, in order.
pub(super) fn movements(history: &CustomerHistory, until: Timestamp) -> Vec<Movement> {
    let mut instants: Vec<Timestamp> =
        history.subscriptions.iter().flat_map(super::history::SubscriptionHistory::changes).collect();
    instants.retain(|at| *at <= until);
    instants.sort_unstable();
    instants.dedup();

    let mut movements = Vec::new();
    let mut before = PlanAmounts::new();
    let mut has_paid = false;
    for at in instants {
        let after = revenue_at(history, at);
        if after != before {
            movements.push(movement(history, at, &before, &after, has_paid));
        }
        has_paid |= !after.is_empty();
        before = after;
    }
    movements
}

/// A customer's revenue by plan, sorted by plan. Subscriptions without a rate are left out.
pub(super) fn revenue_at(history: &CustomerHistory, at: Timestamp) -> PlanAmounts {
    add_up(history.subscriptions.iter().filter_map(|subscription| subscription.revenue_at(at)).flatten())
}

pub(super) fn add_up(amounts: impl Iterator<Item = (PlanSlot, Money)>) -> PlanAmounts {
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

fn movement(
    history: &CustomerHistory,
    at: Timestamp,
    before: &PlanAmounts,
    after: &PlanAmounts,
    has_paid: bool,
) -> Movement {
    let losses = before.iter().map(|(plan, amount)| (*plan, -*amount));
    let parts = add_up(losses.chain(after.iter().copied()));
    let sum = |amounts: &PlanAmounts| amounts.iter().map(|(_, amount)| *amount).sum::<Money>();
    let kind = match (before.is_empty(), after.is_empty()) {
        (true, _) if has_paid => MovementKind::Reactivation,
        (true, _) if began_earlier(history, at) => MovementKind::Opening,
        (true, _) => MovementKind::New,
        (_, true) => MovementKind::Churn,
        _ if sum(after) >= sum(before) => MovementKind::Expansion,
        _ => MovementKind::Contraction,
    };
    let reason = (kind == MovementKind::Churn).then(|| churn_reason(history, at));
    let largest = |amounts: &PlanAmounts| {
        amounts.iter().max_by_key(|(plan, amount)| (*amount, std::cmp::Reverse(*plan))).map(|(plan, _)| *plan)
    };
    let plan = largest(after).or_else(|| largest(before)).unwrap_or(PlanSlot::NONE);
    Movement { at, kind, reason, plan, parts }
}

/// Whether what begins to earn at this instant is known to have begun before its first known state.
fn began_earlier(history: &CustomerHistory, at: Timestamp) -> bool {
    history.subscriptions.iter().any(|subscription| {
        let first = &subscription.first().change;
        first.effective_at == at && first.started_at.is_some_and(|start| start < at)
    })
}

fn churn_reason(history: &CustomerHistory, at: Timestamp) -> ChurnReason {
    let just_before = Timestamp::from_micros(at.micros() - 1);
    let because_of_payments = history.subscriptions.iter().any(|subscription| {
        subscription.status_at(just_before) == Some(SubscriptionStatus::PastDue)
            || (subscription.status_at(just_before).is_some_and(SubscriptionStatus::earns)
                && subscription.status_at(at) == Some(SubscriptionStatus::Unpaid))
    });
    if because_of_payments { ChurnReason::Involuntary } else { ChurnReason::Voluntary }
}
