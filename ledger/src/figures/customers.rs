//! Customers, and how they stand.

use std::collections::{BTreeSet, HashMap};

use pratiko_domain::event::{Body, Invoice, Kind};
use pratiko_domain::plan::PlanSlot;
use pratiko_domain::revenue::{Counted, CustomerHistory, Milestone, Standing, SubscriptionState};
use pratiko_domain::time::Timestamp;

use super::users::Users;
use crate::cloudevents::decode_body;
use crate::recording::Directory;
use crate::settings::{NO_RATES, Settings};
use crate::store::{Loaded, PartyNumber, Store, StoreError, StoredEvent, Total};

/// Customers with a subscription or an invoice, and how they stand.
#[derive(Debug, Default)]
pub struct Customers {
    standings: HashMap<PartyNumber, Standing>,
    counted: HashMap<PartyNumber, Counted>,
    /// When time alone changes how somebody stands.
    due: BTreeSet<(Timestamp, PartyNumber)>,
}

/// What became known of a customer, and must be stored.
#[derive(Debug, Default)]
pub struct Progress {
    /// What has been counted of it now, if that is more than before.
    pub counted: Option<Counted>,
    /// What that adds to totals.
    pub totals: Vec<Total>,
}

impl Customers {
    pub(super) fn open(
        store: &mut dyn Store,
        loaded: &Loaded,
        directory: &Directory,
        settings: &Settings,
        users: &Users,
        now: Timestamp,
    ) -> Result<Self, StoreError> {
        let mut customers = Self { counted: loaded.customers.iter().copied().collect(), ..Self::default() };
        let mut reading: Option<(PartyNumber, Vec<StoredEvent>)> = None;
        let mut finish = |read: Option<(PartyNumber, Vec<StoredEvent>)>| {
            if let Some((customer, events)) = read {
                let (states, invoices) = states(events, directory);
                let history = CustomerHistory::new(states, invoices);
                let mut standing =
                    Standing::of(&history, now, settings.policy, settings.valuation(&NO_RATES));
                let is_internal = users.get(customer).is_internal;
                if customers.progress(customer, is_internal, &standing).counted.is_some() {
                    // Time has changed something while nobody was looking: it is due.
                    standing.next_change = Some(Timestamp::MIN);
                }
                customers.keep(customer, standing, now);
            }
        };
        store.customer_events(None, &mut |event| match &mut reading {
            Some((customer, events)) if *customer == event.customer => events.push(event),
            _ => finish(reading.replace((event.customer, vec![event]))),
        })?;
        finish(reading);
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

    /// Works out anew how a customer stands, from the store, and what that adds to totals.
    pub fn review(
        &mut self,
        customer: PartyNumber,
        is_internal: bool,
        store: &mut dyn Store,
        directory: &Directory,
        settings: &Settings,
        now: Timestamp,
    ) -> Result<Progress, StoreError> {
        let (states, invoices) = read_history(store, customer, directory)?;
        let standing = Standing::of(
            &CustomerHistory::new(states, invoices),
            now,
            settings.policy,
            settings.valuation(&NO_RATES),
        );
        let progress = self.progress(customer, is_internal, &standing);
        if let Some(counted) = progress.counted {
            self.counted.insert(customer, counted);
        }
        self.keep(customer, standing, now);
        Ok(progress)
    }

    fn keep(&mut self, customer: PartyNumber, mut standing: Standing, now: Timestamp) {
        standing.forget_old(now);
        let next = standing.next_change;
        let before = self.standings.insert(customer, standing);
        if let Some(at) = before.and_then(|standing| standing.next_change) {
            self.due.remove(&(at, customer));
        }
        if let Some(at) = next {
            self.due.insert((at, customer));
        }
    }

    /// Totals never fall: what is in the history beyond what has been counted is added, and nothing
    /// is taken back when a late event tells the history otherwise.
    fn progress(&self, customer: PartyNumber, is_internal: bool, standing: &Standing) -> Progress {
        let mut counted = self.counted.get(&customer).copied().unwrap_or_default();
        let milestones = counted.advance(standing);
        if milestones.is_empty() {
            return Progress::default();
        }
        let slot = |plan: PlanSlot| if is_internal { PlanSlot::INTERNAL } else { plan };
        let totals = milestones.into_iter().map(|milestone| match milestone {
            Milestone::Churned(plan, reason) => Total::Churned(slot(plan), reason),
            Milestone::Trial(plan, stage) => Total::Trials(slot(plan), stage),
        });
        Progress { counted: Some(counted), totals: totals.collect() }
    }
}

/// The states of a customer's subscriptions and of its invoices, with the ids of their events.
type States = (Vec<SubscriptionState>, Vec<(String, Invoice)>);

/// What a store knows of a customer.
pub fn read_history(
    store: &mut dyn Store,
    customer: PartyNumber,
    directory: &Directory,
) -> Result<States, StoreError> {
    let mut events = Vec::new();
    store.customer_events(Some(customer), &mut |event| events.push(event))?;
    Ok(states(events, directory))
}

fn states(events: Vec<StoredEvent>, directory: &Directory) -> States {
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
