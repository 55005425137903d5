//! A customer, and how its subscription is told.

use pratiko_domain::event::{Body, PaymentMethod, SubscriptionChanged, SubscriptionStatus};
use pratiko_domain::time::{Date, Timestamp};

use super::calls::Caller;
use super::plan::Plan;

/// A customer with its one subscription.
#[derive(Debug, Clone)]
pub(super) struct Customer {
    pub number: u64,
    pub plan: Plan,
    pub is_yearly: bool,
    pub method: PaymentMethod,
    /// When it came.
    pub joined: Timestamp,
    /// When it came before the company's story begins.
    pub started_at: Option<Timestamp>,
    pub status: SubscriptionStatus,
    /// When its trial ends or ended.
    pub trial_end: Option<Timestamp>,
    /// When it is set to leave.
    pub cancel_at: Option<Timestamp>,
    /// From when its billing periods are counted.
    pub anchor: Timestamp,
    /// How many periods have begun since.
    pub periods: i64,
}

impl Customer {
    pub fn id(&self) -> String {
        format!("customer-{}", self.number)
    }

    /// Whether its users can use the product.
    pub fn is_there(&self) -> bool {
        self.status != SubscriptionStatus::Canceled
    }

    pub fn callers(&self) -> impl Iterator<Item = Caller> + use<> {
        let (customer, plan) = (self.number, self.plan);
        (0..plan.seats()).map(move |seat| Caller { customer, seat, plan })
    }

    /// The id and the content of an event that tells how the subscription has been since `at`.
    pub fn state(&self, at: Timestamp) -> (String, Body) {
        let id = format!("subscription-{}", self.number);
        let change = SubscriptionChanged {
            trial_end: self.trial_end,
            cancel_at: self.cancel_at,
            started_at: self.started_at,
            billing_anchor: Some(self.anchor),
            ..SubscriptionChanged::new(&id, self.id(), self.plan.item(self.is_yearly), self.status, at)
        };
        (format!("{id}:{}", at.micros()), Body::SubscriptionChanged(change))
    }

    /// When its period of this number begins.
    pub fn due(&self, period: i64) -> Timestamp {
        let months = if self.is_yearly { 12 } else { 1 };
        let date: Date = self.anchor.utc_date().plus_months(months * period);
        let of_day = self.anchor.micros_of_day();
        Timestamp::from_micros(Timestamp::from_date(date).micros() + of_day)
    }
}
