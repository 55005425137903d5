//! Why there is no history.

use std::io;
use std::path::{Path, PathBuf};

/// Why there is no history.
#[derive(Debug, thiserror::Error)]
pub enum HistoryError {
    /// A file or a directory.
    #[error("cannot use {file}: {error}")]
    File {
        /// Which one.
        file: PathBuf,
        /// Why not.
        error: io::Error,
    },
    /// A program that is needed.
    #[error("cannot run {program}, which must be installed: {error}")]
    Program {
        /// Its name.
        program: &'static str,
        /// Why not.
        error: io::Error,
    },
    /// promtool refuses what was written.
    #[error("promtool makes no blocks of {file}: {said}")]
    Promtool {
        /// What was written.
        file: PathBuf,
        /// What it says.
        said: String,
    },
    /// A file of rules.
    #[error("cannot read the rules of {file}: {reason}")]
    Rules {
        /// Which one.
        file: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// Rules that need each other.
    #[error("some rules need each other in a circle")]
    Circle,
    /// A query that Prometheus does not answer.
    #[error("Prometheus does not answer {query}: {said}")]
    Query {
        /// The query.
        query: String,
        /// What it says instead.
        said: String,
    },
    /// A page has two families of one name.
    #[error(transparent)]
    Register(#[from] pratiko_metrics::RegisterError),
}

impl HistoryError {
    pub(super) fn file(file: &Path, error: io::Error) -> Self {
        Self::File { file: file.to_owned(), error }
    }
}
