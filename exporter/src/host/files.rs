//! Files that are read again and again keep their descriptor: opening is most of what reading a
//! small file of `/proc` or `/sys` costs.

use std::borrow::Cow;
use std::collections::HashMap;
use std::ffi::OsString;
use std::fs::File;
use std::io;
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::{Path, PathBuf};

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
    /// How long its lines are at most, where that is known.
    longest_line: Option<usize>,
}

impl KeptFile {
    /// The file at `path`, which is opened when it is first read.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into(), file: None, content: Vec::new(), longest_line: None }
    }

    /// The file at `path`, none of whose lines is longer than `longest_line` bytes.
    ///
    /// The kernel hands out as many whole lines as there is room for, so that an answer with room for
    /// another line was the last one. Not asking for the end saves half of the work where the kernel
    /// has to search a whole table for every answer.
    pub fn with_short_lines(path: impl Into<PathBuf>, longest_line: usize) -> Self {
        Self { longest_line: Some(longest_line), ..Self::new(path) }
    }

    /// Its path.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What the file holds now.
    pub fn read(&mut self) -> io::Result<&[u8]> {
        if let Some(file) = &self.file
            && read_whole(file, &mut self.content, self.longest_line).is_ok()
        {
            return Ok(&self.content);
        }
        self.file = None;
        let file = File::open(&self.path)?;
        read_whole(&file, &mut self.content, self.longest_line)?;
        self.file = Some(file);
        Ok(&self.content)
    }

    /// What the file holds now, as text; bytes that are not UTF-8 become replacement characters.
    pub fn read_text(&mut self) -> io::Result<Cow<'_, str>> {
        self.read().map(String::from_utf8_lossy)
    }

    /// The whole number that the file holds now; anything else is [`io::ErrorKind::InvalidData`].
    pub fn read_number(&mut self) -> io::Result<u64> {
        self.read_text()?
            .trim()
            .parse()
            .map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "expected a whole number"))
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

fn read_whole(file: &File, content: &mut Vec<u8>, longest_line: Option<usize>) -> io::Result<()> {
    content.clear();
    loop {
        let read = content.len();
        content.resize(read + PIECE, 0);
        let count = match file.read_at(&mut content[read..], read as u64) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {
                content.truncate(read);
                continue;
            }
            other => other.inspect_err(|_| content.clear())?,
        };
        content.truncate(read + count);
        let is_last = longest_line.is_some_and(|longest_line| count + longest_line < PIECE);
        if count == 0 || is_last {
            return Ok(());
        }
    }
}

/// Many small files below changing directories, such as the attributes of every network interface.
///
/// An attribute of `/sys` is at most a page and comes whole with one read, and all of them share one
/// buffer. Call [`KeptFiles::forget_unless`] when the set of devices changes.
#[derive(Debug, Default)]
pub struct KeptFiles {
    /// By path, as plain text: comparing paths part by part would cost as much as reading.
    files: HashMap<OsString, File>,
    content: Vec<u8>,
}

impl KeptFiles {
    /// What the file at `path` holds now.
    pub fn read(&mut self, path: &Path) -> io::Result<&[u8]> {
        let name = path.as_os_str();
        if let Some(file) = self.files.get(name) {
            match read_attribute(file, &mut self.content) {
                Err(error) if !is_an_answer(&error) => {
                    self.files.remove(name);
                }
                other => return other.map(|length| &self.content[..length]),
            }
        }
        let file = File::open(path)?;
        let result = read_attribute(&file, &mut self.content);
        if self.files.len() < KEPT_AT_MOST {
            self.files.insert(name.to_owned(), file);
        }
        result.map(|length| &self.content[..length])
    }

    /// What the file at `path` says now, as text without the white space around it.
    pub fn read_trimmed(&mut self, path: &Path) -> io::Result<Cow<'_, str>> {
        self.read(path).map(|content| String::from_utf8_lossy(content.trim_ascii()))
    }

    /// Closes the files for which `keep` is false.
    pub fn forget_unless(&mut self, mut keep: impl FnMut(&Path) -> bool) {
        self.files.retain(|path, _| keep(Path::new(path)));
    }
}

/// Reads an attribute into the beginning of `content` and says how long it is.
fn read_attribute(file: &File, content: &mut Vec<u8>) -> io::Result<usize> {
    if content.len() < PIECE {
        content.resize(PIECE, 0);
    }
    match file.read_at(&mut content[..PIECE], 0)? {
        PIECE => {
            read_whole(file, content, None)?;
            Ok(content.len())
        }
        length => Ok(length),
    }
}

/// Whether a failure is what the attribute of a living device has to say (the speed of a link that
/// is down), so that opening the file anew would not help.
fn is_an_answer(error: &io::Error) -> bool {
    matches!(error.raw_os_error(), Some(libc::EINVAL | libc::EOPNOTSUPP))
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
    fn a_file_with_short_lines_is_read_to_its_end_too() {
        let dir = TempDir::new();
        let path = dir.path().join("value");
        let mut file = KeptFile::with_short_lines(&path, 10);
        for length in [5, PIECE - 11, PIECE - 1, PIECE, 3 * PIECE + 7] {
            fs::write(&path, "x".repeat(length)).unwrap();
            assert_eq!(file.read().unwrap().len(), length);
        }
    }

    #[test]
    fn a_file_that_comes_later_is_found_then() {
        let dir = TempDir::new();
        let path = dir.path().join("value");
        let mut file = KeptFile::new(&path);
        assert_eq!(file.read().unwrap_err().kind(), io::ErrorKind::NotFound);
        fs::write(&path, "1").unwrap();
        assert_eq!(file.read_text().unwrap(), "1");
        assert_eq!(file.read_number().unwrap(), 1);
        fs::write(&path, "one").unwrap();
        assert_eq!(file.read_number().unwrap_err().kind(), io::ErrorKind::InvalidData);
    }

    #[test]
    fn kept_attributes_share_a_buffer_and_keep_their_own_content() {
        let dir = TempDir::new();
        let (small, large) = (dir.path().join("small"), dir.path().join("large"));
        fs::write(&small, "1\n").unwrap();
        fs::write(&large, "x".repeat(10_000)).unwrap();
        let mut files = KeptFiles::default();
        for _ in 0..2 {
            assert_eq!(files.read_trimmed(&small).unwrap(), "1");
            assert_eq!(files.read(&large).unwrap().len(), 10_000);
        }
    }

    #[test]
    fn a_forgotten_attribute_is_found_anew() {
        let dir = TempDir::new();
        let path = dir.path().join("value");
        fs::write(&path, "1").unwrap();
        let mut files = KeptFiles::default();
        assert_eq!(files.read(&path).unwrap(), b"1");
        fs::remove_file(&path).unwrap();
        fs::write(&path, "2").unwrap();
        files.forget_unless(|_| false);
        assert_eq!(files.read(&path).unwrap(), b"2");
    }
}
