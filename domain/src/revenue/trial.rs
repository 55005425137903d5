//! Trials, and whether they convert.

use std::time::Duration;

use crate::event::{Invoice, SubscriptionStatus};
use crate::plan::PlanSlot;
use crate::time::Timestamp;

use super::history::{CustomerHistory, SubscriptionHistory};
use super::invoice::{InvoiceOutcome, invoice_outcome};

/// The trial of one subscription.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Trial {
    /// The plan that is tried.
    pub plan: PlanSlot,
    /// When it began.
    pub started_at: Timestamp,
    /// When the subscription left `trialing`.
    pub ended_at: Option<Timestamp>,
    /// What became of it.
    pub outcome: TrialOutcome,
}

/// What became of a trial.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TrialOutcome {
    /// It goes on, or its first invoice is still being collected.
    Undecided,
    /// The first invoice above zero was paid within the dunning window.
    Converted,
    /// It ended without that.
    Expired,
    /// The customer cancelled before it was paid for.
    Cancelled,
}

/// The trial of `subscription`, if it has or had one; and the next instant at which what became of
/// it may change with time alone.
pub(super) fn trial(
    history: &CustomerHistory,
    subscription: &SubscriptionHistory,
    dunning: Duration,
    now: Timestamp,
) -> Option<(Trial, Option<Timestamp>)> {
    let trialing = |at: &Timestamp| subscription.status_at(*at) == Some(SubscriptionStatus::Trialing);
    let mut instants: Vec<Timestamp> = subscription.changes().filter(|at| *at <= now).collect();
    instants.sort_unstable();
    let start = instants.iter().position(trialing)?;
    let started_at = instants[start];
    let plan = subscription.state_at(started_at).and_then(|state| state.plans.first().copied());
    let ended_at = instants[start..].iter().find(|at| !trialing(at)).copied();
    let (outcome, next) = match ended_at {
        None => (TrialOutcome::Undecided, None),
        Some(ended_at) => outcome(history, subscription, ended_at, dunning, now),
    };
    Some((Trial { plan: plan.unwrap_or(PlanSlot::NONE), started_at, ended_at, outcome }, next))
}

fn outcome(
    history: &CustomerHistory,
    subscription: &SubscriptionHistory,
    ended_at: Timestamp,
    dunning: Duration,
    now: Timestamp,
) -> (TrialOutcome, Option<Timestamp>) {
    match first_invoice(history, subscription).map(|invoice| invoice_outcome(invoice, dunning, now)) {
        Some(InvoiceOutcome::Paid { .. }) => (TrialOutcome::Converted, None),
        Some(InvoiceOutcome::Failed { .. }) => (TrialOutcome::Expired, None),
        Some(InvoiceOutcome::Undecided { until }) => (TrialOutcome::Undecided, Some(until)),
        Some(InvoiceOutcome::Ignored) | None => {
            let end = ended_at.plus(dunning);
            if subscription.status_at(ended_at) == Some(SubscriptionStatus::Canceled) {
                (TrialOutcome::Cancelled, None)
            } else if end <= now {
                (TrialOutcome::Expired, None)
            } else {
                (TrialOutcome::Undecided, Some(end))
            }
        }
    }
}

/// The first invoice above zero of a subscription.
fn first_invoice<'history>(
    history: &'history CustomerHistory,
    subscription: &SubscriptionHistory,
) -> Option<&'history Invoice> {
    history
        .invoices
        .iter()
        .filter(|invoice| invoice.subscription.as_deref() == Some(subscription.id()))
        .filter(|invoice| invoice_outcome(invoice, Duration::ZERO, Timestamp::MIN) != InvoiceOutcome::Ignored)
        .min_by_key(|invoice| (invoice.issued_at, &invoice.id))
}
