//! The story of a ledger, told to whatever store there is: what is recorded, how time changes it,
//! what goes wrong, and that the figures held in memory always say what the store says.
//!
//! Here it is told to SQLite, in `on_postgres.rs` the same to PostgreSQL. Another store needs only
//! another [`stores`].
#![expect(clippy::unwrap_used, reason = "a test that cannot go on ends")]

mod currencies;
mod directory;
mod erasure;
mod explain;
mod failing;
mod failures;
mod handle;
mod identity;
#[path = "../../../domain/tests/oracle/mod.rs"]
mod oracle;
mod plans;
mod random;
mod recording;
mod repricing;
mod scrubbing;
mod seen;
mod sqlite;
#[path = "stores/sqlite.rs"]
mod stores;
mod time;
mod transfer;
mod world;
