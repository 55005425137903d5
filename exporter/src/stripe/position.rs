//! How far a backfill has come, in a file beside the ledger.

use std::fs::{self, File};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use pratiko_domain::time::Timestamp;
use pratiko_intake::stripe::Object;
use serde::{Deserialize, Serialize};

/// The name of the file in the ledger's directory.
const FILE: &str = "backfill-stripe.json";

/// How far a backfill has come. It holds no more of Stripe's than the id of the last object.
#[derive(Debug)]
pub struct Position {
    path: PathBuf,
    state: State,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
struct State {
    /// What is backfilled: another question begins anew.
    question: Question,
    /// The lists that are done.
    done: Vec<String>,
    /// Where the next page of the list under way begins.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    after: Option<String>,
}

/// What is backfilled.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Question {
    /// The server.
    pub base: String,
    /// How far back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<Timestamp>,
    /// Which mode of the account.
    pub mode: String,
}

/// Why it cannot be noted how far a backfill has come.
#[derive(Debug, thiserror::Error)]
#[error("cannot note in {path} how far the backfill has come: {source}")]
pub struct PositionError {
    path: PathBuf,
    source: std::io::Error,
}

impl Position {
    /// Where the last backfill of the same was interrupted; the beginning if it was not.
    pub fn open(directory: &Path, question: Question) -> Self {
        let path = directory.join(FILE);
        let known = fs::read(&path).ok().and_then(|bytes| serde_json::from_slice::<State>(&bytes).ok());
        let beginning = State { question, ..State::default() };
        let state = known.filter(|known| known.question == beginning.question).unwrap_or(beginning);
        Self { path, state }
    }

    /// Whether something was done before.
    pub fn is_beginning(&self) -> bool {
        self.state.done.is_empty() && self.state.after.is_none()
    }

    /// Whether a list is done.
    pub fn is_done(&self, kind: Object) -> bool {
        self.state.done.iter().any(|done| done == kind.plural())
    }

    /// Where the next page of the list under way begins.
    pub fn after(&self) -> Option<&str> {
        self.state.after.as_deref()
    }

    /// Notes that everything up to the object `next` of a list is recorded; `None` for all of it.
    pub fn note(&mut self, kind: Object, next: Option<String>) -> Result<(), PositionError> {
        if next.is_none() {
            self.state.done.push(kind.plural().to_owned());
        }
        self.state.after = next;
        self.write().map_err(|source| PositionError { path: self.path.clone(), source })
    }

    /// Forgets it: the next backfill begins anew.
    pub fn forget(self) -> Result<(), PositionError> {
        match fs::remove_file(&self.path) {
            Err(source) if source.kind() != ErrorKind::NotFound => {
                Err(PositionError { path: self.path, source })
            }
            _ => Ok(()),
        }
    }

    fn write(&self) -> std::io::Result<()> {
        if let Some(directory) = self.path.parent() {
            fs::create_dir_all(directory)?;
        }
        // Whole or not at all.
        let draft = self.path.with_extension("new");
        let mut file = File::create(&draft)?;
        file.write_all(&serde_json::to_vec(&self.state).map_err(std::io::Error::other)?)?;
        file.sync_all()?;
        fs::rename(draft, &self.path)
    }
}
