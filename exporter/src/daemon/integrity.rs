//! The check of the ledger's file at the start, beside everything else: reading all of a large file
//! takes longer than anybody wants to wait for a first page.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use pratiko_ledger::store::sqlite::SqliteStore;

/// Checks the ledger in `directory` on a thread of its own; the flag becomes true if it is damaged.
pub(super) fn check_in_background(directory: &Path) -> Arc<AtomicBool> {
    let directory = directory.to_owned();
    let is_damaged = Arc::<AtomicBool>::default();
    let flag = Arc::clone(&is_damaged);
    let check = move || {
        let Ok(store) = SqliteStore::open_to_read(&directory) else {
            // The first start, the first one of a newer version, or one that fails and says so itself.
            return;
        };
        match store.check(None) {
            Ok(complaints) if complaints.is_empty() => tracing::debug!("the ledger's file is whole"),
            Ok(complaints) => {
                flag.store(true, Ordering::Relaxed);
                let complaints = complaints.join("; ");
                tracing::error!(
                    complaints,
                    "the ledger is damaged; its figures are withdrawn. Restore a backup"
                );
            }
            Err(error) => tracing::warn!(%error, "the ledger's file could not be checked"),
        }
    };
    if let Err(error) = std::thread::Builder::new().name("ledger-check".to_owned()).spawn(check) {
        tracing::warn!(%error, "the ledger's file is not checked: no thread to do it on");
    }
    is_damaged
}
