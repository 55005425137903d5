//! A backfill from Stripe: what happened before there were webhooks, and what webhooks have missed.
//!
//! Objects are listed page by page ([`Api`]), understood as webhooks are (`pratiko_intake::stripe`), and
//! recorded ([`Destination`]) before the place is noted ([`Position`]): so a backfill that was
//! interrupted goes on where it was, and one that is run again changes nothing.

mod api;
mod backfill;
mod destination;
mod position;

pub use api::{Api, ApiError};
pub use backfill::{BackfillError, Done, Step, backfill};
pub use destination::{Daemon, Destination, DestinationError};
pub use position::{Position, PositionError, Question};
