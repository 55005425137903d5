//! What a ledger needs to be told.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use pratiko_domain::currency::Rates;
use pratiko_domain::event::LlmUsage;
pub use pratiko_domain::internal::InternalParties;
use pratiko_domain::plan::CostLimits;
pub use pratiko_domain::plan::PlanSettings;
pub use pratiko_domain::pricing::Priced;
use pratiko_domain::revenue::{RevenuePolicy, Valuation};
use pratiko_domain::time::{Timestamp, UtcZone, Zone};

use crate::erasure::{ErasureFile, is_of_internal};

const DAY: Duration = Duration::from_secs(86_400);

/// What a ledger needs to be told.
#[derive(Clone)]
pub struct Settings {
    /// Where months begin and end.
    pub zone: Arc<dyn Zone>,
    /// The dunning window.
    pub policy: RevenuePolicy,
    /// The plans, in the order in which they take their slots. Without any, the first names seen do.
    pub plans: Vec<PlanSettings>,
    /// The limits of plans that have none of their own.
    pub limits: CostLimits,
    /// Users and customers who are internal or a test.
    pub internal: InternalParties,
    /// How many pairs of provider and model are told apart; later ones are `other`.
    pub most_models: usize,
    /// How old an event may be when it arrives. An import takes any age.
    pub max_event_age: Duration,
    /// How far in the future an event's time may lie.
    pub max_event_future: Duration,
    /// How many events may wait for the writer before more are refused.
    pub queue_events: usize,
    /// What a call to a language model cost that does not say so itself.
    pub pricing: Arc<dyn Pricing>,
    /// Where it is kept apart from the ledger who was forgotten. Without it, a ledger that is restored
    /// from an older backup knows nobody of them.
    pub erasures: Option<ErasureFile>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            zone: Arc::new(UtcZone),
            policy: RevenuePolicy::default(),
            plans: Vec::new(),
            limits: CostLimits::default(),
            internal: InternalParties::default(),
            most_models: 200,
            max_event_age: 35 * DAY,
            max_event_future: Duration::from_secs(5 * 60),
            queue_events: 100_000,
            pricing: Arc::new(NoPrices),
            erasures: None,
        }
    }
}

/// Knows what calls to language models cost.
pub trait Pricing: Send + Sync {
    /// What a call made at `at` cost; `None` where no price is known.
    fn price(&self, usage: &LlmUsage, at: Timestamp) -> Option<Priced>;
}

/// Knows no price: only what an event says itself has a cost.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoPrices;

impl Pricing for NoPrices {
    fn price(&self, _usage: &LlmUsage, _at: Timestamp) -> Option<Priced> {
        None
    }
}

impl Settings {
    /// Whether somebody is internal or a test, forgotten or not.
    pub(crate) fn is_internal(&self, name: &str) -> bool {
        self.internal.includes(name) || is_of_internal(name)
    }

    /// At what rates recurring revenue is valued.
    pub(crate) fn valuation<'a>(&'a self, rates: &'a Rates) -> Valuation<'a> {
        Valuation { rates, zone: &*self.zone }
    }

    /// Every name and alias with the plan's own name.
    pub(crate) fn plan_names(&self) -> HashMap<String, String> {
        let names = |plan: &PlanSettings| {
            let own = plan.name.clone();
            let all = std::iter::once(&plan.name).chain(&plan.aliases).cloned();
            all.map(move |name| (name, own.clone())).collect::<Vec<_>>()
        };
        self.plans.iter().flat_map(names).collect()
    }

    /// Every price id with its plan's name.
    pub(crate) fn plans_by_price(&self) -> HashMap<String, String> {
        let prices = |plan: &PlanSettings| {
            let own = plan.name.clone();
            plan.prices.clone().into_iter().map(move |price| (price, own.clone()))
        };
        self.plans.iter().flat_map(prices).collect()
    }
}
