//! Subscriptions and invoices for the tests beside this file.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

use crate::currency::{Rate, Rates};
use crate::event::{
    Discount, Interval, Invoice, InvoiceStatus, KnownBy, Percent, SubscriptionChanged, SubscriptionItem,
    SubscriptionStatus, UsageType,
};
use crate::money::Money;
use crate::plan::PlanSlot;
use crate::time::{Date, Timestamp, UtcZone, Zone};

use super::{CustomerHistory, Movement, RevenuePolicy, Standing, SubscriptionState, Valuation};

/// The first plan.
pub const BASIC: PlanSlot = PlanSlot(4);
/// The second plan.
pub const PRO: PlanSlot = PlanSlot(5);

/// An instant, from `2026-01-31` (its midnight) or from a full RFC 3339 text.
pub fn at(text: &str) -> Timestamp {
    let time = if text.contains('T') { "" } else { "T00:00:00Z" };
    format!("{text}{time}").parse().unwrap()
}

/// Midnight of a day in January 2026, or after it: 32 is 1 February.
pub fn day(number: i64) -> Timestamp {
    Timestamp::from_seconds(at("2026-01-01").micros() / 1_000_000 + (number - 1) * 86_400)
}

/// One of something that costs this many cents per period.
pub fn item(cents: i64, quantity: u64, interval: Interval) -> SubscriptionItem {
    SubscriptionItem {
        price: None,
        plan: None,
        quantity,
        unit_amount: Money::from_cents(cents),
        currency: "EUR".into(),
        interval,
        interval_count: 1,
        usage_type: UsageType::Licensed,
    }
}

/// A percentage off.
pub fn percent_off(percent: i64) -> Discount {
    Discount { percent_off: Some(Percent::new(percent)), amount_off: None, ends_at: None }
}

/// An amount off, per billing period.
pub fn amount_off(cents: i64) -> Discount {
    Discount { percent_off: None, amount_off: Some(Money::from_cents(cents)), ends_at: None }
}

/// A subscription `id` that is active from an instant on, and costs nothing yet.
pub fn state(id: &str, from: Timestamp) -> SubscriptionState {
    let change = SubscriptionChanged {
        id: id.into(),
        customer: "cus_1".into(),
        items: Vec::new(),
        discounts: Vec::new(),
        discounts_unknown: false,
        status: SubscriptionStatus::Active,
        trial_end: None,
        cancel_at: None,
        started_at: None,
        billing_anchor: None,
        effective_at: from,
        version: 0,
        known_by: KnownBy::Told,
        live: true,
    };
    SubscriptionState { event_id: format!("{id} {from}"), change, plans: Vec::new() }
}

impl SubscriptionState {
    /// With one more item, at this many euro a month.
    pub(super) fn costs(self, plan: PlanSlot, euro: i64) -> Self {
        self.with(plan, item(euro * 100, 1, Interval::Month))
    }

    /// With one more item.
    pub(super) fn with(mut self, plan: PlanSlot, item: SubscriptionItem) -> Self {
        self.change.items.push(item);
        self.plans.push(plan);
        self
    }

    /// In another status.
    pub(super) fn is(mut self, status: SubscriptionStatus) -> Self {
        self.change.status = status;
        self
    }

    /// With one more discount.
    pub(super) fn discount(mut self, discount: Discount) -> Self {
        self.change.discounts.push(discount);
        self
    }

    /// Set to end.
    pub(super) fn ends(mut self, at: Timestamp) -> Self {
        self.change.cancel_at = Some(at);
        self
    }

    /// Begun before it was first known.
    pub(super) fn started(mut self, at: Timestamp) -> Self {
        self.change.started_at = Some(at);
        self
    }

    /// With billing periods counted from an instant.
    pub(super) fn billed_from(mut self, at: Timestamp) -> Self {
        self.change.billing_anchor = Some(at);
        self
    }

    /// With a version.
    pub(super) fn version(mut self, version: u64) -> Self {
        self.change.version = version;
        self.event_id = format!("{} {version}", self.event_id);
        self
    }
}

/// A customer without invoices.
pub fn customer(states: impl IntoIterator<Item = SubscriptionState>) -> CustomerHistory {
    CustomerHistory::new(states.into_iter().collect(), Vec::new())
}

/// An open invoice over €25 for `sub_1`, issued at an instant.
pub fn invoice(id: &str, issued_at: Timestamp) -> Invoice {
    Invoice {
        id: id.into(),
        customer: "cus_1".into(),
        subscription: Some("sub_1".into()),
        status: InvoiceStatus::Open,
        amount: Money::from_units(25),
        currency: "EUR".into(),
        issued_at,
        paid_at: None,
        effective_at: issued_at,
        version: 0,
        live: true,
    }
}

impl Invoice {
    /// Paid at an instant.
    pub(super) fn paid(self, at: Timestamp) -> Self {
        Self { status: InvoiceStatus::Paid, paid_at: Some(at), effective_at: at, ..self }
    }

    /// In another state from an instant on.
    pub(super) fn becomes(self, status: InvoiceStatus, at: Timestamp) -> Self {
        Self { status, effective_at: at, ..self }
    }
}

/// How the customer stands under the default policy, where no rates are known.
pub fn standing(history: &CustomerHistory, now: Timestamp) -> Standing {
    Standing::of(history, now, RevenuePolicy::default(), euro_only())
}

/// Every movement, where no rates are known.
pub fn movements(history: &CustomerHistory, until: Timestamp) -> Vec<Movement> {
    super::movement::moves(history, Timestamp::MIN, until, euro_only()).movements
}

/// A valuation without rates.
pub fn euro_only() -> Valuation<'static> {
    static NO_RATES: Rates = Rates::none();
    Valuation { rates: &NO_RATES, zone: &UtcZone }
}

/// Rates of the dollar: of Thursday 5, Friday 6 and Monday 9 March 2026.
pub fn dollars() -> Rates {
    let mut rates = Rates::default();
    for (day, rate) in [(5, "1.25"), (6, "1.6"), (9, "2")] {
        rates.insert(Date { year: 2026, month: 3, day }, "USD", rate.parse().unwrap()).unwrap();
    }
    rates
}

/// Central European time in the year 2026.
pub struct Rome;

impl Rome {
    fn offset(at: Timestamp) -> i64 {
        let is_summer = self::at("2026-03-29T01:00:00Z") <= at && at < self::at("2026-10-25T01:00:00Z");
        (1 + i64::from(is_summer)) * 3_600_000_000
    }
}

impl Zone for Rome {
    fn date_of(&self, instant: Timestamp) -> Date {
        Timestamp::from_micros(instant.micros() + Self::offset(instant)).utc_date()
    }

    fn start_of_day(&self, date: Date) -> Timestamp {
        // The clocks change at two or three in the morning.
        let midnight = Timestamp::from_date(date).micros();
        Timestamp::from_micros(midnight - Self::offset(Timestamp::from_micros(midnight - 7_200_000_000)))
    }
}

/// Rates of up to three currencies on some days from shortly before the first instants on.
pub fn any_rates() -> impl Strategy<Value = Rates> {
    let one = (select(vec!["USD", "GBP", "JPY"]), -5_i64..82, 1_i64..200);
    vec(one, 0..90).prop_map(|told| {
        let mut rates = Rates::default();
        for (currency, number, hundredths) in told {
            let rate = Rate::from_nanos(hundredths * 10_000_000).unwrap();
            // Of two for one day the first is kept.
            let _ = rates.insert(day(number).utc_date(), currency, rate);
        }
        rates
    })
}

/// The movements as text: the day of 2026 counted from 1, the kind, and each plan's part.
pub fn told(movements: &[Movement]) -> Vec<String> {
    let plan = |slot: PlanSlot| if slot == BASIC { "basic" } else { "pro" };
    let tell = |movement: &Movement| {
        let day = movement.at.since(day(1)).as_secs() / 86_400 + 1;
        let parts: Vec<String> =
            movement.parts.iter().map(|(slot, amount)| format!("{} {amount}", plan(*slot))).collect();
        format!("{day} {}: {}", movement.kind.name(), parts.join(", "))
    };
    movements.iter().map(tell).collect()
}

/// An instant of the first 80 days of 2026, of so few that several things often share one.
pub fn any_instant() -> impl Strategy<Value = Timestamp> {
    (0_i64..54).prop_map(|number| Timestamp::from_seconds(day(1).micros() / 1_000_000 + number * 129_600))
}

/// Any interval.
pub fn any_interval() -> impl Strategy<Value = Interval> {
    select(vec![Interval::Day, Interval::Week, Interval::Month, Interval::Year])
}

/// A discount that may end.
pub fn any_discount() -> impl Strategy<Value = Discount> {
    let size = prop_oneof![(0_i64..=100).prop_map(percent_off), (0_i64..6000).prop_map(amount_off)];
    (size, option::of(any_instant())).prop_map(|(discount, ends_at)| Discount { ends_at, ..discount })
}

/// An item and its plan, of four.
pub fn any_item() -> impl Strategy<Value = (PlanSlot, SubscriptionItem)> {
    let usage =
        select(vec![UsageType::Licensed, UsageType::Licensed, UsageType::Licensed, UsageType::Metered]);
    (4_u16..8, 0_i64..10_000, 1_u64..5, any_interval(), 1_u32..4, usage).prop_map(
        |(plan, cents, quantity, interval, interval_count, usage_type)| {
            (
                PlanSlot(plan),
                SubscriptionItem { interval_count, usage_type, ..item(cents, quantity, interval) },
            )
        },
    )
}

fn any_state() -> impl Strategy<Value = SubscriptionState> {
    let status =
        prop_oneof![3 => Just(SubscriptionStatus::Active), 4 => select(SubscriptionStatus::ALL.to_vec())];
    let instants = (option::of(any_instant()), option::of(any_instant()), option::of(any_instant()));
    let subscription = select(vec!["sub_1", "sub_2", "sub_3"]);
    let currency = prop_oneof![5 => Just("EUR"), 4 => select(vec!["USD", "GBP", "JPY"])];
    let worth = (vec(any_item(), 1..4), vec(any_discount(), 0..3), currency);
    (subscription, any_instant(), 0_u64..3, status, worth, instants).prop_map(
        |(id, from, version, status, (items, discounts, currency), (end, start, anchor))| {
            let mut state = state(id, from).is(status).version(version);
            state.change.discounts = discounts;
            state.change.cancel_at = end;
            state.change.started_at = start;
            state.change.billing_anchor = anchor;
            for (plan, mut item) in items {
                item.currency = currency.into();
                state = state.with(plan, item);
            }
            state
        },
    )
}

/// The states of up to three subscriptions of one customer, in no order.
pub fn any_states() -> impl Strategy<Value = Vec<SubscriptionState>> {
    vec(any_state(), 1..12).prop_map(|mut states| {
        for (number, state) in states.iter_mut().enumerate() {
            state.event_id = format!("evt_{number}");
        }
        states
    })
}

/// States of up to three invoices, each with the id of its event, in no order.
pub fn any_invoices() -> impl Strategy<Value = Vec<(String, Invoice)>> {
    let status = select(vec![
        InvoiceStatus::Open,
        InvoiceStatus::Paid,
        InvoiceStatus::Void,
        InvoiceStatus::Uncollectible,
    ]);
    let ids = (select(vec!["in_1", "in_2", "in_3"]), select(vec!["sub_1", "sub_2", "sub_3"]));
    let one = (ids, status, 0_i64..3, any_instant(), any_instant(), any_instant(), 0_u64..3).prop_map(
        |((id, subscription), status, euro, issued_at, paid_at, effective_at, version)| Invoice {
            subscription: Some(subscription.into()),
            status,
            amount: Money::from_units(euro),
            paid_at: (status == InvoiceStatus::Paid).then_some(paid_at),
            effective_at,
            version,
            ..invoice(id, issued_at)
        },
    );
    vec(one, 0..6).prop_map(|invoices| {
        invoices.into_iter().enumerate().map(|(number, invoice)| (format!("evt_{number}"), invoice)).collect()
    })
}

/// A customer with subscriptions and invoices.
pub fn any_customer() -> impl Strategy<Value = CustomerHistory> {
    (any_states(), any_invoices()).prop_map(|(states, invoices)| CustomerHistory::new(states, invoices))
}
