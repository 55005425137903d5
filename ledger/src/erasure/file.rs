//! The list of forgotten people beside the ledger.
//!
//! A ledger that is restored from an older backup knows nothing of those who were forgotten since. The
//! list does: it is no part of a backup, and whoever is on it is forgotten again when the ledger is
//! opened. It holds the ledger's key and hashes, and no id.

use std::fmt::Write as _;
use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use super::LedgerKey;
use crate::store::{Erased, StoreError};

/// The file's name in the ledger's directory.
pub const FILE_NAME: &str = "erasures";

/// What begins the line with the key.
const KEY: &str = "key ";

/// What ends the line of somebody internal or a test.
const INTERNAL: &str = " internal";

const HEADER: &str = "# People who were erased from this ledger, as keyed hashes of their ids. Keep this file and \
                      copy it apart\n# from the ledger's backups: it makes a ledger that is restored from an \
                      older backup forget them again.\n";

/// What the list says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ErasureList {
    /// The key of the ledger that it belongs to.
    pub key: LedgerKey,
    /// Who was forgotten.
    pub erased: Vec<Erased>,
}

/// The list of forgotten people beside the ledger.
#[derive(Debug, Clone)]
pub struct ErasureFile(PathBuf);

impl ErasureFile {
    /// The one at a path, whether or not it is there.
    pub fn new(path: PathBuf) -> Self {
        Self(path)
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// What it says; `None` if it is not there. A last line that a crash has cut off is taken away: whoever
    /// it was has not been told that it was done.
    pub fn read(&self) -> Result<Option<ErasureList>, StoreError> {
        let text = match std::fs::read_to_string(&self.0) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(self.failed(error)),
        };
        let whole = text.rfind('\n').map_or(0, |last| last + 1);
        if whole < text.len() {
            let file = OpenOptions::new().write(true).open(&self.0).map_err(|error| self.failed(error))?;
            file.set_len(whole as u64).and_then(|()| file.sync_all()).map_err(|error| self.failed(error))?;
        }
        let mut list = None;
        for (position, line) in text[..whole].lines().enumerate() {
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let read = match (&mut list, line.strip_prefix(KEY)) {
                (None, Some(key)) => {
                    key.parse().ok().map(|key| list = Some(ErasureList { key, erased: Vec::new() }))
                }
                (Some(list), None) => read_line(line).map(|erased| list.erased.push(erased)),
                _ => None,
            };
            if read.is_none() {
                let reason = format!(
                    "line {} of {} is not one of a list of erasures; restore it from a copy, or take the line out",
                    position + 1,
                    self.0.display()
                );
                return Err(StoreError::Foreign(reason));
            }
        }
        Ok(list)
    }

    /// Adds people to the list, which is made if need be. They are on disk when it returns.
    pub fn add(&self, key: &LedgerKey, erased: &[Erased]) -> Result<(), StoreError> {
        if erased.is_empty() {
            return Ok(());
        }
        self.write(key, erased).map_err(|error| self.failed(error))
    }

    fn write(&self, key: &LedgerKey, erased: &[Erased]) -> std::io::Result<()> {
        if let Some(directory) = self.0.parent() {
            DirBuilder::new().recursive(true).mode(0o700).create(directory)?;
        }
        let mut file = OpenOptions::new().create(true).append(true).mode(0o600).open(&self.0)?;
        let is_new = file.metadata()?.len() == 0;
        let mut lines = if is_new { format!("{HEADER}{KEY}{}\n", key.reveal()) } else { String::new() };
        for Erased { hash, at, is_internal } in erased {
            let internal = if *is_internal { INTERNAL } else { "" };
            // Writing to a text cannot fail.
            let _ = writeln!(lines, "{at} {hash}{internal}");
        }
        file.write_all(lines.as_bytes())?;
        file.sync_all()?;
        if is_new && let Some(directory) = self.0.parent() {
            File::open(directory)?.sync_all()?;
        }
        Ok(())
    }

    fn failed(&self, source: std::io::Error) -> StoreError {
        StoreError::File { path: self.0.clone(), source }
    }
}

fn read_line(line: &str) -> Option<Erased> {
    let (line, is_internal) = line.strip_suffix(INTERNAL).map_or((line, false), |line| (line, true));
    let (at, hash) = line.split_once(' ')?;
    Some(Erased { hash: hash.parse().ok()?, at: at.parse().ok()?, is_internal })
}

#[cfg(test)]
mod tests {
    use super::*;
    use pratiko_domain::time::Timestamp;

    struct Directory(PathBuf);

    impl Drop for Directory {
        fn drop(&mut self) {
            let _ = std::fs::remove_dir_all(&self.0);
        }
    }

    fn file(name: &str) -> (Directory, ErasureFile) {
        let directory = std::env::temp_dir().join(format!("pratiko-erasures-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&directory).unwrap();
        let path = directory.join(FILE_NAME);
        (Directory(directory), ErasureFile::new(path))
    }

    fn erased(key: &LedgerKey, id: &str, is_internal: bool) -> Erased {
        Erased { hash: key.hash(id), at: Timestamp::from_micros(1_700_000_000_123_456), is_internal }
    }

    #[test]
    fn what_is_added_is_read_again_and_nobody_else_may_read_it() {
        use std::os::unix::fs::PermissionsExt;
        let (_directory, file) = file("read");
        assert_eq!(file.read().unwrap(), None);
        let key = LedgerKey::generate().unwrap();
        let (one, other) = (erased(&key, "anna", false), erased(&key, "staff-1", true));
        file.add(&key, &[one]).unwrap();
        file.add(&key, &[other]).unwrap();
        assert_eq!(file.read().unwrap(), Some(ErasureList { key, erased: vec![one, other] }));
        assert_eq!(std::fs::metadata(file.path()).unwrap().permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn a_line_that_was_cut_off_is_taken_away() {
        let (_directory, file) = file("cut");
        let key = LedgerKey::generate().unwrap();
        file.add(&key, &[erased(&key, "anna", false)]).unwrap();
        let whole = std::fs::read_to_string(file.path()).unwrap();
        std::fs::write(file.path(), format!("{whole}2026-11-22T08:0")).unwrap();
        assert_eq!(file.read().unwrap().unwrap().erased.len(), 1);
        file.add(&key, &[erased(&key, "berta", false)]).unwrap();
        assert_eq!(file.read().unwrap().unwrap().erased.len(), 2);
    }

    #[test]
    fn what_is_no_list_is_named_with_its_line() {
        let (_directory, file) = file("bad");
        let key = format!("key {}\n", "17".repeat(32));
        for (text, line) in [
            ("2026-11-22T08:00:00Z 00\n".to_owned(), 1),
            ("# people\nkey 12\n".to_owned(), 2),
            (format!("{key}{key}"), 2),
            (format!("{key}2026-11-22T08:00:00Z anna\n"), 2),
        ] {
            std::fs::write(file.path(), text).unwrap();
            let said = file.read().unwrap_err().to_string();
            assert!(said.starts_with(&format!("line {line} of ")), "{said}");
        }
    }
}
