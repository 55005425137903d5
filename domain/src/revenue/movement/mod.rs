//! How a customer's recurring revenue changes.

mod holding;
#[cfg(test)]
mod tests;
mod walk;

pub(super) use holding::{opening, rate_effects};
pub(super) use walk::{add_up, moves, revenue_at};

use crate::money::Money;
use crate::plan::PlanSlot;
use crate::time::Timestamp;

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

/// One change of a customer's recurring revenue. All that happens at one instant is one movement; what
/// rates do is a [`RateEffect`].
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
    /// Whether the customer paid nothing before it.
    pub from_nothing: bool,
}

/// What a new rate did at midnight to the revenue of one subscription, within one plan: a movement
/// [`MovementKind::ExchangeRate`]. There is one for every working day and whoever pays in another
/// currency, so that it is small.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RateEffect {
    /// Revenue after less revenue before.
    pub amount: Money,
    /// When.
    pub at: Timestamp,
    /// The plan.
    pub plan: PlanSlot,
}

/// All that moves a customer's recurring revenue, in order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Moves {
    /// Changes of subscriptions.
    pub movements: Vec<Movement>,
    /// What rates did.
    pub rate_effects: Vec<RateEffect>,
}

impl Movement {
    /// Revenue after less revenue before.
    pub fn total(&self) -> Money {
        self.parts.iter().map(|(_, amount)| *amount).sum()
    }
}
