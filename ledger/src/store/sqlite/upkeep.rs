//! Checks, backups, and the merging of old roll-ups.

use std::collections::BTreeMap;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use pratiko_domain::money::Money;
use pratiko_domain::time::{Hour, Quarter, Timestamp};
use rusqlite::backup::{Backup, StepResult};
use rusqlite::{Connection, params};

use super::values::Exact;
use super::{SqliteStore, doing};
use crate::store::StoreError;
use crate::store::verification::{MOST_COMPLAINTS, QUARTERS_KEPT, Sums, Verification};

/// Whether what is deleted is overwritten, so that a person's id which was moved or erased is left
/// nowhere in the file. Without, only on pages that are written anyway.
pub(super) fn overwrite_what_is_deleted(connection: &Connection, all: bool) -> rusqlite::Result<()> {
    connection.pragma_update(None, "secure_delete", if all { "ON" } else { "FAST" })
}

/// Merges the quarter-hours of a day that are old enough. What is left is for the next time.
pub(super) fn compact(connection: &Connection, now: Timestamp) -> rusqlite::Result<()> {
    // Roll-ups hold no ids, and there are many of them.
    overwrite_what_is_deleted(connection, false)?;
    let merged = merge_oldest(connection, now);
    overwrite_what_is_deleted(connection, true)?;
    merged
}

fn merge_oldest(connection: &Connection, now: Timestamp) -> rusqlite::Result<()> {
    const HOURS_AT_ONCE: i64 = 24;
    let before = now.minus(QUARTERS_KEPT).hour();
    for (table, hours_table, key) in
        [("user_usage", "user_usage_hours", "user"), ("plan_usage", "plan_usage_hours", "plan")]
    {
        let first: Option<i64> =
            connection.query_row(&format!("SELECT min(quarter) FROM {table}"), [], |row| row.get(0))?;
        let Some(first) = first.map(|first| Quarter(first).hour()).filter(|first| *first < before) else {
            continue;
        };
        let until = Hour(before.0.min(first.0 + HOURS_AT_ONCE));
        merge(connection, table, hours_table, key, first, until)?;
    }
    Ok(())
}

fn merge(
    connection: &Connection,
    table: &str,
    hours_table: &str,
    key: &str,
    from: Hour,
    until: Hour,
) -> rusqlite::Result<()> {
    let count = if key == "user" { "activity" } else { "events" };
    let mut sums: BTreeMap<(Hour, i64), (Money, Money, u64)> = BTreeMap::new();
    let mut add = |connection: &Connection, query: &str, from: i64, until: i64, to_hour: fn(i64) -> Hour| {
        let mut statement = connection.prepare(query)?;
        let mut rows = statement.query(params![from, until])?;
        while let Some(row) = rows.next()? {
            let sum = sums.entry((to_hour(row.get(0)?), row.get(1)?)).or_default();
            sum.0 += row.get::<_, Exact>(2)?.into();
            sum.1 += row.get::<_, Exact>(3)?.into();
            sum.2 += row.get::<_, u64>(4)?;
        }
        Ok::<_, rusqlite::Error>(())
    };
    let quarters = (from.first_quarter().0, until.first_quarter().0);
    let query = format!(
        "SELECT quarter, {key}, llm, other, {count} FROM {table} WHERE quarter >= ?1 AND quarter < ?2"
    );
    add(connection, &query, quarters.0, quarters.1, |quarter| Quarter(quarter).hour())?;
    let query =
        format!("SELECT hour, {key}, llm, other, {count} FROM {hours_table} WHERE hour >= ?1 AND hour < ?2");
    add(connection, &query, from.0, until.0, Hour)?;
    let mut set = connection.prepare(&format!(
        "INSERT OR REPLACE INTO {hours_table} (hour, {key}, llm, other, {count}) VALUES (?1, ?2, ?3, ?4, ?5)"
    ))?;
    for ((hour, key), (llm, other, count)) in sums {
        set.execute(params![hour.0, key, Exact::from(llm), Exact::from(other), count])?;
    }
    connection.execute(
        &format!("DELETE FROM {table} WHERE quarter >= ?1 AND quarter < ?2"),
        [quarters.0, quarters.1],
    )?;
    Ok(())
}

/// Brings everything from the write-ahead log into the database and empties the log. False if somebody
/// who is reading needs it.
pub(super) fn scrub(connection: &Connection) -> rusqlite::Result<bool> {
    connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0).map(|busy: i64| busy == 0))
}

fn sums(connection: &Connection, queries: &[&str]) -> Result<Sums, StoreError> {
    let add_up = || {
        let mut sums = Sums::new();
        for query in queries {
            let mut statement = connection.prepare(query)?;
            let mut rows = statement.query([])?;
            while let Some(row) = rows.next()? {
                let sum = sums.entry(row.get(0)?).or_default();
                for column in [1, 2] {
                    sum.0 += row.get::<_, Option<Exact>>(column)?.map(Money::from).unwrap_or_default();
                }
                sum.1 += row.get::<_, u64>(3)?;
            }
        }
        sums.retain(|_, sum| *sum != (Money::ZERO, 0));
        Ok(sums)
    };
    add_up().map_err(doing("adding up"))
}

impl SqliteStore {
    /// Checks the file's structure, and adds up every event of every user and plan against the
    /// roll-ups.
    pub fn verify(&self) -> Result<Verification, StoreError> {
        let complaints = self.check(Some(MOST_COMPLAINTS as u32))?;
        // One moment for all sums, also while another process writes.
        let transaction = self.connection.unchecked_transaction().map_err(doing("adding up"))?;
        let events = transaction
            .query_row("SELECT count(*) FROM events", [], |row| row.get(0))
            .map_err(doing("counting"))?;
        // Usage of language models (0) and activity (3) is activity of its user.
        let by_user = sums(
            &transaction,
            &["SELECT user, euro, NULL, kind <> 1 AND user <> 0 FROM events WHERE kind IN (0, 1, 3)"],
        )?;
        let by_plan = sums(&transaction, &["SELECT plan, euro, NULL, 1 FROM events WHERE kind IN (0, 1)"])?;
        let user_rollups = sums(
            &transaction,
            &[
                "SELECT user, llm, other, activity FROM user_usage",
                "SELECT user, llm, other, activity FROM user_usage_hours",
            ],
        )?;
        let plan_rollups = sums(
            &transaction,
            &[
                "SELECT plan, llm, other, events FROM plan_usage",
                "SELECT plan, llm, other, events FROM plan_usage_hours",
            ],
        )?;
        Ok(Verification::of(events, complaints, &by_user, &by_plan, &user_rollups, &plan_rollups))
    }

    /// What SQLite's integrity check says, at most `most` complaints; without a number, its quick check.
    pub fn check(&self, most: Option<u32>) -> Result<Vec<String>, StoreError> {
        let query = match most {
            Some(most) => format!("PRAGMA integrity_check({most})"),
            None => "PRAGMA quick_check(1)".to_owned(),
        };
        let mut statement = self.connection.prepare(&query).map_err(doing("checking"))?;
        let lines = statement.query_map([], |row| row.get::<_, String>(0)).map_err(doing("checking"))?;
        let lines: Result<Vec<String>, _> = lines.collect();
        let mut complaints = lines.map_err(doing("checking"))?;
        complaints.retain(|line| line != "ok");
        Ok(complaints)
    }

    /// Copies the ledger, as it is at one moment, into a new file; also while it is written. The file
    /// has its name only once it is whole.
    ///
    /// `progress` is given the pages that are left and the pages there are.
    pub fn backup(&self, destination: &Path, mut progress: impl FnMut(i32, i32)) -> Result<(), StoreError> {
        let file = |source| StoreError::File { path: destination.to_owned(), source };
        if destination.exists() {
            return Err(file(std::io::ErrorKind::AlreadyExists.into()));
        }
        let mut partial = destination.as_os_str().to_owned();
        partial.push(".partial");
        let partial = PathBuf::from(partial);
        // What an earlier attempt left.
        let _ = std::fs::remove_file(&partial);
        // As private as the ledger itself.
        let made = std::fs::OpenOptions::new().create_new(true).append(true).mode(0o600).open(&partial);
        made.map_err(file)?;
        let copied = self.copy(&partial, &mut progress);
        copied.and_then(|()| std::fs::rename(&partial, destination).map_err(file)).inspect_err(|_| {
            let _ = std::fs::remove_file(&partial);
        })
    }

    fn copy(&self, destination: &Path, progress: &mut dyn FnMut(i32, i32)) -> Result<(), StoreError> {
        let mut copy = Connection::open(destination).map_err(doing("creating the backup"))?;
        // Holds on to one moment: a copy of a ledger that is being written would begin again with
        // every commit.
        let moment = self.connection.unchecked_transaction().map_err(doing("beginning the backup"))?;
        moment
            .query_row("SELECT count(*) FROM meta", [], |_| Ok(()))
            .map_err(doing("beginning the backup"))?;
        let backup = Backup::new(&moment, &mut copy).map_err(doing("beginning the backup"))?;
        loop {
            let step = backup.step(4096).map_err(doing("copying"))?;
            let state = backup.progress();
            progress(state.remaining, state.pagecount);
            match step {
                StepResult::Done => break,
                StepResult::More => {}
                _ => std::thread::sleep(std::time::Duration::from_millis(20)),
            }
        }
        drop(backup);
        // The copy is one file: no write-ahead log stays beside it.
        copy.pragma_update(None, "journal_mode", "DELETE").map_err(doing("finishing the backup"))
    }
}
