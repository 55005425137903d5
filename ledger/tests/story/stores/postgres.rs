//! The story on PostgreSQL: one server for all tests, and a database for each ledger.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, OnceLock};

use postgres::{Client, NoTls};
use pratiko_ledger::store::postgres::{Address, PostgresStore};
use pratiko_test_postgres::{Durability, Server};

use crate::world::Stores;

/// Empties a database that another test has used.
const EMPTY: &str = "
    DO $$ DECLARE tables text; BEGIN
        SELECT string_agg('pratiko.' || relname, ', ') INTO tables FROM pg_class
        WHERE relnamespace = 'pratiko'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition
          AND relname <> 'meta';
        ALTER TABLE pratiko.audit DISABLE TRIGGER USER;
        EXECUTE 'TRUNCATE ' || tables || ' RESTART IDENTITY';
        ALTER TABLE pratiko.audit ENABLE TRIGGER USER;
    END $$;
    DELETE FROM pratiko.meta WHERE key <> 'version'";

/// The server, which ends with the process.
pub fn server() -> &'static Server {
    static SERVER: OnceLock<Server> = OnceLock::new();
    SERVER.get_or_init(|| Server::start(Durability::None))
}

/// Databases that nobody uses any more: emptying one is quicker than making one.
static FREE: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// A database of a test's own.
pub struct Database(String);

impl Database {
    pub fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let free = FREE.lock().unwrap().pop();
        if let Some(name) = free {
            let database = Self(name);
            database.sql(EMPTY);
            return database;
        }
        let name = format!("ledger_{}", COUNT.fetch_add(1, Ordering::Relaxed));
        let mut client = Client::connect(&server().url("postgres"), NoTls).unwrap();
        client.batch_execute(&format!("CREATE DATABASE {name}")).unwrap();
        Self(name)
    }

    /// Runs statements in it.
    pub fn sql(&self, statements: &str) {
        self.client().batch_execute(statements).unwrap();
    }

    pub fn client(&self) -> Client {
        Client::connect(&server().url(&self.0), NoTls).unwrap()
    }

    /// Ends all connections to it.
    pub fn disconnect(&self) {
        self.sql(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
             WHERE datname = current_database() AND pid <> pg_backend_pid()",
        );
    }

    /// Whether something is so, as a query says.
    pub fn holds(&self, query: &str) -> bool {
        self.client().query_one(query, &[]).unwrap().get(0)
    }

    pub fn wait_for(&self, query: &str) {
        let begun = std::time::Instant::now();
        while !self.holds(query) {
            assert!(begun.elapsed().as_secs() < 60, "{query} did not come true");
            std::thread::sleep(std::time::Duration::from_millis(10));
        }
    }

    pub fn name(&self) -> &str {
        &self.0
    }

    pub fn address(&self) -> Address {
        server().url(&self.0).parse().unwrap()
    }

    pub fn open(&self) -> PostgresStore {
        PostgresStore::open(&self.address()).unwrap()
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        FREE.lock().unwrap().push(std::mem::take(&mut self.0));
    }
}

/// How many random histories are tried; each takes many times as long as on SQLite.
pub const CASES: u32 = 8;

/// A ledger of its own.
pub fn new() -> Stores {
    let database = Database::new();
    Arc::new(move || Ok(Box::new(PostgresStore::open(&database.address())?)))
}
