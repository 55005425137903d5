//! Figures that are computed in this process.

use std::sync::Arc;
use std::time::Duration;

use pratiko_domain::event::{Body, Event, Invalid};
use pratiko_domain::plan::PlanSlot;
use pratiko_domain::time::{Clock, Timestamp};

use super::customers::CustomerTotals;
use super::facts::{LlmFact, PlanName, RecordError};
use super::payments::Payments;
use crate::business::{AccountSettings, Accounts, Usage};
use crate::registry::Source;

/// How far in the future the time of an event may lie, as by default in a ledger.
const MAX_EVENT_FUTURE: Duration = Duration::from_secs(5 * 60);

/// Figures that are computed in this process.
#[derive(Debug)]
pub(super) struct Here {
    accounts: Accounts,
    payments: Payments,
    customers: CustomerTotals,
}

impl Here {
    pub fn new(settings: AccountSettings, clock: Arc<dyn Clock>) -> Self {
        let accounts = Accounts::new(settings, clock);
        Self { customers: CustomerTotals::new(accounts.clone()), payments: Payments::new(), accounts }
    }

    pub fn sources(&self) -> Vec<Arc<dyn Source>> {
        let accounts: Arc<dyn Source> = Arc::new(self.accounts.clone());
        let totals = self.payments.sources().into_iter().chain(self.customers.sources());
        std::iter::once(accounts).chain(totals).collect()
    }

    pub fn plan(&self, name: &str) -> PlanName {
        if name.is_empty() {
            return PlanName::new(name, PlanSlot::RESERVED[usize::from(PlanSlot::NONE.0)], None);
        }
        let slot = self.accounts.plan(name);
        PlanName::new(name, self.accounts.plan_name(slot), Some(slot))
    }

    /// The name of the plan that it counts under.
    #[inline]
    pub fn llm(&self, fact: &LlmFact<'_>) -> &str {
        let usage = Usage {
            user: fact.user,
            customer: fact.customer,
            plan: fact.plan.slot(),
            llm: fact.cost.unwrap_or_default(),
            is_activity: fact.user.is_some(),
            ..Usage::default()
        };
        let at = fact.at.unwrap_or_else(|| self.accounts.now());
        self.accounts.plan_name(self.accounts.record(&usage, at))
    }

    pub fn now(&self) -> Timestamp {
        self.accounts.now()
    }

    pub fn record(&self, time: Timestamp, subject: Option<&str>, body: Body) -> Result<(), RecordError> {
        self.event(&self.checked(time, subject, body)?)
    }

    /// A fact as an event that makes sense.
    pub fn checked(&self, time: Timestamp, subject: Option<&str>, body: Body) -> Result<Event, RecordError> {
        // Neither is kept: they are there to be checked like any other event's.
        let (source, id) = ("application".to_owned(), "now".to_owned());
        let event = Event { source, id, time, subject: subject.map(str::to_owned), body };
        event.validate()?;
        // What is told now counts now, also where it happened in a quarter-hour that is over.
        if time > self.accounts.keep_time().plus(MAX_EVENT_FUTURE) {
            return Err(
                Invalid { field: "time", reason: "must be at most five minutes in the future" }.into()
            );
        }
        Ok(event)
    }

    fn event(&self, event: &Event) -> Result<(), RecordError> {
        let plan = event.body.plan().map(|name| self.accounts.plan(name));
        let usage = Usage {
            user: event.subject.as_deref(),
            customer: event.body.customer(),
            plan,
            ..Usage::default()
        };
        let accounts = &self.accounts;
        match &event.body {
            Body::OtherCost(cost) => {
                accounts.record(&Usage { other: cost.cost_eur, ..usage }, event.time);
            }
            Body::UserRegistered(_) => {
                let plan = accounts.record(&usage, event.time);
                self.customers.signed_up(accounts.plan_name(plan));
            }
            Body::UserActive(_) => {
                accounts.record(&Usage { is_activity: true, ..usage }, event.time);
            }
            Body::SubscriptionChanged(change) => accounts.subscription_changed(change, self.now())?,
            Body::Invoice(invoice) => accounts.invoice_changed(invoice, self.now())?,
            Body::PaymentAttempt(attempt) => {
                accounts.payment_attempted(attempt, event.time)?;
                self.payments.attempt(attempt);
            }
            Body::Refund(refund) => self.payments.refund(refund),
            Body::Dispute(dispute) => self.payments.dispute(dispute),
            // Calls to models have a recorder of their own, and credits are in no figure.
            Body::LlmUsage(_) | Body::Credit(_) => {}
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::business::testing::{at, cost};
    use pratiko_domain::event::{OtherCost, PaymentAttempt, PaymentMethod, PaymentOutcome, UserActive};
    use pratiko_domain::money::Money;
    use pratiko_domain::time::{ManualClock, Window};

    const NOON: &str = "2026-03-01T12:00:00Z";

    fn here_at(now: &str) -> (Here, Arc<ManualClock>) {
        let clock = Arc::new(ManualClock::at(at(now)));
        (Here::new(AccountSettings::default(), Arc::<ManualClock>::clone(&clock)), clock)
    }

    fn hosting(cents: i64) -> Body {
        Body::OtherCost(OtherCost::new("hosting", Money::from_cents(cents)))
    }

    fn payment() -> Body {
        let amount = Money::from_units(10);
        Body::PaymentAttempt(PaymentAttempt::new(PaymentMethod::Card, PaymentOutcome::Succeeded, amount))
    }

    #[test]
    fn a_fact_more_than_five_minutes_in_the_future_is_refused_as_in_a_ledger() {
        let (here, _) = here_at(NOON);
        for body in [hosting(1), payment()] {
            assert_eq!(here.record(at("2026-03-01T12:05:00Z"), Some("u-1"), body.clone()), Ok(()));
            let refused = here.record(at("2026-03-01T12:05:00.001Z"), Some("u-1"), body).unwrap_err();
            assert!(matches!(refused, RecordError::Invalid(Invalid { field: "time", .. })), "{refused}");
        }
    }

    #[test]
    fn cost_counts_when_it_is_told_and_activity_and_payments_when_they_happened() {
        let (here, clock) = here_at(NOON);
        clock.set(at("2026-03-01T14:00:00Z"));
        for body in [hosting(7), Body::UserActive(UserActive::default()), payment()] {
            here.record(at(NOON), Some("u-1"), body).unwrap();
        }
        let figures = here.accounts.figures(at("2026-03-01T14:59:00Z"));
        assert_eq!(cost(&figures, Window::Hour), Money::from_cents(7));
        assert_eq!(figures.payments[0].attempts.success_ratio(), None);
        assert_eq!(figures.payments[1].attempts.success_ratio(), Some(1.0));
        let figures = here.accounts.figures(at("2026-03-02T12:15:00Z"));
        assert_eq!(cost(&figures, Window::Day), Money::from_cents(7));
        assert_eq!(figures.costs.plans[0].active, [0, 1, 1]);
    }
}
