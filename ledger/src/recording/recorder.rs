//! Recording a group of events in one transaction.

use std::sync::Arc;
use std::time::Duration;

use pratiko_domain::currency::Rates;
use pratiko_domain::event::{Body, Event};
use pratiko_domain::plan::PlanSlot;
use pratiko_domain::time::Timestamp;

use super::adjusting::known_rates;
use super::amount::Amount;
use super::at_hand::AtHand;
use super::data::{name_customer, prepare_to_store, stored_text};
use super::directory::{Directory, OTHER_MODEL};
use super::erasing::{self, Opened};
use super::merge::Merge;
use super::pending::Pending;
use super::verdict::{USED_BEFORE, Verdict};
use super::write::Written;
use crate::erasure::Forgotten;
use crate::figures::{Figures, Snapshot, event_identity};
use crate::settings::Settings;
use crate::store::{Erased, Inserted, NewEvent, PartyNumber, Store, StoreError};

/// Records events into a store, and keeps the figures in step with it.
pub struct Recorder {
    pub(super) store: Box<dyn Store>,
    pub(super) settings: Arc<Settings>,
    pub(super) directory: Directory,
    pub(super) figures: Figures,
    pub(super) rates: Rates,
    pub(super) parties: AtHand,
    pub(super) forgotten: Forgotten,
    /// Who was at hand when another writer forgot them.
    pub(super) heard_erased: Vec<String>,
    /// Of whom other writers have told something earlier as if it were the latest.
    pub(super) contested: Vec<PartyNumber>,
    /// Whether something that was erased may still be in the store's files.
    pub(super) must_scrub: bool,
    /// The latest moment that the figures have seen.
    pub(super) now: Timestamp,
    /// Whether a failure may have left the figures apart from the store.
    pub(super) is_stale: bool,
}

/// A clock that is set back by less is waited for; set back further, it is believed, and everything
/// is read anew.
const CLOCK_SET_BACK: Duration = Duration::from_secs(15 * 60);

/// So many customers are worked out anew in one transaction.
const CUSTOMERS_AT_ONCE: usize = 5_000;

/// One event of a group on its way: what was looked up for it.
pub(super) struct Prepared {
    pub event: Event,
    /// Whom it names as customer, which is not stored with it.
    customer_id: Option<String>,
    pub user: PartyNumber,
    /// Who pays: the customer that the event names, else the user's.
    pub customer: PartyNumber,
    pub names_customer: bool,
    /// The plan that the event names for its user, internal or not.
    pub stated_plan: Option<PlanSlot>,
    pub plan: PlanSlot,
    pub model: u32,
    pub amount: Amount,
    pub is_of_forgotten: bool,
}

impl Prepared {
    /// The event as it was told, but for the ids of those who have been forgotten.
    fn into_event(self) -> Event {
        let mut event = self.event;
        name_customer(&mut event.body, self.customer_id);
        event
    }
}

/// What a store holds.
struct Read {
    directory: Directory,
    figures: Figures,
    rates: Rates,
    erased: Vec<Erased>,
}

impl Recorder {
    /// Reads what a store holds.
    pub fn open(
        mut store: Box<dyn Store>,
        settings: Arc<Settings>,
        now: Timestamp,
    ) -> Result<Self, StoreError> {
        let Read { directory, figures, rates, erased } = Self::read(&mut *store, &settings, now)?;
        let Opened { forgotten, unknown_to_store } =
            erasing::open(&mut *store, settings.erasures.as_ref(), &erased)?;
        let mut recorder = Self {
            store,
            settings,
            directory,
            figures,
            rates,
            parties: AtHand::default(),
            forgotten,
            heard_erased: Vec::new(),
            contested: Vec::new(),
            must_scrub: false,
            now,
            is_stale: false,
        };
        recorder.forget_again(&unknown_to_store, now)?;
        Ok(recorder)
    }

    fn read(store: &mut dyn Store, settings: &Settings, now: Timestamp) -> Result<Read, StoreError> {
        store.begin()?;
        Directory::prepare(store, settings)
            .and_then(|()| store.commit())
            .inspect_err(|_| store.rollback())?;
        store.begin_reading()?;
        let read = Self::read_at_one_moment(store, settings, now);
        read.and_then(|read| store.commit().map(|()| read)).inspect_err(|_| store.rollback())
    }

    fn read_at_one_moment(
        store: &mut dyn Store,
        settings: &Settings,
        now: Timestamp,
    ) -> Result<Read, StoreError> {
        // No window over payments is longer.
        let payments_from = now.minus(Duration::from_secs(32 * 86_400)).quarter();
        let loaded = store.load(payments_from)?;
        let rates = known_rates(&loaded.rates);
        let directory = Directory::open(&loaded, settings);
        let figures = Figures::open(store, &loaded, &directory, settings, &rates, now)?;
        Ok(Read { directory, figures, rates, erased: loaded.erased })
    }

    /// The reference rates that are known.
    pub fn rates(&self) -> &Rates {
        &self.rates
    }

    /// The store.
    pub fn store(&mut self) -> &mut dyn Store {
        &mut *self.store
    }

    /// The figures at `now`, after time has done to them what it does by itself.
    pub fn refresh(&mut self, now: Timestamp) -> Result<Snapshot, StoreError> {
        let now = self.settle(now)?;
        // What others recorded and what leaves the windows is read as of one moment: what is not known
        // yet must not be subtracted either.
        self.store.begin_reading()?;
        let advanced = self.follow(now).and_then(|()| {
            self.figures.users.advance(&mut *self.store, &self.settings, now)?;
            self.store.commit()
        });
        if let Err(error) = advanced {
            self.store.rollback();
            self.is_stale = true;
            return Err(error);
        }
        let now = self.settle(now)?;
        self.insist(now)?;
        self.figures.customers.pass_midnights(now, self.settings.valuation(&self.rates));
        for due in self.figures.customers.due(now).chunks(CUSTOMERS_AT_ONCE) {
            self.store.begin()?;
            self.written(now, |recorder| {
                let mut merge = Merge::default();
                let reviews = recorder.review(due.to_vec(), now, &mut merge)?;
                Ok(Written { merge, events: 0, reviews, result: () })
            })?;
        }
        Ok(self.figures.snapshot(&self.directory, &self.settings, &self.rates, self.store.identity(), now))
    }

    /// Puts right what a failure or a clock set back has left, and says what time the figures take
    /// it to be.
    pub(super) fn settle(&mut self, now: Timestamp) -> Result<Timestamp, StoreError> {
        if self.is_stale || now.plus(CLOCK_SET_BACK) < self.now {
            self.is_stale = true;
            let read = Self::read(&mut *self.store, &self.settings, now)?;
            (self.directory, self.figures, self.rates) = (read.directory, read.figures, read.rates);
            for erased in read.erased {
                self.forgotten.add(erased);
            }
            let Self { parties, forgotten, heard_erased, .. } = self;
            heard_erased.extend(parties.clear().into_iter().filter(|id| forgotten.find(id).is_some()));
            self.is_stale = false;
            self.now = now;
        }
        self.now = self.now.max(now);
        self.forget_who_came_back(self.now)?;
        Ok(self.now)
    }

    /// Records what is new among `events`, and says what became of each. `any_age` is for imports.
    pub fn record(
        &mut self,
        events: Vec<Event>,
        any_age: bool,
        now: Timestamp,
    ) -> Result<Vec<Verdict>, StoreError> {
        let mut now = self.settle(now)?;
        let mut verdicts: Vec<Verdict> = events
            .iter()
            .map(|event| match self.refusal(event, any_age, now) {
                Some(reason) => Verdict::Rejected(reason),
                None => Verdict::Accepted,
            })
            .collect();
        let taken = events.into_iter().enumerate().filter(|(index, _)| verdicts[*index] == Verdict::Accepted);
        let (indexes, mut events): (Vec<usize>, Vec<Event>) = taken.unzip();
        if events.is_empty() {
            return Ok(verdicts);
        }
        let inserted = loop {
            self.follow(now)?;
            now = self.settle(now)?;
            self.store.begin()?;
            let prepared = self.prepare(events).inspect_err(|_| self.give_up())?;
            match self.written(now, |recorder| recorder.write(&prepared, now)) {
                Err(StoreError::Outdated) => {
                    events = prepared.into_iter().map(Prepared::into_event).collect();
                }
                written => break written?,
            }
        };
        for (index, inserted) in indexes.into_iter().zip(inserted) {
            match inserted {
                Inserted::New => {}
                Inserted::Duplicate => verdicts[index] = Verdict::Duplicate,
                Inserted::Conflict => {
                    verdicts[index] = Verdict::Rejected(USED_BEFORE.to_owned());
                }
            }
        }
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

    fn prepare(&mut self, events: Vec<Event>) -> Result<Vec<Prepared>, StoreError> {
        self.number_parties(&events)?;
        let mut pending = Pending::default();
        events.into_iter().map(|event| self.prepare_one(event, &mut pending)).collect()
    }

    fn prepare_one(&mut self, mut event: Event, pending: &mut Pending) -> Result<Prepared, StoreError> {
        let is_of_forgotten = self.strip_forgotten(&mut event);
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
        let model = self.model_of(&event.body)?;
        let amount = self.amount_of(&event.body, event.time)?;
        let customer_id = prepare_to_store(&mut event.body, &self.directory);
        Ok(Prepared {
            event,
            customer_id,
            user,
            customer,
            names_customer,
            stated_plan,
            plan,
            model,
            amount,
            is_of_forgotten,
        })
    }

    /// Who pays for a user: whom the latest event that names somebody names, else the user.
    fn payer(&self, user: PartyNumber, pending: &Pending) -> PartyNumber {
        let known = self.figures.users.get(user).payer;
        let told = pending.payer(user).filter(|(at, _)| known.is_none_or(|(before, _)| before <= *at));
        told.or(known).map_or(user, |(_, customer)| customer)
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
        let Self { store, directory, settings, figures, rates, .. } = self;
        let told = pending.standing(customer, &mut **store, directory, settings, rates)?;
        let standing = told.or_else(|| figures.customers.get(customer));
        let plan = standing.and_then(|standing| standing.plan_at(event.time));
        Ok(plan.unwrap_or(PlanSlot::NONE))
    }

    fn is_internal(&self, user: PartyNumber, customer: PartyNumber) -> bool {
        let users = &self.figures.users;
        users.get(user).is_internal || users.get(customer).is_internal
    }

    /// The number of a call's model.
    pub(super) fn model_of(&mut self, body: &Body) -> Result<u32, StoreError> {
        match body {
            Body::LlmUsage(usage) => self.directory.model(&mut *self.store, &usage.provider, &usage.model),
            _ => Ok(OTHER_MODEL),
        }
    }

    /// What an event is worth, with the number of its price.
    fn amount_of(&mut self, body: &Body, at: Timestamp) -> Result<Amount, StoreError> {
        let amount = Amount::of(body, at, &*self.settings.pricing, &self.rates);
        self.number_price(amount)
    }

    pub(super) fn number_price(&mut self, mut amount: Amount) -> Result<Amount, StoreError> {
        if let (Some(origin), Some(id)) = (&mut amount.origin, &amount.price) {
            origin.price = Some(self.directory.price(&mut *self.store, id)?);
        }
        Ok(amount)
    }

    pub(super) fn insert(
        &mut self,
        prepared: &[&Prepared],
        now: Timestamp,
    ) -> Result<Vec<Inserted>, StoreError> {
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
                euro: prepared.amount.euro,
                origin: prepared.amount.origin.as_ref(),
                data: stored_text(&event.body),
                is_of_forgotten: prepared.is_of_forgotten,
            });
        }
        self.store.insert(&rows)
    }
}
