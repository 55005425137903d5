//! What the accounts of a process need to be told.

use std::sync::Arc;

use pratiko_domain::currency::Rates;
use pratiko_domain::internal::InternalParties;
use pratiko_domain::money::Money;
use pratiko_domain::plan::{CostLimits, PlanSettings};
use pratiko_domain::revenue::RevenuePolicy;
use pratiko_domain::time::{UtcZone, Zone};

/// What [`Accounts`](super::Accounts) need to be told. The defaults are those of the exporter.
///
/// ```
/// use pratiko_domain::plan::PlanSettings;
/// use pratiko_metrics::business::AccountSettings;
///
/// let pro = PlanSettings { name: "pro".to_owned(), ..PlanSettings::default() };
/// let settings = AccountSettings { plans: vec![pro], max_users: 10_000, ..AccountSettings::default() };
/// assert_eq!(settings.arr_goal.to_string(), "25000");
/// ```
#[derive(Clone)]
pub struct AccountSettings {
    /// The plans, in the order in which they take their slots. Without any, the first twenty names
    /// seen do.
    pub plans: Vec<PlanSettings>,
    /// The limits of plans that have none of their own.
    pub limits: CostLimits,
    /// Users and customers who are internal or a test.
    pub internal: InternalParties,
    /// Where months begin and end.
    pub zone: Arc<dyn Zone>,
    /// The dunning window.
    pub policy: RevenuePolicy,
    /// Reference rates, for revenue in other currencies than the euro. Where no rate is known, revenue is
    /// counted as unconverted; rates that are published later need the exporter.
    pub rates: Arc<Rates>,
    /// The annual recurring revenue that is aimed at, in euro.
    pub arr_goal: Money,
    /// How many users, and customers that usage names, are told apart within 30 days; at most 33
    /// million. What later ones cost counts in their plan's totals and in no figure per user.
    pub max_users: u32,
    /// How many customers may have subscriptions and invoices. Those of later ones count nowhere.
    pub max_customers: usize,
    /// How many states of subscriptions, and how many invoices, are kept of one customer. The oldest
    /// superseded states and decided invoices are forgotten first; the states that living subscriptions
    /// are in and open invoices never are.
    pub max_states: usize,
}

impl Default for AccountSettings {
    fn default() -> Self {
        Self {
            plans: Vec::new(),
            limits: CostLimits::default(),
            internal: InternalParties::default(),
            zone: Arc::new(UtcZone),
            policy: RevenuePolicy::default(),
            rates: Arc::default(),
            arr_goal: Money::from_units(25_000),
            max_users: 200_000,
            max_customers: 50_000,
            max_states: 100,
        }
    }
}

impl std::fmt::Debug for AccountSettings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AccountSettings")
            .field("plans", &self.plans)
            .field("max_users", &self.max_users)
            .field("max_customers", &self.max_customers)
            .finish_non_exhaustive()
    }
}
