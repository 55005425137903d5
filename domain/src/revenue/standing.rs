//! How one customer stands.

use std::time::Duration;

use crate::event::{Interval, SubscriptionStatus};
use crate::money::Money;
use crate::plan::PlanSlot;
use crate::time::Timestamp;

use super::history::{CustomerHistory, SubscriptionHistory};
use super::invoice::{InvoiceOutcome, invoice_outcome};
use super::movement::{Movement, add_up, movements, revenue_at};
use super::recurring::PlanAmounts;
use super::renewal::{next_renewal, renewals_within};
use super::trial::{Trial, trial};

/// What is a matter of policy rather than of arithmetic.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RevenuePolicy {
    /// How long an invoice may take to be paid and still count as paid.
    pub dunning: Duration,
}

impl Default for RevenuePolicy {
    /// A dunning window of 14 days, as Stripe recommends for its retries.
    fn default() -> Self {
        Self { dunning: Duration::from_secs(14 * 86_400) }
    }
}

/// One subscription as it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SubscriptionStanding {
    /// The plan of its first item.
    pub plan: PlanSlot,
    /// Its status.
    pub status: SubscriptionStatus,
    /// Its billing interval.
    pub interval: Interval,
}

/// How one customer stands at an instant: a function of what is known of it, and of the time.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Standing {
    /// Monthly recurring revenue by plan.
    pub revenue: PlanAmounts,
    /// The part of it that is not set to end.
    pub committed: PlanAmounts,
    /// Its subscriptions.
    pub subscriptions: Vec<SubscriptionStanding>,
    /// How many of them earn in a currency without a reference rate.
    pub unconverted: usize,
    /// The plan that its users are on: that of the subscription in force which is worth most.
    pub plan: Option<PlanSlot>,
    /// The same over time, in order: from when on it is which. Before the first there is none.
    pub plans: Vec<(Timestamp, Option<PlanSlot>)>,
    /// Every movement of its revenue.
    pub movements: Vec<Movement>,
    /// Its trials.
    pub trials: Vec<Trial>,
    /// When its subscriptions fell due in the last day and a bit.
    pub renewals: Vec<Timestamp>,
    /// Its invoices that were decided in the last 31 days: when, and whether they were paid in time.
    pub invoices: Vec<(Timestamp, bool)>,
    /// The next instant at which any of this changes by time alone.
    pub next_change: Option<Timestamp>,
}

/// Renewals are looked back for as long as the longest window over them may reach.
const RENEWALS_LOOK_BACK: Duration = Duration::from_secs(25 * 3600);

/// Decided invoices are looked back for as long as the longest window over them may reach.
const INVOICES_LOOK_BACK: Duration = Duration::from_secs(31 * 86_400);

impl Standing {
    /// How the customer with this history stands at `now`.
    pub fn of(history: &CustomerHistory, now: Timestamp, policy: RevenuePolicy) -> Self {
        let mut standing = Self {
            revenue: revenue_at(history, now),
            movements: movements(history, now),
            plan: plan_at(history, now),
            plans: plans(history),
            ..Self::default()
        };
        let mut next_changes: Vec<Timestamp> = Vec::new();
        let mut committed = Vec::new();
        for subscription in &history.subscriptions {
            next_changes.extend(subscription.changes().filter(|at| *at > now));
            next_changes.extend(next_renewal(subscription, now));
            standing.renewals.extend(renewals_within(subscription, now.minus(RENEWALS_LOOK_BACK), now));
            if let Some((trial, next)) = trial(history, subscription, policy.dunning, now) {
                standing.trials.push(trial);
                next_changes.extend(next);
            }
            let Some((subscription_standing, worth)) = subscription_standing(subscription, now) else {
                continue;
            };
            if worth.is_none() {
                standing.unconverted += 1;
            }
            let worth = worth.unwrap_or_default();
            if subscription.state_at(now).is_some_and(|state| state.change.cancel_at.is_none()) {
                committed.extend(worth.iter().copied());
            }
            standing.subscriptions.push(subscription_standing);
        }
        for invoice in &history.invoices {
            let (at, is_paid) = match invoice_outcome(invoice, policy.dunning, now) {
                InvoiceOutcome::Ignored => continue,
                InvoiceOutcome::Undecided { until } => {
                    next_changes.push(until);
                    continue;
                }
                InvoiceOutcome::Paid { at } => (at, true),
                InvoiceOutcome::Failed { at } => (at, false),
            };
            if at >= now.minus(INVOICES_LOOK_BACK) {
                standing.invoices.push((at, is_paid));
            }
        }
        standing.committed = add_up(committed.into_iter());
        standing.next_change = next_changes.into_iter().min();
        standing
    }

    /// The plan that its users were on at an instant, by what is known now.
    pub fn plan_at(&self, at: Timestamp) -> Option<PlanSlot> {
        let count = self.plans.partition_point(|(from, _)| *from <= at);
        self.plans[..count].last().and_then(|(_, plan)| *plan)
    }

    /// Whether it has recurring revenue.
    pub fn pays(&self) -> bool {
        !self.revenue.is_empty()
    }

    /// Whether a subscription is in the given status.
    pub fn has(&self, status: SubscriptionStatus) -> bool {
        self.subscriptions.iter().any(|subscription| subscription.status == status)
    }
}

/// The plan of the subscription in force that is worth most.
fn plan_at(history: &CustomerHistory, at: Timestamp) -> Option<PlanSlot> {
    let ranked = history.subscriptions.iter().filter_map(|subscription| {
        let (standing, worth) = subscription_standing(subscription, at)?;
        let total = worth.unwrap_or_default().iter().map(|(_, amount)| *amount).sum::<Money>();
        Some((rank(standing.status)?, total, std::cmp::Reverse(subscription.id()), standing.plan))
    });
    ranked.max().map(|(.., plan)| plan)
}

/// That plan at every instant at which it changes.
fn plans(history: &CustomerHistory) -> Vec<(Timestamp, Option<PlanSlot>)> {
    let mut instants: Vec<Timestamp> =
        history.subscriptions.iter().flat_map(SubscriptionHistory::changes).collect();
    instants.sort_unstable();
    instants.dedup();
    let mut plans: Vec<(Timestamp, Option<PlanSlot>)> =
        instants.into_iter().map(|at| (at, plan_at(history, at))).collect();
    plans.dedup_by_key(|(_, plan)| *plan);
    plans
}

/// Which subscription says what plan a customer is on: one that is paid for before one on trial,
/// before one that is suspended. An ended one says nothing.
fn rank(status: SubscriptionStatus) -> Option<u8> {
    match status {
        SubscriptionStatus::Active | SubscriptionStatus::PastDue => Some(3),
        SubscriptionStatus::Trialing => Some(2),
        SubscriptionStatus::Unpaid | SubscriptionStatus::Paused => Some(1),
        SubscriptionStatus::Incomplete | SubscriptionStatus::Canceled => None,
    }
}

fn subscription_standing(
    subscription: &SubscriptionHistory,
    now: Timestamp,
) -> Option<(SubscriptionStanding, Option<PlanAmounts>)> {
    let state = subscription.state_at(now)?;
    let status = subscription.status_at(now)?;
    let plan = state.plans.first().copied().unwrap_or(PlanSlot::NONE);
    let interval = state.change.items.first().map_or(Interval::Month, |item| item.interval);
    Some((SubscriptionStanding { plan, status, interval }, subscription.revenue_at(now)))
}
