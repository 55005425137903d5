//! Customers, and how they stand.

use std::collections::{BTreeSet, HashMap};

use pratiko_domain::currency::Rates;
use pratiko_domain::event::{Body, Invoice, Kind};
use pratiko_domain::plan::PlanSlot;
use pratiko_domain::revenue::{Counted, CustomerHistory, Milestone, Standing, SubscriptionState, Valuation};
use pratiko_domain::time::Timestamp;

use super::users::Users;
use crate::cloudevents::decode_body;
use crate::recording::Directory;
use crate::settings::Settings;
use crate::store::{Loaded, PartyNumber, Store, StoreError, StoredEvent, Total};

/// Customers with a subscription or an invoice, and how they stand.
#[derive(Debug, Default)]
pub struct Customers {
    standings: HashMap<PartyNumber, Standing>,
    /// When time alone changes how somebody stands.
    due: BTreeSet<(Timestamp, PartyNumber)>,
    /// When revenue in other currencies is next valued anew.
    next_revaluation: Option<Timestamp>,
}

/// How a customer stands, worked out anew, and what of it has not been counted yet.
#[derive(Debug)]
pub struct Review {
    /// Who.
    pub customer: PartyNumber,
    /// What has been counted of it with this, if that is more than before.
    pub counted: Option<Counted>,
    /// What that adds to totals. Totals never fall: nothing is taken back when a late event tells the
    /// history otherwise.
    pub totals: Vec<Total>,
    standing: Standing,
}

impl Review {
    fn new(customer: PartyNumber, is_internal: bool, mut counted: Counted, standing: Standing) -> Self {
        let milestones = counted.advance(&standing);
        let counted = (!milestones.is_empty()).then_some(counted);
        let slot = |plan: PlanSlot| if is_internal { PlanSlot::INTERNAL } else { plan };
        let totals = milestones.into_iter().map(|milestone| match milestone {
            Milestone::Churned(plan, reason) => Total::Churned(slot(plan), reason),
            Milestone::Trial(plan, stage) => Total::Trials(slot(plan), stage),
        });
        Self { customer, counted, totals: totals.collect(), standing }
    }

    /// Nobody counts what is new here just now: it is due.
    fn uncounted(mut self) -> Self {
        if self.counted.is_some() {
            self.standing.next_change = Some(Timestamp::MIN);
        }
        self
    }
}

impl Customers {
    pub(super) fn open(
        store: &mut dyn Store,
        loaded: &Loaded,
        directory: &Directory,
        settings: &Settings,
        rates: &Rates,
        users: &Users,
        now: Timestamp,
    ) -> Result<Self, StoreError> {
        let counted: HashMap<PartyNumber, Counted> = loaded.customers.iter().copied().collect();
        let mut customers = Self::default();
        histories(store, None, &mut |customer, events| {
            let counted = counted.get(&customer).copied().unwrap_or_default();
            let is_internal = users.get(customer).is_internal;
            let standing = standing(events, directory, settings, rates, now);
            // Time may have changed something while nobody was looking.
            customers.keep(Review::new(customer, is_internal, counted, standing).uncounted(), now);
        })?;
        Ok(customers)
    }

    /// How a customer stands.
    pub fn get(&self, customer: PartyNumber) -> Option<&Standing> {
        self.standings.get(&customer)
    }

    /// Every customer that stands somehow.
    pub fn iter(&self) -> impl Iterator<Item = (PartyNumber, &Standing)> {
        self.standings.iter().map(|(customer, standing)| (*customer, standing))
    }

    /// Customers whom time alone has changed by `now`.
    pub fn due(&self, now: Timestamp) -> Vec<PartyNumber> {
        self.due.iter().take_while(|(at, _)| *at <= now).map(|(_, customer)| *customer).collect()
    }

    /// Values what is in other currencies at the rates of each day that has begun by `now`. It takes no
    /// look at the store: at midnight there may be many.
    pub fn pass_midnights(&mut self, now: Timestamp, valuation: Valuation<'_>) {
        while let Some(midnight) = self.next_revaluation.filter(|midnight| *midnight <= now) {
            for standing in self.standings.values_mut() {
                standing.revalue(midnight, valuation);
            }
            self.next_revaluation =
                self.standings.values().filter_map(|standing| standing.next_revaluation).min();
        }
    }

    /// Rates of days that have begun are known only now: whoever has a subscription in another currency is
    /// due.
    pub fn rates_came_late(&mut self) {
        for (customer, standing) in self.standings.iter_mut().filter(|(_, standing)| standing.is_foreign) {
            if let Some(at) = standing.next_change.replace(Timestamp::MIN) {
                self.due.remove(&(at, *customer));
            }
            self.due.insert((Timestamp::MIN, *customer));
        }
    }

    /// Keeps how a customer stands.
    pub fn keep(&mut self, review: Review, now: Timestamp) {
        let Review { customer, mut standing, .. } = review;
        standing.forget_old(now);
        let next = standing.next_change;
        self.next_revaluation = self.next_revaluation.into_iter().chain(standing.next_revaluation).min();
        let before = self.standings.insert(customer, standing);
        if let Some(at) = before.and_then(|standing| standing.next_change) {
            self.due.remove(&(at, customer));
        }
        if let Some(at) = next {
            self.due.insert((at, customer));
        }
    }
}

/// Works out anew how customers stand, from the store. In a transaction that writes, what has not been
/// counted is for the caller to count.
pub(crate) fn review(
    mut customers: Vec<PartyNumber>,
    store: &mut dyn Store,
    directory: &Directory,
    settings: &Settings,
    rates: &Rates,
    users: &Users,
    now: Timestamp,
) -> Result<Vec<Review>, StoreError> {
    // Whoever holds some of them waits for nobody who holds others.
    customers.sort_unstable();
    customers.dedup();
    // First: once they are held, nothing more comes to the events that are read next.
    let counted = store.counted(&customers)?;
    let mut read: HashMap<PartyNumber, Vec<StoredEvent>> = HashMap::new();
    histories(store, Some(&customers), &mut |customer, events| {
        read.insert(customer, events);
    })?;
    let one = |(customer, counted): (PartyNumber, Counted)| {
        let standing = standing(read.remove(&customer).unwrap_or_default(), directory, settings, rates, now);
        Review::new(customer, users.get(customer).is_internal, counted, standing)
    };
    Ok(customers.into_iter().zip(counted).map(one).collect())
}

/// The same, where nobody is there to count what is new: it is due.
pub(crate) fn review_uncounted(
    customers: Vec<PartyNumber>,
    store: &mut dyn Store,
    directory: &Directory,
    settings: &Settings,
    rates: &Rates,
    users: &Users,
    now: Timestamp,
) -> Result<Vec<Review>, StoreError> {
    let reviews = review(customers, store, directory, settings, rates, users, now)?;
    Ok(reviews.into_iter().map(Review::uncounted).collect())
}

/// Each customer's events.
pub(crate) fn histories(
    store: &mut dyn Store,
    customers: Option<&[PartyNumber]>,
    visit: &mut dyn FnMut(PartyNumber, Vec<StoredEvent>),
) -> Result<(), StoreError> {
    let mut reading: Option<(PartyNumber, Vec<StoredEvent>)> = None;
    store.customer_events(customers, &mut |event| match &mut reading {
        Some((customer, events)) if *customer == event.customer => events.push(event),
        _ => {
            if let Some((customer, events)) = reading.replace((event.customer, vec![event])) {
                visit(customer, events);
            }
        }
    })?;
    if let Some((customer, events)) = reading {
        visit(customer, events);
    }
    Ok(())
}

fn standing(
    events: Vec<StoredEvent>,
    directory: &Directory,
    settings: &Settings,
    rates: &Rates,
    now: Timestamp,
) -> Standing {
    let (states, invoices) = states(events, directory);
    let history = CustomerHistory::new(states, invoices).under(settings.policy);
    Standing::of(&history, now, settings.policy, settings.valuation(rates))
}

/// The states of a customer's subscriptions and of its invoices, with the ids of their events.
pub(crate) type States = (Vec<SubscriptionState>, Vec<(String, Invoice)>);

/// What a store knows of a customer.
pub fn read_history(
    store: &mut dyn Store,
    customer: PartyNumber,
    directory: &Directory,
) -> Result<States, StoreError> {
    let mut events = Vec::new();
    store.customer_events(Some(&[customer]), &mut |event| events.push(event))?;
    Ok(states(events, directory))
}

pub(crate) fn states(events: Vec<StoredEvent>, directory: &Directory) -> States {
    let (mut states, mut invoices) = (Vec::new(), Vec::new());
    for event in events {
        let event_id = event_identity(&event.source, &event.id);
        match (event.kind, decode_body(event.kind, &event.data)) {
            (Kind::SubscriptionChanged, Ok(Body::SubscriptionChanged(change))) => {
                let plans = change.items.iter().map(|item| directory.plan_of_item(item)).collect();
                states.push(SubscriptionState { event_id, change, plans });
            }
            (Kind::Invoice, Ok(Body::Invoice(invoice))) => invoices.push((event_id, invoice)),
            // It was valid when it was stored; whatever it is now, the rest still counts.
            _ => tracing::error!(kind = event.kind.name(), "a stored event cannot be read and is left out"),
        }
    }
    (states, invoices)
}

/// What tells an event from all others, as one text: ids are unique within their source only.
pub(crate) fn event_identity(source: &str, id: &str) -> String {
    // Neither holds a control character.
    format!("{source}\n{id}")
}
