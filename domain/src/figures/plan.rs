//! One plan.

use crate::money::Money;
use crate::plan::{CostLimits, PlanSlot};

/// A plan, and what is no sum over users or customers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanFigures {
    /// Its slot.
    pub slot: PlanSlot,
    /// Its name.
    pub name: String,
    /// What its users may cost.
    pub limits: CostLimits,
    /// Where its cost will be at the month's end, in euro.
    pub projected_month: Money,
}
