//! Recurring revenue: what a subscription is worth a month, how that changes, and what follows.
//!
//! The way of a figure: the states of a customer's subscriptions ([`CustomerHistory`]) become a
//! [`Standing`] (worth now, every movement, trials, renewals); the standings of all customers become
//! a [`RevenueSummary`].

mod foreign;
mod history;
mod invoice;
mod milestone;
mod movement;
mod movement_sums;
mod policy;
mod recurring;
mod renewal;
mod retention;
mod standing;
mod summary;
#[cfg(test)]
mod testing;
mod trial;
mod valuation;

pub use foreign::ForeignRevenue;
pub use history::{CustomerHistory, SubscriptionHistory, SubscriptionState};
pub use invoice::{InvoiceOutcome, invoice_outcome};
pub use milestone::{Counted, Milestone, TrialStage};
pub use movement::{ChurnReason, Movement, MovementKind, RateEffect};
pub use policy::RevenuePolicy;
pub use recurring::{PlanAmounts, monthly_amounts};
pub use renewal::{next_renewal, renewals_within};
pub use retention::Retention;
pub use standing::{Standing, SubscriptionStanding};
pub use summary::{MOVEMENT_WINDOWS, RevenueSummary, life_time_value};
pub use trial::{Trial, TrialOutcome};
pub use valuation::Valuation;
