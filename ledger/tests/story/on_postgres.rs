//! The story of a ledger as in `main.rs`, told to PostgreSQL, and what only PostgreSQL does.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on ends")]

mod currencies;
mod directory;
mod erasure;
mod explain;
mod failing;
mod failures;
mod handle;
mod plans;
mod random;
mod recording;
mod several;
#[path = "stores/postgres.rs"]
mod stores;
mod time;
mod transfer;
mod world;
