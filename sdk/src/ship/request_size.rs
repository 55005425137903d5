//! How large a request may be.

use std::time::{Duration, Instant};

/// Who finds out while reading that a request is too large may close the connection in its middle, and
/// the answer is lost with it. So a request whose connection broke while it was sent is tried again
/// with a half, which does no harm if it broke by itself. One of so many bytes is in the system's
/// buffers before anybody closes anything.
const SMALL_BYTES: usize = 16 * 1024;

/// How long requests stay smaller after the exporter has said that one was too large. Somebody may
/// have allowed larger ones by then.
const REFUSAL_HOLDS: Duration = Duration::from_secs(10 * 60);

/// How long they stay smaller after a connection broke, which seldom has to do with their size.
const BREAK_HOLDS: Duration = Duration::from_secs(60);

/// The most bytes in a request: as many as in the settings, a half where that was too much, and twice
/// as many again after each request that went well.
#[derive(Debug)]
pub(super) struct RequestSize {
    bytes: usize,
    /// By the settings.
    most: usize,
    refused: Option<Limit>,
    broken: Option<Limit>,
}

/// No more bytes than this, for now.
#[derive(Debug, Clone, Copy)]
struct Limit {
    bytes: usize,
    until: Instant,
}

impl RequestSize {
    pub fn new(most: usize) -> Self {
        Self { bytes: most, most, refused: None, broken: None }
    }

    /// The most bytes in the next request.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// All is known of the events of a request.
    pub fn settled(&mut self, now: Instant) {
        let limits = [self.refused, self.broken].into_iter().flatten();
        let lowest = limits.filter(|limit| now < limit.until).map(|limit| limit.bytes).min();
        let grown = self.bytes.saturating_mul(2);
        self.bytes = grown.min(lowest.unwrap_or(self.most)).min(self.most);
    }

    /// The exporter said that a request of so many bytes was too large.
    pub fn refused(&mut self, bytes: usize, now: Instant) {
        self.bytes = (bytes / 2).max(1);
        self.refused = Some(Limit { bytes: self.bytes, until: now + REFUSAL_HOLDS });
    }

    /// The connection broke while a request of so many bytes was sent.
    pub fn broken(&mut self, bytes: usize, now: Instant) {
        if bytes > SMALL_BYTES {
            self.bytes = (bytes / 2).max(SMALL_BYTES).min(self.bytes);
            self.broken = Some(Limit { bytes: self.bytes, until: now + BREAK_HOLDS });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KIB: usize = 1024;

    /// The sizes after one settled request and the next.
    fn next_sizes<const COUNT: usize>(size: &mut RequestSize, now: Instant) -> [usize; COUNT] {
        std::array::from_fn(|_| {
            size.settled(now);
            size.bytes() / KIB
        })
    }

    #[test]
    fn requests_grow_again_when_a_connection_that_broke_is_forgotten() {
        let now = Instant::now();
        let mut size = RequestSize::new(100 * KIB);
        (0..5).for_each(|_| size.broken(size.bytes(), now));
        assert_eq!(size.bytes(), 16 * KIB, "no smaller than what cannot break for its size");
        assert_eq!(next_sizes(&mut size, now), [16; 2], "not at once: it may have been the size");
        assert_eq!(next_sizes(&mut size, now + BREAK_HOLDS), [32, 64, 100, 100]);
    }

    #[test]
    fn a_size_that_was_refused_is_tried_again_after_a_while_only() {
        let now = Instant::now();
        let mut size = RequestSize::new(512 * KIB);
        size.refused(512 * KIB, now);
        size.refused(256 * KIB, now);
        assert_eq!(next_sizes(&mut size, now), [128; 2]);
        size.broken(128 * KIB, now);
        assert_eq!(size.bytes(), 64 * KIB);
        assert_eq!(next_sizes(&mut size, now + BREAK_HOLDS), [128; 2], "back to what was not refused");
        assert_eq!(next_sizes(&mut size, now + REFUSAL_HOLDS), [256, 512, 512]);
    }

    #[test]
    fn a_request_of_one_byte_is_the_smallest() {
        let now = Instant::now();
        let mut size = RequestSize::new(1);
        size.refused(1, now);
        size.settled(now);
        assert_eq!(size.bytes(), 1);
    }
}
