//! The story of a ledger as in `main.rs`, told to PostgreSQL, and what only PostgreSQL does.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on ends")]

mod connecting;
mod copying;
mod currencies;
mod directory;
mod encryption;
mod erasure;
mod explain;
mod failing;
mod failures;
mod handle;
mod identity;
mod interruptions;
#[path = "../../../domain/tests/oracle/mod.rs"]
mod oracle;
mod plans;
mod random;
mod recording;
mod repricing;
mod seen;
mod several;
#[path = "stores/postgres.rs"]
mod stores;
mod tables;
mod time;
mod transfer;
mod world;
