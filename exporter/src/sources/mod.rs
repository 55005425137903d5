//! Reads what is new in an application's own tables, round after round.
//!
//! Each database has a thread: one that hangs holds up itself alone. A query that fails is tried again
//! in the next round, and its freshness tells.

mod round;

use std::sync::mpsc::{RecvTimeoutError, Sender, TryRecvError, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use pratiko_domain::time::Clock;
use pratiko_ledger::Ledger;

use crate::config::SqlSource;
use crate::own::{IngestCounts, SourceCounts};
use round::Reading;

/// The threads that read; they end when this is stopped or dropped.
#[derive(Debug)]
pub struct Sources {
    stop: Mutex<Vec<Sender<()>>>,
    threads: Vec<JoinHandle<()>>,
}

/// What reading works with.
#[derive(Clone)]
pub struct SourcesSetup {
    /// Where events go.
    pub ledger: Ledger,
    /// Counts them.
    pub ingest: IngestCounts,
    /// Tells how reading goes.
    pub counts: SourceCounts,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
}

impl Sources {
    /// Begins to read.
    pub fn start(sources: &[SqlSource], setup: &SourcesSetup) -> std::io::Result<Self> {
        let (mut stops, mut threads) = (Vec::new(), Vec::new());
        for source in sources {
            let (stop, stopped) = channel();
            let mut reading = Reading::new(source.clone(), setup.clone());
            let interval = source.interval;
            let work = move || loop {
                reading.round(|| stopped.try_recv() == Err(TryRecvError::Disconnected));
                match stopped.recv_timeout(interval) {
                    Err(RecvTimeoutError::Timeout) => {}
                    Ok(()) | Err(RecvTimeoutError::Disconnected) => return,
                }
            };
            threads.push(std::thread::Builder::new().name(format!("sql {}", source.name)).spawn(work)?);
            stops.push(stop);
        }
        Ok(Self { stop: Mutex::new(stops), threads })
    }

    /// Reads no further round. One that is under way comes to its end with the ledger: nothing it reads
    /// is recorded then, and the next start reads it again.
    pub fn stop(&self) {
        self.stop.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// How many databases are read.
    pub fn len(&self) -> usize {
        self.threads.len()
    }

    /// Whether nothing is read.
    pub fn is_empty(&self) -> bool {
        self.threads.is_empty()
    }
}
