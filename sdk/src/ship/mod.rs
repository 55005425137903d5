//! Ship mode: an application records business events, and threads of its own send them as
//! CloudEvents to an exporter, which keeps them in its ledger and computes the figures from them.
//!
//! Start a [`Shipper`] once, after any `fork`, and send events from wherever they happen.
//!
//! # What is promised
//!
//! - [`Shipper::send`] takes a few microseconds and waits neither for the network nor for a disk.
//! - An event that was taken is sent at least once, always under the same id, and therefore counts once.
//! - Memory is bounded. What does not fit is refused and counted, or goes to disk if there is one
//!   for it ([`SpillSettings`]).
//! - Nothing that the exporter, or whatever answers in its place, can do makes anything panic.
//!
//! # What is lost
//!
//! What is only in memory when the process dies. In memory are the events of the last
//! [`ShipSettings::batch_delay`] and those of the request under way; while the exporter is away also
//! all that wait for it, unless they have a disk.

mod answer;
mod backoff;
mod client;
mod counts;
mod courier;
mod error;
mod front;
mod identifier;
mod keeper;
mod metrics;
mod queue;
mod request_size;
mod retry_after;
mod secret;
mod settings;
mod shipper;
mod spill;
#[cfg(test)]
mod testing;
#[cfg(feature = "ship-tls")]
mod tls;

use pratiko_domain::time::{Clock, Timestamp};

use crate::SystemClock;

pub use counts::{Counts, DropReason, LastError, State, Status};
pub use error::{NotQueued, StartError};
pub use secret::{Secret, Token};
pub use settings::{ShipSettings, SpillSettings};
pub use shipper::{FlushOutcome, Shipper};

/// The examples of the documentation are tests too.
#[cfg(doctest)]
#[doc = include_str!("../../../docs/SHIPPING.md")]
struct Shipping;

/// The time of an event that happens now.
pub fn now() -> Timestamp {
    SystemClock.now()
}
