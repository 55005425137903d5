//! Where the ledger is and when its figures are too old.

use std::path::PathBuf;
use std::time::Duration;

use pratiko_ledger::store::postgres::Address;

use super::environment::Environment;
use super::key::{DefaultValue::Depends, DefaultValue::Is, Key, Kind};
use super::reader::Reader;
use super::secret::Secret;

/// Where the ledger is and when its figures are too old.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ledger {
    /// The directory it is kept in, unless it is in a database.
    pub path: PathBuf,
    /// The database it is kept in.
    pub database: Option<DatabaseUrl>,
    /// From which age on figures are withdrawn.
    pub stale_after: Duration,
}

/// How a database is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DatabaseUrl {
    /// Its URL.
    Given(Secret),
    /// The file that holds its URL, which is read whenever the ledger is opened.
    InFile(PathBuf),
}

pub(super) static PATH: Key = Key::new(
    "ledger.path",
    Kind::Path,
    Depends {
        described: "$STATE_DIRECTORY in a systemd service, else $XDG_STATE_HOME/pratiko, else \
                    ~/.local/state/pratiko, else /var/lib/pratiko",
        value: default_path,
    },
    "Directory of the ledger.",
);
static DATABASE_URL: Key = Key::without_flag(
    "ledger.database_url",
    Kind::Secret,
    Depends {
        described: "$DATABASE_URL if that is of PostgreSQL, else none: the ledger is in ledger.path",
        value: |environment| {
            let url = environment.get("DATABASE_URL").unwrap_or_default();
            let is_postgres = url.starts_with("postgres://") || url.starts_with("postgresql://");
            if is_postgres { url.to_owned() } else { String::new() }
        },
    },
    "PostgreSQL database of the ledger: postgres://user:password@host/database?sslmode=verify-full&sslrootcert=FILE.",
);
static DATABASE_URL_FILE: Key = Key::new(
    "ledger.database_url_file",
    Kind::Path,
    Is(""),
    "File that holds the URL of the ledger's database, instead of ledger.database_url.",
);
static STALE_AFTER: Key = Key::new(
    "ledger.stale_after",
    Kind::Duration,
    Is("5m"),
    "From which age on the business figures are withdrawn rather than shown.",
);

pub(super) static KEYS: &[&Key] = &[&PATH, &DATABASE_URL, &DATABASE_URL_FILE, &STALE_AFTER];

fn default_path(environment: &Environment) -> String {
    environment.state_directory().to_string_lossy().into_owned()
}

impl Ledger {
    pub(super) fn read(values: &mut Reader<'_>) -> Option<Self> {
        let path = values.path(&PATH);
        let (url, file) = (values.text(&DATABASE_URL)?, values.text(&DATABASE_URL_FILE)?);
        let database = match (url, file) {
            (_, file) if !file.is_empty() => Some(DatabaseUrl::InFile(file.into())),
            (url, _) if url.is_empty() => None,
            (url, _) => {
                if let Err(error) = url.parse::<Address>() {
                    values.refuse(&DATABASE_URL, &format!("; {error}"));
                }
                Some(DatabaseUrl::Given(Secret::new(url)))
            }
        };
        let stale_after = values.duration(&STALE_AFTER);
        Some(Self { path: path?, database, stale_after: stale_after? })
    }
}
