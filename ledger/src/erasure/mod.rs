//! Forgetting people: who they were goes, how much they used stays.
//!
//! What is left of a forgotten person is a keyed hash of the id. It stops whoever tells of the person
//! again, be it a late event, a backfill or a backup from before, from bringing the id back.

mod file;
mod forgotten;
mod key;

pub use file::{ErasureFile, ErasureList, FILE_NAME};
pub use forgotten::{Forgotten, is_name_of_erased, is_of_internal, name_of};
pub use key::{KeyedHash, LedgerKey, NotHexadecimal};
