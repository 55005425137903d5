//! How much is taken in, and how old it may be.

use std::time::Duration;

use super::key::{DefaultValue::Is, Key, Kind};
use super::reader::Reader;

/// How much is taken in, and how old it may be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ingest {
    /// The largest body of a request, in bytes.
    pub max_body_bytes: usize,
    /// How old an event may be.
    pub max_event_age: Duration,
    /// How far ahead of this host's clock an event may be.
    pub max_future: Duration,
    /// How many events may wait for the ledger.
    pub queue_events: usize,
}

static MAX_BODY_BYTES: Key =
    Key::new("ingest.max_body_bytes", Kind::Size, Is("8MiB"), "Largest body of a request.");
static MAX_EVENT_AGE: Key = Key::new(
    "ingest.max_event_age",
    Kind::Duration,
    Is("35d"),
    "How old an event may be; older ones are rejected, and ledger import takes them.",
);
static MAX_FUTURE: Key = Key::new(
    "ingest.max_future",
    Kind::Duration,
    Is("5m"),
    "How far ahead of the clock of this host an event may be.",
);
static QUEUE_EVENTS: Key = Key::new(
    "ingest.queue_events",
    Kind::Count,
    Is("100000"),
    "How many events may wait for the ledger; beyond that, senders are told to come back.",
);

pub(super) static KEYS: &[&Key] = &[&MAX_BODY_BYTES, &MAX_EVENT_AGE, &MAX_FUTURE, &QUEUE_EVENTS];

impl Ingest {
    pub(super) fn read(values: &mut Reader<'_>) -> Option<Self> {
        let max_body_bytes = values.size(&MAX_BODY_BYTES);
        let max_event_age = values.duration(&MAX_EVENT_AGE);
        let max_future = values.duration_or_zero(&MAX_FUTURE);
        let queue_events = values.count(&QUEUE_EVENTS);
        Some(Self {
            max_body_bytes: max_body_bytes?,
            max_event_age: max_event_age?,
            max_future: max_future?,
            queue_events: queue_events?,
        })
    }
}
