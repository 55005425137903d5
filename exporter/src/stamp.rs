//! Whether a file is still the one that was read.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

/// Within this time of a change a second one may leave no trace in the file's times.
const CLOCK_GRAIN_NANOSECONDS: i128 = 50_000_000;

/// What tells one state of a file from another.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stamp {
    identity: Identity,
    /// Whether a second change could have gone unnoticed: the first was only just before.
    is_fresh: bool,
}

/// Device, inode, size, and when it was modified and changed.
pub(crate) type Identity = (u64, u64, u64, (i64, i64), (i64, i64));

impl Stamp {
    /// What is the same as long as the file is.
    pub(crate) const fn identity(self) -> Identity {
        self.identity
    }

    /// The stamp of the file at `path`, if it is there.
    pub(crate) fn of(path: &Path) -> Option<Self> {
        let metadata = fs::metadata(path).ok()?;
        let changed = (metadata.ctime(), metadata.ctime_nsec());
        let modified = (metadata.mtime(), metadata.mtime_nsec());
        let identity = (metadata.dev(), metadata.ino(), metadata.size(), modified, changed);
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_nanos() as i128;
        let changed = i128::from(changed.0) * 1_000_000_000 + i128::from(changed.1);
        Some(Self { identity, is_fresh: (now - changed).abs() < CLOCK_GRAIN_NANOSECONDS })
    }
}

/// Whether the file at `path` may differ from what it was when its stamp was taken.
pub(crate) fn has_changed(path: &Path, before: Option<&Stamp>) -> bool {
    let now = Stamp::of(path);
    match (before, now) {
        (None, None) => false,
        (Some(before), Some(now)) => before.is_fresh || before.identity != now.identity,
        _ => true,
    }
}
