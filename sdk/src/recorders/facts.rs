//! Where business facts go: into figures computed here, or as events to a ledger elsewhere.

use std::sync::Arc;

#[cfg(feature = "ship")]
use pratiko_domain::event::is_name;
use pratiko_domain::event::{Body, Invalid, LlmUsage};
use pratiko_domain::money::Money;
use pratiko_domain::plan::PlanSlot;
use pratiko_domain::time::Timestamp;

use super::here::Here;

/// Where business facts go. One fact goes to one place: it is never counted by both.
#[derive(Debug, Clone)]
pub(super) enum Facts {
    /// Figures are computed in this process.
    Here(Arc<Here>),
    /// Figures are computed from a ledger, to which events are sent.
    #[cfg(feature = "ship")]
    Shipped(crate::ship::Shipper),
}

/// A business fact that was not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RecordError {
    /// It makes no sense.
    #[error("the event makes no sense: {0}")]
    Invalid(#[from] Invalid),
    /// There is no room for it until some of the events that wait have been sent.
    #[cfg(feature = "ship")]
    #[error("the event was not taken: {0}")]
    NotQueued(#[from] crate::ship::NotQueued),
}

/// A plan: as it was named, and as it is called on a page.
#[derive(Debug, Clone)]
pub(super) struct PlanName {
    named: Box<str>,
    shown: Box<str>,
    slot: Option<PlanSlot>,
}

/// What a call to a language model adds to the figures.
pub(super) struct LlmFact<'a> {
    pub user: Option<&'a str>,
    pub customer: Option<&'a str>,
    pub plan: &'a PlanName,
    pub cost: Option<Money>,
    /// When it was, if that is not now.
    pub at: Option<Timestamp>,
}

impl PlanName {
    pub fn new(named: &str, shown: &str, slot: Option<PlanSlot>) -> Self {
        Self { named: named.into(), shown: shown.into(), slot }
    }

    /// As an event names it; nothing for no plan, which leaves it to the customer's subscription.
    pub fn named(&self) -> Option<&str> {
        Some(&*self.named).filter(|name| !name.is_empty())
    }

    /// As a label.
    pub fn shown(&self) -> &str {
        &self.shown
    }

    /// Its place in figures that are computed here.
    pub fn slot(&self) -> Option<PlanSlot> {
        self.slot
    }
}

impl Facts {
    /// Whether figures are computed in this process.
    pub fn are_kept_here(&self) -> bool {
        matches!(self, Self::Here(_))
    }

    pub fn plan(&self, name: &str) -> PlanName {
        match self {
            Self::Here(here) => here.plan(name),
            #[cfg(feature = "ship")]
            Self::Shipped(_) => PlanName::new(name, name, None),
        }
    }

    /// A call to a language model, with its event for where one is needed. Says under which plan it
    /// counts, as a label.
    #[inline]
    #[cfg_attr(not(feature = "ship"), expect(unused_variables, reason = "nobody needs the event"))]
    pub fn llm<'f>(&'f self, fact: &LlmFact<'f>, event: impl FnOnce() -> LlmUsage) -> &'f str {
        match self {
            Self::Here(here) => here.llm(fact),
            #[cfg(feature = "ship")]
            Self::Shipped(shipper) => {
                // What cannot be queued is counted by the shipper.
                let user = fact.user.filter(|id| is_name(id)).map(str::to_owned);
                let _ = shipper.send(user, Body::LlmUsage(event()));
                fact.plan.shown()
            }
        }
    }

    /// Any other fact, that has just happened.
    pub fn body(&self, subject: Option<&str>, body: Body) -> Result<(), RecordError> {
        match self {
            Self::Here(here) => here.record(here.now(), subject, body),
            #[cfg(feature = "ship")]
            Self::Shipped(shipper) => Ok(shipper.send(subject.map(str::to_owned), body)?),
        }
    }

    /// A fact that has an id and a time of its own.
    #[cfg_attr(not(feature = "ship"), expect(unused_variables, reason = "nobody needs the id"))]
    pub fn event(
        &self,
        id: &str,
        time: Timestamp,
        subject: Option<&str>,
        body: Body,
    ) -> Result<(), RecordError> {
        match self {
            Self::Here(here) => here.record(time, subject, body),
            #[cfg(feature = "ship")]
            Self::Shipped(shipper) => Ok(shipper.send_with_id(id, time, subject.map(str::to_owned), body)?),
        }
    }
}
