//! A store that fails when it is told to.

use std::sync::{Arc, Mutex};

use pratiko_domain::revenue::Counted;
use pratiko_domain::time::{Quarter, Timestamp};
use pratiko_ledger::store::{
    Amounts, AuditEntry, Changes, Dictionary, EventFilter, Followed, Inserted, Loaded, NewEvent, PartyNumber,
    Statistics, Store, StoreError, StoredAmount, StoredEvent, UsageRow,
};

/// Where it fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Point {
    Begin,
    Parties,
    Insert,
    CustomerEvents,
    Add,
    Commit,
    Usage,
    Load,
}

/// The points at which it fails next, each once.
pub type Orders = Arc<Mutex<Vec<Point>>>;

pub struct Failing<S> {
    pub inner: S,
    pub orders: Orders,
}

impl<S> Failing<S> {
    fn pass(&self, point: Point) -> Result<(), StoreError> {
        let mut orders = self.orders.lock().unwrap();
        match orders.iter().position(|order| *order == point) {
            Some(position) => {
                orders.remove(position);
                Err(StoreError::Foreign(format!("told to fail: {point:?}")))
            }
            None => Ok(()),
        }
    }
}

impl<S: Store> Store for Failing<S> {
    fn identity(&self) -> &str {
        self.inner.identity()
    }
    fn begin(&mut self) -> Result<(), StoreError> {
        self.pass(Point::Begin)?;
        self.inner.begin()
    }
    fn commit(&mut self) -> Result<(), StoreError> {
        self.pass(Point::Commit)?;
        self.inner.commit()
    }
    fn rollback(&mut self) {
        self.inner.rollback();
    }
    fn begin_reading(&mut self) -> Result<(), StoreError> {
        self.inner.begin_reading()
    }
    fn hold_recording(&mut self) -> Result<(), StoreError> {
        self.inner.hold_recording()
    }
    fn keeps_numbers(&self) -> bool {
        self.inner.keeps_numbers()
    }
    fn follow(&mut self) -> Result<Followed, StoreError> {
        self.inner.follow()
    }
    fn counted(&mut self, customers: &[PartyNumber]) -> Result<Vec<Counted>, StoreError> {
        self.inner.counted(customers)
    }
    fn parties(&mut self, ids: &[&str]) -> Result<Vec<PartyNumber>, StoreError> {
        self.pass(Point::Parties)?;
        self.inner.parties(ids)
    }
    fn name(&mut self, dictionary: Dictionary, text: &str, most: usize) -> Result<Option<u32>, StoreError> {
        self.inner.name(dictionary, text, most)
    }
    fn insert(&mut self, events: &[NewEvent<'_>]) -> Result<Vec<Inserted>, StoreError> {
        let inserted = self.inner.insert(events)?;
        self.pass(Point::Insert).map(|()| inserted)
    }
    fn add(&mut self, changes: &Changes) -> Result<usize, StoreError> {
        let added = self.inner.add(changes)?;
        self.pass(Point::Add).map(|()| added)
    }
    fn load(&mut self, payments_from: Quarter) -> Result<Loaded, StoreError> {
        self.pass(Point::Load)?;
        self.inner.load(payments_from)
    }
    fn each_party(&mut self, visit: &mut dyn FnMut(PartyNumber, &str)) -> Result<(), StoreError> {
        self.inner.each_party(visit)
    }
    fn usage(
        &mut self,
        from: Quarter,
        until: Quarter,
        visit: &mut dyn FnMut(UsageRow),
    ) -> Result<(), StoreError> {
        self.inner.usage(from, until, visit)?;
        self.pass(Point::Usage)
    }
    fn customer_events(
        &mut self,
        customers: Option<&[PartyNumber]>,
        visit: &mut dyn FnMut(StoredEvent),
    ) -> Result<(), StoreError> {
        self.pass(Point::CustomerEvents)?;
        self.inner.customer_events(customers, visit)
    }
    fn events(
        &mut self,
        which: &EventFilter<'_>,
        visit: &mut dyn FnMut(StoredEvent) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        self.inner.events(which, visit)
    }
    fn usage_of(
        &mut self,
        user: PartyNumber,
        from: Quarter,
        until: Quarter,
        visit: &mut dyn FnMut(UsageRow),
    ) -> Result<(), StoreError> {
        self.inner.usage_of(user, from, until, visit)
    }
    fn find_party(&mut self, id: &str) -> Result<Option<PartyNumber>, StoreError> {
        self.inner.find_party(id)
    }
    fn party_ids(&mut self, numbers: &[PartyNumber]) -> Result<Vec<(PartyNumber, String)>, StoreError> {
        self.inner.party_ids(numbers)
    }
    fn keep(&mut self, name: &str, value: &str) -> Result<String, StoreError> {
        self.inner.keep(name, value)
    }
    fn audit(&mut self, before: u64, most: usize) -> Result<Vec<(u64, AuditEntry)>, StoreError> {
        self.inner.audit(before, most)
    }
    fn scrub(&mut self) -> Result<bool, StoreError> {
        self.inner.scrub()
    }
    fn amounts(&mut self, which: Amounts, after: u64, most: usize) -> Result<Vec<StoredAmount>, StoreError> {
        self.inner.amounts(which, after, most)
    }
    fn note(&mut self, name: &str) -> Result<Option<String>, StoreError> {
        self.inner.note(name)
    }
    fn keep_note(&mut self, name: &str, text: &str) -> Result<(), StoreError> {
        self.inner.keep_note(name, text)
    }
    fn size_bytes(&mut self) -> Result<u64, StoreError> {
        self.inner.size_bytes()
    }
    fn statistics(&mut self) -> Result<Statistics, StoreError> {
        self.inner.statistics()
    }
    fn maintain(&mut self, now: Timestamp) -> Result<(), StoreError> {
        self.inner.maintain(now)
    }
}
