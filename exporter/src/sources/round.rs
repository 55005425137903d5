//! One round over the queries of one database.

use pratiko_domain::event::Event;
use pratiko_ledger::recording::Verdict;
use pratiko_ledger::sources::{Bookmark, Connection, Database, Page, SourceError, SqlQuery, event_of_row};

use super::SourcesSetup;
use crate::config::SqlSource;
use crate::own::{IngestResult, IngestSource};

/// What reading one database works with.
pub(super) struct Reading {
    source: SqlSource,
    setup: SourcesSetup,
    connection: Option<Connection>,
}

impl Reading {
    pub fn new(source: SqlSource, setup: SourcesSetup) -> Self {
        for query in &source.queries {
            setup.counts.expect(&source.name, &query.name);
        }
        Self { source, setup, connection: None }
    }

    /// Asks every query for what is new.
    pub fn round(&mut self) {
        for query in self.source.queries.clone() {
            let result = self.read(&query);
            let (source, name) = (self.source.name.as_str(), query.name.as_str());
            match result {
                Ok(()) => self.setup.counts.succeeded(source, name, self.setup.clock.now()),
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
        Database::new(url.trim().to_owned()).connect()
    }

    fn read(&mut self, query: &SqlQuery) -> Result<(), SourceError> {
        let mut connection = self.connect()?;
        let bookmark = Bookmark::new(&self.source.name, query);
        let stopped = |error: pratiko_ledger::RecordError| SourceError::Stopped(error.to_string());
        let kept = bookmark.clone();
        let since =
            self.setup.ledger.with_blocking(move |recorder, _| kept.read(recorder)).map_err(stopped)?;
        let mut complaint = None;
        connection
            .read_new(query, since.as_deref(), |page| self.record(query, &bookmark, page, &mut complaint))?;
        self.connection = Some(connection);
        if let Some(complaint) = complaint {
            let (source, query) = (&self.source.name, &query.name);
            tracing::warn!(
                source,
                query,
                complaint,
                "rows that are no events were passed over; mend the query, and everything is read again"
            );
        }
        Ok(())
    }

    /// Records a page, and then remembers how far that was. The first complaint about a row is kept.
    fn record(
        &self,
        query: &SqlQuery,
        bookmark: &Bookmark,
        page: Page,
        complaint: &mut Option<String>,
    ) -> Result<(), String> {
        let kind = query.kind;
        let source = format!("/sql/{}", self.source.name);
        let mut events: Vec<Event> = Vec::with_capacity(page.rows.len());
        let mut complain = |reason: String| {
            self.setup.ingest.event(IngestSource::Sql, Some(kind.event()), IngestResult::Rejected);
            complaint.get_or_insert(reason);
        };
        for row in &page.rows {
            match event_of_row(kind, &source, &query.watermark, row) {
                Ok(event) => events.extend(event),
                Err(error) => complain(error.to_string()),
            }
        }
        let (bookmark, watermark) = (bookmark.clone(), page.watermark);
        let recorded = self.setup.ledger.with_blocking(move |recorder, now| {
            let verdicts = recorder.record(events, true, now)?;
            bookmark.write(recorder, &watermark)?;
            Ok(verdicts)
        });
        for verdict in recorded.map_err(|error| error.to_string())? {
            let result = match verdict {
                Verdict::Accepted => IngestResult::Accepted,
                Verdict::Duplicate => IngestResult::Duplicate,
                Verdict::Rejected(reason) => {
                    complain(reason);
                    continue;
                }
            };
            self.setup.ingest.event(IngestSource::Sql, Some(kind.event()), result);
        }
        Ok(())
    }
}
