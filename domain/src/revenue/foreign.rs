//! What a subscription in another currency than the euro is worth now.

use crate::money::Money;
use crate::plan::PlanSlot;
use crate::time::Timestamp;

use super::recurring::{PlanAmounts, Worth, rounded, valued};
use super::valuation::Valuation;

/// What one subscription in another currency than the euro is worth a month, with all that it takes to
/// value it anew.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ForeignRevenue {
    currency: String,
    /// By plan, in 10⁻¹⁵ of a unit.
    amounts: Vec<(PlanSlot, i128)>,
    /// In euro by the same plans, at the rate of the day; `None` without one.
    pub(super) euro: Option<PlanAmounts>,
    /// Whether it is not set to end.
    pub(super) is_committed: bool,
}

impl ForeignRevenue {
    pub(super) fn new(worth: Worth<'_>, euro: Option<PlanAmounts>, is_committed: bool) -> Self {
        let (currency, amounts) = worth.into_parts();
        Self { currency: currency.to_owned(), amounts, euro, is_committed }
    }

    /// Its currency.
    pub fn currency(&self) -> &str {
        &self.currency
    }

    /// What it is worth in that currency, rounded to 10⁻⁹.
    pub fn amount(&self) -> Money {
        rounded(self.amounts.iter().map(|(_, amount)| amount).sum())
    }

    /// What it is worth in euro at the rate of the day; `None` without one.
    pub fn euro(&self) -> Option<Money> {
        self.euro.as_ref().map(|amounts| amounts.iter().map(|(_, amount)| *amount).sum())
    }

    /// What it is worth in euro at the rate of another day; `None` without one.
    pub(super) fn valued_at(&self, at: Timestamp, valuation: Valuation<'_>) -> Option<PlanAmounts> {
        Some(valued(&self.amounts, valuation.rate(&self.currency, at)?))
    }
}

/// By how much amounts differ from what they were, by plan and not added up.
pub(super) fn difference(before: Option<&PlanAmounts>, now: &PlanAmounts) -> PlanAmounts {
    let gone = before.into_iter().flatten().map(|(plan, amount)| (*plan, -*amount));
    gone.chain(now.iter().copied()).collect()
}
