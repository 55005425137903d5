//! What the tests of the accounts share.

use std::sync::Arc;
use std::time::Duration;

use pratiko_domain::event::{
    Interval, Invalid, Invoice, InvoiceStatus, KnownBy, PaymentAttempt, SubscriptionChanged,
    SubscriptionItem, SubscriptionStatus, UsageType,
};
use pratiko_domain::figures::BusinessFigures;
use pratiko_domain::money::Money;
use pratiko_domain::plan::PlanSlot;
use pratiko_domain::time::{Date, ManualClock, Timestamp, Window, Zone};

use super::{AccountSettings, Accounts, Usage};

/// Accounts that are told everything when it happens: their clock is set to the time of it.
pub struct Punctual {
    accounts: Accounts,
    clock: Arc<ManualClock>,
}

impl std::ops::Deref for Punctual {
    type Target = Accounts;

    fn deref(&self) -> &Accounts {
        &self.accounts
    }
}

impl Punctual {
    pub fn record(&self, usage: &Usage<'_>, now: Timestamp) -> PlanSlot {
        self.clock.set(now);
        self.accounts.record(usage, now)
    }

    pub fn subscription_changed(&self, change: &SubscriptionChanged, now: Timestamp) -> Result<(), Invalid> {
        self.clock.set(now);
        self.accounts.subscription_changed(change, now)
    }

    pub fn invoice_changed(&self, invoice: &Invoice, now: Timestamp) -> Result<(), Invalid> {
        self.clock.set(now);
        self.accounts.invoice_changed(invoice, now)
    }

    pub fn payment_attempted(&self, attempt: &PaymentAttempt, now: Timestamp) -> Result<(), Invalid> {
        self.clock.set(now);
        self.accounts.payment_attempted(attempt, now)
    }
}

/// Nepal is 5 h 45 min ahead: its months begin within an hour of UTC.
pub struct Nepal;

const AHEAD: Duration = Duration::from_secs(5 * 3600 + 45 * 60);

impl Zone for Nepal {
    fn date_of(&self, instant: Timestamp) -> Date {
        instant.plus(AHEAD).utc_date()
    }

    fn start_of_day(&self, date: Date) -> Timestamp {
        Timestamp::from_date(date).minus(AHEAD)
    }
}

pub fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// Accounts whose clock stands at `now` until they are told something.
pub fn accounts_at(now: &str, settings: AccountSettings) -> Punctual {
    let clock = Arc::new(ManualClock::at(at(now)));
    Punctual { accounts: Accounts::new(settings, Arc::<ManualClock>::clone(&clock)), clock }
}

/// A call that cost so many cents.
pub fn call(user: &str, cents: i64) -> Usage<'_> {
    Usage { user: Some(user), llm: Money::from_cents(cents), is_activity: true, ..Usage::default() }
}

/// What users without a plan cost in a window.
pub fn cost(figures: &BusinessFigures, window: Window) -> Money {
    figures.costs.plans[0].total(window)
}

/// One of something that costs so many euro a month.
pub fn item(euro: i64) -> SubscriptionItem {
    SubscriptionItem {
        price: None,
        plan: Some("pro".to_owned()),
        quantity: 1,
        unit_amount: Money::from_units(euro),
        currency: "EUR".to_owned(),
        interval: Interval::Month,
        interval_count: 1,
        usage_type: UsageType::Licensed,
    }
}

/// A state of the only subscription of a customer.
pub fn subscription(
    customer: &str,
    euro: i64,
    status: SubscriptionStatus,
    from: Timestamp,
) -> SubscriptionChanged {
    SubscriptionChanged {
        id: format!("sub-{customer}"),
        customer: customer.to_owned(),
        items: vec![item(euro)],
        discounts: Vec::new(),
        discounts_unknown: false,
        status,
        trial_end: None,
        cancel_at: None,
        started_at: None,
        billing_anchor: None,
        effective_at: from,
        version: 0,
        known_by: KnownBy::Told,
        live: true,
    }
}

/// An invoice over €10 that is paid.
pub fn paid_invoice(customer: &str, id: &str, issued_at: Timestamp) -> Invoice {
    Invoice {
        id: id.to_owned(),
        customer: customer.to_owned(),
        subscription: Some(format!("sub-{customer}")),
        status: InvoiceStatus::Paid,
        amount: Money::from_units(10),
        currency: "EUR".to_owned(),
        issued_at,
        paid_at: Some(issued_at),
        effective_at: issued_at,
        version: 0,
        live: true,
    }
}
