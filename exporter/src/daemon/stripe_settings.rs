//! What Stripe's webhooks are believed and understood by, from the configuration.

use pratiko_intake::stripe::Policy;

use crate::app::StripeSettings;
use crate::config::{Config, SecretFileError};

/// What webhooks are believed and understood by.
pub(super) fn stripe_settings(config: &Config) -> Result<StripeSettings, SecretFileError> {
    Ok(StripeSettings {
        secrets: config.stripe.all_webhook_secrets()?,
        tolerance: config.stripe.tolerance,
        max_body_bytes: config.stripe.max_body_bytes,
        policy: stripe_policy(config),
    })
}

/// What of Stripe's objects counts: the same for webhooks and for a backfill.
pub fn stripe_policy(config: &Config) -> Policy {
    let prices = config.business.plans.iter().flat_map(|plan| plan.stripe_prices.clone());
    Policy {
        mode: config.stripe.mode,
        coupons: config.stripe.coupons,
        inclusive_tax_percent: config.stripe.inclusive_tax_percent,
        prices_with_a_plan: prices.collect(),
    }
}
