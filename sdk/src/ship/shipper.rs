//! The handle that applications use.

use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use pratiko_domain::event::{Body, Event};
use pratiko_domain::time::Timestamp;

use super::client::Client;
use super::counts::{Counts, Status};
use super::courier::Courier;
use super::identifier::Identifiers;
use super::keeper::Keeper;
use super::metrics::Sending;
use super::queue::Shared;
use super::spill::Spill;
use super::{NotQueued, ShipSettings, StartError};
use crate::registry::Source;

/// How long the last handle waits for what is left when it goes away without a [`Shipper::stop`].
const LAST_WAIT: Duration = Duration::from_millis(500);

/// Sends business events to an exporter. Cheap to clone; the last clone stops it. A
/// [`Metrics`](crate::Metrics) that ships has a clone, and a [`Registry`](crate::Registry) has none.
///
/// It has threads of its own, so start it after any `fork`.
///
/// ```
/// use std::time::Duration;
///
/// use pratiko_metrics::domain::event::{Body, UserActive};
/// use pratiko_metrics::ship::{Secret, ShipSettings, Shipper};
///
/// let shipper = Shipper::start(ShipSettings {
///     endpoint: "http://127.0.0.1:9".to_owned(), // where nobody listens
///     token: Secret::new("what-is-in-its-ingest-token-file").into(),
///     source: "chat-api".to_owned(),
///     ..ShipSettings::default()
/// })?;
///
/// // Takes a few microseconds, whatever the exporter does.
/// shipper.send(Some("usr_1".to_owned()), Body::UserActive(UserActive::default()))?;
///
/// let outcome = shipper.flush(Duration::from_millis(100));
/// assert_eq!((outcome.sent, outcome.left), (0, 1));
/// let counts = shipper.counts();
/// assert_eq!((counts.queued, counts.waiting_events, counts.all_dropped()), (1, 1, 0));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct Shipper(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    shared: Arc<Shared>,
    identifiers: Identifiers,
    source: String,
    keeper: Mutex<Option<JoinHandle<()>>>,
}

/// What came of waiting for events to be sent.
#[must_use = "says whether events are left"]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct FlushOutcome {
    /// How many events the exporter has stored meanwhile.
    pub sent: u64,
    /// How many of those that were there at the call are still to be sent. After
    /// [`Shipper::stop`] they are on disk, or lost if there is none for them.
    pub left: u64,
}

impl Shipper {
    /// Starts the threads. What an earlier process has left on disk is sent first.
    pub fn start(settings: ShipSettings) -> Result<Self, StartError> {
        settings.check()?;
        let client = Client::new(&settings)?;
        let spill = settings.spill.as_ref().map(Spill::open).transpose()?;
        let shared = Arc::new(Shared::new(&settings));
        shared.recovered(spill.as_ref().map_or(0, Spill::events));
        let courier = Courier::start(client, Arc::clone(&shared))?;
        let source = settings.source.clone();
        let keeper = Keeper::new(Arc::clone(&shared), courier, spill, settings);
        let keeper = std::thread::Builder::new()
            .name("pratiko-ship".to_owned())
            .spawn(move || keeper.run())
            .map_err(StartError::Thread)?;
        let inner =
            Inner { shared, identifiers: Identifiers::default(), source, keeper: Mutex::new(Some(keeper)) };
        Ok(Self(Arc::new(inner)))
    }

    /// Takes what happens now to the user `subject`, as an event with a new id.
    ///
    /// It never waits for the network or a disk. The id is made here, once, so that sending again
    /// never counts twice. The JSON is made here too: the bounds of the queue are then those of
    /// its memory, and who made an event that is no good hears it at once.
    pub fn send(&self, subject: Option<String>, body: Body) -> Result<(), NotQueued> {
        self.send_at(super::now(), subject, body)
    }

    /// The same for what happened at `time`.
    pub fn send_at(&self, time: Timestamp, subject: Option<String>, body: Body) -> Result<(), NotQueued> {
        match self.0.identifiers.next() {
            Ok(id) => self.send_with_id(id, time, subject, body),
            Err(_) => Err(self.refuse(NotQueued::NoRandomNumbers)),
        }
    }

    /// The same under an id that the event has by nature, such as a payment's: recorded twice, by
    /// whichever instance of the application, it still counts once.
    pub fn send_with_id(
        &self,
        id: impl Into<String>,
        time: Timestamp,
        subject: Option<String>,
        body: Body,
    ) -> Result<(), NotQueued> {
        self.send_event(Event { source: self.0.source.clone(), id: id.into(), time, subject, body })
    }

    /// Takes an event as it is, with a source and an id of its own.
    #[expect(clippy::needless_pass_by_value, reason = "who sends an event has no more use for it")]
    pub fn send_event(&self, event: Event) -> Result<(), NotQueued> {
        self.take(&event).map_err(|why| self.refuse(why))
    }

    fn take(&self, event: &Event) -> Result<(), NotQueued> {
        event.validate()?;
        // Strings, numbers and lists of them: nothing in an event can fail to be written.
        let line = serde_json::to_string(event).unwrap_or_default();
        self.0.shared.push(line.into_boxed_str())
    }

    fn refuse(&self, why: NotQueued) -> NotQueued {
        self.0.shared.refused(&why);
        why
    }

    /// Waits until everything that was taken before has been sent, at most for `within`. What waits
    /// for a retry is tried at once, unless the exporter has asked for time.
    pub fn flush(&self, within: Duration) -> FlushOutcome {
        let before = self.stored();
        let left = self.0.shared.flush(deadline(within));
        FlushOutcome { sent: self.stored() - before, left }
    }

    /// Takes no more events, sends those that are there, and ends, within `within` and however long
    /// the disk takes. What is left stays on disk for the next start; without a disk it is dropped
    /// and counted, also what is under way and may yet arrive.
    pub fn stop(&self, within: Duration) -> FlushOutcome {
        let before = self.stored();
        let left = self.0.stop(within);
        FlushOutcome { sent: self.stored() - before, left }
    }

    /// What became of the events so far.
    pub fn counts(&self) -> Counts {
        self.0.shared.counts()
    }

    /// How sending goes.
    pub fn status(&self) -> Status {
        self.0.shared.counters.status()
    }

    /// How sending goes, as families of an application's page. It does not keep the shipper running.
    pub fn source(&self) -> Arc<dyn Source> {
        Arc::new(Sending(Arc::clone(&self.0.shared)))
    }

    fn stored(&self) -> u64 {
        let counts = self.counts();
        counts.sent + counts.duplicates
    }
}

impl Inner {
    fn stop(&self, within: Duration) -> u64 {
        self.shared.stop(deadline(within));
        let left = self.shared.wait_for_end();
        // The directory on disk is free for another when the thread has gone.
        let keeper = self.keeper.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(keeper) = keeper {
            // A panic of the thread has been printed, and is no reason for another.
            let _ = keeper.join();
        }
        left
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.stop(LAST_WAIT);
    }
}

fn deadline(within: Duration) -> Instant {
    let now = Instant::now();
    // Beyond what a clock can say is never.
    now.checked_add(within).unwrap_or(now + Duration::from_secs(100 * 365 * 86_400))
}

#[cfg(test)]
mod tests;
