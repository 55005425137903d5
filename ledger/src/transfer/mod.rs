//! A ledger's events as text, one CloudEvent a line: out of one ledger and into another.

mod export;
mod import;

pub use export::export;
pub use import::{Imported, MOST_PROBLEMS, Problem, import};

use crate::store::StoreError;

/// Why an export or an import ended early.
#[derive(Debug, thiserror::Error)]
pub enum TransferError {
    /// The lines cannot be read or written.
    #[error("{0}")]
    Lines(#[from] std::io::Error),
    /// The ledger cannot be read.
    #[error("{0}")]
    Store(#[from] StoreError),
}
