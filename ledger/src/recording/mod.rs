//! From events to what they change: the one place that decides what an event does to a ledger.

mod data;
mod derive;
mod directory;
mod merge;
mod pending;
mod recorder;
mod seen;

pub(crate) use data::name_customer;
pub use directory::Directory;
pub use recorder::{Recorder, Verdict};
