//! How far a backfill has come, in a file beside the ledger.

use std::collections::BTreeMap;
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
    /// Where the next page of each list under way begins.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    under_way: BTreeMap<String, String>,
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

    /// Whether nothing of these lists was done before.
    pub fn is_beginning(&self, kinds: &[Object]) -> bool {
        !kinds.iter().any(|kind| self.is_done(*kind) || self.after(*kind).is_some())
    }

    /// Whether a list is done.
    pub fn is_done(&self, kind: Object) -> bool {
        self.state.done.iter().any(|done| done == kind.plural())
    }

    /// Where the next page of a list that is under way begins.
    pub fn after(&self, kind: Object) -> Option<&str> {
        self.state.under_way.get(kind.plural()).map(String::as_str)
    }

    /// Notes that everything up to the object `next` of a list is recorded; `None` for all of it.
    pub fn note(&mut self, kind: Object, next: Option<String>) -> Result<(), PositionError> {
        let list = kind.plural().to_owned();
        if let Some(next) = next {
            self.state.under_way.insert(list, next);
        } else {
            self.state.under_way.remove(&list);
            self.state.done.push(list);
        }
        self.keep()
    }

    /// Forgets how far these lists have come: the next backfill begins them anew. Others stay as they are.
    pub fn forget(&mut self, kinds: &[Object]) -> Result<(), PositionError> {
        let is_meant = |list: &str| kinds.iter().any(|kind| kind.plural() == list);
        self.state.done.retain(|list| !is_meant(list));
        self.state.under_way.retain(|list, _| !is_meant(list));
        self.keep()
    }

    fn keep(&self) -> Result<(), PositionError> {
        let is_over = self.state.done.is_empty() && self.state.under_way.is_empty();
        let kept = if is_over { fs::remove_file(&self.path) } else { self.write() };
        match kept {
            Err(source) if !is_over || source.kind() != ErrorKind::NotFound => {
                Err(PositionError { path: self.path.clone(), source })
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_list_goes_on_where_it_was_and_no_other_does() {
        let directory = std::env::temp_dir().join(format!("pratiko-position-{}", std::process::id()));
        let open = || Position::open(&directory, Question::default());
        let (invoices, charges) = (Object::Invoice, Object::Charge);

        open().note(charges, Some("ch_9".to_owned())).unwrap();
        let mut all = open();
        assert_eq!((all.after(invoices), all.after(charges)), (None, Some("ch_9")));
        assert!(all.is_beginning(&[invoices]) && !all.is_beginning(&Object::ALL));
        all.note(Object::Subscription, None).unwrap();
        all.note(invoices, Some("in_9".to_owned())).unwrap();

        // Charges alone are done, and what else there was is not lost.
        let mut only = open();
        only.note(charges, None).unwrap();
        assert!(only.is_done(charges));
        only.forget(&[charges]).unwrap();
        let mut after = open();
        assert!(after.is_done(Object::Subscription) && !after.is_done(charges));
        assert_eq!(after.after(invoices), Some("in_9"));

        after.forget(&Object::ALL).unwrap();
        assert!(!directory.join(FILE).exists());
        fs::remove_dir_all(directory).unwrap();
    }
}
