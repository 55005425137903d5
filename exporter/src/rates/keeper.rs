//! The thread that looks for new rates.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::Duration;

use pratiko_domain::currency::DailyRates;
use pratiko_domain::time::{Clock, Date};
use pratiko_ledger::Ledger;
use pratiko_ledger::recording::{RatesAdded, Recorder};

use super::file::WatchedFile;
use super::server::Server;
use super::{RatesError, RatesStatus, ReadResult};
use crate::config::{Currencies, RatesSource};

/// A file is looked at as often as this, if not more often.
const LOOK_AT_FILE: Duration = Duration::from_secs(60);

/// The first pause after a failure. Each further one is twice as long, up to the usual pause.
const FIRST_PAUSE: Duration = Duration::from_secs(30);

/// No server means to be left alone for longer, whatever its `Retry-After` says.
const LONGEST_PAUSE: Duration = Duration::from_secs(6 * 3600);

/// Looks for new rates until it is dropped.
#[derive(Debug)]
pub struct RatesKeeper {
    /// The thread ends when this is gone. Nobody waits for it: it may be waiting for a server.
    _stop: Sender<()>,
    status: Arc<RatesStatus>,
}

enum Source {
    File(WatchedFile),
    Server(Server),
}

struct Looking {
    source: Source,
    usual_pause: Duration,
    ledger: Ledger,
    clock: Arc<dyn Clock>,
    status: Arc<RatesStatus>,
    stop: Receiver<()>,
}

impl RatesKeeper {
    /// Starts to look for new rates, if the configuration names a place.
    pub fn start(
        settings: &Currencies,
        ledger: Ledger,
        clock: Arc<dyn Clock>,
    ) -> std::io::Result<Option<Self>> {
        let (source, usual_pause) = match settings.source.clone() {
            RatesSource::Off => return Ok(None),
            RatesSource::File(path) => {
                (Source::File(WatchedFile::new(path)), settings.refresh.min(LOOK_AT_FILE))
            }
            RatesSource::Server(url) => (Source::Server(Server::new(url)), settings.refresh),
        };
        let status = Arc::new(RatesStatus::default());
        let (stop, stopped) = channel();
        let looking =
            Looking { source, usual_pause, ledger, clock, status: Arc::clone(&status), stop: stopped };
        std::thread::Builder::new().name("rates".to_owned()).spawn(move || looking.run())?;
        Ok(Some(Self { _stop: stop, status }))
    }

    /// How it goes.
    pub fn status(&self) -> &Arc<RatesStatus> {
        &self.status
    }
}

impl Looking {
    fn run(mut self) {
        let mut failures = 0;
        loop {
            let looked = self.look();
            // What goes wrong while the daemon stops is nobody's concern.
            if matches!(self.stop.try_recv(), Err(std::sync::mpsc::TryRecvError::Disconnected)) {
                return;
            }
            let pause = match looked {
                Ok(()) => {
                    failures = 0;
                    self.usual_pause
                }
                Err(error) => {
                    failures += 1;
                    tracing::warn!(%error, failures, "no new reference rates; amounts in other currencies may wait");
                    self.status.note(ReadResult::Failed, 0, self.clock.now());
                    self.pause_after(failures, &error)
                }
            };
            if self.stop.recv_timeout(pause) != Err(RecvTimeoutError::Timeout) {
                return;
            }
        }
    }

    fn pause_after(&self, failures: u32, error: &RatesError) -> Duration {
        let doubled = FIRST_PAUSE.saturating_mul(1 << (failures - 1).min(16));
        let asked_for = match error {
            RatesError::Answer { wait: Some(wait), .. } => (*wait).min(LONGEST_PAUSE),
            _ => Duration::ZERO,
        };
        doubled.min(self.usual_pause).max(asked_for)
    }

    fn look(&mut self) -> Result<(), RatesError> {
        let added = match &mut self.source {
            Source::File(file) => match file.changed()? {
                None => None,
                Some((days, version)) => {
                    let added = tell(&self.ledger, days)?;
                    file.keep(version);
                    Some(added)
                }
            },
            Source::Server(server) => {
                let read_up_to = read_up_to(&self.ledger, server.url())?;
                match server.changed(read_up_to, self.clock.now().utc_date())? {
                    None => None,
                    Some(mut fetched) => {
                        let last = fetched.days.iter().map(|of_day| of_day.day).max();
                        let added = tell(&self.ledger, std::mem::take(&mut fetched.days))?;
                        if let Some(last) = last.max(read_up_to) {
                            keep_read_up_to(&self.ledger, server.url(), last)?;
                        }
                        server.keep(fetched);
                        Some(added)
                    }
                }
            }
        };
        let (new, conflicts) = added.map_or((0, 0), |added| (added.new, added.conflicts.len()));
        let result = if new > 0 { ReadResult::Changed } else { ReadResult::Unchanged };
        self.status.note(result, conflicts, self.clock.now());
        Ok(())
    }
}

/// The name under which the ledger keeps how far a server's rates have been read.
fn note_of(url: &str) -> String {
    format!("rates\n{url}")
}

/// The last day up to which all that a server has was read; `None` before its history was. Rates that came from
/// elsewhere say nothing of that.
fn read_up_to(ledger: &Ledger, url: &str) -> Result<Option<Date>, RatesError> {
    let name = note_of(url);
    let note = ledger.with_blocking(move |recorder, _| recorder.store().note(&name));
    let note = note.map_err(|error| RatesError::Ledger(error.to_string()))?;
    Ok(note.and_then(|text| text.parse().ok()))
}

fn keep_read_up_to(ledger: &Ledger, url: &str, last: Date) -> Result<(), RatesError> {
    let name = note_of(url);
    let keep = move |recorder: &mut Recorder, _| {
        let store = recorder.store();
        store.begin()?;
        let kept = store.keep_note(&name, &last.to_string()).and_then(|()| store.commit());
        kept.inspect_err(|_| store.rollback())
    };
    ledger.with_blocking(keep).map_err(|error| RatesError::Ledger(error.to_string()))
}

fn tell(ledger: &Ledger, days: Vec<DailyRates>) -> Result<RatesAdded, RatesError> {
    let added = ledger
        .with_blocking(move |recorder, now| recorder.add_rates(&days, now))
        .map_err(|error| RatesError::Ledger(error.to_string()))?;
    if added.new > 0 {
        tracing::info!(new = added.new, converted = added.converted, "there are new reference rates");
    }
    for conflict in added.conflicts.iter().take(10) {
        tracing::warn!("{conflict}");
    }
    if added.conflicts.len() > 10 {
        tracing::warn!(more = added.conflicts.len() - 10, "more rates contradict known ones");
    }
    Ok(added)
}
