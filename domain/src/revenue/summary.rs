//! The revenue figures of all customers together.

use std::collections::BTreeMap;

use crate::event::{Interval, SubscriptionStatus};
use crate::money::Money;
use crate::plan::PlanSlot;
use crate::time::{Timestamp, Window, Zone};

use super::movement::MovementKind;
use super::standing::Standing;
use super::trial::TrialOutcome;

/// The windows over which movements are summed.
pub const MOVEMENT_WINDOWS: [Window; 2] = [Window::Days30, Window::MonthToDate];

/// The revenue figures of all customers together.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RevenueSummary {
    /// Monthly recurring revenue, in euro, by plan.
    pub mrr: BTreeMap<PlanSlot, Money>,
    /// The part of it that is not set to end.
    pub committed_mrr: BTreeMap<PlanSlot, Money>,
    /// Movements by plan, kind and window, with the sign of the identity: losses are positive.
    pub movements: BTreeMap<(PlanSlot, MovementKind, Window), Money>,
    /// Subscriptions by plan, status and interval.
    pub subscriptions: BTreeMap<(PlanSlot, SubscriptionStatus, Interval), u64>,
    /// Subscriptions that earn in a currency without a reference rate.
    pub unconverted: u64,
    /// Customers with recurring revenue, past due included.
    pub paying: u64,
    /// The same, by the plan that they are on.
    pub paying_by_plan: BTreeMap<PlanSlot, u64>,
    /// Customers on trial that pay for nothing else.
    pub trialing: u64,
    /// Customers with a payment past due; part of those paying.
    pub past_due: u64,
    /// Customers that came to pay within 30 days: new, opening or back.
    pub gained: u64,
    /// Departures within 30 days.
    pub churned: u64,
    /// Trials that ended within 30 days.
    pub trials_ended: u64,
    /// Those of them that converted.
    pub trials_converted: u64,
    /// Subscriptions that fell due within 1 h and 1 d.
    pub renewals: BTreeMap<Window, u64>,
    /// Invoices paid within the dunning window, decided within 30 days.
    pub invoices_paid: u64,
    /// Invoices not paid within the dunning window, decided within 30 days.
    pub invoices_failed: u64,
    /// Retention over 30 days.
    pub retention: Retention,
}

/// Revenue kept of the customers that were there 30 days ago.
///
/// Source: the usual definitions of net and gross revenue retention: what those customers pay now,
/// with and without what they added, over what they paid then.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Retention {
    /// What they paid then.
    pub start: Money,
    /// What the same customers pay now.
    pub net: Money,
    /// The same, each with at most what it paid then.
    pub gross: Money,
}

impl Retention {
    fn add(&mut self, start: Money, end: Money) {
        if start.is_positive() {
            self.start += start;
            self.net += end;
            self.gross += end.min(start);
        }
    }

    /// Net revenue retention; `None` when nobody paid then.
    pub fn net_ratio(&self) -> Option<f64> {
        self.net.ratio_to(self.start)
    }

    /// Gross revenue retention; `None` when nobody paid then.
    pub fn gross_ratio(&self) -> Option<f64> {
        self.gross.ratio_to(self.start)
    }
}

impl RevenueSummary {
    /// The figures at `now`.
    pub fn of<'a>(standings: impl Iterator<Item = &'a Standing>, now: Timestamp, zone: &dyn Zone) -> Self {
        let mut summary = Self::default();
        let starts = MOVEMENT_WINDOWS.map(|window| (window, window.start(now, zone)));
        let days30 = Window::Days30.start(now, zone);
        let renewal_starts = [Window::Hour, Window::Day].map(|window| (window, window.start(now, zone)));
        summary.renewals = renewal_starts.iter().map(|(window, _)| (*window, 0)).collect();
        for standing in standings {
            summary.add_state(standing);
            summary.add_movements(standing, &starts, days30);
            for trial in &standing.trials {
                if trial.ended_at.is_some_and(|at| days30 <= at && at <= now) {
                    summary.trials_ended += 1;
                    summary.trials_converted += u64::from(trial.outcome == TrialOutcome::Converted);
                }
            }
            for (_, is_paid) in standing.invoices.iter().filter(|(at, _)| days30 <= *at && *at <= now) {
                summary.invoices_paid += u64::from(*is_paid);
                summary.invoices_failed += u64::from(!is_paid);
            }
            for (window, start) in &renewal_starts {
                let due = standing.renewals.iter().filter(|at| *start <= **at && **at <= now).count();
                *summary.renewals.entry(*window).or_default() += due as u64;
            }
        }
        summary
    }

    fn add_state(&mut self, standing: &Standing) {
        for (plan, amount) in &standing.revenue {
            *self.mrr.entry(*plan).or_default() += *amount;
        }
        for (plan, amount) in &standing.committed {
            *self.committed_mrr.entry(*plan).or_default() += *amount;
        }
        for subscription in &standing.subscriptions {
            let key = (subscription.plan, subscription.status, subscription.interval);
            *self.subscriptions.entry(key).or_default() += 1;
        }
        self.unconverted += standing.unconverted as u64;
        if standing.pays() {
            self.paying += 1;
            *self.paying_by_plan.entry(standing.plan.unwrap_or(PlanSlot::NONE)).or_default() += 1;
        } else if standing.has(SubscriptionStatus::Trialing) {
            self.trialing += 1;
        }
        self.past_due += u64::from(standing.has(SubscriptionStatus::PastDue));
    }

    fn add_movements(&mut self, standing: &Standing, starts: &[(Window, Timestamp)], days30: Timestamp) {
        let end: Money = standing.revenue.iter().map(|(_, amount)| *amount).sum();
        let mut start = end;
        for movement in standing.movements.iter().rev() {
            for (window, from) in starts {
                if movement.at < *from {
                    continue;
                }
                for (plan, amount) in &movement.parts {
                    let amount = if movement.kind.is_loss() { -*amount } else { *amount };
                    *self.movements.entry((*plan, movement.kind, *window)).or_default() += amount;
                }
            }
            if movement.at >= days30 {
                start -= movement.total();
                match movement.kind {
                    MovementKind::New | MovementKind::Opening | MovementKind::Reactivation => {
                        self.gained += 1;
                    }
                    MovementKind::Churn => self.churned += 1,
                    _ => {}
                }
            }
        }
        self.retention.add(start, end);
    }

    /// Monthly recurring revenue of all plans.
    pub fn total_mrr(&self) -> Money {
        self.mrr.values().copied().sum()
    }

    /// Annual recurring revenue: 12 × MRR.
    pub fn arr(&self) -> Money {
        self.total_mrr() * 12
    }

    /// Subscriber churn over 30 days: those who left ÷ (those who paid at the start + those who came).
    /// `None` when there was nobody to leave.
    ///
    /// Source: Stripe's definition of the subscriber churn rate.
    pub fn churn_ratio(&self) -> Option<f64> {
        // Everybody who pays now, came, or left: start + gained = now + churned.
        let base = self.paying + self.churned;
        (base > 0).then(|| self.churned as f64 / base as f64)
    }

    /// Trials converted ÷ trials ended, over 30 days; `None` when none ended.
    ///
    /// Source: Stripe's definition of the trial conversion rate.
    pub fn trial_conversion_ratio(&self) -> Option<f64> {
        (self.trials_ended > 0).then(|| self.trials_converted as f64 / self.trials_ended as f64)
    }

    /// Average revenue per paying customer of a plan, rounded to 10⁻⁹; `None` without one.
    pub fn arpu(&self, plan: PlanSlot) -> Option<Money> {
        let customers = *self.paying_by_plan.get(&plan)?;
        let revenue = self.mrr.get(&plan).copied().unwrap_or_default();
        (customers > 0).then(|| revenue.divided_by(i128::from(customers)))
    }
}

/// What a customer brings until it leaves: ARPU ÷ churn; `None` when nobody leaves.
///
/// `churned` ÷ `base` is the churn ratio.
pub fn life_time_value(arpu: Money, summary: &RevenueSummary) -> Option<Money> {
    let base = summary.paying + summary.churned;
    (summary.churned > 0).then(|| arpu.scaled(i128::from(base), i128::from(summary.churned)))
}
