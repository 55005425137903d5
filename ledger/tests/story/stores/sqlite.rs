//! The story on SQLite.

use std::sync::Arc;

use pratiko_ledger::store::sqlite::SqliteStore;

use crate::directory::Directory;
use crate::world::Stores;

/// How many random histories are tried.
pub const CASES: u32 = 48;

/// A ledger of its own.
pub fn new() -> Stores {
    let directory = Directory::new();
    Arc::new(move || Ok(Box::new(SqliteStore::open(directory.path())?)))
}
