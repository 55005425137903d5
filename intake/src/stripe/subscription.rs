//! Subscriptions.

use pratiko_domain::currency::EURO;
use pratiko_domain::event::{
    Body, Discount, Event, Interval, KnownBy, Percent, SubscriptionChanged, SubscriptionItem,
    SubscriptionStatus, UsageType,
};
use pratiko_domain::money::Money;
use pratiko_domain::time::Timestamp;
use serde::Deserialize;
use serde::de::IgnoredAny;

use super::coupon::{DiscountObject, discount};
use super::field::{Expandable, Id, Instant, List};
use super::item::{ItemObject, PriceObject};
use super::minor_units::currency;
use super::naming::{event, state_event};
use super::notice::Gaps;
use super::policy::Policy;
use super::tax::{self, TaxRateObject};

/// A subscription.
#[derive(Debug, Deserialize)]
pub struct SubscriptionObject {
    id: String,
    customer: Id,
    status: StatusName,
    created: Instant,
    /// In which all its items are charged.
    #[serde(default)]
    currency: Option<String>,
    #[serde(default)]
    trial_start: Option<Instant>,
    #[serde(default)]
    trial_end: Option<Instant>,
    #[serde(default)]
    cancel_at: Option<Instant>,
    #[serde(default)]
    cancel_at_period_end: Option<bool>,
    #[serde(default)]
    canceled_at: Option<Instant>,
    #[serde(default)]
    ended_at: Option<Instant>,
    #[serde(default)]
    cancellation_details: Option<CancellationDetails>,
    #[serde(default)]
    pause_collection: Option<IgnoredAny>,
    #[serde(default)]
    billing_cycle_anchor: Option<Instant>,
    /// Until 2025-03-31; since then each item has its own.
    #[serde(default)]
    current_period_start: Option<Instant>,
    #[serde(default)]
    current_period_end: Option<Instant>,
    #[serde(default)]
    discount: Option<Expandable<DiscountObject>>,
    #[serde(default)]
    discounts: Option<Vec<Expandable<DiscountObject>>>,
    #[serde(default)]
    items: Option<List<ItemObject>>,
    /// Of subscriptions to one thing, in old versions.
    #[serde(default)]
    plan: Option<Expandable<PriceObject>>,
    #[serde(default)]
    quantity: Option<u64>,
    #[serde(default)]
    default_tax_rates: Option<Vec<Expandable<TaxRateObject>>>,
    #[serde(default)]
    pub livemode: Option<bool>,
}

#[derive(Debug, Deserialize)]
struct CancellationDetails {
    #[serde(default)]
    reason: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum StatusName {
    Trialing,
    Active,
    PastDue,
    Unpaid,
    Paused,
    Incomplete,
    IncompleteExpired,
    Canceled,
}

/// Among states that began in the same second, the one that comes later in a subscription's life
/// holds, and what was seen holds before what was told.
mod version {
    use pratiko_domain::event::SubscriptionStatus;

    pub const CREATED: u64 = 0;
    pub const SEEN: u64 = 50;
    pub const ENDED: u64 = 100;

    pub fn of(status: SubscriptionStatus) -> u64 {
        match status {
            SubscriptionStatus::Incomplete => 1,
            SubscriptionStatus::Trialing => 2,
            SubscriptionStatus::Paused => 3,
            SubscriptionStatus::Active => 4,
            SubscriptionStatus::PastDue => 5,
            SubscriptionStatus::Unpaid => 6,
            SubscriptionStatus::Canceled => ENDED,
        }
    }
}

impl SubscriptionObject {
    /// In the newer form: what it is for as a list of items.
    pub fn normalized(mut self) -> Self {
        let items = self.items.get_or_insert_with(|| List { data: Vec::new() });
        if let (true, Some(plan)) = (items.data.is_empty(), self.plan.take()) {
            items.data.push(ItemObject::of_plan(plan, self.quantity));
        }
        self
    }

    /// How it stands since `told_at`, when a webhook said so. `is_new` if the webhook says that it
    /// was created.
    pub fn told(&self, told_at: Timestamp, is_new: bool, policy: &Policy, gaps: &mut Gaps) -> Event {
        let mut state = self.state(policy, gaps);
        if state.status == SubscriptionStatus::Canceled {
            return self.ended(state, told_at);
        }
        let created = self.created.0;
        state.effective_at = if is_new { created } else { told_at.max(created) };
        state.version = if is_new { version::CREATED } else { version::of(state.status) };
        state.started_at = (created < state.effective_at).then_some(created);
        self.state_event(state)
    }

    /// How it stood when somebody looked, at `seen_at`, and what follows for the time before: from
    /// `reach` on, or from its beginning. What it cost and whether it was paid in between cannot be
    /// told: it is taken to have been as it is now.
    pub fn seen(
        &self,
        seen_at: Timestamp,
        reach: Option<Timestamp>,
        policy: &Policy,
        gaps: &mut Gaps,
    ) -> Vec<Event> {
        let state = self.state(policy, gaps);
        let until = self.end().filter(|_| state.status == SubscriptionStatus::Canceled);
        if until.is_some_and(|end| reach.is_some_and(|reach| end < reach)) {
            return Vec::new();
        }
        let from = self.created.0.max(reach.unwrap_or(Timestamp::MIN));
        let mut events = Vec::new();
        for (at, status) in self.life(state.status, from, until.unwrap_or(seen_at)) {
            let mut before = SubscriptionChanged { status, ..state.clone() };
            before.effective_at = at;
            before.known_by = KnownBy::Inferred;
            before.cancel_at = None;
            before.started_at = (self.created.0 < at).then_some(self.created.0);
            let id = format!("subscription:{}:inferred:{}", self.id, events.len());
            events.push(event(id, at, Body::SubscriptionChanged(before)));
        }
        if state.status == SubscriptionStatus::Canceled {
            events.push(self.ended(state, seen_at));
        } else {
            let mut now = state;
            now.effective_at = seen_at.max(self.created.0);
            now.version = version::SEEN;
            now.known_by = KnownBy::Seen;
            now.started_at = (self.created.0 < now.effective_at).then_some(self.created.0);
            events.push(self.state_event(now));
        }
        events
    }

    /// What statuses it must have been in, given the one it is in now, between two instants.
    fn life(
        &self,
        status: SubscriptionStatus,
        from: Timestamp,
        until: Timestamp,
    ) -> Vec<(Timestamp, SubscriptionStatus)> {
        use SubscriptionStatus::{Active, Incomplete, PastDue, Paused, Trialing, Unpaid};
        let trial_end = self.trial_end.map(|Instant(end)| end);
        let trial = self.trial_start.or(Some(self.created)).map(|Instant(start)| start).zip(trial_end);
        let period_start = self.period_start().filter(|start| *start > self.created.0);
        // In order; a later one at the same instant replaces the one before.
        let mut stages = Vec::new();
        if let Some((start, _)) = trial {
            stages.push((start, Trialing));
        }
        let after_trial = trial_end.unwrap_or(self.created.0);
        match self.status {
            StatusName::Incomplete => stages.push((self.created.0, Incomplete)),
            StatusName::Paused => stages.push((after_trial, Paused)),
            StatusName::IncompleteExpired | StatusName::Trialing => {}
            StatusName::Active | StatusName::PastDue | StatusName::Unpaid | StatusName::Canceled => {
                stages.push((after_trial, Active));
                let is_unpaid_for = matches!(status, PastDue | Unpaid) || self.ended_by_failed_payment();
                if let Some(start) = period_start.filter(|start| is_unpaid_for && *start >= after_trial) {
                    stages.push((start, PastDue));
                }
            }
        }
        // What began before is as it was at `from`.
        let mut life: Vec<(Timestamp, SubscriptionStatus)> = Vec::new();
        for (at, status) in stages.into_iter().filter(|(at, _)| *at < until) {
            let at = at.max(from);
            life.retain(|(before, _)| *before < at);
            life.push((at, status));
        }
        life.retain(|(at, _)| *at < until);
        life
    }

    fn ended_by_failed_payment(&self) -> bool {
        let details = self.cancellation_details.as_ref();
        details.and_then(|details| details.reason.as_deref()) == Some("payment_failed")
    }

    /// That it ended: at one instant, whoever says so and whenever.
    fn ended(&self, state: SubscriptionChanged, otherwise: Timestamp) -> Event {
        let mut ended = state;
        ended.effective_at = self.end().unwrap_or(otherwise);
        ended.version = version::ENDED;
        ended.discounts.clear();
        ended.discounts_unknown = false;
        ended.trial_end = None;
        ended.cancel_at = None;
        ended.started_at = (self.created.0 < ended.effective_at).then_some(self.created.0);
        self.state_event(ended)
    }

    fn end(&self) -> Option<Timestamp> {
        self.ended_at.or(self.canceled_at).map(|Instant(end)| end)
    }

    fn state_event(&self, state: SubscriptionChanged) -> Event {
        let at = state.effective_at;
        let seconds = at.micros().div_euclid(1_000_000);
        state_event(&format!("subscription:{}:{seconds}", self.id), at, Body::SubscriptionChanged(state))
    }

    /// How it stands, since no instant in particular. Where of nothing that it is for the price can be
    /// told, it is for that at no price: what it cost before must not go on for ever.
    fn state(&self, policy: &Policy, gaps: &mut Gaps) -> SubscriptionChanged {
        let rates = self.default_tax_rates.as_deref().unwrap_or_default();
        let mut items = Vec::new();
        let mut discounts = Vec::new();
        let mut first_tax = None;
        let mut unknown = 0;
        for object in self.items.iter().flat_map(|items| &items.data) {
            match object.to_item(policy, rates, self.currency.as_deref()) {
                Some(item) => {
                    // What is metered counts nothing, and what is taken off it neither.
                    let is_licensed = item.usage_type == UsageType::Licensed;
                    let tax = object.tax_within(policy, rates);
                    first_tax = first_tax.or(is_licensed.then_some(tax));
                    for off in object.discounts.iter().flatten().filter(|_| is_licensed) {
                        let period_end = object.period_end().or(self.period_end());
                        match discount(off, policy.coupons, &item.currency, period_end) {
                            Ok(Some(off)) => discounts.push((items.len(), without_tax(off, tax))),
                            Ok(None) => {}
                            Err(_) => unknown += 1,
                        }
                    }
                    items.push(item);
                }
                None => gaps.prices += 1,
            }
        }
        if items.is_empty() {
            items = self.items_at_no_price(policy);
        }
        let first = &items[0];
        let mut all = Vec::new();
        for (item, off) in discounts {
            match of_whole(&items, item, off) {
                Some(off) => all.push(off),
                None => unknown += 1,
            }
        }
        for off in self.discounts() {
            match discount(off, policy.coupons, &first.currency, self.period_end()) {
                Ok(off) => all.extend(off.map(|off| without_tax(off, first_tax.unwrap_or_default()))),
                Err(_) => unknown += 1,
            }
        }
        gaps.discounts += unknown;
        if unknown > 0 {
            all.clear();
        }
        SubscriptionChanged {
            id: self.id.clone(),
            customer: self.customer.0.clone(),
            discounts: all,
            discounts_unknown: unknown > 0,
            status: self.status(),
            trial_end: self.trial_end.map(|Instant(end)| end),
            cancel_at: self.cancel_at(),
            started_at: None,
            billing_anchor: self.billing_cycle_anchor.map(|Instant(anchor)| anchor),
            effective_at: self.created.0,
            version: 0,
            known_by: KnownBy::Told,
            live: true,
            items,
        }
    }

    /// What it is for where no price can be told; never nothing.
    fn items_at_no_price(&self, policy: &Policy) -> Vec<SubscriptionItem> {
        let code = self.currency.as_deref().map_or_else(|| EURO.to_owned(), currency);
        let objects = self.items.iter().flat_map(|items| &items.data);
        let items: Vec<SubscriptionItem> = objects.map(|object| object.at_no_price(&code, policy)).collect();
        if items.is_empty() { vec![ItemObject::default().at_no_price(&code, policy)] } else { items }
    }

    /// Both the old field and the new one, of which old versions fill both with the same.
    fn discounts(&self) -> &[Expandable<DiscountObject>] {
        let all = self.discounts.as_deref().unwrap_or_default();
        let is_known = |given: &Expandable<DiscountObject>| given.object().is_some();
        match &self.discount {
            Some(one) if !all.iter().any(is_known) => std::slice::from_ref(one),
            _ => all,
        }
    }

    fn status(&self) -> SubscriptionStatus {
        let status = match self.status {
            StatusName::Trialing => SubscriptionStatus::Trialing,
            StatusName::Active => SubscriptionStatus::Active,
            StatusName::PastDue => SubscriptionStatus::PastDue,
            StatusName::Unpaid => SubscriptionStatus::Unpaid,
            StatusName::Paused => SubscriptionStatus::Paused,
            StatusName::Incomplete => SubscriptionStatus::Incomplete,
            StatusName::IncompleteExpired | StatusName::Canceled => SubscriptionStatus::Canceled,
        };
        // While its invoices are not collected it is active in name only.
        if self.pause_collection.is_some() && status.earns() { SubscriptionStatus::Paused } else { status }
    }

    fn cancel_at(&self) -> Option<Timestamp> {
        let at_period_end = self.cancel_at_period_end.unwrap_or(false).then(|| self.period_end()).flatten();
        self.cancel_at.map(|Instant(at)| at).or(at_period_end)
    }

    fn period_start(&self) -> Option<Timestamp> {
        let of_items = self.items.iter().flat_map(|items| &items.data);
        let latest = of_items.filter_map(|item| item.current_period_start).max();
        self.current_period_start.or(latest).map(|Instant(start)| start)
    }

    fn period_end(&self) -> Option<Timestamp> {
        let of_items = self.items.iter().flat_map(|items| &items.data);
        let latest = of_items.filter_map(|item| item.current_period_end).max();
        self.current_period_end.or(latest).map(|Instant(end)| end)
    }
}

/// What a discount takes off prices that had so many percent of tax within them, as it takes it off the
/// prices without: an amount that Stripe takes off holds the tax too.
fn without_tax(mut off: Discount, percent: Money) -> Discount {
    off.amount_off = off.amount_off.map(|amount| tax::without(amount, percent));
    off
}

/// A discount of one item as one of the whole subscription, which is all that our events know; `None`
/// for a percentage of an item that is billed in another rhythm than the first.
fn of_whole(items: &[SubscriptionItem], position: usize, off: Discount) -> Option<Discount> {
    let licensed: Vec<&SubscriptionItem> =
        items.iter().filter(|item| item.usage_type == UsageType::Licensed).collect();
    let item = items.get(position)?;
    match off.percent_off {
        Some(percent) if licensed.len() > 1 => {
            let rhythm =
                |item: &SubscriptionItem| -> (Interval, u32) { (item.interval, item.interval_count) };
            let is_in_step = licensed.iter().all(|other| rhythm(other) == rhythm(item));
            let amount = item.unit_amount * i128::from(item.quantity);
            let taken: Money = amount - amount.scaled(percent.left(), Percent::WHOLE);
            is_in_step.then_some(Discount { percent_off: None, amount_off: Some(taken), ..off })
        }
        _ => Some(off),
    }
}
