//! How far reading has come.

use sha2::{Digest, Sha256};

use super::sql::SqlQuery;
use crate::hexadecimal::hexadecimal;
use crate::recording::Recorder;
use crate::store::StoreError;

/// Where the reading of one query goes on, kept in the ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bookmark(String);

impl Bookmark {
    /// That of a query of a source. One that is changed begins again: what the old one passed over, the
    /// new one may understand, and what was recorded counts once.
    pub fn new(source: &str, query: &SqlQuery) -> Self {
        let text = [query.kind.name(), &query.watermark, &query.sql].join("\n");
        let version = hexadecimal(&Sha256::digest(text.as_bytes())[..8]);
        Self(format!("sql\n{source}\n{}\n{version}", query.name))
    }

    /// The watermark up to which rows have been recorded.
    pub fn read(&self, recorder: &mut Recorder) -> Result<Option<String>, StoreError> {
        recorder.store().note(&self.0)
    }

    /// Remembers the watermark up to which rows have been recorded.
    pub fn write(&self, recorder: &mut Recorder, watermark: &str) -> Result<(), StoreError> {
        let store = recorder.store();
        store.begin()?;
        let kept = store.keep_note(&self.0, watermark).and_then(|()| store.commit());
        kept.inspect_err(|_| store.rollback())
    }
}
