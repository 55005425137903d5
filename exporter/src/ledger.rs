//! The ledger where the configuration says it is: in a directory, or in a database.

use std::fmt;
use std::path::{Path, PathBuf};

use pratiko_ledger::store::postgres::{Address, PostgresStore};
use pratiko_ledger::store::sqlite::SqliteStore;
use pratiko_ledger::store::{Store, StoreError, Verification};

use crate::config::{DatabaseUrl, Ledger};

/// Where a ledger is.
#[derive(Debug, Clone)]
pub enum Place {
    /// In a file of this directory.
    Directory(PathBuf),
    /// In a database.
    Database(DatabaseUrl),
}

impl Place {
    /// Where the configuration says.
    pub fn of(config: &Ledger) -> Self {
        match &config.database {
            Some(url) => Self::Database(url.clone()),
            None => Self::Directory(config.path.clone()),
        }
    }

    /// The directory, if it is in one.
    pub fn directory(&self) -> Option<&Path> {
        match self {
            Self::Directory(path) => Some(path),
            Self::Database(_) => None,
        }
    }

    /// Whether its address can be read and is one, without connecting.
    pub fn check(&self) -> Result<(), StoreError> {
        match self {
            Self::Directory(_) => Ok(()),
            Self::Database(url) => address(url).map(|_| ()),
        }
    }

    /// Opens it for writing, and makes it if there is none.
    pub fn open(&self) -> Result<OpenLedger, StoreError> {
        Ok(match self {
            Self::Directory(path) => OpenLedger::Sqlite(SqliteStore::open(path)?),
            Self::Database(url) => {
                let url = url.clone();
                OpenLedger::Postgres(Box::new(PostgresStore::open_where(move || address(&url))?))
            }
        })
    }

    /// Opens it for reading.
    pub fn open_to_read(&self) -> Result<OpenLedger, StoreError> {
        Ok(match self {
            Self::Directory(path) => OpenLedger::Sqlite(SqliteStore::open_to_read(path)?),
            Self::Database(url) => {
                OpenLedger::Postgres(Box::new(PostgresStore::open_to_read(&address(url)?)?))
            }
        })
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Directory(path) => path.display().fmt(f),
            Self::Database(_) => f.write_str("a PostgreSQL database"),
        }
    }
}

/// A file is read again for each connection.
fn address(url: &DatabaseUrl) -> Result<Address, StoreError> {
    let text = match url {
        DatabaseUrl::Given(url) => url.expose().to_owned(),
        DatabaseUrl::InFile(path) => std::fs::read_to_string(path)
            .map_err(|source| StoreError::File { path: path.clone(), source })?
            .trim()
            .to_owned(),
    };
    text.parse().map_err(|error| match url {
        DatabaseUrl::Given(_) => StoreError::Foreign(format!("ledger.database_url: {error}")),
        DatabaseUrl::InFile(path) => StoreError::Foreign(format!("{}: {error}", path.display())),
    })
}

/// A ledger that is open.
pub enum OpenLedger {
    /// In a file.
    Sqlite(SqliteStore),
    /// In a database.
    Postgres(Box<PostgresStore>),
}

impl OpenLedger {
    /// As any store.
    pub fn store(&mut self) -> &mut dyn Store {
        match self {
            Self::Sqlite(store) => store,
            Self::Postgres(store) => &mut **store,
        }
    }

    /// As any store, to be kept.
    pub fn into_store(self) -> Box<dyn Store> {
        match self {
            Self::Sqlite(store) => Box::new(store),
            Self::Postgres(store) => store,
        }
    }

    /// What it is in, and where that is.
    pub fn described(&self) -> (&'static str, String) {
        match self {
            Self::Sqlite(store) => ("file", store.path().display().to_string()),
            Self::Postgres(store) => ("database", store.described().to_owned()),
        }
    }

    /// Adds up every event against the roll-ups.
    pub fn verify(&mut self) -> Result<Verification, StoreError> {
        match self {
            Self::Sqlite(store) => store.verify(),
            Self::Postgres(store) => store.verify(),
        }
    }
}
