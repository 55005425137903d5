//! What is written down for audits: what administrators did, and what providers charged.

use pratiko_domain::time::Timestamp;

use super::merge::Merge;
use super::recorder::Recorder;
use super::write::Written;
use crate::store::{AuditEntry, Reconciliation, StoreError};

/// Something that an administrator did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deed {
    /// By which credential, told so that it is known among others and cannot be used.
    pub actor: String,
    /// What.
    pub action: String,
    /// Whom it concerned, by the id, of which a keyed hash is kept.
    pub person: Option<String>,
    /// What came of it.
    pub result: String,
}

impl Recorder {
    /// Writes down what an administrator did.
    pub fn audit(&mut self, deed: &Deed, now: Timestamp) -> Result<(), StoreError> {
        let now = self.settle(now)?;
        let Deed { actor, action, person, result } = deed.clone();
        let person = person.map(|id| self.forgotten.hash(&id));
        let entry = AuditEntry { at: now, actor, action, person, result };
        self.write_down(now, |merge| merge.audit(entry.clone()))
    }

    /// Keeps what a provider charged, beside what the ledger says.
    pub fn reconcile(&mut self, reconciliation: &Reconciliation, now: Timestamp) -> Result<(), StoreError> {
        let now = self.settle(now)?;
        self.write_down(now, |merge| merge.reconciliation(reconciliation.clone()))
    }

    fn write_down(&mut self, now: Timestamp, add: impl Fn(&mut Merge)) -> Result<(), StoreError> {
        self.store.begin()?;
        self.written(now, |_| {
            let mut merge = Merge::default();
            add(&mut merge);
            Ok(Written { merge, events: 0, reviews: Vec::new(), result: () })
        })
    }
}
