//! Figures that are computed in this process.

use std::sync::Arc;

use pratiko_domain::event::{Body, Event};
use pratiko_domain::time::Timestamp;

use super::facts::{LlmFact, PlanName, RecordError};
use super::payments::Payments;
use crate::registry::Source;

/// Figures that are computed in this process.
#[derive(Debug)]
pub(super) struct Here {
    payments: Payments,
}

impl Here {
    pub fn new() -> Self {
        Self { payments: Payments::new() }
    }

    pub fn sources(&self) -> Vec<Arc<dyn Source>> {
        self.payments.sources().into()
    }

    pub fn plan(&self, name: &str) -> PlanName {
        PlanName::new(name, name, pratiko_domain::plan::PlanSlot::NONE)
    }

    #[inline]
    pub fn llm(&self, fact: &LlmFact<'_>) {
        let _ = (fact.user, fact.plan.slot(), fact.cost);
    }

    pub fn now(&self) -> Timestamp {
        Timestamp::MIN
    }

    pub fn record(&self, time: Timestamp, subject: Option<&str>, body: Body) -> Result<(), RecordError> {
        let (source, id) = ("here".to_owned(), "1".to_owned());
        self.event(&Event { source, id, time, subject: subject.map(str::to_owned), body })
    }

    fn event(&self, event: &Event) -> Result<(), RecordError> {
        event.validate()?;
        match &event.body {
            Body::PaymentAttempt(attempt) => self.payments.attempt(attempt),
            Body::Refund(refund) => self.payments.refund(refund),
            Body::Dispute(dispute) => self.payments.dispute(dispute),
            _ => {}
        }
        Ok(())
    }
}
