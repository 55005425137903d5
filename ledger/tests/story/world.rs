//! A ledger under test: a store, a clock that is set by hand, and events that are quickly written.

use std::sync::{Arc, Mutex, MutexGuard};

use pratiko_domain::event::{Body, Event};
use pratiko_domain::plan::PlanSlot;
use pratiko_domain::revenue::Counted;
use pratiko_domain::time::{Quarter, Timestamp, Window};
use pratiko_ledger::figures::Snapshot;
use pratiko_ledger::recording::{Recorder, Verdict};
use pratiko_ledger::store::{
    Amounts, AuditEntry, Changes, Dictionary, EventFilter, Followed, Inserted, Loaded, NewEvent, PartyNumber,
    Statistics, Store, StoreError, StoredAmount, StoredEvent, Total, UsageRow,
};
use pratiko_ledger::{Settings, cloudevents};
use serde_json::{Value, json};

use crate::stores;

/// Opens the same ledger as often as it is asked to.
pub type Stores = Arc<dyn Fn() -> Result<Box<dyn Store>, StoreError> + Send + Sync>;

/// One store that several recorders work on, to compare what they make of it.
#[derive(Clone)]
pub struct Shared {
    identity: String,
    store: Arc<Mutex<Box<dyn Store>>>,
}

impl Shared {
    pub fn new(store: Box<dyn Store>) -> Self {
        Self { identity: store.identity().to_owned(), store: Arc::new(Mutex::new(store)) }
    }

    fn store(&self) -> MutexGuard<'_, Box<dyn Store>> {
        self.store.lock().unwrap()
    }
}

impl Store for Shared {
    fn identity(&self) -> &str {
        &self.identity
    }
    fn begin(&mut self) -> Result<(), StoreError> {
        self.store().begin()
    }
    fn commit(&mut self) -> Result<(), StoreError> {
        self.store().commit()
    }
    fn rollback(&mut self) {
        self.store().rollback();
    }
    fn begin_reading(&mut self) -> Result<(), StoreError> {
        self.store().begin_reading()
    }
    fn hold_recording(&mut self) -> Result<(), StoreError> {
        self.store().hold_recording()
    }
    fn keeps_numbers(&self) -> bool {
        self.store().keeps_numbers()
    }
    fn follow(&mut self) -> Result<Followed, StoreError> {
        self.store().follow()
    }
    fn counted(&mut self, customers: &[PartyNumber]) -> Result<Vec<Counted>, StoreError> {
        self.store().counted(customers)
    }
    fn parties(&mut self, ids: &[&str]) -> Result<Vec<PartyNumber>, StoreError> {
        self.store().parties(ids)
    }
    fn name(&mut self, dictionary: Dictionary, text: &str, most: usize) -> Result<Option<u32>, StoreError> {
        self.store().name(dictionary, text, most)
    }
    fn insert(&mut self, events: &[NewEvent<'_>]) -> Result<Vec<Inserted>, StoreError> {
        self.store().insert(events)
    }
    fn add(&mut self, changes: &Changes) -> Result<usize, StoreError> {
        self.store().add(changes)
    }
    fn load(&mut self, payments_from: Quarter) -> Result<Loaded, StoreError> {
        self.store().load(payments_from)
    }
    fn each_party(&mut self, visit: &mut dyn FnMut(PartyNumber, &str)) -> Result<(), StoreError> {
        self.store().each_party(visit)
    }
    fn usage(
        &mut self,
        from: Quarter,
        until: Quarter,
        visit: &mut dyn FnMut(UsageRow),
    ) -> Result<(), StoreError> {
        self.store().usage(from, until, visit)
    }
    fn customer_events(
        &mut self,
        customers: Option<&[PartyNumber]>,
        visit: &mut dyn FnMut(StoredEvent),
    ) -> Result<(), StoreError> {
        self.store().customer_events(customers, visit)
    }
    fn events(
        &mut self,
        which: &EventFilter<'_>,
        visit: &mut dyn FnMut(StoredEvent) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        self.store().events(which, visit)
    }
    fn usage_of(
        &mut self,
        user: PartyNumber,
        from: Quarter,
        until: Quarter,
        visit: &mut dyn FnMut(UsageRow),
    ) -> Result<(), StoreError> {
        self.store().usage_of(user, from, until, visit)
    }
    fn find_party(&mut self, id: &str) -> Result<Option<PartyNumber>, StoreError> {
        self.store().find_party(id)
    }
    fn party_ids(&mut self, numbers: &[PartyNumber]) -> Result<Vec<(PartyNumber, String)>, StoreError> {
        self.store().party_ids(numbers)
    }
    fn keep(&mut self, name: &str, value: &str) -> Result<String, StoreError> {
        self.store().keep(name, value)
    }
    fn audit(&mut self, before: u64, most: usize) -> Result<Vec<(u64, AuditEntry)>, StoreError> {
        self.store().audit(before, most)
    }
    fn scrub(&mut self) -> Result<bool, StoreError> {
        self.store().scrub()
    }
    fn amounts(&mut self, which: Amounts, after: u64, most: usize) -> Result<Vec<StoredAmount>, StoreError> {
        self.store().amounts(which, after, most)
    }
    fn note(&mut self, name: &str) -> Result<Option<String>, StoreError> {
        self.store().note(name)
    }
    fn keep_note(&mut self, name: &str, text: &str) -> Result<(), StoreError> {
        self.store().keep_note(name, text)
    }
    fn size_bytes(&mut self) -> Result<u64, StoreError> {
        self.store().size_bytes()
    }
    fn statistics(&mut self) -> Result<Statistics, StoreError> {
        self.store().statistics()
    }
    fn maintain(&mut self, now: Timestamp) -> Result<(), StoreError> {
        self.store().maintain(now)
    }
}

/// A ledger with its clock.
pub struct World {
    stores: Stores,
    pub settings: Arc<Settings>,
    pub now: Timestamp,
    shared: Option<Shared>,
    recorder: Option<Recorder>,
}

pub fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// When the stories begin.
pub fn start() -> Timestamp {
    at("2026-03-10T12:00:00Z")
}

impl World {
    pub fn new(stores: Stores, settings: Settings) -> Self {
        let mut world =
            Self { stores, settings: Arc::new(settings), now: start(), shared: None, recorder: None };
        world.reopen();
        world
    }

    /// A ledger with default settings.
    pub fn plain() -> Self {
        Self::new(stores::new(), Settings::default())
    }

    pub fn with_settings(settings: Settings) -> Self {
        Self::new(stores::new(), settings)
    }

    /// Closes the ledger, runs `meanwhile`, and opens it again.
    pub fn reopen_after(&mut self, meanwhile: impl FnOnce(&mut Self)) {
        (self.recorder, self.shared) = (None, None);
        meanwhile(self);
        let shared = Shared::new((self.stores)().unwrap());
        self.shared = Some(shared.clone());
        self.recorder = Some(Recorder::open(Box::new(shared), Arc::clone(&self.settings), self.now).unwrap());
    }

    pub fn reopen(&mut self) {
        self.reopen_after(|_| {});
    }

    pub fn recorder(&mut self) -> &mut Recorder {
        self.recorder.as_mut().unwrap()
    }

    pub fn store(&mut self) -> Shared {
        self.shared.clone().unwrap()
    }

    pub fn record(&mut self, events: Vec<Event>) -> Vec<Verdict> {
        let now = self.now;
        self.recorder().record(events, false, now).unwrap()
    }

    /// Records events of any age, all of which must be new.
    pub fn accept(&mut self, events: Vec<Event>) {
        let now = self.now;
        let verdicts = self.recorder().record(events, true, now).unwrap();
        assert!(verdicts.iter().all(|verdict| *verdict == Verdict::Accepted), "{verdicts:?}");
    }

    pub fn pass(&mut self, seconds: u64) {
        self.now = self.now.plus(std::time::Duration::from_secs(seconds));
    }

    /// The figures; those that are kept must be those that are read anew from the same store.
    pub fn snapshot(&mut self) -> Snapshot {
        let now = self.now;
        let kept = self.recorder().refresh(now).unwrap();
        let read = self.read_anew(kept.taken_at);
        assert_eq!(kept, read, "the figures that are kept are not those of the store");
        kept
    }

    pub fn read_anew(&mut self, now: Timestamp) -> Snapshot {
        let store = Box::new(self.store());
        let mut recorder = Recorder::open(store, Arc::clone(&self.settings), now).unwrap();
        recorder.refresh(now).unwrap()
    }

    pub fn total(&mut self, total: Total) -> i128 {
        total_of(&self.snapshot(), total)
    }
}

pub fn total_of(snapshot: &Snapshot, total: Total) -> i128 {
    snapshot.totals.iter().find(|(known, _)| *known == total).map_or(0, |(_, value)| *value)
}

/// The slot of a plan that the figures know.
pub fn slot(snapshot: &Snapshot, name: &str) -> PlanSlot {
    let plan = snapshot.figures.plans.iter().find(|plan| plan.name == name);
    plan.unwrap_or_else(|| unreachable!("{name} is not among {:?}", snapshot.figures.plans)).slot
}

/// What a plan cost in a window.
pub fn cost(snapshot: &Snapshot, plan: PlanSlot, window: Window) -> String {
    snapshot.figures.costs.plans[usize::from(plan.0)].total(window).to_string()
}

/// An event.
pub fn event(id: &str, kind: &str, time: Timestamp, subject: Option<&str>, data: &Value) -> Event {
    let mut event = json!({
        "specversion": "1.0", "source": "test", "id": id,
        "type": format!("com.pratiko.{kind}.v1"), "time": time, "data": data,
    });
    if let Some(subject) = subject {
        event["subject"] = subject.into();
    }
    cloudevents::decode(&event.to_string(), time).unwrap()
}

/// A call to a language model with a cost.
pub fn usage(id: &str, time: Timestamp, user: &str, cost: &str) -> Event {
    usage_with(id, time, Some(user), &json!({ "cost_eur": cost }))
}

/// A call to a language model with more data.
pub fn usage_with(id: &str, time: Timestamp, user: Option<&str>, more: &Value) -> Event {
    let mut data = json!({ "provider": "openai", "model": "gpt", "tokens": { "input": 10, "output": 5 } });
    for (key, value) in more.as_object().unwrap() {
        data[key] = value.clone();
    }
    event(id, "llm.usage", time, user, &data)
}

/// A state of the only subscription of a customer: monthly, in euro.
pub fn subscription(
    id: &str,
    time: Timestamp,
    customer: &str,
    plan: &str,
    amount: &str,
    status: &str,
) -> Event {
    subscription_with(id, time, customer, plan, amount, status, &json!({}))
}

pub fn subscription_with(
    id: &str,
    time: Timestamp,
    customer: &str,
    plan: &str,
    amount: &str,
    status: &str,
    more: &Value,
) -> Event {
    let mut data = json!({
        "id": format!("sub-{customer}"), "customer": customer, "status": status, "effective_at": time,
        "items": [{ "plan": plan, "unit_amount": amount, "interval": "month" }],
    });
    for (key, value) in more.as_object().unwrap() {
        data[key] = value.clone();
    }
    event(id, "subscription.changed", time, None, &data)
}

/// The same state of a subscription in another currency.
pub fn subscription_in(currency: &str, event: &Event) -> Event {
    let mut event = event.clone();
    let Body::SubscriptionChanged(change) = &mut event.body else { unreachable!("{event:?}") };
    for item in &mut change.items {
        currency.clone_into(&mut item.currency);
    }
    event
}
