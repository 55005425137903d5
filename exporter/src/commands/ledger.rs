//! `pratiko-exporter ledger …`.

use std::fs::File;
use std::io::{BufReader, IsTerminal, Read, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use pratiko_domain::event::{Event, Kind};
use pratiko_domain::time::{Clock, Timestamp};
use pratiko_ledger::erasure;
use pratiko_ledger::explain::Question;
use pratiko_ledger::recording::{Recorder, Verdict};
use pratiko_ledger::store::StoreError;
use pratiko_ledger::transfer::{self, Imported, TransferError};

use super::{CommandError, audit, explain, ledger_settings, print, reprice};
use crate::app::ToldInvoice;
use crate::cli::{LedgerCommand, Moment};
use crate::config::Config;
use crate::ledger::{OpenLedger, Place};
use pratiko_metrics::SystemClock;

pub(super) fn run(command: LedgerCommand, config: &Config) -> Result<(), CommandError> {
    let place = &Place::of(&config.ledger);
    match command {
        LedgerCommand::Stats => stats(place),
        LedgerCommand::Verify => verify(place),
        LedgerCommand::Backup { destination } => backup(place, &destination),
        LedgerCommand::Import { files } => import(config, &files),
        LedgerCommand::Erase { id } => audit::erase(config, &id),
        LedgerCommand::Explain { figure, at, plans, window, with_ids } => {
            let at = at.map(instant);
            explain::run(config, &Question { figure, at, window, plans }, with_ids)
        }
        LedgerCommand::Audit { limit } => audit::list(place, limit),
        LedgerCommand::Reconcile { provider, month, invoice, currency } => {
            audit::reconcile(config, &ToldInvoice { provider, month, invoice, currency })
        }
        LedgerCommand::Export { since, until, kinds } => export(place, since, until, &kinds),
        LedgerCommand::Migrate => migrate(place),
        LedgerCommand::Reprice { apply, since, until, model, .. } => {
            reprice::run(config, apply, (since, until), model.as_deref())
        }
        LedgerCommand::Copy { .. } => copy(config),
    }
}

/// Makes the ledger, or brings it to the latest version.
fn migrate(place: &Place) -> Result<(), CommandError> {
    let (what, place) = place.open().map_err(CommandError::of)?.described();
    print(&format!("{what} {place} holds a ledger of the latest version\n"))
}

/// From the file into the database: the only way there is.
fn copy(config: &Config) -> Result<(), CommandError> {
    let Some(database) = &config.ledger.database else {
        return Err(CommandError(
            "ledger.database_url says which database to copy into; it is not set".to_owned(),
        ));
    };
    let directory = Place::Directory(config.ledger.path.clone());
    // A ledger that is not there would be made.
    drop(open_to_read(&directory)?);
    let then = "stop the daemon, copy, and start it again with ledger.database_url";
    let from = open_alone(&directory, then)?;
    let to = Place::Database(database.clone()).open().map_err(CommandError::of)?;
    let (OpenLedger::Sqlite(mut from), OpenLedger::Postgres(mut to)) = (from, to) else {
        return Err(CommandError("only from SQLite to PostgreSQL".to_owned()));
    };
    let mut progress = Progress::new();
    let copied = pratiko_ledger::store::copy(&mut from, &mut to, |done, all| progress.bar(done, all));
    progress.end();
    let copied = copied.map_err(CommandError::of)?;
    print(&format!(
        "{} events and {} users and customers are in {} now, and all sums are those of {}\n",
        copied.events,
        copied.parties,
        to.described(),
        from.path().display()
    ))
}

pub(super) fn open_to_read(place: &Place) -> Result<OpenLedger, CommandError> {
    place.open_to_read().map_err(|error| match error {
        StoreError::File { path, source } if source.kind() == std::io::ErrorKind::NotFound => {
            CommandError(format!("there is no ledger at {}; --ledger.path says where it is", path.display()))
        }
        error => CommandError::of(error),
    })
}

/// Opens for writing what may be another process's, and says what to do `then`.
pub(super) fn open_alone(place: &Place, then: &str) -> Result<OpenLedger, CommandError> {
    place.open().map_err(|error| match error {
        StoreError::InUse(directory) => {
            let directory = directory.display();
            CommandError(format!("the ledger in {directory} is in use by another process: {then}"))
        }
        error => CommandError::of(error),
    })
}

fn stats(place: &Place) -> Result<(), CommandError> {
    let mut ledger = open_to_read(place)?;
    let (what, place) = ledger.described();
    let store = ledger.store();
    let statistics = store.statistics().map_err(CommandError::of)?;
    let instant = |instant: Option<Timestamp>| instant.map_or_else(|| "-".to_owned(), |at| at.to_string());
    print(&format!(
        "ledger            {}\n{what:18}{place}\nevents            {}\nusers, customers  {}\nsize in bytes     \
         {}\nfirst event       {}\nlast event        {}\nlast recorded     {}\n",
        store.identity(),
        statistics.events,
        statistics.parties,
        statistics.size_bytes,
        instant(statistics.first_event),
        instant(statistics.last_event),
        instant(statistics.last_recorded),
    ))
}

fn verify(place: &Place) -> Result<(), CommandError> {
    let found = open_to_read(place)?.verify().map_err(CommandError::of)?;
    print(&format!(
        "events            {}\ncost of events    {} EUR\ncost by user      {} EUR\ncost by plan      {} EUR\n",
        found.events, found.cost, found.user_cost, found.plan_cost
    ))?;
    if found.is_good() {
        return print("the ledger is whole, and its roll-ups are the sums of its events\n");
    }
    let complaints = if found.complaints.is_empty() {
        "the roll-ups are not the sums of the events".to_owned()
    } else {
        found.complaints.join("; ")
    };
    Err(CommandError(format!("the ledger is damaged: {complaints}; restore it from a backup")))
}

fn backup(place: &Place, destination: &Path) -> Result<(), CommandError> {
    let OpenLedger::Sqlite(store) = open_to_read(place)? else {
        return Err(CommandError(
            "a ledger in a database is backed up with the database: pg_dump --schema=pratiko, or whatever its \
             operators use"
                .to_owned(),
        ));
    };
    let mut progress = Progress::new();
    store
        .backup(destination, |left, all| progress.show(&format!("{} of {all} pages", all - left)))
        .map_err(CommandError::of)?;
    progress.end();
    print(&format!("{} is a copy of the ledger\n", destination.display()))?;
    let erasures = store.path().with_file_name(erasure::FILE_NAME);
    if erasures.exists() {
        print(&format!(
            "{} is not in it: keep a copy of that too, and after every erasure a new one\n",
            erasures.display()
        ))?;
    }
    Ok(())
}

fn export(
    place: &Place,
    since: Option<Moment>,
    until: Option<Moment>,
    kinds: &[String],
) -> Result<(), CommandError> {
    let kinds: Vec<Kind> = kinds
        .iter()
        .map(|name| {
            let known = Kind::ALL.into_iter().find(|kind| kind.name() == name || kind.type_name() == name);
            let names: Vec<&str> = Kind::ALL.iter().map(|kind| kind.name()).collect();
            known.ok_or_else(|| CommandError(format!("--kind {name}: not one of {}", names.join(", "))))
        })
        .collect::<Result<_, _>>()?;
    let (from, until) = span(since, until);
    let mut lines = std::io::BufWriter::new(std::io::stdout().lock());
    match transfer::export(open_to_read(place)?.store(), from, until, &kinds, &mut lines) {
        Err(TransferError::Lines(error)) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        result => result.map(|_| ()).map_err(CommandError::of),
    }
}

/// From one moment to another; without them, all there is.
pub(super) fn span(since: Option<Moment>, until: Option<Moment>) -> (Timestamp, Timestamp) {
    (since.map_or(Timestamp::MIN, instant), until.map_or(Timestamp::MAX, instant))
}

fn instant(moment: Moment) -> Timestamp {
    Timestamp::from_micros(moment.0.as_microsecond())
}

fn import(config: &Config, files: &[PathBuf]) -> Result<(), CommandError> {
    let clock = SystemClock;
    let store = Place::of(&config.ledger).open().map_err(CommandError::of)?.into_store();
    let settings = ledger_settings(config)?;
    let mut recorder = Recorder::open(store, settings, clock.now()).map_err(CommandError::of)?;
    let mut rejected = 0;
    for path in files {
        let name = path.display();
        let reader: Box<dyn Read> = if path.as_os_str() == "-" {
            Box::new(std::io::stdin().lock())
        } else {
            Box::new(File::open(path).map_err(|error| CommandError(format!("{name}: {error}")))?)
        };
        let mut progress = Progress::new();
        let record = |events: Vec<Event>| -> Result<Vec<Verdict>, CommandError> {
            recorder.record(events, true, clock.now()).map_err(CommandError::of)
        };
        let tell = |imported: &Imported| {
            progress.show(&format!("{} lines, {} new events", imported.lines, imported.accepted));
        };
        let imported =
            transfer::import(BufReader::new(reader), clock.now(), record, tell).map_err(|error| {
                CommandError(format!("{name}: {error}; run the same import again, it goes on"))
            })?;
        progress.end();
        report(&name.to_string(), &imported)?;
        rejected += imported.rejected;
    }
    // The totals count what time alone has changed by now.
    recorder.refresh(clock.now()).map_err(CommandError::of)?;
    if rejected > 0 {
        return Err(CommandError(format!("{rejected} lines were not recorded; everything else was")));
    }
    Ok(())
}

fn report(name: &str, imported: &Imported) -> Result<(), CommandError> {
    print(&format!(
        "{name}: {} lines, {} recorded, {} were there before, {} rejected\n",
        imported.lines, imported.accepted, imported.duplicates, imported.rejected
    ))?;
    for problem in &imported.problems {
        print(&format!("{name}:{}: {}\n", problem.line, problem.reason))?;
    }
    let shown = imported.problems.len() as u64;
    if imported.rejected > shown {
        print(&format!("{name}: and {} more\n", imported.rejected - shown))?;
    }
    Ok(())
}

impl From<TransferError> for CommandError {
    fn from(error: TransferError) -> Self {
        Self::of(error)
    }
}

/// How far something has come, on a terminal, a few times a second.
pub(super) struct Progress {
    is_terminal: bool,
    shown_at: Option<Instant>,
}

impl Progress {
    pub(super) fn new() -> Self {
        Self { is_terminal: std::io::stderr().is_terminal(), shown_at: None }
    }

    pub(super) fn is_terminal(&self) -> bool {
        self.is_terminal
    }

    pub(super) fn show(&mut self, text: &str) {
        const PAUSE: Duration = Duration::from_millis(200);
        if !self.is_terminal || self.shown_at.is_some_and(|at| at.elapsed() < PAUSE) {
            return;
        }
        self.shown_at = Some(Instant::now());
        // Nobody to tell if the terminal is gone.
        let _ = write!(std::io::stderr(), "\r\x1b[K{text}");
    }

    /// A bar of how much is done.
    fn bar(&mut self, done: u64, all: u64) {
        const WIDTH: u64 = 40;
        let filled = (done * WIDTH / all.max(1)) as usize;
        let percent = done * 100 / all.max(1);
        self.show(&format!("[{:<40}] {percent:>3} %  {done} of {all} rows", "#".repeat(filled)));
    }

    pub(super) fn end(&self) {
        if self.shown_at.is_some() {
            let _ = write!(std::io::stderr(), "\r\x1b[K");
        }
    }
}
