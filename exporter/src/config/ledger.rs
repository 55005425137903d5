//! Where the ledger is and when its figures are too old.

use std::path::PathBuf;
use std::time::Duration;

use super::environment::Environment;
use super::key::{DefaultValue::Depends, DefaultValue::Is, Key, Kind};
use super::reader::Reader;

/// Where the ledger is and when its figures are too old.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ledger {
    /// The directory it is kept in.
    pub path: PathBuf,
    /// From which age on figures are withdrawn.
    pub stale_after: Duration,
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
static STALE_AFTER: Key = Key::new(
    "ledger.stale_after",
    Kind::Duration,
    Is("5m"),
    "From which age on the business figures are withdrawn rather than shown.",
);

pub(super) static KEYS: &[&Key] = &[&PATH, &STALE_AFTER];

fn default_path(environment: &Environment) -> String {
    environment.state_directory().to_string_lossy().into_owned()
}

impl Ledger {
    pub(super) fn read(values: &mut Reader<'_>) -> Option<Self> {
        let path = values.path(&PATH);
        let stale_after = values.duration(&STALE_AFTER);
        Some(Self { path: path?, stale_after: stale_after? })
    }
}
