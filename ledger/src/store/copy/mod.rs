//! A ledger out of its SQLite file and into PostgreSQL, row by row: numbers, ids and all that was fixed
//! when it was recorded stay what they are, so that nothing that shows it notices.
//!
//! Everything is one transaction of the database: it is there as a whole or not at all.

mod column;
mod tables;

use std::collections::HashSet;
use std::io::Write;

use pratiko_domain::time::{Date, Quarter, Timestamp};
use rusqlite::Connection;

use self::tables::{AFTERWARDS, IDENTITIES, TABLES, Table};
use super::postgres::{PostgresStore, other_writers};
use super::sqlite::SqliteStore;
use super::{Store, StoreError};

/// So many bytes are sent at once.
const CHUNK: usize = 1 << 18;

/// What was copied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Copied {
    /// Events.
    pub events: u64,
    /// Users and customers.
    pub parties: u64,
}

fn reading(source: rusqlite::Error) -> StoreError {
    StoreError::Sqlite { doing: "reading what is to be copied", source }
}

/// Copies a ledger into a database that holds none, or one without events, and verifies the copy by its
/// sums. `progress` is given how many rows are copied, of how many.
pub fn copy(
    from: &mut SqliteStore,
    to: &mut PostgresStore,
    mut progress: impl FnMut(u64, u64),
) -> Result<Copied, StoreError> {
    if to.statistics()?.events > 0 {
        return Err(StoreError::Foreign(
            "the database holds events already; copy into an empty one".to_owned(),
        ));
    }
    let months = {
        // One moment for all tables, also while a daemon writes. What comes later is not copied.
        let moment = from.connection().unchecked_transaction().map_err(reading)?;
        let months = months(&moment)?;
        to.ensure_months(&months)?;
        let tables = || TABLES.iter().chain([&IDENTITIES]);
        let all = tables().map(|table| count(&moment, table)).sum::<Result<u64, StoreError>>()?;
        let mut done = 0;
        let mut advance = || {
            done += 1;
            progress(done, all);
        };
        let client = to.client()?;
        let writing = super::postgres::failure("copying");
        let mut transaction = client.transaction().map_err(&writing)?;
        transaction.batch_execute(tables::BEFORE).map_err(&writing)?;
        // Now nobody can open it without waiting for the end of this.
        match other_writers(&mut transaction).map_err(&writing)? {
            0 => {}
            others => return Err(StoreError::Foreign(in_use(others))),
        }
        for table in tables() {
            let mut copy =
                transaction.copy_in(&format!("COPY {} FROM STDIN", table.into)).map_err(&writing)?;
            send(&moment, table, &mut copy, &mut advance)?;
            copy.finish().map_err(&writing)?;
        }
        transaction.batch_execute(AFTERWARDS).map_err(&writing)?;
        transaction.commit().map_err(&writing)?;
        months
    };
    tracing::debug!(months = months.len(), "copied");
    verify(from, to)
}

/// What is said when somebody holds figures of the empty ledger, and would go on to show them.
fn in_use(others: i64) -> String {
    let who = if others == 1 { "another process has".to_owned() } else { format!("{others} processes have") };
    format!("{who} this database open to record; stop every exporter on it, copy, and start them again")
}

/// The months in which something happened.
fn months(connection: &Connection) -> Result<HashSet<Date>, StoreError> {
    let mut statement =
        connection.prepare("SELECT DISTINCT time / 86400000000 FROM events").map_err(reading)?;
    let days = statement.query_map([], |row| row.get::<_, i64>(0)).map_err(reading)?;
    days.map(|day| Ok(super::postgres::month_of(Date::from_days_since_epoch(day.map_err(reading)?))))
        .collect()
}

fn count(connection: &Connection, table: &Table) -> Result<u64, StoreError> {
    let query = format!("SELECT count(*) FROM ({})", table.query);
    connection.query_row(&query, [], |row| row.get(0)).map_err(reading)
}

fn send(
    connection: &Connection,
    table: &Table,
    to: &mut impl Write,
    advance: &mut dyn FnMut(),
) -> Result<(), StoreError> {
    let mut statement = connection.prepare(table.query).map_err(reading)?;
    let mut rows = statement.query([]).map_err(reading)?;
    let mut text = String::with_capacity(CHUNK + 4096);
    let sending =
        |error: std::io::Error| StoreError::Interrupted(format!("PostgreSQL, while copying: {error}"));
    while let Some(row) = rows.next().map_err(reading)? {
        for (position, column) in table.columns.iter().enumerate() {
            if position > 0 {
                text.push('\t');
            }
            column.write(row, position, &mut text).map_err(reading)?;
        }
        text.push('\n');
        if text.len() > CHUNK {
            to.write_all(text.as_bytes()).map_err(sending)?;
            text.clear();
        }
        advance();
    }
    to.write_all(text.as_bytes()).map_err(sending)
}

/// Whether both say the same: sums by user and plan, every total, every payment.
fn verify(from: &mut SqliteStore, to: &mut PostgresStore) -> Result<Copied, StoreError> {
    let (one, other) = (from.verify()?, to.verify()?);
    if one != other || !other.is_good() {
        return Err(StoreError::Damaged(format!(
            "the copy is not what was copied: {one:?} became {other:?}"
        )));
    }
    let all = |store: &mut dyn Store| {
        let mut loaded = store.load(Quarter(i64::MIN))?;
        loaded.totals.sort_unstable();
        loaded.payments.sort_unstable_by_key(|row| (row.quarter, row.outcome as usize));
        loaded.users.sort_unstable_by_key(|row| row.user);
        loaded.customers.sort_unstable_by_key(|(customer, _)| *customer);
        loaded.erased.sort_unstable_by_key(|erased| erased.hash);
        Ok::<_, StoreError>(format!("{loaded:?}"))
    };
    let statistics = to.statistics()?;
    let here = from.statistics()?;
    let counts = |statistics: &super::Statistics| {
        (statistics.events, statistics.adjustments, statistics.first_event, statistics.last_event)
    };
    if all(from)? != all(to)? || counts(&here) != counts(&statistics) {
        return Err(StoreError::Damaged("the copy's totals are not those of what was copied".to_owned()));
    }
    Ok(Copied { events: statistics.events, parties: statistics.parties })
}

/// An instant as PostgreSQL reads it.
fn instant(micros: i64) -> String {
    Timestamp::from_micros(micros).to_string()
}
