//! The handle that everybody uses: asynchronous, and cheap to clone.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use pratiko_domain::event::Event;
use pratiko_domain::time::{Clock, Timestamp};
use tokio::sync::{oneshot, watch};

use crate::figures::Snapshot;
use crate::recording::{Recorder, Verdict};
use crate::settings::Settings;
use crate::store::{Store, StoreError};
use crate::writer::{CommitStatistics, Request, Work, Writer};

/// Why events were not recorded.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RecordError {
    /// Too much is waiting already.
    #[error("the ledger is busy; try again in a moment")]
    Busy,
    /// The ledger is not open: starting, ending, or unable to.
    #[error("the ledger is not open: {0}")]
    Closed(String),
    /// The store failed; nothing of the request is recorded.
    #[error("the ledger could not store the events: {0}")]
    Store(String),
}

/// Whether the ledger works.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LedgerStatus {
    /// It is being read.
    Opening,
    /// It works.
    Open,
    /// It cannot be opened, or is damaged.
    Failed(String),
}

/// Says so when the writer's thread is gone, however it went.
struct StatusSender(watch::Sender<LedgerStatus>);

impl Drop for StatusSender {
    fn drop(&mut self) {
        self.0.send_if_modified(|status| {
            let has_ended = !matches!(status, LedgerStatus::Failed(_));
            if has_ended {
                *status = LedgerStatus::Failed("its thread has ended".to_owned());
            }
            has_ended
        });
    }
}

/// A ledger that is kept by a thread of its own.
#[derive(Clone)]
pub struct Ledger {
    shared: Arc<Shared>,
}

struct Shared {
    requests: Sender<Request>,
    queued_events: Arc<AtomicUsize>,
    queue_events: usize,
    snapshots: watch::Receiver<Option<Arc<Snapshot>>>,
    statistics: watch::Receiver<CommitStatistics>,
    status: watch::Receiver<LedgerStatus>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Ledger {
    /// Starts the writer's thread, which opens the store with `open` and then works. What is sent
    /// meanwhile waits for it.
    pub fn start(
        mut open: impl FnMut() -> Result<Box<dyn Store>, StoreError> + Send + 'static,
        settings: Settings,
        clock: Arc<dyn Clock>,
    ) -> Self {
        let (requests, receiver) = channel();
        let (snapshot_sender, snapshots) = watch::channel(None);
        let (statistics_sender, statistics) = watch::channel(CommitStatistics::default());
        let (status_sender, status) = watch::channel(LedgerStatus::Opening);
        let status_sender = StatusSender(status_sender);
        let queued_events = Arc::new(AtomicUsize::new(0));
        let queue_events = settings.queue_events;
        let writer_queue = Arc::clone(&queued_events);
        let work = move || {
            let settings = Arc::new(settings);
            let opened = loop {
                let opened =
                    open().and_then(|store| Recorder::open(store, Arc::clone(&settings), clock.now()));
                match opened {
                    Err(error) if error.is_passing() => {
                        let status = LedgerStatus::Failed(error.to_string());
                        if status_sender.0.send_replace(status.clone()) != status {
                            tracing::warn!(%error, "the ledger cannot be opened yet; tried again every second");
                        }
                        if is_told_to_stop(&receiver) {
                            return;
                        }
                    }
                    opened => break opened,
                }
            };
            match opened {
                Ok(recorder) => {
                    status_sender.0.send_replace(LedgerStatus::Open);
                    let writer = Writer {
                        recorder,
                        clock,
                        requests: receiver,
                        snapshots: snapshot_sender,
                        statistics: statistics_sender,
                        queued_events: writer_queue,
                    };
                    writer.run();
                    status_sender.0.send_replace(LedgerStatus::Failed("it has been closed".to_owned()));
                }
                Err(error) => {
                    tracing::error!(%error, "the ledger cannot be opened; host metrics are not affected");
                    status_sender.0.send_replace(LedgerStatus::Failed(error.to_string()));
                }
            }
        };
        let thread = std::thread::Builder::new().name("ledger".to_owned()).spawn(work).ok();
        Self {
            shared: Arc::new(Shared {
                requests,
                queued_events,
                queue_events,
                snapshots,
                statistics,
                status,
                thread: Mutex::new(thread),
            }),
        }
    }

    /// Records events; answers after they are durable, in their order.
    pub async fn record(&self, events: Vec<Event>) -> Result<Vec<Verdict>, RecordError> {
        self.send_events(events, false).await
    }

    /// Records events of any age.
    pub async fn import(&self, events: Vec<Event>) -> Result<Vec<Verdict>, RecordError> {
        self.send_events(events, true).await
    }

    async fn send_events(&self, events: Vec<Event>, any_age: bool) -> Result<Vec<Verdict>, RecordError> {
        let count = events.len();
        let waiting = self.shared.queued_events.fetch_add(count, Ordering::AcqRel);
        // A request larger than the whole queue is still taken when nothing else waits.
        if waiting > 0 && waiting + count > self.shared.queue_events {
            self.shared.queued_events.fetch_sub(count, Ordering::AcqRel);
            return Err(RecordError::Busy);
        }
        let (answer, answered) = oneshot::channel();
        let result = self.ask(Request::Record { events, any_age, answer }, answered).await;
        if matches!(result, Err(RecordError::Closed(_))) {
            // Nobody took them off the queue.
            self.shared.queued_events.fetch_sub(count, Ordering::AcqRel);
        }
        result
    }

    /// Takes the figures now, after everything that was sent before.
    pub async fn refresh(&self) -> Result<Arc<Snapshot>, RecordError> {
        let (answer, answered) = oneshot::channel();
        self.ask(Request::Refresh { answer }, answered).await
    }

    /// Does something with the ledger on its own thread, after everything that was sent before. It holds
    /// up recording for as long as it takes.
    pub async fn with<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Recorder, Timestamp) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, RecordError> {
        let (request, answered) = work_request(work);
        self.ask(request, answered).await
    }

    /// The same, for a thread of one's own: waits until it is done.
    pub fn with_blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Recorder, Timestamp) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, RecordError> {
        let (request, answered) = work_request(work);
        self.shared.requests.send(request).map_err(|_| self.closed())?;
        answered.blocking_recv().map_err(|_| self.closed())?
    }

    fn closed(&self) -> RecordError {
        match &*self.shared.status.borrow() {
            LedgerStatus::Failed(reason) => RecordError::Closed(reason.clone()),
            _ => RecordError::Closed("it is closing".to_owned()),
        }
    }

    async fn ask<T>(&self, request: Request, answered: Answered<T>) -> Result<T, RecordError> {
        self.shared.requests.send(request).map_err(|_| self.closed())?;
        answered.await.map_err(|_| self.closed())?
    }

    /// The latest figures; `None` before the first.
    pub fn snapshot(&self) -> Option<Arc<Snapshot>> {
        self.shared.snapshots.borrow().clone()
    }

    /// How commits went.
    pub fn commits(&self) -> CommitStatistics {
        *self.shared.statistics.borrow()
    }

    /// How many events wait for the writer.
    pub fn queued_events(&self) -> usize {
        self.shared.queued_events.load(Ordering::Acquire)
    }

    /// Whether it works.
    pub fn status(&self) -> LedgerStatus {
        self.shared.status.borrow().clone()
    }

    /// Waits until the ledger is open, or cannot be.
    pub async fn opened(&self) -> LedgerStatus {
        let mut status = self.shared.status.clone();
        match status.wait_for(|status| *status != LedgerStatus::Opening).await {
            Ok(status) => status.clone(),
            Err(_) => LedgerStatus::Failed("its thread has ended".to_owned()),
        }
    }

    /// Commits what is queued and ends the writer's thread. Blocks until it has.
    pub fn close(&self) {
        let _ = self.shared.requests.send(Request::Stop);
        let thread = self.shared.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(thread) = thread
            && thread.join().is_err()
        {
            tracing::error!("the ledger's thread panicked; what it had acknowledged is stored");
        }
    }
}

/// The answer to something that was asked of the writer.
type Answered<T> = oneshot::Receiver<Result<T, RecordError>>;

fn work_request<T: Send + 'static>(
    work: impl FnOnce(&mut Recorder, Timestamp) -> Result<T, StoreError> + Send + 'static,
) -> (Request, Answered<T>) {
    let (answer, answered) = oneshot::channel();
    let work: Work = Box::new(move |recorder, now| {
        let result = work(recorder, now).map_err(|error| RecordError::Store(error.to_string()));
        // Whoever asked may have gone.
        let _ = answer.send(result);
    });
    (Request::Work(work), answered)
}

/// Waits a second before the store is tried again. Who asks for something meanwhile is told that the
/// ledger is not open.
fn is_told_to_stop(requests: &Receiver<Request>) -> bool {
    let until = Instant::now() + Duration::from_secs(1);
    loop {
        match requests.recv_timeout(until.saturating_duration_since(Instant::now())) {
            Ok(Request::Record { .. } | Request::Refresh { .. } | Request::Work(_)) => {}
            Err(RecvTimeoutError::Timeout) => return false,
            Ok(Request::Stop) | Err(RecvTimeoutError::Disconnected) => return true,
        }
    }
}
