//! Adding up what a group of events changes.

use std::collections::{HashMap, HashSet};

use pratiko_domain::currency::DailyRates;
use pratiko_domain::event::{PaymentAttempt, PaymentOutcome};
use pratiko_domain::money::Money;
use pratiko_domain::plan::PlanSlot;
use pratiko_domain::revenue::Counted;
use pratiko_domain::time::Quarter;

use crate::figures::Review;
use crate::store::{
    Adjustment, AuditEntry, Changes, Erasure, PartyNumber, PaymentRow, Reconciliation, Total, UsageRow,
    UserRow,
};

/// Changes under construction, so that each row is written once for a group.
#[derive(Debug, Default)]
pub(super) struct Merge {
    usage: HashMap<(Quarter, PartyNumber), (Money, Money, u64)>,
    plan_usage: HashMap<(Quarter, PlanSlot), (Money, Money, u64)>,
    totals: HashMap<Total, i128>,
    payments: HashMap<(Quarter, PaymentOutcome), (u64, u64)>,
    users: HashMap<PartyNumber, UserRow>,
    users_confirmed: HashMap<PartyNumber, UserRow>,
    internal: HashSet<PartyNumber>,
    reviewed: Vec<PartyNumber>,
    customers: Vec<(PartyNumber, Counted)>,
    disputes: Vec<String>,
    rates: Vec<DailyRates>,
    adjustments: Vec<Adjustment>,
    erasures: Vec<Erasure>,
    audit: Vec<AuditEntry>,
    reconciliations: Vec<Reconciliation>,
}

impl Merge {
    /// A user's cost and activity.
    pub fn usage(&mut self, quarter: Quarter, user: PartyNumber, llm: Money, other: Money, activity: bool) {
        let sum = self.usage.entry((quarter, user)).or_default();
        sum.0 += llm;
        sum.1 += other;
        sum.2 += u64::from(activity);
    }

    /// The cost of an event of a plan.
    pub fn plan_usage(&mut self, quarter: Quarter, plan: PlanSlot, llm: Money, other: Money) {
        self.plan_cost(quarter, plan, llm, other);
        self.plan_usage.entry((quarter, plan)).or_default().2 += 1;
    }

    /// More of a plan's cost, without a further event.
    pub fn plan_cost(&mut self, quarter: Quarter, plan: PlanSlot, llm: Money, other: Money) {
        let sum = self.plan_usage.entry((quarter, plan)).or_default();
        sum.0 += llm;
        sum.1 += other;
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

    /// What the group has told of a user so far.
    pub fn told_of(&self, user: PartyNumber) -> Option<UserRow> {
        self.users.get(&user).or_else(|| self.users_confirmed.get(&user)).copied()
    }

    /// What is known of a user now: news, or what was said before that day.
    pub fn user(&mut self, row: UserRow, is_news: bool) {
        if is_news || self.users.contains_key(&row.user) {
            self.users_confirmed.remove(&row.user);
            self.users.insert(row.user, row);
        } else {
            self.users_confirmed.insert(row.user, row);
        }
    }

    /// Somebody is internal or a test.
    pub fn internal(&mut self, party: PartyNumber) {
        self.internal.insert(party);
    }

    /// How a customer stands was worked out anew.
    pub fn review(&mut self, review: &Review) {
        self.reviewed.push(review.customer);
        for total in &review.totals {
            self.total(*total, 1);
        }
        if let Some(counted) = review.counted {
            self.customers.push((review.customer, counted));
        }
    }

    /// Reference rates that became known.
    pub fn rates(&mut self, rates: &[DailyRates]) {
        self.rates.extend_from_slice(rates);
    }

    /// A later change of an event's amount.
    pub fn adjustment(&mut self, adjustment: Adjustment) {
        self.adjustments.push(adjustment);
    }

    /// Somebody is forgotten.
    pub fn erasure(&mut self, erasure: Erasure) {
        self.erasures.push(erasure);
    }

    /// An administrator did something.
    pub fn audit(&mut self, entry: AuditEntry) {
        self.audit.push(entry);
    }

    /// A provider's invoice was compared with the ledger.
    pub fn reconciliation(&mut self, reconciliation: Reconciliation) {
        self.reconciliations.push(reconciliation);
    }

    /// How many amounts are changed.
    pub fn adjustments(&self) -> usize {
        self.adjustments.len()
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
        let mut users: Vec<UserRow> = self.users.into_values().collect();
        users.sort_unstable_by_key(|row| row.user);
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
            users,
            users_confirmed: self.users_confirmed.into_values().collect(),
            internal: self.internal.into_iter().collect(),
            reviewed: self.reviewed,
            customers: self.customers,
            disputes: self.disputes,
            rates: self.rates,
            adjustments: self.adjustments,
            erasures: self.erasures,
            audit: self.audit,
            reconciliations: self.reconciliations,
        }
    }
}
