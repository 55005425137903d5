//! A ledger in PostgreSQL: how fast events are recorded, and what a large one costs those who read it.
//!
//! The server is a new one with its usual settings: every commit is on disk. It, the daemon and the
//! client share the machine's processors.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use pratiko_ledger::Settings;
use pratiko_ledger::recording::Recorder;
use pratiko_ledger::store::postgres::{Address, PostgresStore};
use pratiko_test_postgres::{Durability, Server};

use crate::events::{Events, Ids, now};
use crate::exporter::Exporter;
use crate::ingest::{Load, measure};
use crate::ledger::{MANY_USERS, fresh};
use crate::process::own_cpu_time;
use crate::report::{Limit, Report};
use crate::synthetic;
use crate::{Result, Setting};

const TARGET: f64 = 30_000.0;
const AT_MOST: Duration = Duration::from_secs(4);

/// Measures; see the module.
pub fn run(setting: &Setting, report: &mut Report) -> Result<()> {
    let server = Server::start(Durability::Full);
    server.sql("postgres", "CREATE DATABASE ledger");
    drop(PostgresStore::open(&server.url("ledger").parse()?)?);
    // Users come again and again: that most are new happens once.
    server.sql("ledger", synthetic::USERS_OF_POSTGRES);
    for (writers, ids, group) in [
        (1, Ids::Ordered, 500),
        (2, Ids::Ordered, 500),
        (3, Ids::Ordered, 500),
        (2, Ids::Random, 500),
        (1, Ids::Ordered, 4000),
    ] {
        let rate = record_at_once(writers, &server.url("ledger").parse()?, ids, group)?;
        let what = format!("{writers} recording groups of {group}, {}, into PostgreSQL", ids.name());
        let limit = if (writers, ids) == (2, Ids::Ordered) { Limit::AtLeast(1.0) } else { Limit::None };
        report.compare(&what, "events/s", rate, TARGET, limit);
    }
    let directory = fresh(setting, "postgres")?;
    let url = directory.join("url");
    std::fs::write(&url, server.url("ledger"))?;
    let flag = format!("--ledger.database-url-file={}", url.display());
    let start = || Exporter::ours_with(setting, &directory, &[&flag]);
    for (connections, batch) in [(8, 500), (1, 500)] {
        let rate = measure(&start()?, &directory, Load { ids: Ids::Ordered, batch, connections })?;
        let what = format!("{connections} connections sending batches of {batch} to a ledger in PostgreSQL");
        let limit = if connections == 8 { Limit::AtLeast(1.0) } else { Limit::None };
        report.compare(&what, "events/s", rate, TARGET, limit);
    }
    drop(server);
    std::fs::remove_dir_all(&directory)?;
    Ok(())
}

/// Several writers at once, as several exporters on one ledger are. All together.
fn record_at_once(writers: usize, address: &Address, ids: Ids, group: usize) -> Result<f64> {
    std::thread::scope(|scope| {
        let record = || record(address, ids, group).map_err(|error| error.to_string());
        let threads: Vec<_> = (0..writers).map(|_| scope.spawn(record)).collect();
        let rates =
            threads.into_iter().map(|thread| thread.join().unwrap_or_else(|_| Err("a writer broke".into())));
        Ok(rates.sum::<std::result::Result<f64, String>>()?)
    })
}

/// Records groups one after the other, as one who imports does: a commit for each.
fn record(address: &Address, ids: Ids, group: usize) -> Result<f64> {
    let store = PostgresStore::open(address)?;
    let mut recorder = Recorder::open(Box::new(store), Arc::new(Settings::default()), now())?;
    let mut events = Events::new(MANY_USERS, ids)?;
    let mut took = Duration::ZERO;
    let mut count = 0;
    while took < AT_MOST {
        let events = (0..group).map(|_| events.event(now())).collect();
        let started = Instant::now();
        recorder.record(events, true, now())?;
        took += started.elapsed();
        count += group;
    }
    Ok(count as f64 / took.as_secs_f64())
}

/// Takes the figures of a million users and thirty million events.
pub fn run_large(_: &Setting, report: &mut Report) -> Result<()> {
    let server = Server::start(Durability::None);
    server.sql("postgres", "CREATE DATABASE ledger");
    let address: Address = server.url("ledger").parse()?;
    drop(PostgresStore::open(&address)?);
    eprintln!("  filling PostgreSQL");
    for statement in synthetic::postgres() {
        server.sql("ledger", &statement);
    }
    refresh(report, "PostgreSQL", &mut || Ok(Box::new(PostgresStore::open(&address)?)))
}

/// The same from a file.
pub fn run_large_file(setting: &Setting, report: &mut Report) -> Result<()> {
    let directory = fresh(setting, "synthetic")?;
    eprintln!("  filling SQLite");
    synthetic::fill_sqlite(&directory)?;
    refresh_sqlite(report, &directory)?;
    std::fs::remove_dir_all(directory)?;
    Ok(())
}

fn refresh_sqlite(report: &mut Report, directory: &Path) -> Result<()> {
    use pratiko_ledger::store::sqlite::SqliteStore;
    refresh(report, "SQLite", &mut || Ok(Box::new(SqliteStore::open(directory)?)))
}

type Opening<'a> = &'a mut dyn FnMut() -> Result<Box<dyn pratiko_ledger::store::Store>>;

fn refresh(report: &mut Report, store: &str, open: Opening<'_>) -> Result<()> {
    const MOST_SECONDS: f64 = 1.0;
    let started = Instant::now();
    let mut at = now();
    let mut recorder = Recorder::open(open()?, Arc::new(Settings::default()), at)?;
    report.note(
        format!("figures of a ledger in {store} rebuilt at the start"),
        "s",
        started.elapsed().as_secs_f64(),
    );
    let mut events = Events::new(MANY_USERS, Ids::Ordered)?;
    let mut worst: f64 = 0.0;
    // Over an hour and a half: windows move on, and hours leave those of a month.
    for _ in 0..12 {
        at = at.plus(Duration::from_secs(450));
        recorder.record((0..1000).map(|_| events.event(at)).collect(), true, at)?;
        let before = own_cpu_time()?;
        recorder.refresh(at)?;
        worst = worst.max(own_cpu_time()?.saturating_sub(before).as_secs_f64());
    }
    let what =
        format!("a refresh with 1,000,000 users and 30,000,000 events in {store}, the slowest of twelve");
    report.compare(&what, "s of processor time", worst, MOST_SECONDS, Limit::AtMost(1.0));
    Ok(())
}
