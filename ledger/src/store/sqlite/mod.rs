//! A ledger in one SQLite file.
//!
//! Write-ahead log, `synchronous=FULL`: a commit is on disk when it returns. One process writes,
//! which a lock file beside the database holds it to; any number may read, also while it writes.

mod amounts;
mod audit;
mod events;
mod read;
mod schema;
mod upkeep;
mod values;
mod write;

use std::fs::{File, OpenOptions, TryLockError};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use pratiko_domain::revenue::Counted;
use pratiko_domain::time::{Quarter, Timestamp};
use rusqlite::{Connection, OpenFlags, OptionalExtension};

use super::{
    Amounts, AuditEntry, Changes, Dictionary, EventFilter, Followed, Inserted, Loaded, NewEvent, PartyNumber,
    Statistics, Store, StoreError, StoredAmount, StoredEvent, UsageRow,
};

pub(in crate::store) use values::EventId;

/// The database's name in the ledger's directory.
pub const FILE_NAME: &str = "ledger.db";

/// The write-ahead log is copied into the database when it has this many pages of 4 KiB: fewer make
/// the disk copy a hot page more often than it must, more make a restart read more. Four times as
/// many recorded 14 % more events a second of processor time (76,000 instead of 67,000, in groups of
/// 800), and leave a log of 256 MiB instead of 64.
const CHECKPOINT_PAGES: i64 = 16_384;

/// SQLite's own page cache, in KiB. Numbering users at random is what needs it: with 200,000 of them
/// and 16 MiB instead of 2, groups of 800 took 12 % less processor time.
const CACHE_KIBIBYTES: i64 = 16 * 1024;

/// A ledger in one SQLite file.
pub struct SqliteStore {
    connection: Connection,
    path: PathBuf,
    identity: String,
    /// Held as long as the store may write.
    _lock: Option<Lock>,
}

/// The locked file beside the database.
struct Lock(File);

impl Drop for Lock {
    /// Closing the file is not enough: a process that is being started meanwhile has a copy of its
    /// descriptor for a moment, and would keep the lock until then.
    fn drop(&mut self) {
        // Closing comes next, which unlocks it too.
        let _ = self.0.unlock();
    }
}

/// Says what was being done when SQLite failed.
fn doing(doing: &'static str) -> impl Fn(rusqlite::Error) -> StoreError {
    move |source| StoreError::Sqlite { doing, source }
}

impl SqliteStore {
    /// Opens the ledger in `directory` for writing, and makes it if there is none.
    pub fn open(directory: &Path) -> Result<Self, StoreError> {
        let file = |path: &Path| {
            let path = path.to_owned();
            move |source| StoreError::File { path, source }
        };
        std::fs::create_dir_all(directory).map_err(file(directory))?;
        let lock_path = directory.join("ledger.lock");
        let lock = OpenOptions::new().create(true).append(true).open(&lock_path).map_err(file(&lock_path))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(StoreError::InUse(directory.to_owned())),
            Err(TryLockError::Error(source)) => return Err(StoreError::File { path: lock_path, source }),
        }
        let path = directory.join(FILE_NAME);
        // Revenue is its owner's business; SQLite gives its other files the mode of this one.
        let database = OpenOptions::new().create(true).append(true).mode(0o600).open(&path);
        database.map_err(file(&path))?;
        let mut connection = Connection::open(&path).map_err(doing("opening it"))?;
        // Before anything is changed: it may be somebody else's.
        schema::version(&connection)?;
        configure(&connection).map_err(doing("configuring it"))?;
        schema::migrate(&mut connection)?;
        let identity = identity(&connection)?;
        Ok(Self { connection, path, identity, _lock: Some(Lock(lock)) })
    }

    /// Opens the ledger in `directory` for reading, also while another process writes it.
    pub fn open_to_read(directory: &Path) -> Result<Self, StoreError> {
        let path = directory.join(FILE_NAME);
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(&path, flags).map_err(|source| match source {
            _ if matches!(path.try_exists(), Ok(false)) => {
                StoreError::File { path: path.clone(), source: std::io::ErrorKind::NotFound.into() }
            }
            source => StoreError::Sqlite { doing: "opening it", source },
        })?;
        connection.busy_timeout(std::time::Duration::from_secs(10)).map_err(doing("opening it"))?;
        schema::require_latest(&connection)?;
        let identity = identity(&connection)?;
        Ok(Self { connection, path, identity, _lock: None })
    }

    /// For whoever copies it.
    pub(in crate::store) fn connection(&self) -> &Connection {
        &self.connection
    }

    /// The database file.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

fn configure(connection: &Connection) -> rusqlite::Result<()> {
    connection.set_prepared_statement_cache_capacity(64);
    connection.busy_timeout(std::time::Duration::from_secs(10))?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "wal_autocheckpoint", CHECKPOINT_PAGES)?;
    connection.pragma_update(None, "journal_size_limit", 64 * 1024 * 1024)?;
    connection.pragma_update(None, "cache_size", -CACHE_KIBIBYTES)?;
    connection.pragma_update(None, "foreign_keys", false)?;
    upkeep::overwrite_what_is_deleted(connection, true)
}

/// The ledger's id, made once and kept in it.
fn identity(connection: &Connection) -> Result<String, StoreError> {
    let read = |connection: &Connection| {
        connection.query_row("SELECT value FROM meta WHERE key = 'ledger'", [], |row| row.get::<_, String>(0))
    };
    match read(connection) {
        Ok(identity) => Ok(identity),
        Err(rusqlite::Error::QueryReturnedNoRows) => {
            let mut bytes = [0_u8; 8];
            getrandom::fill(&mut bytes).map_err(|error| {
                StoreError::Foreign(format!("no random bytes to make the ledger's id of: {error}"))
            })?;
            let identity = format!("{:016x}", u64::from_be_bytes(bytes));
            connection
                .execute("INSERT INTO meta (key, value) VALUES ('ledger', ?1)", [&identity])
                .map_err(doing("writing the ledger's id"))?;
            Ok(identity)
        }
        Err(source) => Err(StoreError::Sqlite { doing: "reading the ledger's id", source }),
    }
}

impl Store for SqliteStore {
    fn identity(&self) -> &str {
        &self.identity
    }

    fn begin(&mut self) -> Result<(), StoreError> {
        self.connection.execute_batch("BEGIN IMMEDIATE").map_err(doing("beginning a transaction"))
    }

    fn commit(&mut self) -> Result<(), StoreError> {
        self.connection.execute_batch("COMMIT").map_err(doing("committing"))
    }

    fn rollback(&mut self) {
        // Fails only where there is no transaction any more, which is what is wanted.
        let _ = self.connection.execute_batch("ROLLBACK");
    }

    fn begin_reading(&mut self) -> Result<(), StoreError> {
        self.connection.execute_batch("BEGIN").map_err(doing("beginning to read"))
    }

    /// There is no other writer.
    fn hold_recording(&mut self) -> Result<(), StoreError> {
        Ok(())
    }

    fn keeps_numbers(&self) -> bool {
        false
    }

    /// Nobody else writes.
    fn follow(&mut self) -> Result<Followed, StoreError> {
        Ok(Followed::NOTHING)
    }

    fn parties(&mut self, ids: &[&str]) -> Result<Vec<PartyNumber>, StoreError> {
        write::parties(&self.connection, ids).map_err(doing("numbering users"))
    }

    fn find_party(&mut self, id: &str) -> Result<Option<PartyNumber>, StoreError> {
        audit::find_party(&self.connection, id).map_err(doing("looking for somebody"))
    }

    fn party_ids(&mut self, numbers: &[PartyNumber]) -> Result<Vec<(PartyNumber, String)>, StoreError> {
        audit::party_ids(&self.connection, numbers).map_err(doing("reading ids"))
    }

    fn name(&mut self, dictionary: Dictionary, text: &str, most: usize) -> Result<Option<u32>, StoreError> {
        write::name(&self.connection, dictionary, text, most).map_err(doing("numbering a name"))
    }

    fn insert(&mut self, events: &[NewEvent<'_>]) -> Result<Vec<Inserted>, StoreError> {
        write::insert(&self.connection, events).map_err(doing("storing events"))
    }

    fn add(&mut self, changes: &Changes) -> Result<usize, StoreError> {
        write::add(&self.connection, changes).map_err(doing("adding to roll-ups"))
    }

    fn counted(&mut self, customers: &[PartyNumber]) -> Result<Vec<Counted>, StoreError> {
        read::counted(&self.connection, customers).map_err(doing("reading customers"))
    }

    fn load(&mut self, payments_from: Quarter) -> Result<Loaded, StoreError> {
        read::load(&self.connection, payments_from).map_err(doing("loading"))
    }

    fn each_party(&mut self, visit: &mut dyn FnMut(PartyNumber, &str)) -> Result<(), StoreError> {
        read::each_party(&self.connection, visit).map_err(doing("reading users"))
    }

    fn usage(
        &mut self,
        from: Quarter,
        until: Quarter,
        visit: &mut dyn FnMut(UsageRow),
    ) -> Result<(), StoreError> {
        read::usage(&self.connection, None, from, until, visit).map_err(doing("reading roll-ups"))
    }

    fn usage_of(
        &mut self,
        user: PartyNumber,
        from: Quarter,
        until: Quarter,
        visit: &mut dyn FnMut(UsageRow),
    ) -> Result<(), StoreError> {
        read::usage(&self.connection, Some(user), from, until, visit).map_err(doing("reading roll-ups"))
    }

    fn customer_events(
        &mut self,
        customers: Option<&[PartyNumber]>,
        visit: &mut dyn FnMut(StoredEvent),
    ) -> Result<(), StoreError> {
        events::of_customers(&self.connection, customers, visit).map_err(doing("reading subscriptions"))
    }

    fn events(
        &mut self,
        which: &EventFilter<'_>,
        visit: &mut dyn FnMut(StoredEvent) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        events::filtered(&self.connection, which, visit)
    }

    fn amounts(&mut self, which: Amounts, after: u64, most: usize) -> Result<Vec<StoredAmount>, StoreError> {
        amounts::read(&self.connection, which, after, most).map_err(doing("reading amounts"))
    }

    fn note(&mut self, name: &str) -> Result<Option<String>, StoreError> {
        self.connection
            .query_row("SELECT text FROM notes WHERE name = ?1", [name], |row| row.get(0))
            .optional()
            .map_err(doing("reading a note"))
    }

    fn keep_note(&mut self, name: &str, text: &str) -> Result<(), StoreError> {
        self.connection
            .execute("INSERT OR REPLACE INTO notes (name, text) VALUES (?1, ?2)", [name, text])
            .map(|_| ())
            .map_err(doing("keeping a note"))
    }

    fn keep(&mut self, name: &str, value: &str) -> Result<String, StoreError> {
        audit::keep(&self.connection, name, value).map_err(doing("keeping a value"))
    }

    fn audit(&mut self, before: u64, most: usize) -> Result<Vec<(u64, AuditEntry)>, StoreError> {
        audit::entries(&self.connection, before, most).map_err(doing("reading the audit log"))
    }

    fn scrub(&mut self) -> Result<bool, StoreError> {
        upkeep::scrub(&self.connection).map_err(doing("overwriting what was erased"))
    }

    fn size_bytes(&mut self) -> Result<u64, StoreError> {
        Ok(read::size_bytes(&self.path))
    }

    fn statistics(&mut self) -> Result<Statistics, StoreError> {
        read::statistics(&self.connection, &self.path).map_err(doing("counting"))
    }

    fn maintain(&mut self, now: Timestamp) -> Result<(), StoreError> {
        upkeep::compact(&self.connection, now).map_err(doing("merging old roll-ups"))
    }
}
