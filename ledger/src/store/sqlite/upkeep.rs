//! Checks, backups, and the merging of old roll-ups.

use std::collections::BTreeMap;
use std::path::Path;

use pratiko_domain::money::Money;
use pratiko_domain::time::{Hour, Quarter, Timestamp};
use rusqlite::{Connection, params};

use super::values::Exact;
use super::{SqliteStore, doing};
use crate::store::StoreError;

/// Quarter-hours older than this become hours.
const QUARTERS_KEPT: std::time::Duration = std::time::Duration::from_secs(45 * 86_400);

/// Merges the quarter-hours of a few days that are old enough. What is left is for the next time.
pub(super) fn compact(connection: &Connection, now: Timestamp) -> rusqlite::Result<()> {
    const HOURS_AT_ONCE: i64 = 24 * 7;
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

/// What a check of a ledger found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verification {
    /// How many events were counted.
    pub events: u64,
    /// Their cost in euro.
    pub cost: Money,
    /// The cost in the users' roll-ups.
    pub user_cost: Money,
    /// The cost in the plans' roll-ups.
    pub plan_cost: Money,
    /// What SQLite says of the file; empty if all is well.
    pub complaints: Vec<String>,
}

impl Verification {
    /// Whether the file is whole and the roll-ups say what the events say.
    pub fn is_good(&self) -> bool {
        self.complaints.is_empty() && self.cost == self.user_cost && self.cost == self.plan_cost
    }
}

impl SqliteStore {
    /// Checks the file's structure and adds up every event against the roll-ups.
    pub fn verify(&self) -> Result<Verification, StoreError> {
        let complaints = self.check(Some(100))?;
        let sum = |queries: &[&str]| {
            let mut sum = Money::ZERO;
            for query in queries {
                let mut statement = self.connection.prepare(query)?;
                let mut rows = statement.query([])?;
                while let Some(row) = rows.next()? {
                    sum += row.get::<_, Exact>(0)?.into();
                }
            }
            Ok(sum)
        };
        let sum = |queries: &[&str]| sum(queries).map_err(doing("adding up"));
        // One moment for all sums, also while another process writes.
        self.connection.execute_batch("BEGIN").map_err(doing("adding up"))?;
        let events = self
            .connection
            .query_row("SELECT coalesce(max(seq), 0) FROM events", [], |row| row.get(0))
            .map_err(doing("counting"))?;
        let verification = Verification {
            events,
            cost: sum(&["SELECT cost FROM events WHERE cost IS NOT NULL"])?,
            user_cost: sum(&[
                "SELECT llm FROM user_usage",
                "SELECT other FROM user_usage",
                "SELECT llm FROM user_usage_hours",
                "SELECT other FROM user_usage_hours",
            ])?,
            plan_cost: sum(&[
                "SELECT llm FROM plan_usage",
                "SELECT other FROM plan_usage",
                "SELECT llm FROM plan_usage_hours",
                "SELECT other FROM plan_usage_hours",
            ])?,
            complaints,
        };
        self.connection.execute_batch("COMMIT").map_err(doing("adding up"))?;
        Ok(verification)
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

    /// Copies the ledger, as it is at one moment, into a new file; also while it is written.
    ///
    /// `progress` is given the pages that are left and the pages there are.
    pub fn backup(&self, destination: &Path, mut progress: impl FnMut(i32, i32)) -> Result<(), StoreError> {
        if destination.exists() {
            let source = std::io::ErrorKind::AlreadyExists.into();
            return Err(StoreError::File { path: destination.to_owned(), source });
        }
        let mut copy = Connection::open(destination).map_err(doing("creating the backup"))?;
        // The copy is one file: no write-ahead log stays beside it.
        let backup = rusqlite::backup::Backup::new(&self.connection, &mut copy)
            .map_err(doing("beginning the backup"))?;
        loop {
            let step = backup.step(4096).map_err(doing("copying"))?;
            let state = backup.progress();
            progress(state.remaining, state.pagecount);
            match step {
                rusqlite::backup::StepResult::Done => break,
                rusqlite::backup::StepResult::More => {}
                _ => std::thread::sleep(std::time::Duration::from_millis(20)),
            }
        }
        drop(backup);
        copy.pragma_update(None, "journal_mode", "DELETE").map_err(doing("finishing the backup"))
    }
}
