//! Events by the day on which they are sent, told relative to today.

use std::collections::BTreeMap;
use std::time::Duration;

use pratiko_domain::time::Timestamp;
use serde_json::{Value, json};

use crate::events::event;

const MINUTE: u64 = 60;
const DAY: u64 = 24 * 60 * MINUTE;

/// Today's time of day. Wherever the story says a time, it counts from here.
const NOW: &str = "10:40";

/// Events by the day on which they are sent, told relative to today.
pub struct Timeline {
    today: Timestamp,
    /// Days ago, counted from the last; each event with its time.
    events: Vec<(u32, Timestamp, Value)>,
}

fn minutes(time_of_day: &str) -> u64 {
    let (hour, minute) = time_of_day.split_once(':').unwrap();
    hour.parse::<u64>().unwrap() * 60 + minute.parse::<u64>().unwrap()
}

impl Timeline {
    pub fn new(today: Timestamp) -> Self {
        Self { today, events: Vec::new() }
    }

    /// A time of day so many days ago.
    pub fn at(&self, days_ago: u32, time_of_day: &str) -> Timestamp {
        let midnight = self.today.minus(Duration::from_secs(minutes(NOW) * MINUTE));
        let day = midnight.minus(Duration::from_secs(u64::from(days_ago) * DAY));
        day.plus(Duration::from_secs(minutes(time_of_day) * MINUTE))
    }

    /// So many days after today.
    pub fn days_ahead(&self, days: u64) -> Timestamp {
        self.today.plus(Duration::from_secs(days * DAY))
    }

    /// An event that is sent on the day on which it happened.
    pub fn tell(&mut self, days_ago: u32, time_of_day: &str, kind: &str, user: Option<&str>, data: &Value) {
        let time = self.at(days_ago, time_of_day);
        let event = event(&format!("event-{}", self.events.len()), kind, time, user, data);
        self.events.push((days_ago, time, event));
    }

    /// What `tell` adds is sent on a later day than it happened.
    pub fn late(&mut self, sent_days_ago: u32, tell: impl FnOnce(&mut Self)) {
        let before = self.events.len();
        tell(self);
        for (days_ago, ..) in &mut self.events[before..] {
            *days_ago = sent_days_ago;
        }
    }

    /// The state of a customer's subscription, with `more` than its items.
    pub fn subscription(
        &mut self,
        (days_ago, time_of_day): (u32, &str),
        customer: &str,
        status: &str,
        items: &Value,
        more: &Value,
    ) {
        let mut data = json!({
            "id": format!("sub-{customer}"), "customer": customer, "status": status, "items": items,
            "effective_at": self.at(days_ago, time_of_day),
            // Bills go out on the 5th unless more says otherwise.
            "billing_anchor": "2023-01-05T12:00:00Z",
        });
        for (key, value) in more.as_object().unwrap() {
            data[key] = value.clone();
        }
        self.tell(days_ago, time_of_day, "subscription.changed", None, &data);
    }

    /// A call to a language model by a user such as `bakery-1`, for whom the bakery pays.
    pub fn usage(&mut self, days_ago: u32, time_of_day: &str, user: &str, cost_eur: &str) {
        let tokens = json!({ "input": 100, "cache_read": 40, "output": 20 });
        let more = json!({ "cost_eur": cost_eur, "tokens": tokens });
        self.usage_of("openai", "gpt-5", (days_ago, time_of_day), user, more);
    }

    pub fn usage_of(
        &mut self,
        provider: &str,
        model: &str,
        (days_ago, time_of_day): (u32, &str),
        user: &str,
        mut data: Value,
    ) {
        (data["provider"], data["model"]) = (provider.into(), model.into());
        if let Some(customer) = customer_of(user) {
            data["customer"] = customer.into();
        }
        self.tell(days_ago, time_of_day, "llm.usage", Some(user), &data);
    }

    pub fn registered(&mut self, days_ago: u32, time_of_day: &str, user: &str) {
        let data = customer_of(user).map_or(json!({}), |customer| json!({ "customer": customer }));
        self.tell(days_ago, time_of_day, "user.registered", Some(user), &data);
    }

    /// An attempt to pay; `more` says why it failed, or that it was not the first.
    pub fn payment(
        &mut self,
        (days_ago, time_of_day): (u32, &str),
        customer: &str,
        (method, outcome, amount): (&str, &str, &str),
        more: &Value,
    ) {
        let mut data =
            json!({ "customer": customer, "method": method, "outcome": outcome, "amount": amount });
        for (key, value) in more.as_object().unwrap() {
            data[key] = value.clone();
        }
        self.tell(days_ago, time_of_day, "payment.attempt", None, &data);
    }

    /// A state of the only invoice of a customer's subscription, issued so many days ago; it is paid
    /// or given up when it is told.
    pub fn invoice(
        &mut self,
        (days_ago, time_of_day): (u32, &str),
        customer: &str,
        status: &str,
        amount: &str,
        issued_at: Timestamp,
    ) {
        let told_at = self.at(days_ago, time_of_day);
        let mut data = json!({
            "id": format!("in-{customer}-{issued_at}"), "customer": customer, "status": status,
            "subscription": format!("sub-{customer}"), "amount": amount, "issued_at": issued_at,
            "effective_at": told_at,
        });
        if status == "paid" {
            data["paid_at"] = json!(told_at);
        }
        self.tell(days_ago, time_of_day, "invoice", None, &data);
    }

    /// Where the last thirty days begin: the first instant of the longest window.
    pub fn start(&self) -> Timestamp {
        self.at(30, "10:00")
    }

    /// When the events of a day are sent.
    pub fn end_of_day(&self, days_ago: u32) -> Timestamp {
        self.at(days_ago, "23:59").min(self.today)
    }

    /// What happened before the last thirty days, one event a line, in no order of time.
    pub fn lines_to_import(&self) -> String {
        let old = self.events.iter().filter(|(days_ago, time, _)| self.is_imported(*days_ago, *time));
        let lines: Vec<String> = old.map(|(.., event)| event.to_string()).collect();
        lines.join("\n")
    }

    /// The events of the last thirty days by the day on which they are sent.
    pub fn days(&self) -> Vec<(u32, Vec<Value>)> {
        let mut days: BTreeMap<u32, Vec<Value>> = BTreeMap::new();
        for (days_ago, time, event) in &self.events {
            if !self.is_imported(*days_ago, *time) {
                days.entry(*days_ago).or_default().push(event.clone());
            }
        }
        days.into_iter().rev().collect()
    }

    /// Every event in the order in which it happened, with its time.
    pub fn in_order(&self) -> Vec<(Value, Timestamp)> {
        let mut events: Vec<_> = self.events.iter().map(|(_, time, event)| (event.clone(), *time)).collect();
        events.sort_by_key(|(_, time)| *time);
        events
    }

    pub fn len(&self) -> usize {
        self.events.len()
    }

    fn is_imported(&self, sent_days_ago: u32, time: Timestamp) -> bool {
        sent_days_ago >= 30 && time < self.start()
    }
}

/// The bakery pays for bakery-1; nobody pays for visitors and staff.
fn customer_of(user: &str) -> Option<&str> {
    let (customer, _) = user.rsplit_once('-')?;
    (customer != "visitor" && customer != "staff").then_some(customer)
}
