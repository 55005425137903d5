//! Reference rates on their way into the ledger: from a file that somebody keeps up to date, or from
//! the bank's server. A thread of its own looks for new ones; figures and scrapes never wait for it.

mod file;
mod keeper;
mod server;
mod status;

pub use keeper::RatesKeeper;
pub use status::{RatesStatus, ReadResult};

use std::path::{Path, PathBuf};
use std::time::Duration;

use pratiko_domain::currency::DailyRates;
use pratiko_intake::rates::{MOST_BYTES, RateFileError};

use crate::outgoing::CertificatesError;

/// Why there are no rates this time. It is tried again.
#[derive(Debug, thiserror::Error)]
pub enum RatesError {
    /// A file cannot be read.
    #[error("the file of rates {path} cannot be read: {source}")]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// What was read is no file of rates.
    #[error("{from}, {error}")]
    Content {
        /// The file or the address.
        from: String,
        /// What is wrong with it, and where.
        error: RateFileError,
    },
    /// A server did not answer, or not to the end.
    #[error("asking {url} for rates failed: {reason}")]
    NoAnswer {
        /// The address.
        url: String,
        /// Why.
        reason: String,
    },
    /// A server answered with something else.
    #[error("{url} answered {status} when it was asked for rates{advice}")]
    Answer {
        /// The address.
        url: String,
        /// The status of the answer.
        status: u16,
        /// What to do about it.
        advice: &'static str,
        /// How long the server wants to be left alone.
        wait: Option<Duration>,
    },
    /// No server can be trusted.
    #[error(transparent)]
    Certificates(#[from] CertificatesError),
    /// The ledger did not take them.
    #[error("rates were read, and not kept: {0}")]
    Ledger(String),
}

/// Reads a file of rates, for a command or for the daemon.
pub fn read_file(path: &Path) -> Result<Vec<DailyRates>, RatesError> {
    use std::io::Read;
    let cannot = |source| RatesError::File { path: path.to_owned(), source };
    let mut bytes = Vec::new();
    // One more than is believed, so that a larger file is told to be one.
    let most = MOST_BYTES as u64 + 1;
    std::fs::File::open(path).and_then(|file| file.take(most).read_to_end(&mut bytes)).map_err(cannot)?;
    pratiko_intake::rates::read(&bytes)
        .map_err(|error| RatesError::Content { from: path.display().to_string(), error })
}
