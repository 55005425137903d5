//! What the accounts say, to whoever asks.

use std::sync::atomic::Ordering;

use pratiko_domain::figures::BusinessFigures;
use pratiko_domain::revenue::RevenueSummary;
use pratiko_domain::time::Timestamp;

use super::{Accounts, Inner};
use crate::business::customers::CustomerStanding;
use crate::business::health::AccountHealth;
use crate::business::users::lock;
use crate::business::{costs, page};
use crate::exposition::Page;

impl Accounts {
    /// Writes the business figures at `now`; nothing before the first event.
    pub fn write_at(&self, now: Timestamp, page: &mut Page) {
        if self.inner.has_events.load(Ordering::Relaxed) {
            page::write(&self.inner.figures(now), self.inner.settings.arr_goal, page);
        }
    }

    /// Holds what a scrape holds while it works out how customers stand.
    #[cfg(test)]
    pub(in crate::business) fn while_customers_are_read<T>(&self, act: impl FnOnce() -> T) -> T {
        let _customers = lock(&self.inner.customers);
        act()
    }

    /// How full the accounts are, and what found no room.
    pub fn health(&self) -> AccountHealth {
        let inner = &*self.inner;
        let (users, users_limit) = inner.users.len();
        let (account_bytes, history_bytes) = lock(&inner.books).bytes();
        let customers = lock(&inner.customers);
        let (customers_refused, states_forgotten) = customers.lost();
        AccountHealth {
            users,
            users_limit,
            customers: customers.len(),
            past_user_limit: inner.users.past_limit(),
            folded_plans: inner.plans.folded(),
            refused: inner.refused.load(Ordering::Relaxed),
            customers_refused,
            states_forgotten,
            table_bytes: inner.users.bytes() + account_bytes,
            history_bytes,
        }
    }
}

impl Inner {
    fn standings(&self, now: Timestamp) -> Vec<CustomerStanding> {
        let mut customers = lock(&self.customers);
        self.advance_customers(&mut customers, now);
        customers.standings()
    }

    pub(super) fn figures(&self, now: Timestamp) -> BusinessFigures {
        let zone = &*self.settings.zone;
        let standings = self.standings(now);
        let (costs, now) = {
            let mut books = lock(&self.books);
            books.advance(&self.users, now, zone);
            self.quarter.store(books.quarter().0, Ordering::Relaxed);
            let now = now.max(books.quarter().start());
            (costs::of(&books, &self.users, &standings, &self.plans), now)
        };
        let customers = standings.iter().filter(|customer| !customer.is_internal);
        let revenue = RevenueSummary::of(customers.map(|customer| &*customer.standing), now, zone);
        let mut known = self.plans.known();
        known.extend(lock(&self.customers).milestones().keys().map(|milestone| milestone.plan()));
        let describe = |slot| (self.plans.name(slot).to_owned(), self.plans.limits(slot));
        let payments = lock(&self.payments).clone();
        BusinessFigures::of(costs, revenue, &payments, known, describe, now, zone)
    }
}
