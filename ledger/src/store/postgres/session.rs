//! One connection: how it is made, made again, and what its failures mean.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use postgres::error::SqlState;
use postgres::types::ToSql;
use postgres::{Client, Error, GenericClient, Row, Statement, Transaction};

use super::address::Address;
use super::schema;
use crate::store::StoreError;

/// What is asked for is given up when it takes longer. A group takes milliseconds.
pub(super) const TIMEOUTS: &str = "SET search_path = pratiko, pg_temp; SET lock_timeout = '10s'; SET statement_timeout = '60s'; \
                        SET idle_in_transaction_session_timeout = '60s'; SET TimeZone = 'UTC'";

/// Pauses between attempts to connect: they double from the first to the last.
const PAUSES: (Duration, Duration) = (Duration::from_millis(50), Duration::from_secs(2));

/// Writers beyond these share their rows.
const SLOTS: i16 = 64;

/// A lock that is on nothing but a number.
#[derive(Debug, Clone, Copy)]
pub(super) struct LockKey(i32);

impl LockKey {
    pub const MIGRATION: Self = Self(0);
    pub const PARTITIONS: Self = Self(1);
    pub const UPKEEP: Self = Self(2);
    pub const AMOUNTS: Self = Self(3);
    /// Held while somebody is forgotten, and shared by all who record.
    pub const ERASURE: Self = Self(4);
    /// Of the slot zero; the next ones follow.
    const FIRST_SLOT: i32 = 1000;
    /// Tells our locks from others in the same database: "Prtk".
    const CLASS: i32 = 0x5072_746b;

    /// Waits for the lock, and keeps it to the end of the transaction.
    pub fn lock_in(self, transaction: &mut Transaction<'_>) -> Result<(), Error> {
        transaction.execute("SELECT pg_advisory_xact_lock($1, $2)", &[&Self::CLASS, &self.0]).map(|_| ())
    }

    /// The statement that waits for the lock, and keeps it to the end of the transaction.
    pub fn statement(self) -> String {
        format!("SELECT pg_advisory_xact_lock({}, {})", Self::CLASS, self.0)
    }

    /// The statement that waits until nobody has the lock alone, and shares it to the end of the transaction.
    pub fn shared_statement(self) -> String {
        format!("SELECT pg_advisory_xact_lock_shared({}, {})", Self::CLASS, self.0)
    }

    /// The statement that takes the lock if it is free.
    pub fn try_statement(self) -> String {
        format!("SELECT pg_try_advisory_xact_lock({}, {})", Self::CLASS, self.0)
    }
}

/// What a failure means, and what was being done. What the server says beside its message may hold
/// users' ids, and is left out.
pub(in crate::store) fn failure(doing: &'static str) -> impl Fn(Error) -> StoreError {
    move |error| {
        let Some(by_server) = error.as_db_error() else {
            let why =
                std::error::Error::source(&error).map_or_else(|| error.to_string(), ToString::to_string);
            return StoreError::Interrupted(format!("PostgreSQL, while {doing}: {why}"));
        };
        let code = by_server.code();
        let text = format!("PostgreSQL, while {doing}: {} ({})", by_server.message(), code.code());
        let passes = [
            SqlState::T_R_SERIALIZATION_FAILURE,
            SqlState::T_R_DEADLOCK_DETECTED,
            SqlState::LOCK_NOT_AVAILABLE,
            SqlState::QUERY_CANCELED,
            SqlState::READ_ONLY_SQL_TRANSACTION,
            SqlState::TOO_MANY_CONNECTIONS,
            SqlState::IDLE_IN_TRANSACTION_SESSION_TIMEOUT,
        ];
        if passes.contains(code) || ends_session(code) {
            return StoreError::Interrupted(text);
        }
        StoreError::Foreign(text)
    }
}

/// The server shuts down, crashed, starts, or only reads.
fn ends_session(code: &SqlState) -> bool {
    let code = code.code();
    code.starts_with("57P") || code.starts_with("08") || code == "25006" || code == "25P03"
}

/// One connection.
pub(super) struct Session {
    pub client: Client,
    statements: HashMap<&'static str, Statement>,
    /// Tells this connection from all others of the server.
    pub pid: i32,
    /// When it began, as the server says it.
    pub started: String,
    /// Another one than before: the server is not the one that it was.
    pub timeline: String,
    /// Which rows of counts are its own.
    pub slot: i16,
}

impl Session {
    fn connect(address: &Address, writes: bool) -> Result<Self, StoreError> {
        let mut client = address.connect()?;
        let beginning = failure("beginning a session");
        client.batch_execute(TIMEOUTS).map_err(&beginning)?;
        // What is acknowledged is on disk, whatever the server does for others.
        let durable = "SELECT set_config('synchronous_commit', 'on', false)
                       WHERE current_setting('synchronous_commit') = 'off'";
        client.query(durable, &[]).map_err(&beginning)?;
        if writes {
            schema::migrate(&mut client)?;
        } else {
            schema::require_latest(&mut client)?;
        }
        let row = client
            .query_one(
                "SELECT pid, backend_start::text,
                        CASE WHEN pg_is_in_recovery() THEN '' ELSE left(pg_walfile_name(pg_current_wal_lsn()), 8) END
                 FROM pg_stat_activity WHERE pid = pg_backend_pid()",
                &[],
            )
            .map_err(&beginning)?;
        let (pid, started, timeline) = (row.get(0), row.get(1), row.get(2));
        let slot = if writes { take_slot(&mut client).map_err(&beginning)? } else { 0 };
        Ok(Self { client, statements: HashMap::new(), pid, started, timeline, slot })
    }

    fn statement(&mut self, text: &'static str) -> Result<Statement, Error> {
        if let Some(statement) = self.statements.get(text) {
            return Ok(statement.clone());
        }
        let statement = self.client.prepare(text)?;
        self.statements.insert(text, statement.clone());
        Ok(statement)
    }

    /// Runs a statement that is prepared once.
    pub fn query(&mut self, text: &'static str, values: &[&(dyn ToSql + Sync)]) -> Result<Vec<Row>, Error> {
        let statement = self.statement(text)?;
        self.client.query(&statement, values)
    }

    /// The same for what returns no rows; how many it changed.
    pub fn execute(&mut self, text: &'static str, values: &[&(dyn ToSql + Sync)]) -> Result<u64, Error> {
        let statement = self.statement(text)?;
        self.client.execute(&statement, values)
    }

    /// The same, row by row: there may be more than fit into memory.
    pub fn each(
        &mut self,
        text: &'static str,
        values: &[&(dyn ToSql + Sync)],
        visit: &mut dyn FnMut(&Row) -> Result<(), Error>,
    ) -> Result<(), Error> {
        use postgres::fallible_iterator::FallibleIterator;
        let statement = self.statement(text)?;
        let mut rows = self.client.query_raw(&statement, values.iter().copied())?;
        while let Some(row) = rows.next()? {
            visit(&row)?;
        }
        Ok(())
    }
}

/// The first slot that no other writer has. It is free again when the connection ends.
fn take_slot(client: &mut Client) -> Result<i16, Error> {
    let row = client.query_opt(
        "SELECT slot FROM generate_series(0, $1 - 1) AS slot WHERE pg_try_advisory_lock($2, $3 + slot) LIMIT 1",
        &[&i32::from(SLOTS), &LockKey::CLASS, &LockKey::FIRST_SLOT],
    )?;
    Ok(row.map_or(SLOTS - 1, |row| row.get::<_, i32>(0) as i16))
}

/// How many others have the ledger open to write.
pub(in crate::store) fn other_writers(client: &mut impl GenericClient) -> Result<i64, Error> {
    let row = client.query_one(
        "SELECT count(DISTINCT pid) FROM pg_locks
         WHERE locktype = 'advisory' AND granted AND pid <> pg_backend_pid()
           AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
           AND classid::bigint = $1 AND objid::bigint BETWEEN $2 AND $2 + $3 - 1",
        &[&i64::from(LockKey::CLASS), &i64::from(LockKey::FIRST_SLOT), &i64::from(SLOTS)],
    )?;
    Ok(row.get(0))
}

/// Says where the database is, and how it is reached now: a password may have changed.
pub(super) type AddressSource = Box<dyn FnMut() -> Result<Address, StoreError> + Send>;

/// A connection that is made when it is needed, and made again when it is lost.
pub(super) struct Connection {
    address: AddressSource,
    writes: bool,
    /// How long to try to connect before giving up.
    patience: Duration,
    session: Option<Session>,
    /// Since when nobody answers.
    gone_since: Option<Instant>,
}

impl Connection {
    /// Connects, or says at once why not.
    pub fn open(mut address: AddressSource, writes: bool, patience: Duration) -> Result<Self, StoreError> {
        let session = Some(Session::connect(&address()?, writes)?);
        Ok(Self { address, writes, patience, session, gone_since: None })
    }

    /// The connection, made again if need be.
    pub fn session(&mut self) -> Result<&mut Session, StoreError> {
        if self.session.as_ref().is_none_or(|session| session.client.is_closed()) {
            self.session = None;
            self.session = Some(self.connect()?);
        }
        match &mut self.session {
            Some(session) => Ok(session),
            None => Err(StoreError::Unreachable("there is no connection".to_owned())),
        }
    }

    /// The connection as it was last, if it was not given up.
    pub fn last(&self) -> Option<&Session> {
        self.session.as_ref()
    }

    fn connect(&mut self) -> Result<Session, StoreError> {
        let since = *self.gone_since.get_or_insert_with(Instant::now);
        let mut pause = PAUSES.0;
        loop {
            // An address that cannot be read may be about to be replaced.
            let address = (self.address)().map_err(|error| StoreError::Unreachable(error.to_string()));
            match address.and_then(|address| Session::connect(&address, self.writes)) {
                Err(error) if error.is_passing() && since.elapsed() < self.patience => {
                    tracing::debug!(%error, "tried again");
                    std::thread::sleep(pause);
                    pause = (pause * 2).min(PAUSES.1);
                }
                Err(StoreError::Interrupted(why)) => return Err(StoreError::Unreachable(why)),
                result => {
                    if result.is_ok() {
                        self.gone_since = None;
                        tracing::info!("connected to the database again");
                    }
                    return result;
                }
            }
        }
    }

    /// Gives the connection up if it is of no use any more after this failure.
    pub fn failed(&mut self, error: &Error) {
        let is_over = match error.as_db_error() {
            Some(by_server) => ends_session(by_server.code()),
            None => true,
        };
        if is_over {
            self.session = None;
        }
    }
}
