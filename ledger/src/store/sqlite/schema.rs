//! The tables, as a list of migrations that is only ever added to.

use rusqlite::Connection;

use super::doing;
use crate::store::StoreError;

/// Marks a file as one of ours (`PRAGMA application_id`): "Prtk".
const APPLICATION_ID: i32 = 0x5072_746b;

/// Each brings a database from the version of its position to the next.
const MIGRATIONS: &[&str] = &["
    CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

    -- The only place where the id of a user or customer is written.
    CREATE TABLE parties (number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE);
    CREATE TABLE names (
        dictionary INTEGER NOT NULL, text TEXT NOT NULL, number INTEGER NOT NULL,
        PRIMARY KEY (dictionary, text)
    ) WITHOUT ROWID;

    CREATE TABLE events (
        seq INTEGER PRIMARY KEY,
        source INTEGER NOT NULL,
        id NOT NULL,                -- a UUID as its 16 bytes, anything else as text
        kind INTEGER NOT NULL,
        time INTEGER NOT NULL,      -- microseconds since 1970
        recorded_at INTEGER NOT NULL,
        user INTEGER NOT NULL,
        customer INTEGER NOT NULL,
        plan INTEGER NOT NULL,
        cost INTEGER,               -- 10^-9 euro; NULL: none, or not known
        data TEXT NOT NULL          -- without the customer's id
    );
    -- One row: when the first and the last event happened.
    CREATE TABLE span (first INTEGER NOT NULL, last INTEGER NOT NULL);
    CREATE UNIQUE INDEX event_identity ON events (source, id);
    CREATE INDEX customer_events ON events (customer, seq) WHERE kind IN (4, 6);

    -- One row for each user in each recorded group: only ever added to, and merged when it is old.
    CREATE TABLE user_usage (
        quarter INTEGER NOT NULL, part INTEGER NOT NULL, user INTEGER NOT NULL,
        llm NOT NULL, other NOT NULL, activity INTEGER NOT NULL,
        PRIMARY KEY (quarter, part, user)
    ) WITHOUT ROWID;
    CREATE TABLE user_usage_hours (
        hour INTEGER NOT NULL, user INTEGER NOT NULL,
        llm NOT NULL, other NOT NULL, activity INTEGER NOT NULL,
        PRIMARY KEY (hour, user)
    ) WITHOUT ROWID;
    CREATE TABLE plan_usage (
        quarter INTEGER NOT NULL, plan INTEGER NOT NULL,
        llm NOT NULL, other NOT NULL, events INTEGER NOT NULL,
        PRIMARY KEY (quarter, plan)
    ) WITHOUT ROWID;
    CREATE TABLE plan_usage_hours (
        hour INTEGER NOT NULL, plan INTEGER NOT NULL,
        llm NOT NULL, other NOT NULL, events INTEGER NOT NULL,
        PRIMARY KEY (hour, plan)
    ) WITHOUT ROWID;
    CREATE TABLE payments (
        quarter INTEGER NOT NULL, outcome INTEGER NOT NULL,
        attempts INTEGER NOT NULL, first_attempts INTEGER NOT NULL,
        PRIMARY KEY (quarter, outcome)
    ) WITHOUT ROWID;

    -- Values outside of 64 bits are decimal text: SQLite's own sums would turn them into floats.
    CREATE TABLE totals (
        family INTEGER NOT NULL, first INTEGER NOT NULL, second INTEGER NOT NULL, third INTEGER NOT NULL,
        value NOT NULL,
        PRIMARY KEY (family, first, second, third)
    ) WITHOUT ROWID;
    -- What events said of users, and when they happened; NULL where none did.
    CREATE TABLE users (
        number INTEGER PRIMARY KEY, customer INTEGER, customer_at INTEGER, plan INTEGER, plan_at INTEGER
    );
    CREATE TABLE customers (
        number INTEGER PRIMARY KEY, churned INTEGER NOT NULL, trials_started INTEGER NOT NULL,
        trials_converted INTEGER NOT NULL, trials_expired INTEGER NOT NULL, trials_cancelled INTEGER NOT NULL
    );
    CREATE TABLE disputes (id TEXT PRIMARY KEY) WITHOUT ROWID;
", "
    -- Every amount in euro, not costs alone; NULL: none, no known price, or no rate yet.
    ALTER TABLE events RENAME COLUMN cost TO euro;
    -- Where an amount in euro comes from, if the event did not tell it so: 10^-15 units of a currency,
    -- the number of the price that made it, the day of the rate (days since 1970) that converted it.
    ALTER TABLE events ADD COLUMN amount;
    ALTER TABLE events ADD COLUMN currency TEXT;
    ALTER TABLE events ADD COLUMN price INTEGER;
    ALTER TABLE events ADD COLUMN rate_day INTEGER;
    CREATE INDEX events_without_euro ON events (seq) WHERE euro IS NULL AND currency IS NOT NULL;

    -- Units of a currency for one euro, in 10^-9, by the day that they are dated. Never changed.
    CREATE TABLE rates (
        day INTEGER NOT NULL, currency TEXT NOT NULL, nanos INTEGER NOT NULL,
        PRIMARY KEY (currency, day)
    ) WITHOUT ROWID;
    -- Every later change of an event's amount in euro.
    CREATE TABLE adjustments (
        seq INTEGER PRIMARY KEY, event INTEGER NOT NULL, adjusted_at INTEGER NOT NULL, reason INTEGER NOT NULL,
        euro_before INTEGER, euro_after INTEGER, price_before INTEGER, price_after INTEGER
    );
    CREATE INDEX adjustments_of_event ON adjustments (event);
    -- How far reading somewhere else has come, and the like.
    CREATE TABLE notes (name TEXT PRIMARY KEY, text TEXT NOT NULL) WITHOUT ROWID;

    -- People who were forgotten: a keyed hash of the id is what is left.
    CREATE TABLE erased (hash BLOB PRIMARY KEY, erased_at INTEGER NOT NULL, internal INTEGER NOT NULL) WITHOUT ROWID;
    -- What administrators did.
    CREATE TABLE audit (
        seq INTEGER PRIMARY KEY, at INTEGER NOT NULL, actor TEXT NOT NULL, action TEXT NOT NULL,
        person BLOB,                -- keyed hash of the id
        result TEXT NOT NULL
    );
    CREATE TRIGGER audit_is_not_changed BEFORE UPDATE ON audit
        BEGIN SELECT RAISE(ABORT, 'the audit log is only ever added to'); END;
    CREATE TRIGGER audit_is_not_shortened BEFORE DELETE ON audit
        BEGIN SELECT RAISE(ABORT, 'the audit log is only ever added to'); END;
    -- What providers charged for a month (its first day, in days since 1970), beside what the ledger said.
    CREATE TABLE reconciliations (
        seq INTEGER PRIMARY KEY, at INTEGER NOT NULL, provider TEXT NOT NULL, month INTEGER NOT NULL,
        currency TEXT NOT NULL, invoice NOT NULL, ledger NOT NULL
    );
"];

/// The version of a database, zero for an empty one. Refuses one that is not ours or is from a later
/// program, and changes nothing.
pub(super) fn version(connection: &Connection) -> Result<usize, StoreError> {
    let number = |pragma: &str| {
        connection
            .pragma_query_value(None, pragma, |row| row.get::<_, i32>(0))
            .map_err(doing("reading its version"))
    };
    let (application, version) = (number("application_id")?, number("user_version")?);
    let tables: i64 = connection
        .query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))
        .map_err(doing("reading its schema"))?;
    if application != APPLICATION_ID && (application != 0 || tables > 0) {
        return Err(StoreError::Foreign("the file is an SQLite database of something else".to_owned()));
    }
    let version = usize::try_from(version).unwrap_or(usize::MAX);
    if version > MIGRATIONS.len() {
        return Err(StoreError::Foreign(format!(
            "the ledger has version {version} and this program knows {}; use a newer program",
            MIGRATIONS.len()
        )));
    }
    Ok(version)
}

/// Brings the database to the latest version.
pub(super) fn migrate(connection: &mut Connection) -> Result<(), StoreError> {
    let missing = MIGRATIONS.get(version(connection)?..).unwrap_or_default();
    if missing.is_empty() {
        return Ok(());
    }
    let transaction = connection.transaction().map_err(doing("beginning a migration"))?;
    for migration in missing {
        transaction.execute_batch(migration).map_err(doing("migrating"))?;
    }
    transaction.pragma_update(None, "application_id", APPLICATION_ID).map_err(doing("migrating"))?;
    transaction.pragma_update(None, "user_version", MIGRATIONS.len() as i64).map_err(doing("migrating"))?;
    transaction.commit().map_err(doing("committing a migration"))
}

/// Refuses a database that has not the version that is read here.
pub(super) fn require_latest(connection: &Connection) -> Result<(), StoreError> {
    match version(connection)? {
        version if version == MIGRATIONS.len() => Ok(()),
        version => Err(StoreError::Foreign(format!(
            "the ledger has version {version}, not {}; whatever writes it must be started once",
            MIGRATIONS.len()
        ))),
    }
}
