//! Recording a group of events in one transaction.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use pratiko_domain::event::{Body, DisjointTokens, Event, LlmUsage};
use pratiko_domain::money::Money;
use pratiko_domain::plan::PlanSlot;
use pratiko_domain::time::{Date, Timestamp};

use super::data::{prepare_to_store, stored_text};
use super::derive::derive;
use super::directory::{Directory, OTHER_MODEL};
use super::merge::Merge;
use super::pending::Pending;
use super::seen::is_known_already;
use crate::figures::{Figures, Progress, Snapshot, event_identity};
use crate::settings::Settings;
use crate::store::{Changes, Inserted, NewEvent, PartyNumber, Store, StoreError, Total, UserRow};

/// What became of an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It is recorded.
    Accepted,
    /// It was recorded before.
    Duplicate,
    /// It was not recorded, for this reason.
    Rejected(String),
}

/// Records events into a store, and keeps the figures in step with it.
pub struct Recorder {
    store: Box<dyn Store>,
    settings: Arc<Settings>,
    directory: Directory,
    figures: Figures,
    parties: HashMap<String, PartyNumber>,
    /// The latest moment that the figures have seen.
    now: Timestamp,
    /// Whether a failure may have left the figures apart from the store.
    is_stale: bool,
}

/// A clock that is set back by less is waited for; set back further, it is believed, and everything
/// is read anew.
const CLOCK_SET_BACK: Duration = Duration::from_secs(15 * 60);

/// So many users' numbers are kept at hand; the store knows them all.
const PARTIES_AT_HAND: usize = 1 << 16;

/// One event of a group on its way: what was looked up for it.
pub(super) struct Prepared {
    pub event: Event,
    pub user: PartyNumber,
    /// Who pays: the customer that the event names, else the user's.
    pub customer: PartyNumber,
    pub names_customer: bool,
    /// The plan that the event names for its user, internal or not.
    pub stated_plan: Option<PlanSlot>,
    pub plan: PlanSlot,
    pub model: u32,
    pub cost: Option<Money>,
}

impl Recorder {
    /// Reads what a store holds.
    pub fn open(
        mut store: Box<dyn Store>,
        settings: Arc<Settings>,
        now: Timestamp,
    ) -> Result<Self, StoreError> {
        let (directory, figures) = Self::read(&mut *store, &settings, now)?;
        let parties = HashMap::new();
        Ok(Self { store, settings, directory, figures, parties, now, is_stale: false })
    }

    fn read(
        store: &mut dyn Store,
        settings: &Settings,
        now: Timestamp,
    ) -> Result<(Directory, Figures), StoreError> {
        // No window over payments is longer.
        let payments_from = now.minus(Duration::from_secs(32 * 86_400)).quarter();
        let loaded = store.load(payments_from)?;
        store.begin()?;
        let directory = Directory::open(store, &loaded, settings);
        let committed = directory.and_then(|directory| store.commit().map(|()| directory));
        let directory = committed.inspect_err(|_| store.rollback())?;
        let figures = Figures::open(store, &loaded, &directory, settings, now)?;
        Ok((directory, figures))
    }

    /// The store.
    pub fn store(&mut self) -> &mut dyn Store {
        &mut *self.store
    }

    /// The figures at `now`, after time has done to them what it does by itself.
    pub fn refresh(&mut self, now: Timestamp) -> Result<Snapshot, StoreError> {
        let now = self.settle(now)?;
        let due = self.figures.customers.due(now);
        if !due.is_empty() {
            self.in_transaction(|recorder| {
                let mut merge = Merge::default();
                recorder.review(due, now, &mut merge)?;
                recorder.finish(merge, 0, now)
            })?;
        }
        let advanced = self.figures.users.advance(&mut *self.store, &self.settings, now);
        advanced.inspect_err(|_| self.is_stale = true)?;
        Ok(self.figures.snapshot(&self.directory, &self.settings, self.store.identity(), now))
    }

    /// Puts right what a failure or a clock set back has left, and says what time the figures take
    /// it to be.
    fn settle(&mut self, now: Timestamp) -> Result<Timestamp, StoreError> {
        if self.is_stale || now.plus(CLOCK_SET_BACK) < self.now {
            self.is_stale = true;
            self.parties.clear();
            (self.directory, self.figures) = Self::read(&mut *self.store, &self.settings, now)?;
            self.is_stale = false;
            self.now = now;
        }
        self.now = self.now.max(now);
        Ok(self.now)
    }

    /// Records what is new among `events`, and says what became of each. `any_age` is for imports.
    pub fn record(
        &mut self,
        events: Vec<Event>,
        any_age: bool,
        now: Timestamp,
    ) -> Result<Vec<Verdict>, StoreError> {
        let now = self.settle(now)?;
        let mut verdicts: Vec<Verdict> = events
            .iter()
            .map(|event| match self.refusal(event, any_age, now) {
                Some(reason) => Verdict::Rejected(reason),
                None => Verdict::Accepted,
            })
            .collect();
        let taken: Vec<(usize, Event)> = events
            .into_iter()
            .enumerate()
            .filter(|(index, _)| verdicts[*index] == Verdict::Accepted)
            .collect();
        if taken.is_empty() {
            return Ok(verdicts);
        }
        self.in_transaction(|recorder| {
            let (indexes, events): (Vec<usize>, Vec<Event>) = taken.into_iter().unzip();
            let prepared = recorder.prepare(events)?;
            let (indexes, prepared) = recorder.leave_out_known(indexes, prepared, &mut verdicts)?;
            let inserted = recorder.insert(&prepared, now)?;
            let mut merge = Merge::default();
            let mut changed = HashSet::new();
            let mut count = 0;
            for ((index, inserted), prepared) in indexes.into_iter().zip(inserted).zip(&prepared) {
                match inserted {
                    Inserted::New => {
                        count += 1;
                        derive(prepared, &mut merge, &mut changed);
                        recorder.note_user(prepared, &mut merge);
                    }
                    Inserted::Duplicate => verdicts[index] = Verdict::Duplicate,
                    Inserted::Conflict if prepared.event.is_inferred() => {
                        verdicts[index] = Verdict::Duplicate;
                    }
                    Inserted::Conflict => {
                        let reason =
                            "id: was used before, by the same source, for an event with another content";
                        verdicts[index] = Verdict::Rejected(reason.to_owned());
                    }
                }
            }
            recorder.review(changed.into_iter().collect(), now, &mut merge)?;
            recorder.finish(merge, count, now)
        })?;
        Ok(verdicts)
    }

    /// Leaves out what was seen and is known already: it is a duplicate, whatever its id.
    fn leave_out_known(
        &mut self,
        indexes: Vec<usize>,
        prepared: Vec<Prepared>,
        verdicts: &mut [Verdict],
    ) -> Result<(Vec<usize>, Vec<Prepared>), StoreError> {
        let mut left = (Vec::with_capacity(indexes.len()), Vec::with_capacity(indexes.len()));
        for (index, prepared) in indexes.into_iter().zip(prepared) {
            if is_known_already(&prepared, &mut *self.store, &self.directory)? {
                verdicts[index] = Verdict::Duplicate;
            } else {
                left.0.push(index);
                left.1.push(prepared);
            }
        }
        Ok(left)
    }

    fn refusal(&self, event: &Event, any_age: bool, now: Timestamp) -> Option<String> {
        if event.time > now.plus(self.settings.max_event_future) {
            let most = self.settings.max_event_future.as_secs();
            return Some(format!("time: {} is more than {most} s in the future", event.time));
        }
        if !any_age && event.time < now.minus(self.settings.max_event_age) {
            let days = self.settings.max_event_age.as_secs() / 86_400;
            return Some(format!(
                "time: {} is more than {days} days ago; `pratiko-exporter ledger import` takes events of any age",
                event.time
            ));
        }
        None
    }

    /// Runs a change of store and figures together. If it fails, the store is as it was before, and
    /// the figures are read anew before they are next used.
    fn in_transaction(
        &mut self,
        change: impl FnOnce(&mut Self) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        self.store.begin()?;
        let result = change(self).and_then(|()| self.store.commit());
        if result.is_err() {
            self.store.rollback();
            self.is_stale = true;
        }
        result
    }

    fn prepare(&mut self, events: Vec<Event>) -> Result<Vec<Prepared>, StoreError> {
        self.number_parties(&events)?;
        let mut pending = Pending::default();
        events.into_iter().map(|event| self.prepare_one(event, &mut pending)).collect()
    }

    fn prepare_one(&mut self, mut event: Event, pending: &mut Pending) -> Result<Prepared, StoreError> {
        let user = self.party(event.subject.as_deref());
        let named = self.party(event.body.customer());
        let names_customer = named != 0;
        if names_customer && user != 0 {
            pending.add_payer(user, event.time, named);
        }
        let customer = if names_customer { named } else { self.payer(user, pending) };
        if let Body::SubscriptionChanged(change) = &event.body {
            for item in &change.items {
                if let Some(name) = self.directory.plan_name_of_item(item).map(str::to_owned) {
                    self.directory.plan(&mut *self.store, &name)?;
                }
            }
            let event_id = event_identity(&event.source, &event.id);
            pending.add_subscription(customer, event_id, change, &self.directory);
        }
        let stated_plan = match event.body.plan() {
            Some(name) if user != 0 => Some(self.directory.plan(&mut *self.store, name)?),
            _ => None,
        };
        let plan = self.plan_of(&event, user, customer, stated_plan, pending)?;
        let (model, cost) = self.price(&event)?;
        prepare_to_store(&mut event.body, &self.directory);
        Ok(Prepared { event, user, customer, names_customer, stated_plan, plan, model, cost })
    }

    /// Who pays for a user: whom the latest event that names somebody names, else the user.
    fn payer(&self, user: PartyNumber, pending: &Pending) -> PartyNumber {
        let known = self.figures.users.get(user).payer;
        let told = pending.payer(user).filter(|(at, _)| known.is_none_or(|(before, _)| before <= *at));
        told.or(known).map_or(user, |(_, customer)| customer)
    }

    /// Looks up the numbers of everybody whom the group names and who is not at hand.
    fn number_parties(&mut self, events: &[Event]) -> Result<(), StoreError> {
        if self.parties.len() > PARTIES_AT_HAND {
            self.parties.clear();
        }
        let named = events.iter().flat_map(|event| [event.subject.as_deref(), event.body.customer()]);
        let mut missing: Vec<&str> = named.flatten().filter(|id| !self.parties.contains_key(*id)).collect();
        missing.sort_unstable();
        missing.dedup();
        for (number, id) in self.store.parties(&missing)?.into_iter().zip(missing) {
            self.figures.users.entry(number).is_internal = self.settings.internal.includes(id);
            self.parties.insert(id.to_owned(), number);
        }
        Ok(())
    }

    fn party(&self, id: Option<&str>) -> PartyNumber {
        id.and_then(|id| self.parties.get(id)).copied().unwrap_or(0)
    }

    /// The plan of an event, fixed now: its own, else that of the customer's subscription when it
    /// happened, else none.
    fn plan_of(
        &mut self,
        event: &Event,
        user: PartyNumber,
        customer: PartyNumber,
        stated_plan: Option<PlanSlot>,
        pending: &mut Pending,
    ) -> Result<PlanSlot, StoreError> {
        if user == 0 && matches!(event.body, Body::LlmUsage(_) | Body::OtherCost(_)) {
            return Ok(PlanSlot::UNATTRIBUTED);
        }
        if self.is_internal(user, customer) {
            return Ok(PlanSlot::INTERNAL);
        }
        if let Some(plan) = stated_plan {
            return Ok(plan);
        }
        let Self { store, directory, settings, figures, .. } = self;
        let told = pending.standing(customer, &mut **store, directory, settings)?;
        let standing = told.or_else(|| figures.customers.get(customer));
        let plan = standing.and_then(|standing| standing.plan_at(event.time));
        Ok(plan.unwrap_or(PlanSlot::NONE))
    }

    fn is_internal(&self, user: PartyNumber, customer: PartyNumber) -> bool {
        let users = &self.figures.users;
        users.get(user).is_internal || users.get(customer).is_internal
    }

    /// The model's number and the cost of what has one.
    fn price(&mut self, event: &Event) -> Result<(u32, Option<Money>), StoreError> {
        match &event.body {
            Body::LlmUsage(usage) => {
                let model = self.directory.model(&mut *self.store, &usage.provider, &usage.model)?;
                Ok((model, self.cost_of(usage, event.time)))
            }
            Body::OtherCost(cost) => Ok((OTHER_MODEL, Some(cost.cost_eur))),
            _ => Ok((OTHER_MODEL, None)),
        }
    }

    /// A cost that the event carries wins. A call that used no tokens cost nothing.
    fn cost_of(&self, usage: &LlmUsage, at: Timestamp) -> Option<Money> {
        let used_nothing = || usage.disjoint_tokens().is_ok_and(DisjointTokens::is_empty);
        usage
            .cost_eur
            .or_else(|| used_nothing().then_some(Money::ZERO))
            .or_else(|| self.settings.pricing.cost_eur(usage, at).filter(|cost| cost.to_stored().is_some()))
    }

    fn insert(&mut self, prepared: &[Prepared], now: Timestamp) -> Result<Vec<Inserted>, StoreError> {
        let mut rows = Vec::with_capacity(prepared.len());
        for prepared in prepared {
            let event = &prepared.event;
            rows.push(NewEvent {
                source: self.directory.source(&mut *self.store, &event.source)?,
                id: &event.id,
                kind: event.body.kind(),
                time: event.time,
                recorded_at: now,
                user: prepared.user,
                customer: if prepared.names_customer { prepared.customer } else { 0 },
                plan: prepared.plan,
                cost: prepared.cost,
                data: stored_text(&event.body),
            });
        }
        self.store.insert(&rows)
    }

    /// Keeps what an event says of its user: who pays, and what plan. The latest event holds,
    /// whatever the order of arrival.
    ///
    /// That something is still so is stored once a day: a row for each event would cost more than
    /// the event itself.
    fn note_user(&mut self, prepared: &Prepared, merge: &mut Merge) {
        let Prepared { event, user: number, customer, names_customer, stated_plan, .. } = prepared;
        if *number == 0 {
            return;
        }
        let user = self.figures.users.entry(*number);
        let before = (day_and_what(user.payer), day_and_what(user.stated_plan));
        if *names_customer && user.payer.is_none_or(|(at, _)| at <= event.time) {
            user.payer = Some((event.time, *customer));
        }
        if let Some(plan) = stated_plan
            && user.stated_plan.is_none_or(|(at, _)| at <= event.time)
        {
            user.stated_plan = Some((event.time, *plan));
        }
        if before != (day_and_what(user.payer), day_and_what(user.stated_plan)) {
            merge.user(UserRow { user: *number, payer: user.payer, stated_plan: user.stated_plan });
        }
    }

    fn review(
        &mut self,
        customers: Vec<PartyNumber>,
        now: Timestamp,
        merge: &mut Merge,
    ) -> Result<(), StoreError> {
        for customer in customers {
            let is_internal = self.figures.users.get(customer).is_internal;
            let progress = self.figures.customers.review(
                customer,
                is_internal,
                &mut *self.store,
                &self.directory,
                &self.settings,
                now,
            )?;
            add_progress(merge, customer, progress);
        }
        Ok(())
    }

    fn finish(&mut self, merge: Merge, events: u64, now: Timestamp) -> Result<(), StoreError> {
        // The number of the group's last event: no other group has it.
        let mut changes = merge.finish(self.figures.events() + events);
        let disputes = self.store.add(&changes)?;
        if disputes > 0 {
            let totals = vec![(Total::Disputes, disputes as i128)];
            self.store.add(&Changes { totals: totals.clone(), ..Changes::default() })?;
            changes.totals.extend(totals);
        }
        self.figures.apply(&changes, events, now);
        Ok(())
    }
}

fn day_and_what<T>(known: Option<(Timestamp, T)>) -> Option<(Date, T)> {
    known.map(|(at, what)| (at.utc_date(), what))
}

fn add_progress(merge: &mut Merge, customer: PartyNumber, progress: Progress) {
    for total in progress.totals {
        merge.total(total, 1);
    }
    if let Some(counted) = progress.counted {
        merge.customer(customer, counted);
    }
}
