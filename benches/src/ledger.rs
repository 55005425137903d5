//! Ledgers to measure with.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use pratiko_ledger::Settings;
use pratiko_ledger::recording::Recorder;
use pratiko_ledger::store::sqlite::SqliteStore;

use crate::events::{Events, Ids, now};
use crate::{Result, Setting};

/// As many events as the large ledger begins with, and by as many users.
pub const MANY_EVENTS: u64 = 10_000_000;
pub const MANY_USERS: u64 = 1_000_000;

const GROUP: u32 = 10_000;
const THIRTY_DAYS: Duration = Duration::from_secs(30 * 86_400);

/// A directory without a ledger.
pub fn fresh(setting: &Setting, name: &str) -> Result<PathBuf> {
    let directory = setting.data.join(format!("fresh-{name}"));
    if directory.exists() {
        std::fs::remove_dir_all(&directory)?;
    }
    std::fs::create_dir_all(&directory)?;
    Ok(directory)
}

/// The ledger of ten million events and a million users, made if it is not there. What ingest adds
/// to it in one run is still there in the next.
pub fn large(setting: &Setting) -> Result<PathBuf> {
    let directory = setting.data.join("ten-million");
    let made = directory.join("made");
    // Later, too much of it lies outside of the windows.
    let is_recent = made
        .metadata()
        .and_then(|file| file.modified())
        .is_ok_and(|at| at.elapsed().is_ok_and(|age| age < Duration::from_secs(2 * 86_400)));
    if is_recent {
        return Ok(directory);
    }
    if directory.exists() {
        std::fs::remove_dir_all(&directory)?;
    }
    fill(&directory, MANY_EVENTS, MANY_USERS)?;
    std::fs::write(made, "")?;
    Ok(directory)
}

/// Records events spread evenly over the last thirty days, as an import would.
pub fn fill(directory: &Path, count: u64, users: u64) -> Result<()> {
    let store = SqliteStore::open(directory)?;
    let until = now();
    let mut recorder = Recorder::open(Box::new(store), Arc::new(Settings::default()), until)?;
    let known = recorder.store().statistics()?.events;
    let mut events = Events::new(users, Ids::Ordered)?;
    let step = THIRTY_DAYS / u32::try_from(count)?;
    let mut time = until.minus(THIRTY_DAYS);
    let started = Instant::now();
    let mut left = count.saturating_sub(known);
    while left > 0 {
        let size = left.min(u64::from(GROUP)) as u32;
        let group = (0..size).map(|index| events.event(time.plus(step * index))).collect();
        recorder.record(group, true, until)?;
        time = time.plus(step * size);
        left -= u64::from(size);
        if left.is_multiple_of(1_000_000) && count > 1_000_000 {
            eprintln!("  {left} events to make; {:.0?} so far", started.elapsed());
        }
    }
    Ok(())
}
