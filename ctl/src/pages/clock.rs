//! A clock that stands until it is set.

use std::sync::atomic::{AtomicI64, Ordering};

use pratiko_domain::time::{Clock, Timestamp};

/// The time of a story that is told faster than it happens.
#[derive(Debug)]
pub struct StoryClock(AtomicI64);

impl StoryClock {
    /// It stands there.
    pub fn at(now: Timestamp) -> Self {
        Self(AtomicI64::new(now.micros()))
    }

    /// It stands there from now on.
    pub fn set(&self, now: Timestamp) {
        self.0.store(now.micros(), Ordering::Release);
    }
}

impl Clock for StoryClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(self.0.load(Ordering::Acquire))
    }
}
