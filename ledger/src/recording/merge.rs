//! Adding up what a group of events changes.

use std::collections::HashMap;

use pratiko_domain::event::{PaymentAttempt, PaymentOutcome};
use pratiko_domain::money::Money;
use pratiko_domain::plan::PlanSlot;
use pratiko_domain::revenue::Counted;
use pratiko_domain::time::Quarter;

use crate::store::{Changes, PartyNumber, PaymentRow, Total, UsageRow, UserRow};

/// Changes under construction, so that each row is written once for a group.
#[derive(Debug, Default)]
pub(super) struct Merge {
    usage: HashMap<(Quarter, PartyNumber), (Money, Money, u64)>,
    plan_usage: HashMap<(Quarter, PlanSlot), (Money, Money, u64)>,
    totals: HashMap<Total, i128>,
    payments: HashMap<(Quarter, PaymentOutcome), (u64, u64)>,
    users: HashMap<PartyNumber, UserRow>,
    customers: Vec<(PartyNumber, Counted)>,
    disputes: Vec<String>,
}

impl Merge {
    /// A user's cost and activity.
    pub fn usage(&mut self, quarter: Quarter, user: PartyNumber, llm: Money, other: Money, activity: bool) {
        let sum = self.usage.entry((quarter, user)).or_default();
        sum.0 += llm;
        sum.1 += other;
        sum.2 += u64::from(activity);
    }

    /// A plan's cost.
    pub fn plan_usage(&mut self, quarter: Quarter, plan: PlanSlot, llm: Money, other: Money) {
        let sum = self.plan_usage.entry((quarter, plan)).or_default();
        sum.0 += llm;
        sum.1 += other;
        sum.2 += 1;
    }

    /// More of a total.
    pub fn total(&mut self, total: Total, more: i128) {
        *self.totals.entry(total).or_default() += more;
    }

    /// The outcome of an attempt to pay.
    pub fn payment(&mut self, quarter: Quarter, attempt: &PaymentAttempt) {
        let counts = self.payments.entry((quarter, attempt.outcome)).or_default();
        counts.0 += u64::from(attempt.is_attempt());
        counts.1 += u64::from(attempt.is_first_attempt());
    }

    /// What is known of a user now.
    pub fn user(&mut self, row: UserRow) {
        self.users.insert(row.user, row);
    }

    /// What of a customer has been counted now.
    pub fn customer(&mut self, customer: PartyNumber, counted: Counted) {
        self.customers.push((customer, counted));
    }

    /// A dispute, which may be known.
    pub fn dispute(&mut self, id: &str) {
        self.disputes.push(id.to_owned());
    }

    /// The changes, with the rows of one table beside each other in the order of their keys.
    pub fn finish(self, part: u64) -> Changes {
        let mut usage: Vec<UsageRow> = self
            .usage
            .into_iter()
            .map(|((quarter, user), (llm, other, activity))| UsageRow { quarter, user, llm, other, activity })
            .collect();
        usage.sort_unstable_by_key(|row| (row.quarter, row.user));
        let plan_usage = self.plan_usage.into_iter();
        let payments = self.payments.into_iter();
        Changes {
            part,
            usage,
            plan_usage: plan_usage
                .map(|((quarter, plan), (llm, other, n))| (quarter, plan, llm, other, n))
                .collect(),
            totals: self.totals.into_iter().collect(),
            payments: payments
                .map(|((quarter, outcome), (attempts, first_attempts))| PaymentRow {
                    quarter,
                    outcome,
                    attempts,
                    first_attempts,
                })
                .collect(),
            users: self.users.into_values().collect(),
            customers: self.customers,
            disputes: self.disputes,
        }
    }
}
