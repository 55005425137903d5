//! The states that a customer's subscriptions went through, in an order of their own.

use crate::event::{Invoice, SubscriptionChanged, SubscriptionStatus};
use crate::plan::PlanSlot;
use crate::time::Timestamp;

use super::recurring::{PlanAmounts, monthly_amounts};

/// One known state of a subscription.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SubscriptionState {
    /// The id of the event that told of it.
    pub event_id: String,
    /// What the event said.
    pub change: SubscriptionChanged,
    /// The plans of its items, fixed when the event was recorded.
    pub plans: Vec<PlanSlot>,
}

/// All known states of one subscription, and never none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SubscriptionHistory {
    states: Vec<SubscriptionState>,
}

/// All that is known of one customer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CustomerHistory {
    /// Its subscriptions, by their id.
    pub subscriptions: Vec<SubscriptionHistory>,
    /// The last known state of each of its invoices.
    pub invoices: Vec<Invoice>,
}

impl CustomerHistory {
    /// Puts states and invoices, in whatever order they come, into their own.
    pub fn new(mut states: Vec<SubscriptionState>, mut invoices: Vec<(String, Invoice)>) -> Self {
        states.retain(|state| state.change.live);
        states.sort_by(|one, other| one.order().cmp(&other.order()));
        let mut subscriptions: Vec<SubscriptionHistory> = Vec::new();
        for state in states {
            match subscriptions.iter_mut().find(|known| known.id() == state.change.id) {
                Some(known) => known.states.push(state),
                None => subscriptions.push(SubscriptionHistory { states: vec![state] }),
            }
        }
        subscriptions.sort_by(|one, other| one.id().cmp(other.id()));

        invoices.retain(|(_, invoice)| invoice.live);
        let order = |(event_id, invoice): &(String, Invoice)| {
            (invoice.id.clone(), invoice.effective_at, invoice.version, event_id.clone())
        };
        invoices.sort_by_cached_key(order);
        let mut last_states: Vec<Invoice> = Vec::with_capacity(invoices.len());
        for (_, invoice) in invoices {
            match last_states.last_mut().filter(|last| last.id == invoice.id) {
                Some(last) => *last = invoice,
                None => last_states.push(invoice),
            }
        }
        Self { subscriptions, invoices: last_states }
    }
}

impl SubscriptionState {
    /// What orders the states of a subscription.
    fn order(&self) -> (Timestamp, u64, &str) {
        (self.change.effective_at, self.change.version, &self.event_id)
    }
}

impl SubscriptionHistory {
    /// The subscription's id.
    pub fn id(&self) -> &str {
        &self.states[0].change.id
    }

    /// The first known state.
    pub fn first(&self) -> &SubscriptionState {
        &self.states[0]
    }

    /// Every known state, in order.
    pub fn states(&self) -> &[SubscriptionState] {
        &self.states
    }

    /// The state in force at an instant; `None` before the first.
    pub fn state_at(&self, at: Timestamp) -> Option<&SubscriptionState> {
        let count = self.states.partition_point(|state| state.change.effective_at <= at);
        self.states[..count].last()
    }

    /// The status at an instant: a subscription set to end is ended from then on.
    pub fn status_at(&self, at: Timestamp) -> Option<SubscriptionStatus> {
        let change = &self.state_at(at)?.change;
        let has_ended = change.cancel_at.is_some_and(|end| end <= at);
        Some(if has_ended { SubscriptionStatus::Canceled } else { change.status })
    }

    /// What it is worth a month at an instant: nothing unless its status earns. `None` where its
    /// currency has no reference rate.
    pub fn revenue_at(&self, at: Timestamp) -> Option<PlanAmounts> {
        match self.state_at(at) {
            Some(state) if self.status_at(at).is_some_and(SubscriptionStatus::earns) => {
                monthly_amounts(&state.change, &state.plans, at)
            }
            _ => Some(PlanAmounts::new()),
        }
    }

    /// Every instant at which something about it changes by what is known: a new state, the end of
    /// a discount, its own end. In no order, and past the instants at which a newer state took over.
    pub fn changes(&self) -> impl Iterator<Item = Timestamp> + '_ {
        self.states.iter().enumerate().flat_map(|(position, state)| {
            let until = self.states.get(position + 1).map_or(Timestamp::MAX, |next| next.change.effective_at);
            let from = state.change.effective_at;
            let within = state.change.discounts.iter().filter_map(|discount| discount.ends_at);
            let within = within.chain(state.change.cancel_at).filter(move |at| from < *at && *at < until);
            std::iter::once(from).chain(within)
        })
    }
}
