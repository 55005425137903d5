//! Figures that are computed in this process.

use std::sync::Arc;

use pratiko_domain::event::{Body, Event};
use pratiko_domain::plan::PlanSlot;
use pratiko_domain::time::{Clock, Timestamp};

use super::customers::CustomerTotals;
use super::facts::{LlmFact, PlanName, RecordError};
use super::payments::Payments;
use crate::business::{AccountSettings, Accounts, Usage};
use crate::registry::Source;

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
        self.accounts.plan_name(self.accounts.record(&usage, self.accounts.now()))
    }

    pub fn now(&self) -> Timestamp {
        self.accounts.now()
    }

    pub fn record(&self, time: Timestamp, subject: Option<&str>, body: Body) -> Result<(), RecordError> {
        // Neither is kept: they are there to be checked like any other event's.
        let (source, id) = ("application".to_owned(), "now".to_owned());
        let event = Event { source, id, time, subject: subject.map(str::to_owned), body };
        event.validate()?;
        self.event(&event)
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
            Body::LlmUsage(call) => {
                let llm = call.cost_eur.unwrap_or_default();
                accounts.record(&Usage { llm, is_activity: usage.user.is_some(), ..usage }, event.time);
            }
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
            Body::SubscriptionChanged(change) => accounts.subscription_changed(change, event.time)?,
            Body::Invoice(invoice) => accounts.invoice_changed(invoice, event.time)?,
            Body::PaymentAttempt(attempt) => {
                accounts.payment_attempted(attempt, event.time)?;
                self.payments.attempt(attempt);
            }
            Body::Refund(refund) => self.payments.refund(refund),
            Body::Dispute(dispute) => self.payments.dispute(dispute),
            Body::Credit(_) => {}
        }
        Ok(())
    }
}
