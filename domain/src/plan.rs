//! Plans, and what a user may cost on one.

use crate::money::Money;

/// A plan's permanent place in a ledger. The first few are reserved for what is no plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PlanSlot(pub u16);

impl PlanSlot {
    /// Users without a plan: `none`.
    pub const NONE: Self = Self(0);
    /// Every plan that came after the slots were taken: `other`.
    pub const OTHER: Self = Self(1);
    /// Internal and test users, who count in totals and in no per-user figure: `internal`.
    pub const INTERNAL: Self = Self(2);
    /// Usage without a user, which counts in totals only: `unattributed`.
    pub const UNATTRIBUTED: Self = Self(3);
    /// The first slot of a real plan.
    pub const FIRST: Self = Self(4);

    /// The names of the reserved slots, in their order. No plan may be called like one of them.
    pub const RESERVED: [&'static str; 4] = ["none", "other", "internal", "unattributed"];

    /// Whether the users in it enter per-user figures.
    pub const fn has_users(self) -> bool {
        self.0 != Self::INTERNAL.0 && self.0 != Self::UNATTRIBUTED.0
    }
}

/// How many plans get a slot of their own; later ones are `other`.
pub const MOST_PLANS: usize = 20;

/// What a user may cost in 30 days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CostLimits {
    /// What a user should cost, in euro.
    pub target: Money,
    /// From where on it is a problem, in euro.
    pub alert: Money,
}

impl Default for CostLimits {
    /// €2.00 and €2.50.
    fn default() -> Self {
        Self { target: Money::from_cents(200), alert: Money::from_cents(250) }
    }
}

/// One plan that is configured.
#[derive(Debug, Clone, Default)]
pub struct PlanSettings {
    /// Its name, as in labels.
    pub name: String,
    /// Other names that events may call it by.
    pub aliases: Vec<String>,
    /// The ids of its prices with the payment provider.
    pub prices: Vec<String>,
    /// What its users may cost, if that differs.
    pub limits: Option<CostLimits>,
}
