//! Files that are read again and again keep their descriptor: opening is most of what reading a
//! small file of `/proc` or `/sys` costs.

use std::collections::HashMap;
use std::fs::File;
use std::io;
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// How many descriptors one budget may keep; a host with hundreds of interfaces opens the rest each time.
const KEPT_AT_MOST: usize = 512;

/// Files are read in pieces of this size; most of them fit into one.
const PIECE: usize = 4096;

/// One file whose path is stable.
///
/// The descriptor is read from its beginning with `pread` and opened anew when that fails: a device
/// that went away and came back has new files under the old names.
#[derive(Debug)]
pub struct KeptFile {
    path: PathBuf,
    file: Option<File>,
    content: Vec<u8>,
    keeps: bool,
}

impl KeptFile {
    /// The file at `path`, which is opened when it is first read.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into(), file: None, content: Vec::new(), keeps: true }
    }

    /// Its path.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What the file holds now.
    pub fn read(&mut self) -> io::Result<&[u8]> {
        if let Some(file) = &self.file
            && read_whole(file, &mut self.content).is_ok()
        {
            return Ok(&self.content);
        }
        self.file = None;
        let file = File::open(&self.path)?;
        read_whole(&file, &mut self.content)?;
        if self.keeps {
            self.file = Some(file);
        }
        Ok(&self.content)
    }

    /// What the file holds now, as text; bytes that are not UTF-8 become replacement characters.
    pub fn read_text(&mut self) -> io::Result<std::borrow::Cow<'_, str>> {
        self.read().map(String::from_utf8_lossy)
    }
}

/// Which version of a file is at a path: another one has another inode or another time.
///
/// For files that are replaced when they change, such as those of udev or of a package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileVersion {
    inode: u64,
    modified: (i64, i64),
}

impl FileVersion {
    /// The version that is there now.
    pub fn of(path: &Path) -> io::Result<Self> {
        let file = std::fs::metadata(path)?;
        Ok(Self { inode: file.ino(), modified: (file.mtime(), file.mtime_nsec()) })
    }
}

fn read_whole(file: &File, content: &mut Vec<u8>) -> io::Result<()> {
    content.clear();
    loop {
        let read = content.len();
        content.resize(read + PIECE, 0);
        let count = match file.read_at(&mut content[read..], read as u64) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => 0,
            other => other.inspect_err(|_| content.clear())?,
        };
        content.truncate(read + count);
        if count == 0 {
            return Ok(());
        }
    }
}

/// Many small files below changing directories, such as the attributes of every network interface.
///
/// Call [`KeptFiles::forget_unless`] when the set of devices changes.
#[derive(Debug, Default)]
pub struct KeptFiles {
    files: HashMap<PathBuf, KeptFile>,
    kept: Arc<AtomicUsize>,
}

impl KeptFiles {
    /// What the file at `path` holds now.
    pub fn read(&mut self, path: &Path) -> io::Result<&[u8]> {
        if !self.files.contains_key(path) {
            let mut file = KeptFile::new(path);
            file.keeps = self.kept.fetch_add(1, Ordering::Relaxed) < KEPT_AT_MOST;
            self.files.insert(path.to_owned(), file);
        }
        match self.files.get_mut(path) {
            Some(file) => file.read(),
            None => Err(io::ErrorKind::NotFound.into()),
        }
    }

    /// Closes the files for which `keep` is false.
    pub fn forget_unless(&mut self, mut keep: impl FnMut(&Path) -> bool) {
        self.files.retain(|path, _| keep(path));
        self.kept.store(self.files.len(), Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::testing::TempDir;
    use std::fs;

    #[test]
    fn a_kept_file_is_read_from_its_beginning_each_time() {
        let dir = TempDir::new();
        let path = dir.path().join("value");
        fs::write(&path, "1\n").unwrap();
        let mut file = KeptFile::new(&path);
        assert_eq!(file.read().unwrap(), b"1\n");
        fs::write(&path, "22\n").unwrap();
        assert_eq!(file.read().unwrap(), b"22\n");
        fs::write(&path, "x".repeat(10_000)).unwrap();
        assert_eq!(file.read().unwrap().len(), 10_000);
    }

    #[test]
    fn a_file_that_comes_later_is_found_then() {
        let dir = TempDir::new();
        let path = dir.path().join("value");
        let mut file = KeptFile::new(&path);
        assert_eq!(file.read().unwrap_err().kind(), io::ErrorKind::NotFound);
        fs::write(&path, "1").unwrap();
        assert_eq!(file.read_text().unwrap(), "1");
    }
}
