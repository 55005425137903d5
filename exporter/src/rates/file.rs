//! Rates from a file that somebody keeps up to date.

use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;

use pratiko_domain::currency::DailyRates;

use super::{RatesError, read_file};

/// A file, and the version of it that has been read.
#[derive(Debug)]
pub(super) struct WatchedFile {
    path: PathBuf,
    read: Option<Version>,
}

/// What changes with a file: another one in its place, its length, its last change in seconds and
/// nanoseconds.
type Version = (u64, u64, i64, i64);

impl WatchedFile {
    pub fn new(path: PathBuf) -> Self {
        Self { path, read: None }
    }

    /// What is in the file, if it has changed. It counts as read when [`WatchedFile::keep`] is told so.
    pub fn changed(&self) -> Result<Option<(Vec<DailyRates>, Version)>, RatesError> {
        let cannot = |source| RatesError::File { path: self.path.clone(), source };
        let file = std::fs::metadata(&self.path).map_err(cannot)?;
        let version = (file.ino(), file.size(), file.mtime(), file.mtime_nsec());
        if self.read == Some(version) {
            return Ok(None);
        }
        Ok(Some((read_file(&self.path)?, version)))
    }

    pub fn keep(&mut self, version: Version) {
        self.read = Some(version);
    }
}
