//! What became of the events, and how sending goes.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use pratiko_domain::time::Timestamp;

/// Why events were dropped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum DropReason {
    /// The queue was full when they came.
    QueueFull,
    /// The exporter would have rejected them.
    Invalid,
    /// Larger than a request may be, by the settings or by the exporter's word.
    TooLarge,
    /// They came after the shipper was stopped, or were left at its end with no disk to keep them.
    Stopped,
    /// A file on disk was damaged or torn.
    Damaged,
    /// The system had no random numbers for their ids.
    NoRandomNumbers,
}

impl DropReason {
    /// Every reason.
    pub const ALL: &'static [Self] = &[
        Self::QueueFull,
        Self::Invalid,
        Self::TooLarge,
        Self::Stopped,
        Self::Damaged,
        Self::NoRandomNumbers,
    ];

    /// Its label value.
    pub const fn name(self) -> &'static str {
        match self {
            Self::QueueFull => "queue_full",
            Self::Invalid => "invalid",
            Self::TooLarge => "too_large",
            Self::Stopped => "stopped",
            Self::Damaged => "damaged",
            Self::NoRandomNumbers => "no_random_numbers",
        }
    }
}

/// Numbers of events since the start, but for `retries`, which are requests, and for what is there now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Counts {
    /// Taken from the application.
    pub queued: u64,
    /// Found on disk, left by an earlier process.
    pub recovered: u64,
    /// Stored by the exporter.
    pub sent: u64,
    /// Known to the exporter already: an earlier request had arrived and its answer had not.
    pub duplicates: u64,
    /// Refused by the exporter, which says why in [`Status::last_error`]. Trying again would change nothing.
    pub rejected: u64,
    /// Written to disk.
    pub spilled: u64,
    /// Requests that were made again, or will be.
    pub retries: u64,
    /// In memory now, those under way included.
    pub waiting_events: u64,
    /// Their bytes of JSON.
    pub waiting_bytes: u64,
    /// On disk now.
    pub disk_events: u64,
    /// The bytes of their files.
    pub disk_bytes: u64,
    dropped: [u64; DropReason::ALL.len()],
}

impl Counts {
    /// Lost for this reason.
    pub const fn dropped(&self, reason: DropReason) -> u64 {
        self.dropped[reason as usize]
    }

    /// Lost for any reason.
    pub fn all_dropped(&self) -> u64 {
        self.dropped.iter().sum()
    }
}

/// How sending goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum State {
    /// Well, or nothing has been sent yet. Also when the exporter has just said that a request is too
    /// large: it takes smaller ones, and an event dropped for its size is counted as such.
    Delivering,
    /// The exporter is away, too slow or busy; requests are made again, less and less often.
    Retrying,
    /// The token is missing, wrong, or not for sending events. Tried again now and then, as another
    /// may be in its file.
    Unauthorized,
    /// What answers at the endpoint does not answer as an exporter does. Tried again now and then.
    Misdirected,
    /// Stopped.
    Stopped,
}

impl State {
    /// Every state.
    pub const ALL: &'static [Self] =
        &[Self::Delivering, Self::Retrying, Self::Unauthorized, Self::Misdirected, Self::Stopped];

    /// Its label value.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Delivering => "delivering",
            Self::Retrying => "retrying",
            Self::Unauthorized => "unauthorized",
            Self::Misdirected => "misdirected",
            Self::Stopped => "stopped",
        }
    }
}

/// How sending goes, since when, and what went wrong last. Log it when [`Status::since`] has changed:
/// it does so once per change of state, however many requests fail.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Status {
    /// How sending goes.
    pub state: State,
    /// Since when.
    pub since: Timestamp,
    /// What went wrong last, even if all is well by now. Without tokens, users or customers.
    pub last_error: Option<LastError>,
}

/// Something that went wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct LastError {
    /// When.
    pub at: Timestamp,
    /// What.
    pub message: String,
}

/// The counters themselves.
#[derive(Debug)]
pub(super) struct Counters {
    pub queued: Counter,
    pub recovered: Counter,
    pub sent: Counter,
    pub duplicates: Counter,
    pub rejected: Counter,
    pub spilled: Counter,
    pub retries: Counter,
    pub disk_events: Counter,
    pub disk_bytes: Counter,
    dropped: [Counter; DropReason::ALL.len()],
    status: Mutex<Status>,
}

#[derive(Debug, Default)]
pub(super) struct Counter(AtomicU64);

impl Counter {
    pub fn add(&self, count: u64) {
        self.0.fetch_add(count, Ordering::Relaxed);
    }

    pub fn set(&self, value: u64) {
        self.0.store(value, Ordering::Relaxed);
    }

    fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

impl Counters {
    pub fn new() -> Self {
        Self {
            queued: Counter::default(),
            recovered: Counter::default(),
            sent: Counter::default(),
            duplicates: Counter::default(),
            rejected: Counter::default(),
            spilled: Counter::default(),
            retries: Counter::default(),
            disk_events: Counter::default(),
            disk_bytes: Counter::default(),
            dropped: Default::default(),
            status: Mutex::new(Status { state: State::Delivering, since: super::now(), last_error: None }),
        }
    }

    pub fn dropped(&self, reason: DropReason, count: u64) {
        self.dropped[reason as usize].add(count);
    }

    pub fn read(&self, waiting_events: usize, waiting_bytes: usize) -> Counts {
        Counts {
            queued: self.queued.get(),
            recovered: self.recovered.get(),
            sent: self.sent.get(),
            duplicates: self.duplicates.get(),
            rejected: self.rejected.get(),
            spilled: self.spilled.get(),
            retries: self.retries.get(),
            waiting_events: waiting_events as u64,
            waiting_bytes: waiting_bytes as u64,
            disk_events: self.disk_events.get(),
            disk_bytes: self.disk_bytes.get(),
            dropped: std::array::from_fn(|reason| self.dropped[reason].get()),
        }
    }

    pub fn status(&self) -> Status {
        self.lock().clone()
    }

    pub fn failed(&self, message: impl Into<String>) {
        self.lock().last_error = Some(LastError { at: super::now(), message: message.into() });
    }

    pub fn enter(&self, state: State) {
        let mut status = self.lock();
        if status.state != state {
            status.state = state;
            status.since = super::now();
        }
    }

    fn lock(&self) -> MutexGuard<'_, Status> {
        self.status.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_has_its_own_place_and_name() {
        for (position, reason) in DropReason::ALL.iter().enumerate() {
            assert_eq!(*reason as usize, position);
        }
        let names: std::collections::HashSet<_> =
            DropReason::ALL.iter().map(|reason| reason.name()).collect();
        assert_eq!(names.len(), DropReason::ALL.len());
    }

    #[test]
    fn a_state_begins_once_however_often_it_is_told() {
        let counters = Counters::new();
        counters.enter(State::Retrying);
        let since = counters.status().since;
        std::thread::sleep(std::time::Duration::from_millis(2));
        counters.enter(State::Retrying);
        assert_eq!(counters.status().since, since);
        counters.enter(State::Delivering);
        assert!(counters.status().since > since);
    }
}
