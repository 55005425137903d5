//! One round over the queries of one database.

use std::collections::{HashMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};

use pratiko_domain::event::Event;
use pratiko_ledger::recording::{USED_BEFORE, Verdict};
use pratiko_ledger::sources::{Bookmark, Connection, Database, Page, SourceError, SqlQuery, event_of_row};

use super::SourcesSetup;
use crate::config::SqlSource;
use crate::own::{IngestResult, IngestSource};

/// Rejected rows of one query that are remembered: rows are read again each round, and one that is
/// rejected each time counts once.
const MOST_REMEMBERED: usize = 10_000;

/// What reading one database works with.
pub(super) struct Reading {
    source: SqlSource,
    setup: SourcesSetup,
    connection: Option<Connection>,
    /// Hashes of the rows that were rejected, by query.
    rejected: HashMap<String, HashSet<u64>>,
}

/// How a round went for one query.
#[derive(Default)]
struct Tally {
    rows: u64,
    rejected: u64,
    /// Why the first row that was not known for it was rejected.
    complaint: Option<String>,
}

/// What is said of rows that were recorded before and say something else now.
const CHANGED_ROWS: &str = "rows were recorded before and say something else now: what was recorded stays; to have \
                            it otherwise, begin again (docs/SOURCES.md)";

impl Reading {
    pub fn new(source: SqlSource, setup: SourcesSetup) -> Self {
        for query in &source.queries {
            setup.counts.expect(&source.name, &query.name);
        }
        Self { source, setup, connection: None, rejected: HashMap::new() }
    }

    /// Asks every query for what is new. That the ledger takes nothing more while the daemon stops is no
    /// failure.
    pub fn round(&mut self, is_stopping: impl Fn() -> bool) {
        for query in self.source.queries.clone() {
            let result = self.read(&query);
            let (source, name) = (self.source.name.as_str(), query.name.as_str());
            match result {
                // Of what was read nothing could be used: the figures are as stale as if it had failed.
                Ok(tally) if tally.rows > 0 && tally.rejected == tally.rows => {
                    tracing::warn!(
                        source,
                        query = name,
                        rows = tally.rows,
                        "none of the rows could be recorded"
                    );
                    self.setup.counts.failed(source, name);
                }
                Ok(_) => self.setup.counts.succeeded(source, name, self.setup.clock.now()),
                Err(_) if is_stopping() => return,
                Err(error) => {
                    tracing::warn!(source, query = name, %error, "rows could not be read; tried again in the next round");
                    self.setup.counts.failed(source, name);
                    self.connection = None;
                }
            }
        }
    }

    fn connect(&mut self) -> Result<Connection, SourceError> {
        if let Some(connection) = self.connection.take() {
            return Ok(connection);
        }
        // Read each time: passwords are replaced while the daemon runs.
        let path = &self.source.url_file;
        let url = std::fs::read_to_string(path).map_err(|error| {
            SourceError::Connect(format!("{}: {error}; sources.sql.url_file names it", path.display()))
        })?;
        Database::new(url.trim().to_owned()).connect().map_err(|error| match error {
            SourceError::Connect(reason) => SourceError::Connect(format!("{}: {reason}", path.display())),
            other => other,
        })
    }

    fn read(&mut self, query: &SqlQuery) -> Result<Tally, SourceError> {
        let mut connection = self.connect()?;
        let bookmark = Bookmark::new(&self.source.name, query);
        let stopped = |error: pratiko_ledger::RecordError| SourceError::Stopped(error.to_string());
        let kept = bookmark.clone();
        let since =
            self.setup.ledger.with_blocking(move |recorder, _| kept.read(recorder)).map_err(stopped)?;
        let mut tally = Tally::default();
        let mut known = self.rejected.remove(&query.name).unwrap_or_default();
        let read = connection.read_new(query, since.as_deref(), |page| {
            self.record(query, &bookmark, page, &mut tally, &mut known)
        });
        self.rejected.insert(query.name.clone(), known);
        read?;
        self.connection = Some(connection);
        if let Some(complaint) = &tally.complaint {
            let (source, query) = (&self.source.name, &query.name);
            if complaint == USED_BEFORE {
                tracing::warn!(source, query, "{CHANGED_ROWS}");
            } else {
                tracing::warn!(
                    source,
                    query,
                    complaint,
                    "rows that are no events were passed over; mend the query, and everything is read again"
                );
            }
        }
        Ok(tally)
    }

    /// Records a page, and then remembers how far that was. Of the rows that are not `known` as rejected,
    /// each counts, and the first complaint is kept.
    fn record(
        &self,
        query: &SqlQuery,
        bookmark: &Bookmark,
        page: Page,
        tally: &mut Tally,
        known: &mut HashSet<u64>,
    ) -> Result<(), String> {
        let kind = query.kind;
        let source = format!("/sql/{}", self.source.name);
        let mut events: Vec<Event> = Vec::with_capacity(page.rows.len());
        let mut rows_of_events: Vec<&str> = Vec::with_capacity(page.rows.len());
        tally.rows += page.rows.len() as u64;
        let mut complain = |row: &str, reason: String| {
            tally.rejected += 1;
            let hash = hash_of(row);
            if known.contains(&hash) {
                return;
            }
            if known.len() < MOST_REMEMBERED {
                known.insert(hash);
            }
            self.setup.ingest.event(IngestSource::Sql, Some(kind.event()), IngestResult::Rejected);
            tally.complaint.get_or_insert(reason);
        };
        for row in &page.rows {
            match event_of_row(kind, &source, &query.watermark, row) {
                Ok(None) => {}
                Ok(Some(event)) => {
                    events.push(event);
                    rows_of_events.push(row);
                }
                Err(error) => complain(row, error.to_string()),
            }
        }
        let (bookmark, watermark) = (bookmark.clone(), page.watermark);
        let recorded = self.setup.ledger.with_blocking(move |recorder, now| {
            let verdicts = recorder.record(events, true, now)?;
            bookmark.write(recorder, &watermark)?;
            Ok(verdicts)
        });
        let verdicts = recorded.map_err(|error| error.to_string())?;
        for (row, verdict) in rows_of_events.into_iter().zip(verdicts) {
            let result = match verdict {
                Verdict::Accepted => IngestResult::Accepted,
                Verdict::Duplicate => IngestResult::Duplicate,
                Verdict::Rejected(reason) => {
                    complain(row, reason);
                    continue;
                }
            };
            self.setup.ingest.event(IngestSource::Sql, Some(kind.event()), result);
        }
        Ok(())
    }
}

fn hash_of(row: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    row.hash(&mut hasher);
    hasher.finish()
}
