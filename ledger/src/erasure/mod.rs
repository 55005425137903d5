//! Forgetting people: who they were goes, how much they used stays.
//!
//! What is left of a forgotten person is a keyed hash of the id. It stops whoever tells of the person
//! again, be it a late event, a backfill or a backup from before, from bringing the id back.

mod key;

pub use key::{KeyedHash, LedgerKey, NotHexadecimal};
