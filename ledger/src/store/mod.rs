//! Where a ledger is kept: one small synchronous trait, and its implementations.
//!
//! A store knows tables and transactions and no definition of any figure. Every operation takes a
//! whole group, so that a store behind a network needs one round trip for it, and asks nothing that
//! several writers on one database could not each ask for themselves.

mod audit;
mod copy;
pub mod postgres;
mod rows;
pub mod sqlite;
mod total;
mod verification;

pub use audit::{AuditEntry, Erased, Erasure, EventFilter, Reconciliation, RenamedEvent};
pub use copy::{Copied, copy};
pub use rows::{
    Adjustment, AdjustmentReason, Amounts, Changes, Dictionary, Followed, ForeignGroup, Inserted, Loaded,
    NewEvent, Origin, PartyNumber, PaymentRow, Statistics, StoredAmount, StoredEvent, UsageRow, UserRow,
};
pub use total::{CorrectedTotal, Total};
pub use verification::Verification;

use pratiko_domain::revenue::Counted;
use pratiko_domain::time::{Quarter, Timestamp};

/// Why a store could not do what it was asked to.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// SQLite says so.
    #[error("SQLite, while {doing}: {source}")]
    Sqlite {
        /// What was being done.
        doing: &'static str,
        /// What SQLite said.
        source: rusqlite::Error,
    },
    /// A file or directory.
    #[error("{path}: {source}")]
    File {
        /// Which.
        path: std::path::PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// Another process has the ledger open for writing.
    #[error("{0} is in use by another process; stop that one, or send it the events over HTTP")]
    InUse(std::path::PathBuf),
    /// The file is not one of ours, or from a later version.
    #[error("{0}")]
    Foreign(String),
    /// A database server cannot be reached; it may be there again in a moment.
    #[error("{0}")]
    Unreachable(String),
    /// What was being done was interrupted and has left no trace; done again, it may succeed.
    #[error("{0}")]
    Interrupted(String),
    /// Somebody was forgotten since other writers were followed: what is to be recorded may name them, and
    /// is made ready anew.
    #[error("somebody was forgotten meanwhile; try again")]
    Outdated,
    /// What is stored contradicts itself.
    #[error("the ledger is damaged: {0}; restore it from a backup")]
    Damaged(String),
    /// Whoever was reading wanted no more.
    #[error("reading was stopped")]
    Stopped,
}

impl StoreError {
    /// Whether the same may succeed if it is only tried again.
    pub fn is_passing(&self) -> bool {
        matches!(self, Self::InUse(_) | Self::Unreachable(_) | Self::Interrupted(_) | Self::Outdated)
    }
}

/// Where a ledger is kept.
pub trait Store: Send {
    /// The ledger's id, made once.
    fn identity(&self) -> &str;

    /// Begins a transaction.
    fn begin(&mut self) -> Result<(), StoreError>;
    /// Makes the transaction durable.
    fn commit(&mut self) -> Result<(), StoreError>;
    /// Forgets the transaction.
    fn rollback(&mut self);
    /// Begins a transaction in which everything is read as it is at one moment, whatever others write
    /// meanwhile. It ends as the others do.
    fn begin_reading(&mut self) -> Result<(), StoreError>;
    /// At the beginning of a transaction: to its end no other writer records anything, and whoever is about
    /// to is told that what it knows is [outdated](StoreError::Outdated), if somebody is forgotten in it.
    fn hold_recording(&mut self) -> Result<(), StoreError>;
    /// Whether the numbers of parties and names stay when the transaction in which they were given is
    /// forgotten. Where they do not, a failure means that everything is read anew.
    fn keeps_numbers(&self) -> bool;
    /// What other writers have made durable since everything was read, or since one last asked: each
    /// group once, whatever the order in which they ended.
    fn follow(&mut self) -> Result<Followed, StoreError>;

    /// The numbers of users and customers, given at their first appearance.
    fn parties(&mut self, ids: &[&str]) -> Result<Vec<PartyNumber>, StoreError>;
    /// The number of a user or customer; `None` for one that was never told of.
    fn find_party(&mut self, id: &str) -> Result<Option<PartyNumber>, StoreError>;
    /// The ids of users and customers.
    fn party_ids(&mut self, numbers: &[PartyNumber]) -> Result<Vec<(PartyNumber, String)>, StoreError>;
    /// The number of a name in a dictionary; `None` for a new name when it already holds `most`.
    fn name(&mut self, dictionary: Dictionary, text: &str, most: usize) -> Result<Option<u32>, StoreError>;

    /// Stores events that are not there yet, and says of each whether it was.
    fn insert(&mut self, events: &[NewEvent<'_>]) -> Result<Vec<Inserted>, StoreError>;
    /// Adds changes to roll-ups, totals and states. Returns how many of the named disputes were new.
    fn add(&mut self, changes: &Changes) -> Result<usize, StoreError>;
    /// What of these customers has been counted, in their order. Within a transaction that writes, no
    /// other writer counts anything of them until it ends.
    fn counted(&mut self, customers: &[PartyNumber]) -> Result<Vec<Counted>, StoreError>;

    /// Everything but roll-ups and events, at the start.
    fn load(&mut self, payments_from: Quarter) -> Result<Loaded, StoreError>;
    /// The id and number of every user and customer.
    fn each_party(&mut self, visit: &mut dyn FnMut(PartyNumber, &str)) -> Result<(), StoreError>;
    /// Users' roll-ups from a quarter-hour up to, and without, another.
    fn usage(
        &mut self,
        from: Quarter,
        until: Quarter,
        visit: &mut dyn FnMut(UsageRow),
    ) -> Result<(), StoreError>;
    /// The subscription and invoice events of some customers, or of all, customer by customer.
    fn customer_events(
        &mut self,
        customers: Option<&[PartyNumber]>,
        visit: &mut dyn FnMut(StoredEvent),
    ) -> Result<(), StoreError>;
    /// Events in the order of recording, with the ids of their parties.
    fn events(
        &mut self,
        which: &EventFilter<'_>,
        visit: &mut dyn FnMut(StoredEvent) -> Result<(), StoreError>,
    ) -> Result<(), StoreError>;
    /// One user's roll-ups from a quarter-hour up to, and without, another.
    fn usage_of(
        &mut self,
        user: PartyNumber,
        from: Quarter,
        until: Quarter,
        visit: &mut dyn FnMut(UsageRow),
    ) -> Result<(), StoreError>;

    /// Amounts of events whose number is greater than `after`, at most `most` of them, in their order.
    /// Within a transaction that writes, no other writer changes any until it ends.
    fn amounts(&mut self, which: Amounts, after: u64, most: usize) -> Result<Vec<StoredAmount>, StoreError>;

    /// What was last kept under a name, such as how far reading somewhere else has come.
    fn note(&mut self, name: &str) -> Result<Option<String>, StoreError>;
    /// Keeps a text under a name, in place of what was there.
    fn keep_note(&mut self, name: &str, text: &str) -> Result<(), StoreError>;

    /// Keeps a value under a name unless there is one already, and returns the one that is kept.
    fn keep(&mut self, name: &str, value: &str) -> Result<String, StoreError>;
    /// The latest entries of the audit log before the one with this number, at most `most` of them, the
    /// latest first, with their numbers.
    fn audit(&mut self, before: u64, most: usize) -> Result<Vec<(u64, AuditEntry)>, StoreError>;
    /// Outside of a transaction: sees to it that what was erased cannot be read from the store's files
    /// either. False if somebody who is reading keeps it from that just now.
    fn scrub(&mut self) -> Result<bool, StoreError>;

    /// The size on disk, write-ahead log included.
    fn size_bytes(&mut self) -> Result<u64, StoreError>;
    /// How much there is.
    fn statistics(&mut self) -> Result<Statistics, StoreError>;
    /// What is done now and then: old quarter-hours become hours.
    fn maintain(&mut self, now: Timestamp) -> Result<(), StoreError>;
}
