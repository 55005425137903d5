//! Recording a group of events in one transaction.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use pratiko_domain::event::{
    Body, DisjointTokens, Event, LlmUsage, PaymentOutcome, PaymentReason, SubscriptionChanged, in_euro,
};
use pratiko_domain::money::Money;
use pratiko_domain::plan::PlanSlot;
use pratiko_domain::revenue::{CustomerHistory, Standing, SubscriptionState};
use pratiko_domain::time::Timestamp;

use super::data::{prepare_to_store, stored_text};
use super::directory::{Directory, OTHER_MODEL};
use super::merge::Merge;
use crate::figures::{Figures, Progress, Snapshot};
use crate::settings::Settings;
use crate::store::{Inserted, NewEvent, PartyNumber, Store, StoreError, Total, UserRow};

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
}

/// So many users' numbers are kept at hand; the store knows them all.
const PARTIES_AT_HAND: usize = 1 << 16;

/// One event of a group on its way: what was looked up for it.
struct Prepared {
    event: Event,
    user: PartyNumber,
    /// Who pays: the customer that the event names, else the user's.
    customer: PartyNumber,
    names_customer: bool,
    plan: PlanSlot,
    model: u32,
    cost: Option<Money>,
    is_internal: bool,
}

impl Recorder {
    /// Reads what a store holds.
    pub fn open(
        mut store: Box<dyn Store>,
        settings: Arc<Settings>,
        now: Timestamp,
    ) -> Result<Self, StoreError> {
        let (directory, figures) = Self::read(&mut *store, &settings, now)?;
        Ok(Self { store, settings, directory, figures, parties: HashMap::new() })
    }

    fn read(
        store: &mut dyn Store,
        settings: &Settings,
        now: Timestamp,
    ) -> Result<(Directory, Figures), StoreError> {
        // No window over payments is longer.
        let payments_from = now.minus(std::time::Duration::from_secs(32 * 86_400)).quarter();
        let loaded = store.load(payments_from)?;
        store.begin()?;
        let directory = Directory::open(store, &loaded, settings).inspect_err(|_| store.rollback())?;
        store.commit()?;
        let figures = Figures::open(store, &loaded, &directory, settings, now)?;
        Ok((directory, figures))
    }

    /// The store.
    pub fn store(&mut self) -> &mut dyn Store {
        &mut *self.store
    }

    /// The figures at `now`, after time has done to them what it does by itself.
    pub fn refresh(&mut self, now: Timestamp) -> Result<Snapshot, StoreError> {
        let found = self.figures.customers.take_found_at_start();
        let due = self.figures.customers.due(now);
        if !found.is_empty() || !due.is_empty() {
            self.in_transaction(now, |recorder| {
                let mut merge = Merge::default();
                for (customer, progress) in found {
                    add_progress(&mut merge, customer, progress);
                }
                recorder.review(due, now, &mut merge)?;
                recorder.finish(merge, 0, now)
            })?;
        }
        self.figures.users.advance(&mut *self.store, &self.settings, now)?;
        let identity = self.store.identity().to_owned();
        Ok(self.figures.snapshot(&self.directory, &self.settings, &identity, now))
    }

    /// Records what is new among `events`, and says what became of each. `any_age` is for imports.
    pub fn record(
        &mut self,
        events: Vec<Event>,
        any_age: bool,
        now: Timestamp,
    ) -> Result<Vec<Verdict>, StoreError> {
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
        self.in_transaction(now, |recorder| {
            let (indexes, events): (Vec<usize>, Vec<Event>) = taken.into_iter().unzip();
            let prepared = recorder.prepare(events, now)?;
            let inserted = recorder.insert(&prepared, now)?;
            let mut merge = Merge::default();
            let mut changed = HashSet::new();
            let mut count = 0;
            for ((index, inserted), prepared) in indexes.into_iter().zip(inserted).zip(&prepared) {
                match inserted {
                    Inserted::New => {
                        count += 1;
                        recorder.derive(prepared, &mut merge, &mut changed);
                    }
                    Inserted::Duplicate => verdicts[index] = Verdict::Duplicate,
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

    /// Runs a change of store and figures together. If it fails, both are as they were before.
    fn in_transaction(
        &mut self,
        now: Timestamp,
        change: impl FnOnce(&mut Self) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        self.store.begin()?;
        let result = change(self).and_then(|()| self.store.commit());
        if result.is_err() {
            self.store.rollback();
            self.parties.clear();
            (self.directory, self.figures) = Self::read(&mut *self.store, &self.settings, now)?;
        }
        result
    }

    fn prepare(&mut self, events: Vec<Event>, now: Timestamp) -> Result<Vec<Prepared>, StoreError> {
        self.number_parties(&events)?;
        let mut pending = PendingPlans::default();
        events
            .into_iter()
            .map(|mut event| {
                let user = self.party(event.subject.as_deref());
                let named = self.party(event.body.customer());
                let customer = match (named, self.figures.users.get(user).customer) {
                    (0, 0) => user,
                    (0, known) => known,
                    (named, _) => named,
                };
                let is_internal =
                    self.figures.users.get(user).is_internal || self.figures.users.get(customer).is_internal;
                if let Body::SubscriptionChanged(change) = &event.body {
                    for item in &change.items {
                        if let Some(name) = self.directory.plan_name_of_item(item).map(str::to_owned) {
                            self.directory.plan(&mut *self.store, &name)?;
                        }
                    }
                    pending.add(customer, &event);
                }
                let plan = self.plan_of(&event, user, customer, is_internal, &mut pending, now)?;
                let (model, cost) = self.price(&event)?;
                prepare_to_store(&mut event.body, &self.directory);
                Ok(Prepared {
                    user,
                    customer,
                    names_customer: named != 0,
                    plan,
                    model,
                    cost,
                    is_internal,
                    event,
                })
            })
            .collect()
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
            if !self.figures.users.knows(number) {
                self.figures.users.entry(number).is_internal = self.settings.internal.includes(id);
            }
            self.parties.insert(id.to_owned(), number);
        }
        Ok(())
    }

    fn party(&self, id: Option<&str>) -> PartyNumber {
        id.and_then(|id| self.parties.get(id)).copied().unwrap_or(0)
    }

    /// The plan of an event, fixed now: its own, else that of the customer's subscription, else none.
    fn plan_of(
        &mut self,
        event: &Event,
        user: PartyNumber,
        customer: PartyNumber,
        is_internal: bool,
        pending: &mut PendingPlans,
        now: Timestamp,
    ) -> Result<PlanSlot, StoreError> {
        if is_internal {
            return Ok(PlanSlot::INTERNAL);
        }
        if user == 0 && matches!(event.body, Body::LlmUsage(_) | Body::OtherCost(_)) {
            return Ok(PlanSlot::UNATTRIBUTED);
        }
        if let Some(name) = event.body.plan() {
            return self.directory.plan(&mut *self.store, name);
        }
        if let Some(plan) = pending.plan_of(customer, self, now) {
            return Ok(plan);
        }
        let standing = self.figures.customers.get(customer);
        Ok(standing.and_then(|standing| standing.plan).unwrap_or(PlanSlot::NONE))
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

    /// What a new event changes.
    fn derive(&mut self, prepared: &Prepared, merge: &mut Merge, changed: &mut HashSet<PartyNumber>) {
        let Prepared { event, user, customer, plan, model, cost, .. } = prepared;
        let quarter = event.time.quarter();
        let cost = cost.unwrap_or_default();
        match &event.body {
            Body::LlmUsage(usage) => {
                merge.usage(quarter, *user, cost, Money::ZERO, *user != 0);
                merge.plan_usage(quarter, *plan, cost, Money::ZERO);
                derive_llm(usage, *model, *plan, prepared.cost, merge);
                if *model == OTHER_MODEL {
                    merge.total(Total::FoldedModels, 1);
                }
            }
            Body::OtherCost(_) => {
                merge.usage(quarter, *user, Money::ZERO, cost, false);
                merge.plan_usage(quarter, *plan, Money::ZERO, cost);
            }
            Body::UserRegistered(_) => merge.total(Total::Signups(*plan), 1),
            Body::UserActive(_) => merge.usage(quarter, *user, Money::ZERO, Money::ZERO, true),
            Body::SubscriptionChanged(_) | Body::Invoice(_) => {
                changed.insert(*customer);
            }
            Body::PaymentAttempt(attempt) if attempt.counts() => {
                merge.payment(quarter, attempt);
                let reason = (attempt.outcome == PaymentOutcome::Failed)
                    .then(|| attempt.reason.unwrap_or(PaymentReason::Other));
                merge.total(Total::PaymentAttempts(attempt.method, attempt.outcome, reason), 1);
                let total = Total::PaymentAmount(attempt.method, attempt.outcome);
                add_euro(total, attempt.amount, &attempt.currency, merge);
            }
            Body::Refund(refund) => add_euro(Total::Refunds, refund.amount, &refund.currency, merge),
            Body::Dispute(dispute) => merge.dispute(&dispute.id),
            Body::PaymentAttempt(_) | Body::Credit(_) => {}
        }
        if *plan == PlanSlot::OTHER && event.body.plan().is_some() {
            merge.total(Total::FoldedPlans, 1);
        }
        self.note_user(prepared, merge);
    }

    /// Keeps what an event says of its user: who pays, and what plan.
    fn note_user(&mut self, prepared: &Prepared, merge: &mut Merge) {
        if prepared.user == 0 {
            return;
        }
        let user = self.figures.users.entry(prepared.user);
        let before = (user.customer, user.stated_plan);
        if prepared.names_customer || user.customer == 0 {
            user.customer = prepared.customer;
        }
        let states_plan = prepared.event.body.plan().is_some() && !prepared.is_internal;
        if states_plan && user.stated_plan.is_none_or(|(at, _)| at <= prepared.event.time) {
            user.stated_plan = Some((prepared.event.time, prepared.plan));
        }
        let plan_changed = before.1.map(|(_, plan)| plan) != user.stated_plan.map(|(_, plan)| plan);
        if before.0 != user.customer || plan_changed {
            let (plan_at, plan) = user.stated_plan.unwrap_or((Timestamp::MIN, PlanSlot::NONE));
            merge.user(UserRow { user: prepared.user, customer: user.customer, plan, plan_at });
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
            let more = crate::store::Changes {
                totals: vec![(Total::Disputes, disputes as i128)],
                ..crate::store::Changes::default()
            };
            self.store.add(&more)?;
            changes.totals.extend(more.totals);
        }
        self.figures.apply(&changes, events, now);
        Ok(())
    }
}

fn add_progress(merge: &mut Merge, customer: PartyNumber, progress: Progress) {
    for total in progress.totals {
        merge.total(total, 1);
    }
    if let Some(counted) = progress.counted {
        merge.customer(customer, counted);
    }
}

fn derive_llm(usage: &LlmUsage, model: u32, plan: PlanSlot, cost: Option<Money>, merge: &mut Merge) {
    merge.total(Total::LlmRequests(model, usage.outcome), 1);
    match cost {
        Some(cost) => merge.total(Total::LlmCost(model, plan), cost.nanos()),
        None => merge.total(Total::LlmUnpriced(model), 1),
    }
    let tokens = usage.disjoint_tokens().unwrap_or_default();
    for (class, (_, count)) in tokens.by_type().into_iter().enumerate() {
        if count > 0 {
            merge.total(Total::LlmTokens(model, class as u8), i128::from(count));
        }
    }
}

fn add_euro(total: Total, amount: Money, currency: &str, merge: &mut Merge) {
    match in_euro(amount, currency) {
        Some(amount) => merge.total(total, amount.nanos()),
        None => merge.total(Total::Unconverted, 1),
    }
}

/// The subscriptions that a group itself tells of, before they are stored: usage that follows them in
/// the same group is already on their plan.
#[derive(Default)]
struct PendingPlans {
    states: HashMap<PartyNumber, Vec<(String, SubscriptionChanged)>>,
}

impl PendingPlans {
    fn add(&mut self, customer: PartyNumber, event: &Event) {
        if let Body::SubscriptionChanged(change) = &event.body {
            self.states.entry(customer).or_default().push((event.id.clone(), change.clone()));
        }
    }

    fn plan_of(&self, customer: PartyNumber, recorder: &Recorder, now: Timestamp) -> Option<PlanSlot> {
        let states = self.states.get(&customer)?;
        let states = states.iter().map(|(event_id, change)| SubscriptionState {
            event_id: event_id.clone(),
            change: change.clone(),
            plans: change.items.iter().map(|item| recorder.directory.plan_of_item(item)).collect(),
        });
        let history = CustomerHistory::new(states.collect(), Vec::new());
        Standing::of(&history, now, recorder.settings.policy).plan
    }
}
