//! The writer's thread: it takes what has queued up, commits it as one group, and answers.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use pratiko_domain::event::Event;
use pratiko_domain::time::{Clock, Timestamp};
use tokio::sync::{oneshot, watch};

use crate::figures::Snapshot;
use crate::handle::RecordError;
use crate::recording::{Recorder, Verdict};

/// Something that is done with the ledger on its own thread, at its own time.
pub(crate) type Work = Box<dyn FnOnce(&mut Recorder, Timestamp) + Send>;

/// What the writer is asked to do.
pub(crate) enum Request {
    /// Record events and answer after the commit.
    Record { events: Vec<Event>, any_age: bool, answer: oneshot::Sender<Result<Vec<Verdict>, RecordError>> },
    /// Take the figures now.
    Refresh { answer: oneshot::Sender<Result<Arc<Snapshot>, RecordError>> },
    /// Do something else with the ledger.
    Work(Work),
    /// End after what is queued.
    Stop,
}

/// A group is committed when it has this many events, or when nothing more is waiting.
const GROUP_EVENTS: usize = 8192;

/// The figures are taken anew at least this often: windows move on and trials end without events.
const IDLE_REFRESH: Duration = Duration::from_secs(10);

/// The figures follow a commit after this much time at the earliest…
const BUSY_REFRESH: Duration = Duration::from_millis(500);

/// …and never take more than one part in this many of the writer's time.
const REFRESH_SHARE: u32 = 10;

/// A start is no time for upkeep, but what is looked at then is soon known.
const FIRST_UPKEEP: Duration = Duration::from_secs(5);

/// How commits went. Durations are in seconds.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct CommitStatistics {
    /// Commits by duration: below each of [`CommitStatistics::BOUNDS`] and not below the one before.
    pub buckets: [u64; Self::BOUNDS.len()],
    /// Commits slower than the last bound.
    pub slower: u64,
    /// The sum of all durations.
    pub seconds: f64,
    /// Groups that failed and were answered with an error.
    pub failures: u64,
    /// How long it took to take the last snapshot.
    pub refresh_seconds: f64,
    /// How large the store is, in bytes; looked at now and then.
    pub size_bytes: Option<u64>,
}

impl CommitStatistics {
    /// Upper bounds of the buckets, in seconds.
    pub const BOUNDS: [f64; 10] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0];

    fn record(&mut self, took: Duration) {
        let seconds = took.as_secs_f64();
        self.seconds += seconds;
        match Self::BOUNDS.iter().position(|bound| seconds <= *bound) {
            Some(position) => self.buckets[position] += 1,
            None => self.slower += 1,
        }
    }
}

/// What the writer's thread works with.
pub(crate) struct Writer {
    pub recorder: Recorder,
    pub clock: Arc<dyn Clock>,
    pub requests: Receiver<Request>,
    pub snapshots: watch::Sender<Option<Arc<Snapshot>>>,
    pub statistics: watch::Sender<CommitStatistics>,
    pub queued_events: Arc<AtomicUsize>,
}

type Answer = oneshot::Sender<Result<Vec<Verdict>, RecordError>>;

impl Writer {
    /// Works until it is told to stop, or nobody is left who could ask it for anything.
    pub fn run(mut self) {
        let mut refresh_at = Instant::now();
        let mut maintain_at = Instant::now() + FIRST_UPKEEP;
        loop {
            let mut waiting = Waiting::default();
            let wait = refresh_at.saturating_duration_since(Instant::now());
            let mut stop = match self.requests.recv_timeout(wait) {
                Ok(request) => waiting.take(request),
                Err(RecvTimeoutError::Timeout) => false,
                Err(RecvTimeoutError::Disconnected) => true,
            };
            while !stop && waiting.events < GROUP_EVENTS {
                let Ok(request) = self.requests.try_recv() else { break };
                stop = waiting.take(request);
            }
            let Waiting { records, works, refreshes, .. } = waiting;
            let has_changes = !records.is_empty() || !works.is_empty();
            self.record(records);
            for work in works {
                work(&mut self.recorder, self.clock.now());
            }
            if has_changes {
                refresh_at =
                    refresh_at.min(Instant::now() + BUSY_REFRESH.max(self.last_refresh() * REFRESH_SHARE));
            }
            if !refreshes.is_empty() || Instant::now() >= refresh_at {
                self.refresh(refreshes);
                refresh_at = Instant::now() + IDLE_REFRESH.max(self.last_refresh() * REFRESH_SHARE);
            }
            if Instant::now() >= maintain_at {
                self.maintain();
                maintain_at = Instant::now() + Duration::from_secs(60);
            }
            if stop {
                return;
            }
        }
    }

    fn last_refresh(&self) -> Duration {
        Duration::from_secs_f64(self.statistics.borrow().refresh_seconds)
    }

    /// Commits all requests of one age rule as one group; a failure is the answer to all of them.
    fn record(&mut self, records: Vec<(Vec<Event>, bool, Answer)>) {
        let (imports, live): (Vec<_>, Vec<_>) = records.into_iter().partition(|(_, any_age, _)| *any_age);
        for (any_age, group) in [(false, live), (true, imports)] {
            if group.is_empty() {
                continue;
            }
            let mut events = Vec::new();
            let mut answers = Vec::with_capacity(group.len());
            for (more, _, answer) in group {
                answers.push((more.len(), answer));
                events.extend(more);
            }
            let count = events.len();
            let started = Instant::now();
            let result = self.recorder.record(events, any_age, self.clock.now());
            self.statistics.send_modify(|statistics| match &result {
                Ok(_) => statistics.record(started.elapsed()),
                Err(_) => statistics.failures += 1,
            });
            self.queued_events.fetch_sub(count, Ordering::AcqRel);
            answer_all(result, answers);
        }
    }

    fn refresh(&mut self, answers: Vec<oneshot::Sender<Result<Arc<Snapshot>, RecordError>>>) {
        let started = Instant::now();
        let result = self.recorder.refresh(self.clock.now()).map(Arc::new);
        let seconds = started.elapsed().as_secs_f64();
        self.statistics.send_modify(|statistics| statistics.refresh_seconds = seconds);
        match &result {
            Ok(snapshot) => {
                self.snapshots.send_replace(Some(Arc::clone(snapshot)));
            }
            Err(error) => tracing::error!(%error, "the business figures could not be taken"),
        }
        for answer in answers {
            let result =
                result.as_ref().map(Arc::clone).map_err(|error| RecordError::Store(error.to_string()));
            // Whoever asked may have gone.
            let _ = answer.send(result);
        }
    }

    fn maintain(&mut self) {
        let now = self.clock.now();
        if let Err(error) = self.recorder.scrub() {
            tracing::warn!(%error, "what was erased may still be in the ledger's files; tried again in a minute");
        }
        let store = self.recorder.store();
        let result = store.begin().and_then(|()| store.maintain(now)).and_then(|()| store.commit());
        if let Err(error) = result {
            store.rollback();
            tracing::warn!(%error, "old roll-ups could not be merged; they are tried again in a minute");
        }
        let size = store.size_bytes();
        self.statistics.send_modify(|statistics| statistics.size_bytes = size.ok());
    }
}

/// What has queued up.
#[derive(Default)]
struct Waiting {
    records: Vec<(Vec<Event>, bool, Answer)>,
    /// How many events those have.
    events: usize,
    works: Vec<Work>,
    refreshes: Vec<oneshot::Sender<Result<Arc<Snapshot>, RecordError>>>,
}

impl Waiting {
    /// Sorts a request; true if it is the last.
    fn take(&mut self, request: Request) -> bool {
        match request {
            Request::Record { events, any_age, answer } => {
                self.events += events.len();
                self.records.push((events, any_age, answer));
            }
            Request::Work(work) => self.works.push(work),
            Request::Refresh { answer } => self.refreshes.push(answer),
            Request::Stop => return true,
        }
        false
    }
}

fn answer_all(result: Result<Vec<Verdict>, crate::store::StoreError>, answers: Vec<(usize, Answer)>) {
    match result {
        Ok(verdicts) => {
            let mut verdicts = verdicts.into_iter();
            for (count, answer) in answers {
                // Whoever asked may have gone; the events are recorded all the same.
                let _ = answer.send(Ok(verdicts.by_ref().take(count).collect()));
            }
        }
        Err(error) => {
            tracing::error!(%error, "a group of events was not recorded; its senders are told to try again");
            for (_, answer) in answers {
                let _ = answer.send(Err(RecordError::Store(error.to_string())));
            }
        }
    }
}
