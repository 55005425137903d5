//! What the ledger is told, from the configuration.

use std::sync::Arc;

use pratiko_domain::plan::CostLimits;
use pratiko_domain::revenue::RevenuePolicy;
use pratiko_ledger::Settings;
use pratiko_ledger::erasure::{self, ErasureFile};
use pratiko_ledger::settings::{InternalParties, PlanSettings, Pricing};

use crate::config::{Config, IdPattern, Limits};
use crate::prices::Prices;
use crate::zone::DatabaseZone;

/// What the ledger is told, from the configuration and the prices that it names.
pub fn ledger_settings(config: &Config, prices: &Arc<Prices>) -> Settings {
    let business = &config.business;
    let internal = business.internal_users.iter().chain(&business.internal_customers);
    Settings {
        zone: Arc::new(DatabaseZone(business.time_zone.clone())),
        policy: RevenuePolicy {
            dunning: business.dunning_window,
            past_due_counts: business.past_due_counts,
            trials_count: business.trials_count,
        },
        plans: business
            .plans
            .iter()
            .map(|plan| PlanSettings {
                name: plan.name.clone(),
                aliases: plan.aliases.clone(),
                prices: plan.stripe_prices.clone(),
                limits: Some(cost_limits(plan.limits)),
            })
            .collect(),
        limits: cost_limits(business.limits),
        internal: InternalParties::new(internal.map(|pattern| match pattern {
            IdPattern::Exactly(id) => id.clone(),
            IdPattern::BeginningWith(beginning) => format!("{beginning}*"),
        })),
        most_models: business.max_models,
        max_event_age: config.ingest.max_event_age,
        max_event_future: config.ingest.max_future,
        queue_events: config.ingest.queue_events,
        pricing: Arc::clone(prices) as Arc<dyn Pricing>,
        erasures: Some(ErasureFile::new(config.ledger.path.join(erasure::FILE_NAME))),
    }
}

fn cost_limits(limits: Limits) -> CostLimits {
    CostLimits { target: limits.target_cost_eur, alert: limits.alert_cost_eur }
}
