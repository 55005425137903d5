//! The durable ledger of business events, its roll-ups, and the snapshot of the business figures.
//!
//! The way of an event: [`cloudevents`] reads it, a [`Ledger`] handle queues it, the writer's thread
//! (`writer`) takes what has queued up as one group, [`recording`] works out what the new ones
//! among them change, a [`store::Store`] keeps both in one transaction, and [`figures`] adds the
//! same changes to what it holds in memory. A [`figures::Snapshot`] of that is what everybody reads:
//! reading never touches a database.

pub mod cloudevents;
pub mod erasure;
pub mod explain;
pub mod figures;
pub mod reconciling;
pub mod recording;
pub mod settings;
pub mod sources;
pub mod store;
pub mod transfer;

mod handle;
mod hexadecimal;
mod writer;

pub use handle::{Ledger, LedgerStatus, RecordError};
pub use settings::Settings;
pub use writer::CommitStatistics;
