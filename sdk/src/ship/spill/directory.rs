//! The directory that the files are in, and that it belongs to one process.

use std::fs::{DirBuilder, File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use super::Number;
use crate::ship::StartError;

/// What a file of events ends with.
const SUFFIX: &str = ".jsonl";

#[derive(Debug)]
pub(super) struct Directory {
    path: PathBuf,
    /// Locked as long as it is open; the system gives it free when the process ends, however it does.
    _lock: File,
}

impl Directory {
    pub fn open(path: &Path) -> Result<Self, StartError> {
        let wrong = |source| StartError::Directory { path: path.to_owned(), source };
        make(path).map_err(wrong)?;
        let lock = private(OpenOptions::new().write(true).create(true).truncate(false))
            .open(path.join("lock"))
            .map_err(wrong)?;
        match lock.try_lock() {
            Ok(()) => Ok(Self { path: path.to_owned(), _lock: lock }),
            Err(TryLockError::WouldBlock) => Err(StartError::DirectoryInUse { path: path.to_owned() }),
            Err(TryLockError::Error(error)) => Err(wrong(error)),
        }
    }

    /// The files in it that are ours; anything else is left alone.
    pub fn segments(&self) -> Result<Vec<(Number, PathBuf)>, (PathBuf, io::Error)> {
        let wrong = |error| (self.path.clone(), error);
        let mut segments = Vec::new();
        for entry in std::fs::read_dir(&self.path).map_err(wrong)? {
            let path = entry.map_err(wrong)?.path();
            let number = path.file_name().and_then(|name| name.to_str()?.strip_suffix(SUFFIX)?.parse().ok());
            if let Some(number) = number.filter(|number| self.path_of(*number) == path) {
                segments.push((number, path));
            }
        }
        Ok(segments)
    }

    pub fn path_of(&self, number: Number) -> PathBuf {
        self.path.join(format!("{number:020}{SUFFIX}"))
    }

    /// Sees to it that a file that was made is there after a power cut too.
    pub fn synchronise(&self) -> io::Result<()> {
        // Where directories cannot be opened they need not be synchronised either.
        if cfg!(unix) { File::open(&self.path)?.sync_all() } else { Ok(()) }
    }
}

fn make(path: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

/// For files that only their owner may read.
pub(super) fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
    options
}
