//! One file of events, each a line of JSON.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::Path;

use serde::de::IgnoredAny;

use super::directory::private;
use crate::ship::queue::Line;

#[derive(Debug)]
pub(super) struct Segment {
    pub events: u64,
    pub bytes: u64,
}

impl Segment {
    /// A new file; an error if it is there.
    pub fn create(path: &Path) -> io::Result<Self> {
        private(OpenOptions::new().write(true).create_new(true)).open(path)?;
        Ok(Self { events: 0, bytes: 0 })
    }

    /// One that an earlier process has left.
    pub fn found(path: &Path) -> io::Result<Self> {
        let text = std::fs::read(path)?;
        Ok(Self { events: lines(&text).count() as u64, bytes: text.len() as u64 })
    }

    /// Writes events behind those in it, for good. After an error none of them is in it, as far as
    /// that can be had.
    pub fn append<'a>(&mut self, path: &Path, lines: impl IntoIterator<Item = &'a Line>) -> io::Result<()> {
        let mut text = Vec::new();
        let mut events = 0;
        for line in lines {
            text.extend_from_slice(line.as_bytes());
            text.push(b'\n');
            events += 1;
        }
        let mut file = OpenOptions::new().append(true).open(path)?;
        if let Err(error) = file.write_all(&text).and_then(|()| file.sync_data()) {
            let _ = file.set_len(self.bytes);
            return Err(error);
        }
        self.events += events;
        self.bytes += text.len() as u64;
        Ok(())
    }

    /// The events in it; lines that are none are left out. So is what an append has left behind its
    /// end that failed and could not be undone: those events are still in memory.
    pub fn read(&self, path: &Path) -> io::Result<Vec<Line>> {
        let file = match File::open(path) {
            // Somebody has taken it away: its events are gone, which is no reason to stop.
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            file => file?,
        };
        let mut text = Vec::new();
        file.take(self.bytes).read_to_end(&mut text)?;
        let events = lines(&text).filter_map(|line| std::str::from_utf8(line).ok());
        Ok(events.filter(|line| is_object(line)).map(Line::from).collect())
    }
}

fn lines(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    text.split(|byte| *byte == b'\n').filter(|line| !line.is_empty())
}

/// One bad line would cost the whole request that it is in.
fn is_object(line: &str) -> bool {
    line.starts_with('{') && serde_json::from_str::<IgnoredAny>(line).is_ok()
}
