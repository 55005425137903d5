//! Customers, and how they stand.

use std::collections::{BTreeSet, HashMap};
use std::time::Duration;

use pratiko_domain::event::{Body, Kind};
use pratiko_domain::plan::PlanSlot;
use pratiko_domain::revenue::{
    ChurnReason, CustomerHistory, MovementKind, Standing, SubscriptionState, TrialOutcome,
};
use pratiko_domain::time::Timestamp;

use super::users::Users;
use crate::cloudevents::decode_body;
use crate::recording::Directory;
use crate::settings::Settings;
use crate::store::{Counted, Loaded, PartyNumber, Store, StoreError, StoredEvent, Total};

/// No window over movements or trials reaches back further.
const LOOK_BACK: Duration = Duration::from_secs(62 * 86_400);

/// Customers with a subscription or an invoice, and how they stand.
#[derive(Debug, Default)]
pub struct Customers {
    standings: HashMap<PartyNumber, Standing>,
    counted: HashMap<PartyNumber, Counted>,
    /// When time alone changes how somebody stands.
    due: BTreeSet<(Timestamp, PartyNumber)>,
    /// What time alone changed while nobody was looking, to be stored with the next refresh.
    found_at_start: Vec<(PartyNumber, Progress)>,
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
                let standing = Standing::of(&history(events, directory), now, settings.policy);
                let progress = customers.count(customer, users.get(customer).is_internal, &standing);
                if progress.counted.is_some() {
                    customers.found_at_start.push((customer, progress));
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

    /// What time alone changed while nobody was looking.
    pub fn take_found_at_start(&mut self) -> Vec<(PartyNumber, Progress)> {
        std::mem::take(&mut self.found_at_start)
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
        let mut events = Vec::new();
        store.customer_events(Some(customer), &mut |event| events.push(event))?;
        let standing = Standing::of(&history(events, directory), now, settings.policy);
        let progress = self.count(customer, is_internal, &standing);
        self.keep(customer, standing, now);
        Ok(progress)
    }

    fn keep(&mut self, customer: PartyNumber, mut standing: Standing, now: Timestamp) {
        let horizon = now.minus(LOOK_BACK);
        standing.movements.retain(|movement| movement.at >= horizon);
        standing.trials.retain(|trial| trial.ended_at.is_none_or(|at| at >= horizon));
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
    fn count(&mut self, customer: PartyNumber, is_internal: bool, standing: &Standing) -> Progress {
        let before = self.counted.get(&customer).copied().unwrap_or_default();
        let mut counted = before;
        let mut totals = Vec::new();
        let slot = |plan: PlanSlot| if is_internal { PlanSlot::INTERNAL } else { plan };

        let churns = standing.movements.iter().filter(|movement| movement.kind == MovementKind::Churn);
        for movement in churns.skip(before.churned as usize) {
            let reason = movement.reason.unwrap_or(ChurnReason::Voluntary);
            totals.push(Total::Churned(slot(movement.plan), reason));
            counted.churned += 1;
        }
        let mut trials = |position: u8, counted: &mut u32, wanted: &dyn Fn(TrialOutcome) -> bool| {
            let found = standing.trials.iter().filter(|trial| wanted(trial.outcome));
            for trial in found.skip(*counted as usize) {
                totals.push(Total::Trials(slot(trial.plan), position));
                *counted += 1;
            }
        };
        trials(0, &mut counted.trials_started, &|_| true);
        trials(1, &mut counted.trials_converted, &|outcome| outcome == TrialOutcome::Converted);
        trials(2, &mut counted.trials_expired, &|outcome| outcome == TrialOutcome::Expired);
        trials(3, &mut counted.trials_cancelled, &|outcome| outcome == TrialOutcome::Cancelled);

        if counted == before {
            return Progress::default();
        }
        self.counted.insert(customer, counted);
        Progress { counted: Some(counted), totals }
    }
}

/// A customer's history from its stored events.
fn history(events: Vec<StoredEvent>, directory: &Directory) -> CustomerHistory {
    let (mut states, mut invoices) = (Vec::new(), Vec::new());
    for event in events {
        match (event.kind, decode_body(event.kind, &event.data)) {
            (Kind::SubscriptionChanged, Ok(Body::SubscriptionChanged(change))) => {
                let plans = change.items.iter().map(|item| directory.plan_of_item(item)).collect();
                states.push(SubscriptionState { event_id: event.id, change, plans });
            }
            (Kind::Invoice, Ok(Body::Invoice(invoice))) => invoices.push((event.id, invoice)),
            // It was valid when it was stored; whatever it is now, the rest still counts.
            _ => tracing::error!(kind = event.kind.name(), "a stored event cannot be read and is left out"),
        }
    }
    CustomerHistory::new(states, invoices)
}
