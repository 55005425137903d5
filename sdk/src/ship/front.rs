//! The oldest events: those that are under way or next to be.

use std::collections::VecDeque;

use super::courier::Request;
use super::queue::Line;
use super::spill::{Loaded, Number};

/// Events that were taken from memory or read from a file on disk, until their fate is known.
#[derive(Debug)]
pub(super) struct Front {
    lines: VecDeque<Line>,
    pub place: Place,
}

/// Where they would be found if this process ended now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// Nowhere; they may be written under this number, if there is a disk for them.
    Memory(Option<Number>),
    /// In this file.
    Disk(Number),
}

impl Front {
    pub fn from_memory(lines: Vec<Line>, reserved: Option<Number>) -> Self {
        Self { lines: lines.into(), place: Place::Memory(reserved) }
    }

    pub fn from_disk(loaded: Loaded) -> Self {
        Self { lines: loaded.lines.into(), place: Place::Disk(loaded.number) }
    }

    pub fn lines(&self) -> impl Iterator<Item = &Line> {
        self.lines.iter()
    }

    pub fn events(&self) -> usize {
        self.lines.len()
    }

    pub fn bytes(&self) -> usize {
        self.lines.iter().map(|line| line.len()).sum()
    }

    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// The first events as a JSON array of at most so many events and bytes, and of at least one event.
    pub fn request(&self, most_events: usize, most_bytes: usize) -> Request {
        let mut body = Vec::with_capacity(most_bytes.min(self.bytes() + self.lines.len() + 1));
        let mut count = 0;
        for line in self.lines.iter().take(most_events.max(1)) {
            // A bracket or a comma before it, and a bracket at the end.
            if count > 0 && body.len() + line.len() + 2 > most_bytes {
                break;
            }
            body.push(if count == 0 { b'[' } else { b',' });
            body.extend_from_slice(line.as_bytes());
            count += 1;
        }
        body.push(b']');
        Request { body, count }
    }

    /// Takes away the first events; how many bytes they had.
    pub fn remove(&mut self, count: usize) -> usize {
        self.lines.drain(..count.min(self.lines.len())).map(|line| line.len()).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_holds_as_many_events_as_fit_and_at_least_one() {
        let lines: Vec<Line> = ["{}", "{\"a\":1}", "{}"].map(Into::into).into();
        let mut front = Front::from_memory(lines, None);
        let request = |front: &Front, events, bytes| {
            let request = front.request(events, bytes);
            (String::from_utf8(request.body).unwrap(), request.count)
        };
        assert_eq!(request(&front, 10, 100), ("[{},{\"a\":1},{}]".to_owned(), 3));
        assert_eq!(request(&front, 2, 100).1, 2);
        assert_eq!(request(&front, 10, 12), ("[{},{\"a\":1}]".to_owned(), 2), "exactly");
        assert_eq!(request(&front, 10, 11).1, 1);
        assert_eq!(request(&front, 10, 0).1, 1);
        assert_eq!(front.remove(2), 9);
        assert_eq!(request(&front, 10, 0), ("[{}]".to_owned(), 1));
    }
}
