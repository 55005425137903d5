//! What time it is, as something that is handed in.

use std::sync::atomic::{AtomicI64, Ordering};

use super::Timestamp;

/// Says what time it is. Whoever needs the time is given one, so that a test can say.
pub trait Clock: Send + Sync {
    /// Now.
    fn now(&self) -> Timestamp;
}

/// A clock that stands still until it is set: for tests, and for stories that are told faster than they happen.
///
/// ```
/// use pratiko_domain::time::{Clock, ManualClock, Timestamp};
///
/// let clock = ManualClock::at(Timestamp::from_seconds(60));
/// clock.set(Timestamp::from_seconds(120));
/// assert_eq!(clock.now(), Timestamp::from_seconds(120));
/// ```
#[derive(Debug)]
pub struct ManualClock(AtomicI64);

impl ManualClock {
    /// One that stands at `now`.
    pub fn at(now: Timestamp) -> Self {
        Self(AtomicI64::new(now.micros()))
    }

    /// Sets it.
    pub fn set(&self, now: Timestamp) {
        self.0.store(now.micros(), Ordering::Release);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(self.0.load(Ordering::Acquire))
    }
}
