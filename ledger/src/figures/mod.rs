//! What the ledger says, held in memory: users' costs by window, customers' standings, totals.
//!
//! It follows the store (the recorder adds to both the same changes) and the time (windows move on,
//! discounts and trials end), and is made anew from the store at the start.

mod customers;
mod facts;
mod people;
mod snapshot;
mod users;

pub use customers::{Customers, Review};
pub(crate) use customers::{event_identity, histories, read_history, review, review_uncounted, states};
pub use people::UserFigures;
pub use snapshot::Snapshot;
pub use users::Users;

use std::collections::BTreeMap;

use pratiko_domain::currency::Rates;
use pratiko_domain::payments::RecentPayments;
use pratiko_domain::time::Timestamp;

use crate::recording::Directory;
use crate::settings::Settings;
use crate::store::{Changes, Loaded, Reconciliation, Store, StoreError, Total};

/// What the ledger says, held in memory.
pub struct Figures {
    /// Users, and what they cost.
    pub users: Users,
    /// Customers, and how they stand.
    pub customers: Customers,
    payments: RecentPayments,
    totals: BTreeMap<Total, i128>,
    events: u64,
    adjustments: u64,
    last_recorded: Option<Timestamp>,
    reconciliations: Vec<Reconciliation>,
}

impl Figures {
    /// The figures of a store at `now`.
    pub fn open(
        store: &mut dyn Store,
        loaded: &Loaded,
        directory: &Directory,
        settings: &Settings,
        rates: &Rates,
        now: Timestamp,
    ) -> Result<Self, StoreError> {
        let statistics = store.statistics()?;
        let users = Users::open(store, loaded, settings, now)?;
        let mut figures = Self {
            customers: Customers::open(store, loaded, directory, settings, rates, &users, now)?,
            users,
            payments: RecentPayments::default(),
            totals: loaded.totals.iter().copied().collect(),
            events: statistics.events,
            adjustments: statistics.adjustments,
            last_recorded: statistics.last_recorded,
            reconciliations: loaded.reconciliations.clone(),
        };
        figures.add_payments(&loaded.payments);
        Ok(figures)
    }

    /// Adds what a group changed, whoever recorded it. How customers stand comes with their reviews.
    pub fn apply(&mut self, changes: &Changes, events: u64, recorded_at: Timestamp) {
        for number in &changes.internal {
            self.users.entry(*number).is_internal = true;
        }
        for row in changes.users.iter().chain(&changes.users_confirmed) {
            self.users.entry(row.user).hear(row);
        }
        for row in &changes.usage {
            self.users.add(row);
        }
        for (total, more) in &changes.totals {
            *self.totals.entry(*total).or_default() += more;
        }
        self.add_payments(&changes.payments);
        self.adjustments += changes.adjustments.len() as u64;
        self.reconciliations.extend_from_slice(&changes.reconciliations);
        if events > 0 {
            self.events += events;
            self.last_recorded = Some(recorded_at);
        }
    }

    fn add_payments(&mut self, rows: &[crate::store::PaymentRow]) {
        for row in rows {
            self.payments.add(row.quarter, row.outcome, row.attempts, row.first_attempts);
        }
    }

    /// What tells the next group's roll-up rows from those of this writer's others: the number of its last
    /// event, or, beyond all of those, of its last adjustment.
    pub fn next_part(&self, events: u64, adjustments: usize) -> u64 {
        const FIRST_OF_ADJUSTMENTS: u64 = 1 << 48;
        match adjustments {
            0 => self.events + events,
            more => FIRST_OF_ADJUSTMENTS + self.adjustments + more as u64,
        }
    }

    /// When the last event was recorded.
    pub fn last_recorded(&self) -> Option<Timestamp> {
        self.last_recorded
    }

    /// The figures as they are at `now`, to which users and customers have been advanced.
    pub fn snapshot(
        &mut self,
        directory: &Directory,
        settings: &Settings,
        rates: &Rates,
        identity: &str,
        now: Timestamp,
    ) -> Snapshot {
        self.payments.forget(now, &*settings.zone);
        snapshot::take(self, directory, settings, rates, identity, now)
    }
}
