//! From events to what they change: the one place that decides what an event does to a ledger.

mod adjusting;
mod amount;
mod at_hand;
mod auditing;
mod data;
mod derive;
mod directory;
mod erasing;
mod merge;
mod parties;
mod pending;
mod people;
mod recorder;
mod repricing;
mod seen;
mod verdict;
mod write;

pub use adjusting::RatesAdded;
pub(crate) use adjusting::known_rates;
pub use auditing::Deed;
pub(crate) use data::name_customer;
pub use directory::Directory;
pub use erasing::Forgetting;
pub use people::{Person, PersonUsage, Step};
pub use recorder::Recorder;
pub use repricing::{Calls, Changed, PriceChange, Repricing, plan_repricing};
pub use verdict::{USED_BEFORE, Verdict};
