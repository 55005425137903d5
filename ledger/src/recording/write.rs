//! Writing a group in one transaction, and hearing of the groups of others: how the figures stay in step
//! with the store.

use std::collections::HashSet;

use pratiko_domain::time::{Date, Timestamp};

use super::Recorder;
use super::derive::derive;
use super::merge::Merge;
use super::recorder::Prepared;
use super::seen::is_known_already;
use crate::figures::{Review, review, review_uncounted};
use crate::store::{Changes, Followed, Inserted, PartyNumber, StoreError, Total, UserRow};

/// So often a group is tried that is interrupted.
const MOST_TRIES: u32 = 5;

/// A group in a transaction that is not committed yet.
pub(super) struct Written<T> {
    pub merge: Merge,
    pub events: u64,
    pub reviews: Vec<Review>,
    pub result: T,
}

impl Recorder {
    /// Adds to the figures what other writers have recorded.
    pub(super) fn follow(&mut self, now: Timestamp) -> Result<(), StoreError> {
        let (groups, names) = match self.store.follow()? {
            Followed::Groups { groups, names } => (groups, names),
            Followed::Unknown => {
                self.is_stale = true;
                return Ok(());
            }
        };
        for (dictionary, number, text) in names {
            self.directory.keep(dictionary, number, &text);
        }
        let mut reviewed = Vec::new();
        for group in groups {
            // Others' clocks may be behind.
            let recorded_at = self.figures.last_recorded().max(Some(group.recorded_at));
            self.figures.apply(&group.changes, group.events, recorded_at.unwrap_or(group.recorded_at));
            let users = &self.figures.users;
            let is_contested = |row: &&UserRow| users.get(row.user).contradicts(row);
            self.contested.extend(group.changes.users.iter().filter(is_contested).map(|row| row.user));
            self.learn(&group.changes.rates, now);
            self.hear_of_erasures(&group.changes.erasures).inspect_err(|_| self.is_stale = true)?;
            reviewed.extend(group.changes.reviewed);
        }
        if reviewed.is_empty() {
            return Ok(());
        }
        let Self { store, directory, settings, figures, rates, .. } = self;
        let reviews =
            review_uncounted(reviewed, &mut **store, directory, settings, rates, &figures.users, now)
                .inspect_err(|_| self.is_stale = true)?;
        for review in reviews {
            self.figures.customers.keep(review, now);
        }
        Ok(())
    }

    /// Stores what is known of users of whom others have told something earlier: that something was still so
    /// is stored once a day, and whoever has read only that takes an event in between for the latest.
    pub(super) fn insist(&mut self, now: Timestamp) -> Result<(), StoreError> {
        let contested = std::mem::take(&mut self.contested);
        if contested.is_empty() {
            return Ok(());
        }
        self.store.begin()?;
        self.written(now, |recorder| {
            let mut merge = Merge::default();
            for user in &contested {
                merge.user(recorder.figures.users.get(*user).row(*user), true);
            }
            Ok(Written { merge, events: 0, reviews: Vec::new(), result: () })
        })
    }

    /// Stores what is new of a group, and works out what it changes.
    pub(super) fn write(
        &mut self,
        prepared: &[Prepared],
        now: Timestamp,
    ) -> Result<Written<Vec<Inserted>>, StoreError> {
        let inserted = self.insert_unknown(prepared, now)?;
        let mut merge = Merge::default();
        let mut changed = HashSet::new();
        let mut events = 0;
        let new = prepared.iter().zip(&inserted).filter(|(_, inserted)| **inserted == Inserted::New);
        for (prepared, _) in new {
            events += 1;
            derive(prepared, &mut merge, &mut changed);
            self.note_user(prepared, &mut merge);
        }
        let reviews = self.review(changed.into_iter().collect(), now, &mut merge)?;
        Ok(Written { merge, events, reviews, result: inserted })
    }

    /// Stores what is not there yet. What was only seen, and stands as it was told to, is a duplicate
    /// whatever its id; and what is inferred contradicts nothing.
    fn insert_unknown(&mut self, prepared: &[Prepared], now: Timestamp) -> Result<Vec<Inserted>, StoreError> {
        let mut inserted = vec![Inserted::Duplicate; prepared.len()];
        let mut left = Vec::with_capacity(prepared.len());
        for (position, prepared) in prepared.iter().enumerate() {
            if !is_known_already(prepared, &mut *self.store, &self.directory)? {
                left.push((position, prepared));
            }
        }
        let rows: Vec<&Prepared> = left.iter().map(|(_, prepared)| *prepared).collect();
        for ((position, prepared), result) in left.into_iter().zip(self.insert(&rows, now)?) {
            let contradicts_nothing = result == Inserted::Conflict && prepared.event.is_inferred();
            inserted[position] = if contradicts_nothing { Inserted::Duplicate } else { result };
        }
        Ok(inserted)
    }

    /// Ends the transaction that was begun with what `write` makes of it, and then adds that to the
    /// figures too. What is interrupted is tried again: whatever `write` has read may have changed.
    pub(super) fn written<T>(
        &mut self,
        now: Timestamp,
        write: impl Fn(&mut Self) -> Result<Written<T>, StoreError>,
    ) -> Result<T, StoreError> {
        let mut tries = 1;
        loop {
            match write(self).and_then(|written| self.commit(written, now)) {
                Err(error @ StoreError::Interrupted(_))
                    if self.store.keeps_numbers() && tries < MOST_TRIES =>
                {
                    tracing::warn!(%error, "recording was interrupted, and is tried again");
                    self.store.rollback();
                    tries += 1;
                    self.store.begin()?;
                }
                result => return result.inspect_err(|_| self.give_up()),
            }
        }
    }

    /// Forgets the transaction. Names that were numbered in it may be forgotten with it, so that
    /// everything is read anew before it is next used.
    pub(super) fn give_up(&mut self) {
        self.store.rollback();
        self.is_stale |= !self.store.keeps_numbers();
    }

    /// Notes what an event says of its user: who pays, and what plan. The latest event holds, whatever
    /// the order of arrival.
    ///
    /// That something is still so is stored once a day: a row for each event would cost more than
    /// the event itself.
    fn note_user(&self, prepared: &Prepared, merge: &mut Merge) {
        let Prepared { event, user, customer, names_customer, stated_plan, .. } = prepared;
        for party in [*user, *customer] {
            if self.figures.users.get(party).is_internal {
                merge.internal(party);
            }
        }
        if *user == 0 {
            return;
        }
        let known = merge.told_of(*user).unwrap_or_else(|| self.figures.users.get(*user).row(*user));
        let told = UserRow {
            user: *user,
            payer: known.payer.max(names_customer.then_some((event.time, *customer))),
            stated_plan: known.stated_plan.max(stated_plan.map(|plan| (event.time, plan))),
        };
        if told != known {
            let what = |row: &UserRow| (day_and_what(row.payer), day_and_what(row.stated_plan));
            merge.user(told, what(&told) != what(&known));
        }
    }

    pub(super) fn review(
        &mut self,
        customers: Vec<PartyNumber>,
        now: Timestamp,
        merge: &mut Merge,
    ) -> Result<Vec<Review>, StoreError> {
        if customers.is_empty() {
            return Ok(Vec::new());
        }
        let Self { store, directory, settings, figures, rates, .. } = self;
        let reviews = review(customers, &mut **store, directory, settings, rates, &figures.users, now)?;
        for review in &reviews {
            merge.review(review);
        }
        Ok(reviews)
    }

    fn commit<T>(&mut self, written: Written<T>, now: Timestamp) -> Result<T, StoreError> {
        let Written { merge, events, reviews, result } = written;
        let part = self.figures.next_part(events, merge.adjustments());
        let mut changes = merge.finish(part);
        let disputes = self.store.add(&changes)?;
        if disputes > 0 {
            let totals = vec![(Total::Disputes, disputes as i128)];
            self.store.add(&Changes { totals: totals.clone(), ..Changes::default() })?;
            changes.totals.extend(totals);
        }
        self.store.commit()?;
        self.figures.apply(&changes, events, now);
        for review in reviews {
            self.figures.customers.keep(review, now);
        }
        Ok(result)
    }
}

fn day_and_what<T>(known: Option<(Timestamp, T)>) -> Option<(Date, T)> {
    known.map(|(at, what)| (at.utc_date(), what))
}
