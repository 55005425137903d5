//! Events that wait on disk: numbered files of JSON lines, each an event, the lowest number first.
//!
//! What is written is synchronised to the disk before it leaves memory. A file is deleted when the
//! exporter has answered for every event in it, so that after a crash some are sent a second time,
//! and counted once. A process writes only to files that it has begun itself.

mod directory;
mod segment;

use std::collections::BTreeMap;
use std::io;
use std::path::PathBuf;

use self::directory::Directory;
use self::segment::Segment;
use super::queue::Line;
use super::{SpillSettings, StartError};

/// A file that has grown to this many bytes is followed by another one.
pub(super) const SEGMENT_BYTES: u64 = 1024 * 1024;

/// The number of a file. They are sent in this order.
pub(super) type Number = u64;

/// What one file held.
#[derive(Debug)]
pub(super) struct Loaded {
    pub number: Number,
    /// Without those that are no JSON, such as the last one of a file that a crash cut off.
    pub lines: Vec<Line>,
}

/// The events on disk.
#[derive(Debug)]
pub(super) struct Spill {
    directory: Directory,
    max_bytes: u64,
    segments: BTreeMap<Number, Segment>,
    /// The one that is written to.
    active: Option<Number>,
    next: Number,
}

impl Spill {
    /// Takes the directory for this process and looks at what is in it.
    pub fn open(settings: &SpillSettings) -> Result<Self, StartError> {
        let directory = Directory::open(&settings.directory)?;
        let wrong = |(path, source): (PathBuf, io::Error)| StartError::Directory { path, source };
        let mut segments = BTreeMap::new();
        for (number, path) in directory.segments().map_err(wrong)? {
            let segment = Segment::found(&path).map_err(|source| wrong((path, source)))?;
            segments.insert(number, segment);
        }
        let next = segments.keys().next_back().map_or(0, |last| last + 1);
        Ok(Self { directory, max_bytes: settings.max_bytes, segments, active: None, next })
    }

    pub fn events(&self) -> u64 {
        self.segments.values().map(|segment| segment.events).sum()
    }

    pub fn bytes(&self) -> u64 {
        self.segments.values().map(|segment| segment.bytes).sum()
    }

    /// How many bytes may be added.
    pub fn room(&self) -> u64 {
        self.max_bytes.saturating_sub(self.bytes())
    }

    /// A number below that of all that is written from now on.
    pub fn reserve(&mut self) -> Number {
        self.seal();
        self.next += 1;
        self.next - 1
    }

    /// Adds events behind all others.
    pub fn append<'a>(&mut self, lines: impl IntoIterator<Item = &'a Line>) -> io::Result<()> {
        let is_full =
            |number: &Number| self.segments.get(number).is_none_or(|segment| segment.bytes >= SEGMENT_BYTES);
        let active = self.active.filter(|number| !is_full(number)).unwrap_or(self.next);
        let result = self.write(active, lines);
        self.next = self.next.max(active + 1);
        // What a failed write has left behind ends the file.
        self.active = result.is_ok().then_some(active);
        result
    }

    /// Writes events in the place that was reserved for them.
    pub fn write<'a>(&mut self, number: Number, lines: impl IntoIterator<Item = &'a Line>) -> io::Result<()> {
        let path = self.directory.path_of(number);
        if let Some(segment) = self.segments.get_mut(&number) {
            return segment.append(&path, lines);
        }
        let mut segment = Segment::create(&path)?;
        let result = segment.append(&path, lines).and_then(|()| self.directory.synchronise());
        if result.is_ok() {
            self.segments.insert(number, segment);
        } else {
            let _ = std::fs::remove_file(path);
        }
        result
    }

    pub fn is_empty(&self) -> bool {
        self.segments.is_empty()
    }

    /// The number of the first file, and how many events were written to it.
    pub fn first_number(&self) -> Option<(Number, u64)> {
        self.segments.iter().next().map(|(number, segment)| (*number, segment.events))
    }

    /// The events of a file. It is written to no more.
    pub fn load(&mut self, number: Number) -> io::Result<Loaded> {
        if self.active == Some(number) {
            self.seal();
        }
        let path = self.directory.path_of(number);
        let lines =
            self.segments.get(&number).map_or_else(|| Ok(Vec::new()), |segment| segment.read(&path))?;
        Ok(Loaded { number, lines })
    }

    /// Leaves a file alone that cannot be read; another process may have better luck.
    pub fn forget(&mut self, number: Number) {
        self.segments.remove(&number);
    }

    /// Deletes a file whose events are done with.
    pub fn delete(&mut self, number: Number) -> io::Result<()> {
        self.segments.remove(&number);
        std::fs::remove_file(self.directory.path_of(number))
    }

    fn seal(&mut self) {
        self.active = None;
    }
}

#[cfg(test)]
mod tests;
