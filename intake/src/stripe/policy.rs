//! What is a matter of policy, because systems differ.

use std::collections::HashSet;

use pratiko_domain::money::Money;

/// What is a matter of policy, because systems differ.
#[derive(Debug, Clone, Default)]
pub struct Policy {
    /// Which of an account's two modes counts.
    pub mode: Mode,
    /// Which discounts lower the recurring revenue.
    pub coupons: Coupons,
    /// The tax, in percent, within a price that includes tax and does not say how much.
    pub inclusive_tax_percent: Money,
    /// Prices whose plan the configuration names; others are called by what Stripe calls them.
    pub prices_with_a_plan: HashSet<String>,
}

/// Which of an account's two modes counts. The other one's objects are passed over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Mode {
    /// Real money.
    #[default]
    Live,
    /// Stripe's test mode, as if it were real: for a staging environment.
    Test,
}

/// Which discounts lower the recurring revenue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Coupons {
    /// Each for as long as it lasts: its end is an expansion. ChartMogul's and ProfitWell's way.
    #[default]
    WhileActive,
    /// Only those that last forever. Stripe's way.
    ForeverOnly,
    /// None.
    Ignored,
}

impl Mode {
    /// Whether objects with this `livemode` count; those that do not say are taken.
    pub(super) fn takes(self, livemode: Option<bool>) -> bool {
        livemode.is_none_or(|livemode| livemode == (self == Self::Live))
    }
}
