//! Why nothing can be sent, and why one event is not.

use std::path::PathBuf;

use pratiko_domain::event::Invalid;

/// Why a [`Shipper`](super::Shipper) does not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// A setting makes no sense.
    #[error("{setting} {reason}")]
    Setting {
        /// Its name in [`ShipSettings`](super::ShipSettings).
        setting: &'static str,
        /// What is wrong with it, and what to write instead.
        reason: &'static str,
    },
    /// The certificates to trust cannot be used.
    #[error("cannot read the certificates in {path}: {reason}")]
    Certificates {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// The spill directory cannot be used.
    #[error("cannot use the spill directory {path}: {source}")]
    Directory {
        /// The directory, or what in it.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// Another process, or another shipper of this one, keeps its events there.
    #[error("the spill directory {path} is in use; give each process a directory of its own")]
    DirectoryInUse {
        /// The directory.
        path: PathBuf,
    },
    /// The system has no thread to give.
    #[error("cannot start a thread: {0}")]
    Thread(std::io::Error),
}

/// Why an event was not taken. Nothing else of it is kept, and it is counted as dropped.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NotQueued {
    /// As many events wait as may: the exporter is away, or too slow.
    #[error("the queue is full")]
    Full,
    /// The exporter would reject it.
    #[error("{0}")]
    Invalid(#[from] Invalid),
    /// It alone is more than fits into one request or into the queue.
    #[error("the event is larger than a request may be")]
    TooLarge,
    /// The shipper was told to stop.
    #[error("the shipper has been stopped")]
    Stopped,
    /// The system had no random numbers to make an id of.
    #[error("the system has no random numbers")]
    NoRandomNumbers,
}
