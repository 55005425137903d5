//! Asking PostgreSQL for the rows of a query that are new.

use std::time::{Duration, Instant};

use postgres::error::{DbError, ErrorPosition, SqlState};
use postgres::types::Type;
use postgres::{Client, IsolationLevel, Transaction};

use super::columns::RowKind;
use crate::store::postgres::{Address, InvalidAddress};

/// So many rows are fetched, and recorded, at once.
const ROWS_AT_ONCE: i32 = 2_000;

/// Numbers as watermarks are read again from this far before: numbers are given out before their rows
/// become visible, so that a smaller one may appear after a greater one.
const NUMBERS_BEFORE: i64 = 1_000;

/// One query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SqlQuery {
    /// Its name within its source.
    pub name: String,
    /// What its rows are.
    pub kind: RowKind,
    /// What is selected, without an end of its own: it is asked for as a part of a larger query.
    pub sql: String,
    /// The column that grows with every new or changed row: an instant or a number.
    pub watermark: String,
    /// How far before the last watermark is read again, where that is an instant: as long as the
    /// application's longest transaction takes.
    pub lookback: Duration,
    /// How long the query may take.
    pub timeout: Duration,
}

/// Where the tables are.
#[derive(Clone)]
pub struct Database(String);

/// Why rows could not be read.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// The database cannot be reached, or does not let us in.
    #[error("{0}")]
    Connect(String),
    /// It refuses the query, or takes too long.
    #[error("the query failed: {0}")]
    Query(String),
    /// The watermark is neither an instant nor a number.
    #[error(
        "the watermark {column} is {is}; it must be a timestamp with time zone, a bigint or an integer (write {column} AT TIME ZONE 'UTC' for a timestamp without time zone)"
    )]
    Watermark {
        /// The column.
        column: String,
        /// Its type.
        is: String,
    },
    /// The query has no such column.
    #[error("the watermark {0} must be among the columns that the query selects")]
    NoWatermark(String),
    /// Reading was stopped by whoever records.
    #[error("{0}")]
    Stopped(String),
}

impl SourceError {
    fn query(error: &postgres::Error) -> Self {
        Self::Query(describe(error))
    }
}

/// What the server says, or why it says nothing. What it says of a value that cannot be converted
/// (SQLSTATE 22…) quotes it, and is left out: it may be personal.
fn describe(error: &postgres::Error) -> String {
    match error.as_db_error() {
        Some(server) if server.code().code().starts_with("22") => {
            format!("a value in it cannot be used (SQLSTATE {})", server.code().code())
        }
        Some(server) => format!("{} (SQLSTATE {})", server.message(), server.code().code()),
        None => error.to_string(),
    }
}

/// A part of the new rows, in the order of their watermarks.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Page {
    /// The rows as JSON objects.
    pub rows: Vec<String>,
    /// The watermark of the last one.
    pub watermark: String,
}

impl Database {
    /// A database by its URL, which may hold a password and is never shown.
    pub fn new(url: String) -> Self {
        Self(url)
    }

    /// Connects.
    pub fn connect(&self) -> Result<Connection, SourceError> {
        let address: Address =
            self.0.parse().map_err(|error: InvalidAddress| SourceError::Connect(error.to_string()))?;
        let connected = address.connect_to_read().map(Connection);
        connected.map_err(|error| SourceError::Connect(error.to_string()))
    }
}

/// A connection to a database.
pub struct Connection(Client);

impl Connection {
    /// Reads the rows from `since` on, or all, page by page. `record` is given one page after the other;
    /// where it fails, reading ends. Changes nothing: the transaction is read-only, and is given up.
    pub fn read_new(
        &mut self,
        query: &SqlQuery,
        since: Option<&str>,
        record: impl FnMut(Page) -> Result<(), String>,
    ) -> Result<(), SourceError> {
        read_new(&mut self.0, query, since, record)
    }
}

fn read_new(
    client: &mut Client,
    query: &SqlQuery,
    since: Option<&str>,
    mut record: impl FnMut(Page) -> Result<(), String>,
) -> Result<(), SourceError> {
    let mut transaction = client
        .build_transaction()
        .read_only(true)
        .isolation_level(IsolationLevel::RepeatableRead)
        .start()
        .map_err(|error| SourceError::query(&error))?;
    limit(&mut transaction, query.timeout)?;
    let watermark = Watermark::of(&mut transaction, query)?;
    let statement =
        transaction.prepare(&watermark.query(query)).map_err(|error| SourceError::query(&error))?;
    let portal = transaction
        .bind(&statement, &[&since, &(query.lookback.as_secs_f64())])
        .map_err(|error| SourceError::query(&error))?;
    // Of the query's own: how long recording takes is no fault of it.
    let mut taken = Duration::ZERO;
    loop {
        let asked = Instant::now();
        let rows =
            transaction.query_portal(&portal, ROWS_AT_ONCE).map_err(|error| SourceError::query(&error))?;
        taken += asked.elapsed();
        let Some(last) = rows.last() else { return Ok(()) };
        let text = |row: &postgres::Row, column| {
            row.try_get::<_, String>(column).map_err(|error| SourceError::query(&error))
        };
        let watermark = text(last, 1)?;
        let rows = rows.iter().map(|row| text(row, 0)).collect::<Result<_, _>>()?;
        record(Page { rows, watermark }).map_err(SourceError::Stopped)?;
        // The server's own limit is for each part.
        if taken > query.timeout {
            let reason = format!("it took longer than {:?}; the next time goes on from here", query.timeout);
            return Err(SourceError::Query(reason));
        }
    }
}

/// What the session may do, and how its answers are written.
fn limit(transaction: &mut Transaction<'_>, timeout: Duration) -> Result<(), SourceError> {
    let milliseconds = timeout.as_millis().max(1);
    let settings = format!(
        "SET LOCAL TIME ZONE 'UTC'; SET LOCAL statement_timeout = {milliseconds};
         SET LOCAL lock_timeout = {milliseconds}; SET LOCAL idle_in_transaction_session_timeout = 0"
    );
    transaction.batch_execute(&settings).map_err(|error| SourceError::query(&error))
}

/// What the watermark is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Watermark {
    Instant,
    Number,
}

impl Watermark {
    fn of(transaction: &mut Transaction<'_>, query: &SqlQuery) -> Result<Self, SourceError> {
        let column = quoted(&query.watermark);
        let probe =
            format!("{PROBE}source.{column} FROM (\n{}\n) AS source LIMIT 0", without_end(&query.sql));
        let statement = transaction.prepare(&probe).map_err(|error| {
            if is_of_watermark(&error) {
                SourceError::NoWatermark(query.watermark.clone())
            } else {
                SourceError::query(&error)
            }
        })?;
        match statement.columns().first().map(postgres::Column::type_) {
            Some(&Type::TIMESTAMPTZ) => Ok(Self::Instant),
            Some(&(Type::INT8 | Type::INT4 | Type::INT2)) => Ok(Self::Number),
            other => Err(SourceError::Watermark {
                column: query.watermark.clone(),
                is: other.map_or_else(|| "missing".to_owned(), |found| found.name().to_owned()),
            }),
        }
    }

    /// The query for what is new: `$1` is the last watermark, `$2` the seconds before it.
    fn query(self, query: &SqlQuery) -> String {
        let column = quoted(&query.watermark);
        let from = match self {
            Self::Instant => "$1::text::timestamptz - make_interval(secs => $2::float8)".to_owned(),
            Self::Number => format!("$1::text::bigint - {NUMBERS_BEFORE} + 0 * $2::float8::bigint"),
        };
        let sql = without_end(&query.sql);
        format!(
            "SELECT to_jsonb(source)::text, source.{column}::text FROM (\n{sql}\n) AS source
             WHERE source.{column} IS NOT NULL AND ($1::text IS NULL OR source.{column} >= {from})
             ORDER BY source.{column}"
        )
    }
}

/// What stands before the watermark where its type is asked for.
const PROBE: &str = "SELECT ";

/// Whether it is the watermark that is not there, and not a column within the query.
fn is_of_watermark(error: &postgres::Error) -> bool {
    // Positions count from 1.
    let position = ErrorPosition::Original(PROBE.len() as u32 + 1);
    let is_it =
        |error: &DbError| *error.code() == SqlState::UNDEFINED_COLUMN && error.position() == Some(&position);
    error.as_db_error().is_some_and(is_it)
}

/// A name as an identifier.
fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// Without the semicolon that people write at the end.
fn without_end(sql: &str) -> &str {
    sql.trim_end().trim_end_matches(';')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn query(sql: &str) -> SqlQuery {
        SqlQuery {
            name: "payments".to_owned(),
            kind: RowKind::Payments,
            sql: sql.to_owned(),
            watermark: "updated_at".to_owned(),
            lookback: Duration::from_secs(300),
            timeout: Duration::from_secs(10),
        }
    }

    #[test]
    fn the_query_is_asked_for_as_a_part_of_a_larger_one() {
        let asked = Watermark::Instant.query(&query("SELECT * FROM payments -- all\n;\n"));
        assert!(asked.contains("(\nSELECT * FROM payments -- all\n\n) AS source"), "{asked}");
        assert!(asked.contains("source.\"updated_at\" >= $1::text::timestamptz"), "{asked}");
    }

    #[test]
    fn a_name_is_no_way_out_of_its_quotes() {
        assert_eq!(quoted("a\" OR true --"), "\"a\"\" OR true --\"");
    }
}
