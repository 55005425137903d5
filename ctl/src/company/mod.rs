//! A company that sells an AI service by subscription, and that does not exist.
//!
//! Everything that happens to it follows from a seed, from when its story begins and from what goes wrong:
//! the same three give the same events under the same ids, however they are asked for. Nothing here reads
//! a clock.

mod billing;
mod calls;
mod customer;
mod life;
mod model;
mod plan;
mod random;
mod rhythm;
mod scenario;
#[cfg(test)]
mod tests;
mod traffic;

pub use calls::Call;
pub use plan::Plan;
pub use random::Random;
pub use rhythm::busyness;
pub use scenario::{Incident, Scenario};
pub use traffic::{Request, Traffic};

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};
use std::time::Duration;

use pratiko_domain::event::{Body, Event, OtherCost};
use pratiko_domain::money::Money;
use pratiko_domain::time::{Hour, Timestamp};

use customer::Customer;
use life::Step;

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(60 * 60);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// What makes a company what it is.
#[derive(Debug, Clone, Copy)]
pub struct Story {
    /// Whom chance obeys.
    pub seed: u64,
    /// When the story begins: a midnight. There are customers already.
    pub since: Timestamp,
    /// How many times as many calls and requests as usual there are, each that much smaller.
    pub speed: f64,
    /// What goes wrong.
    pub incident: Incident,
}

/// Something that happened.
#[derive(Debug, Clone)]
pub struct Happening {
    /// As it is told to an exporter.
    pub event: Event,
    /// As the application saw it, if it was a call to a model.
    pub call: Option<Call>,
}

/// The company at some moment.
#[derive(Debug)]
pub struct Company {
    story: Story,
    now: Timestamp,
    customers: Vec<Customer>,
    /// What will happen next, the earliest first; by number where several happen at once.
    plans: BinaryHeap<Reverse<(Timestamp, u64, Step)>>,
    numbers: u64,
    /// How many bills were sent.
    bills: u64,
    /// The last state of each subscription that has not ended, by the customer's number.
    standing: BTreeMap<u64, Event>,
    /// The hour whose calls are in `calls`.
    hour: Option<Hour>,
    calls: Vec<Call>,
    happened: Vec<Happening>,
}

impl Company {
    /// The company at the beginning of its story.
    pub fn new(story: Story) -> Self {
        let mut company = Self {
            story,
            now: story.since,
            customers: Vec::new(),
            plans: BinaryHeap::new(),
            numbers: 0,
            bills: 0,
            standing: BTreeMap::new(),
            hour: None,
            calls: Vec::new(),
            happened: Vec::new(),
        };
        company.begin();
        company
    }

    /// Until when everything has happened.
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// Everything that happens from now until then, in its order.
    pub fn advance(&mut self, until: Timestamp) -> Vec<Happening> {
        while self.now < until {
            let hour = self.now.hour();
            let end = until.min(Hour(hour.0 + 1).start());
            self.take_steps(self.now);
            if self.hour != Some(hour) {
                self.hour = Some(hour);
                self.calls = self.calls_of(hour);
            }
            self.take_steps(end);
            let (from, calls) = (self.now, std::mem::take(&mut self.calls));
            for call in calls.iter().filter(|call| from <= call.at && call.at < end) {
                let (id, user, body) = call.event();
                let event = self.event(id, call.at, Some(user), body);
                self.happened.push(Happening { event, call: Some(call.clone()) });
            }
            self.calls = calls;
            self.now = end;
        }
        let mut happened = std::mem::take(&mut self.happened);
        happened.sort_by_key(|happening| happening.event.time);
        happened
    }

    /// How all subscriptions stand, told now: whoever did not hear of what happened before needs it.
    pub fn standing(&self) -> Vec<Event> {
        self.standing.values().map(|event| Event { time: self.now, ..event.clone() }).collect()
    }

    fn calls_of(&self, hour: Hour) -> Vec<Call> {
        let Story { seed, speed, incident, .. } = self.story;
        let customers = self.customers.iter().filter(|customer| customer.is_there());
        let callers = customers.flat_map(Customer::callers);
        callers.flat_map(|caller| caller.calls(seed, hour, speed, &incident)).collect()
    }

    /// Hosting costs something every day, whoever uses it.
    fn pay_for_hosting(&mut self, at: Timestamp) {
        let cost = OtherCost {
            category: "hosting".to_owned(),
            cost_eur: Money::from_cents(40),
            customer: None,
            plan: None,
        };
        self.tell(format!("hosting:{}", at.utc_date()), at, None, Body::OtherCost(cost));
        self.plan(at.plus(DAY), Step::Hosting);
    }

    fn tell(&mut self, id: String, at: Timestamp, user: Option<String>, body: Body) {
        let event = self.event(id, at, user, body);
        self.happened.push(Happening { event, call: None });
    }

    fn event(&self, id: String, time: Timestamp, subject: Option<String>, body: Body) -> Event {
        Event { source: format!("demo-{}", self.story.seed), id, time, subject, body }
    }
}
