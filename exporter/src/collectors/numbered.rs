//! Directories that the kernel numbers: `cpu0`, `cpu1`, `node0`.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// The entries of `parent` that are called `prefix` and a number, in the order of the numbers.
pub(super) fn numbered_entries(parent: &Path, prefix: &str) -> io::Result<Vec<(u32, PathBuf)>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(parent)? {
        let entry = entry?;
        let name = entry.file_name();
        let number = name.to_str().and_then(|name| name.strip_prefix(prefix)?.parse().ok());
        if let Some(number) = number {
            found.push((number, entry.path()));
        }
    }
    found.sort_unstable();
    Ok(found)
}
