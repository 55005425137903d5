//! What is a matter of policy, because systems differ.

use std::time::Duration;

use crate::event::SubscriptionStatus;

/// What is a matter of policy rather than of arithmetic.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RevenuePolicy {
    /// How long an invoice may take to be paid and still count as paid.
    pub dunning: Duration,
    /// Whether a subscription whose payment is being retried still counts.
    pub past_due_counts: bool,
    /// Whether a subscription on trial counts already.
    pub trials_count: bool,
}

impl Default for RevenuePolicy {
    /// A dunning window of 14 days, as Stripe recommends for its retries; past due counts and trials do
    /// not, as in Stripe's figures.
    fn default() -> Self {
        Self { dunning: Duration::from_secs(14 * 86_400), past_due_counts: true, trials_count: false }
    }
}

impl RevenuePolicy {
    /// Whether the items of a subscription in this status are recurring revenue.
    pub const fn earns(self, status: SubscriptionStatus) -> bool {
        match status {
            SubscriptionStatus::Active => true,
            SubscriptionStatus::PastDue => self.past_due_counts,
            SubscriptionStatus::Trialing => self.trials_count,
            _ => false,
        }
    }
}
