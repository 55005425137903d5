//! What is kept for audits: who was forgotten, what administrators did, what providers charged.

use pratiko_domain::event::Kind;
use pratiko_domain::money::Money;
use pratiko_domain::time::{Date, Timestamp};

use super::{PartyNumber, StoredEvent};
use crate::erasure::KeyedHash;

/// Which events are read.
#[derive(Debug, Clone, Copy)]
pub struct EventFilter<'a> {
    /// Those that happened from here on…
    pub from: Timestamp,
    /// …up to, and without, this.
    pub until: Timestamp,
    /// Those of these kinds; of every kind if there are none.
    pub kinds: &'a [Kind],
    /// Those that name this party as user or customer.
    pub party: Option<PartyNumber>,
}

impl Default for EventFilter<'_> {
    /// All events.
    fn default() -> Self {
        Self { from: Timestamp::MIN, until: Timestamp::MAX, kinds: &[], party: None }
    }
}

/// Somebody who was forgotten.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Erased {
    /// What is left of the id.
    pub hash: KeyedHash,
    /// When.
    pub at: Timestamp,
    /// Whether it was somebody internal or a test, whose figures stay apart.
    pub is_internal: bool,
}

/// What is done to forget somebody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Erasure {
    /// Who. Kept once, however often somebody is forgotten.
    pub erased: Erased,
    /// The numbers whose ids go, each with the name that stands in its place. The numbers stay.
    pub parties: Vec<(PartyNumber, String)>,
    /// The events with the id within ids of their own.
    pub events: Vec<RenamedEvent>,
    /// The disputes with the id within their own, and what that becomes.
    pub disputes: Vec<(String, String)>,
}

/// An event that had a forgotten person's id within its own, or within its data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RenamedEvent {
    /// The event as it was.
    pub before: StoredEvent,
    /// Its id from now on.
    pub id: String,
    /// Its data from now on.
    pub data: String,
}

/// Something that an administrator did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditEntry {
    /// When.
    pub at: Timestamp,
    /// By which credential, told so that it is known among others and cannot be used.
    pub actor: String,
    /// What.
    pub action: String,
    /// Whom it concerned.
    pub person: Option<KeyedHash>,
    /// What came of it.
    pub result: String,
}

/// What a provider charged for a month, beside what the ledger said then.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reconciliation {
    /// When they were compared.
    pub at: Timestamp,
    /// The provider, as events name it.
    pub provider: String,
    /// The first day of the month.
    pub month: Date,
    /// The currency of both amounts.
    pub currency: String,
    /// What the provider charged.
    pub invoice: Money,
    /// What the ledger said.
    pub ledger: Money,
}
