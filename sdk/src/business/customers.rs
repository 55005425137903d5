//! Customers: their subscriptions and invoices, and how they stand.
//!
//! These events are rare. Each changes one customer, who is worked out anew under a lock; a scrape
//! holds that lock only to take along how everybody stands.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use pratiko_domain::currency::Rates;
use pratiko_domain::event::{Invoice, InvoiceStatus, SubscriptionChanged, SubscriptionStatus};
use pratiko_domain::plan::PlanSlot;
use pratiko_domain::revenue::{
    Counted, CustomerHistory, Milestone, RevenuePolicy, Standing, SubscriptionState, Valuation,
};
use pratiko_domain::time::{Timestamp, Zone};

use super::users::Key;

/// Customers with a subscription or an invoice.
pub(super) struct Customers {
    known: HashMap<Key, Customer>,
    /// When time alone changes how somebody stands.
    due: BTreeSet<(Timestamp, Key)>,
    milestones: BTreeMap<Milestone, u64>,
    limits: CustomerLimits,
    rule: StandingRule,
    /// How many states were told; the number of each is its id.
    told: u64,
    refused: u64,
    forgotten: u64,
}

/// What bounds the memory of customers.
#[derive(Debug, Clone, Copy)]
pub(super) struct CustomerLimits {
    pub most: usize,
    pub most_states: usize,
}

/// What decides how a customer with a given history stands.
pub(super) struct StandingRule {
    pub policy: RevenuePolicy,
    pub rates: Arc<Rates>,
    pub zone: Arc<dyn Zone>,
}

#[derive(Debug, Default)]
struct Customer {
    is_internal: bool,
    states: Vec<SubscriptionState>,
    invoices: Vec<(String, Invoice)>,
    counted: Counted,
    standing: Arc<Standing>,
}

/// States of one subscription follow each other by time, by version, and as they were told.
type Order<'a> = (Timestamp, u64, &'a str);

fn order(state: &SubscriptionState) -> Order<'_> {
    (state.change.effective_at, state.change.version, &state.event_id)
}

/// How a customer stands.
#[derive(Debug, Clone)]
pub(super) struct CustomerStanding {
    pub customer: Key,
    pub is_internal: bool,
    pub standing: Arc<Standing>,
}

/// What became known of a customer.
#[derive(Debug)]
pub(super) enum News {
    /// A state of a subscription, and the plans of its items.
    Subscription(SubscriptionChanged, Vec<PlanSlot>),
    /// A state of an invoice.
    Invoice(Invoice),
}

impl Customers {
    pub fn new(limits: CustomerLimits, rule: StandingRule) -> Self {
        Self {
            known: HashMap::new(),
            due: BTreeSet::new(),
            milestones: BTreeMap::new(),
            limits,
            rule,
            told: 0,
            refused: 0,
            forgotten: 0,
        }
    }

    /// Takes in what became known of a customer. Returns the plan that the customer is on now.
    pub fn tell(
        &mut self,
        customer: Key,
        is_internal: impl FnOnce() -> bool,
        news: News,
        now: Timestamp,
    ) -> Option<PlanSlot> {
        let has_room = self.known.len() < self.limits.most;
        if !has_room && !self.known.contains_key(&customer) {
            self.refused += 1;
            return None;
        }
        self.told += 1;
        // Of what is known of one instant and version, what was told last holds.
        let event_id = format!("{:020}", self.told);
        let known = self
            .known
            .entry(customer)
            .or_insert_with(|| Customer { is_internal: is_internal(), ..Customer::default() });
        let has_changed = match news {
            News::Subscription(change, plans) => {
                known.add_state(SubscriptionState { event_id, change, plans })
            }
            News::Invoice(invoice) => known.add_invoice(event_id, invoice),
        };
        if !has_changed {
            return known.standing.plan;
        }
        let plan = self.review(customer, now);
        if self.forget(customer, now) { self.review(customer, now) } else { plan }
    }

    /// Forgets the oldest of what is known of a customer beyond what is kept. Says whether
    /// something was forgotten, so that the customer has to be worked out anew.
    fn forget(&mut self, customer: Key, now: Timestamp) -> bool {
        let Some(known) = self.known.get_mut(&customer) else { return false };
        let forgotten = known.forget(self.limits.most_states, now);
        if forgotten == 0 {
            return false;
        }
        self.forgotten += forgotten;
        // All has been counted: what is left is the beginning of what will be.
        known.counted = Counted::default();
        known.counted.advance(&known.stand(now, &self.rule));
        true
    }

    /// Works out anew how those customers stand whom time alone has changed by `now`, and says what
    /// plan each is on.
    pub fn advance(&mut self, now: Timestamp) -> Vec<(Key, Option<PlanSlot>)> {
        let due: Vec<Key> = self.due.iter().take_while(|(at, _)| *at <= now).map(|(_, key)| *key).collect();
        due.into_iter().map(|customer| (customer, self.review(customer, now))).collect()
    }

    fn review(&mut self, customer: Key, now: Timestamp) -> Option<PlanSlot> {
        let known = self.known.get_mut(&customer)?;
        let mut standing = known.stand(now, &self.rule);
        for milestone in known.counted.advance(&standing) {
            let milestone = if known.is_internal { milestone.under(PlanSlot::INTERNAL) } else { milestone };
            *self.milestones.entry(milestone).or_default() += 1;
        }
        standing.forget_old(now);
        let (plan, next) = (standing.plan, standing.due());
        let before = std::mem::replace(&mut known.standing, Arc::new(standing));
        if let Some(at) = before.due() {
            self.due.remove(&(at, customer));
        }
        if let Some(at) = next {
            self.due.insert((at, customer));
        }
        plan
    }

    /// How a customer stands.
    pub fn get(&self, customer: Key) -> Option<&Standing> {
        self.known.get(&customer).map(|known| &*known.standing)
    }

    /// How everybody stands.
    pub fn standings(&self) -> Vec<CustomerStanding> {
        let standing = |(customer, known): (&Key, &Customer)| CustomerStanding {
            customer: *customer,
            is_internal: known.is_internal,
            standing: Arc::clone(&known.standing),
        };
        self.known.iter().map(standing).collect()
    }

    /// What was counted once and for all.
    pub fn milestones(&self) -> &BTreeMap<Milestone, u64> {
        &self.milestones
    }

    /// How many customers there are.
    pub fn len(&self) -> usize {
        self.known.len()
    }

    /// How many states were of customers for whom there was no room, and how many were forgotten.
    pub fn lost(&self) -> (u64, u64) {
        (self.refused, self.forgotten)
    }
}

impl Customer {
    /// Whether it was news. The customer's id is not kept.
    fn add_state(&mut self, mut state: SubscriptionState) -> bool {
        state.change.customer = String::new();
        let is_known = |known: &SubscriptionState| known.change == state.change && known.plans == state.plans;
        let is_news = state.change.live && !self.states.iter().any(is_known);
        if is_news {
            self.states.push(state);
        }
        is_news
    }

    /// Of each invoice, the last state is kept.
    fn add_invoice(&mut self, event_id: String, mut invoice: Invoice) -> bool {
        invoice.customer = String::new();
        if !invoice.live {
            return false;
        }
        match self.invoices.iter_mut().find(|(_, known)| known.id == invoice.id) {
            Some((_, known)) if *known == invoice => false,
            Some((_, known))
                if (known.effective_at, known.version) > (invoice.effective_at, invoice.version) =>
            {
                false
            }
            Some(known) => {
                *known = (event_id, invoice);
                true
            }
            None => {
                self.invoices.push((event_id, invoice));
                true
            }
        }
    }

    /// Forgets the oldest states and invoices beyond so many of each. What is left of a subscription
    /// then began before its first known state. What still matters is kept however much there is: the
    /// state that every living subscription is in, and open invoices.
    fn forget(&mut self, most: usize, now: Timestamp) -> u64 {
        let mut forgotten = 0;
        while self.states.len() > most.max(1) {
            let Some(oldest) = self.oldest_spare_state(now) else { break };
            let SubscriptionState { change, .. } = self.states.remove(oldest);
            let start = change.started_at.unwrap_or(change.effective_at);
            for state in self.states.iter_mut().filter(|state| state.change.id == change.id) {
                state.change.started_at.get_or_insert(start);
            }
            forgotten += 1;
        }
        while self.invoices.len() > most.max(1) {
            let is_settled =
                |(_, (_, invoice)): &(usize, &(String, Invoice))| invoice.status != InvoiceStatus::Open;
            let settled = self.invoices.iter().enumerate().filter(is_settled);
            let oldest = settled.min_by_key(|(_, (_, invoice))| invoice.issued_at);
            let Some((oldest, _)) = oldest else { break };
            self.invoices.remove(oldest);
            forgotten += 1;
        }
        forgotten
    }

    /// The position of the oldest state that another one of the same subscription has superseded; where
    /// there is none, of the oldest with which a subscription ended.
    fn oldest_spare_state(&self, now: Timestamp) -> Option<usize> {
        // By subscription the last state that is in force: those before it are superseded.
        let mut in_force: HashMap<&str, Order<'_>> = HashMap::new();
        for state in self.states.iter().filter(|state| state.change.effective_at <= now) {
            let last = in_force.entry(&state.change.id).or_insert(order(state));
            *last = order(state).max(*last);
        }
        let is_superseded = |state: &SubscriptionState| {
            in_force.get(state.change.id.as_str()).is_some_and(|last| order(state) < *last)
        };
        let has_ended = |state: &SubscriptionState| {
            state.change.status == SubscriptionStatus::Canceled && state.change.effective_at <= now
        };
        let oldest = |is_spare: &dyn Fn(&SubscriptionState) -> bool| {
            let spare = self.states.iter().enumerate().filter(|(_, state)| is_spare(state));
            spare.min_by_key(|(_, state)| order(state)).map(|(position, _)| position)
        };
        oldest(&is_superseded).or_else(|| oldest(&has_ended))
    }

    fn stand(&self, now: Timestamp, rule: &StandingRule) -> Standing {
        let history = CustomerHistory::new(self.states.clone(), self.invoices.clone()).under(rule.policy);
        let valuation = Valuation { rates: &rule.rates, zone: &*rule.zone };
        Standing::of(&history, now, rule.policy, valuation)
    }
}
