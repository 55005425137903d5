//! Transactions, and what is done when they are interrupted.

use std::time::Duration;

use postgres::Error;

use super::PostgresStore;
use super::delta::Delta;
use super::follow;
use super::session::{LockKey, Session, failure};
use super::write::{self, Counts};
use crate::store::{Store, StoreError};

/// Where a transaction is.
pub(super) enum State {
    /// There is none.
    Idle,
    /// It is begun when something is written. What is read or numbered before stands by itself.
    Begun,
    /// Something is being written.
    Writing(Box<Group>),
    /// Everything is read as of one moment.
    Reading,
}

/// What is written in a transaction.
#[derive(Default)]
pub(super) struct Group {
    pub number: i64,
    pub counts: Option<Counts>,
    pub delta: Delta,
    /// Whether somebody was forgotten whom this writer has not heard of yet.
    pub is_outdated: bool,
}

/// What of recording a transaction allows.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Recording {
    /// All may record, while nobody is forgotten.
    Shared,
    /// Nobody else records.
    Held,
}

impl PostgresStore {
    /// Does something with the database. Outside of a transaction it is done again when it is
    /// interrupted.
    pub(super) fn run<T>(
        &mut self,
        doing: &'static str,
        mut work: impl FnMut(&mut Session) -> Result<T, Error>,
    ) -> Result<T, StoreError> {
        const MOST_TRIES: u32 = 5;
        let mut tries = 1;
        loop {
            let is_alone = matches!(self.state, State::Idle | State::Begun);
            if !is_alone && self.connection.last().is_none_or(|session| session.client.is_closed()) {
                return Err(StoreError::Interrupted(format!(
                    "PostgreSQL, while {doing}: the connection is lost"
                )));
            }
            match work(self.connection.session()?) {
                Ok(result) => return Ok(result),
                Err(error) => {
                    self.connection.failed(&error);
                    let failure = failure(doing)(error);
                    if !is_alone || !failure.is_passing() || tries == MOST_TRIES {
                        return Err(failure);
                    }
                    tracing::debug!(%failure, "tried again");
                    tries += 1;
                }
            }
        }
    }

    /// Reads row by row, as of one moment. What has been visited is not visited again: where nothing was
    /// begun, only the beginning is tried again.
    pub(super) fn visiting(
        &mut self,
        doing: &'static str,
        work: impl FnMut(&mut Session) -> Result<(), Error>,
    ) -> Result<(), StoreError> {
        let is_begun = matches!(self.state, State::Begun);
        if !is_begun && !matches!(self.state, State::Idle) {
            return self.run(doing, work);
        }
        self.state = State::Idle;
        self.begin_reading()?;
        let visited = self.run(doing, work).and_then(|()| self.commit());
        if visited.is_err() {
            self.rollback();
        }
        if is_begun {
            self.state = State::Begun;
        }
        visited
    }

    /// The group that is being written; its transaction begins with this if need be.
    pub(super) fn group(&mut self) -> Result<i64, StoreError> {
        if !matches!(self.state, State::Writing(_)) {
            self.begin_group(Recording::Shared)?;
        }
        Ok(if let State::Writing(group) = &self.state { group.number } else { 0 })
    }

    /// Begins the transaction of a group.
    pub(super) fn begin_group(&mut self, recording: Recording) -> Result<(), StoreError> {
        let begin = match recording {
            Recording::Shared => format!("BEGIN; {}", LockKey::ERASURE.shared_statement()),
            // Somebody's events are looked for among all that there are, which takes as long as it takes.
            Recording::Held => {
                format!("BEGIN; SET LOCAL statement_timeout = 0; {}", LockKey::ERASURE.statement())
            }
        };
        let seen = self.seen.clone();
        // A connection that was lost meanwhile is no reason to fail: nothing is written yet.
        let (number, is_outdated) = self.run("beginning a transaction", |session| {
            let begin_it = |session: &mut Session| {
                session.client.batch_execute(&begin)?;
                follow::next_group(session, seen.as_ref())
            };
            // Tried again, it begins outside of any transaction.
            begin_it(session).inspect_err(|_| drop(session.client.batch_execute("ROLLBACK")))
        })?;
        self.state = State::Writing(Box::new(Group { number, is_outdated, ..Group::default() }));
        Ok(())
    }

    /// The connection was lost before the server had answered that it committed a group: whether it did.
    fn is_committed(&mut self, group: i64, pid: i32, started: &str) -> Result<bool, StoreError> {
        self.state = State::Idle;
        loop {
            let (is_under_way, is_there) =
                self.run("looking for a group that may be committed", |session| {
                    // The old connection may still be at it, if it was the network that failed.
                    let others = session.query(
                        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                     WHERE pid = $1 AND backend_start::text = $2 AND pid <> pg_backend_pid()",
                        &[&pid, &started],
                    )?;
                    let found = session.query("SELECT FROM groups WHERE number = $1", &[&group])?;
                    Ok((!others.is_empty(), !found.is_empty()))
                })?;
            if !is_under_way || is_there {
                return Ok(is_there);
            }
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    pub(super) fn commit_group(&mut self, group: &Group) -> Result<(), StoreError> {
        const COMMITTING: &str = "committing";
        let Group { number, counts, delta, .. } = group;
        let changes = delta.text();
        let has_content = counts.is_some() || changes != Delta::default().text();
        if has_content {
            self.run(COMMITTING, |session| write::finish(session, *number, *counts, &changes))?;
        }
        let Some((pid, started)) =
            self.connection.last().map(|session| (session.pid, session.started.clone()))
        else {
            return Err(StoreError::Interrupted(
                "PostgreSQL, while committing: the connection is lost".to_owned(),
            ));
        };
        match self.run(COMMITTING, |session| session.client.batch_execute("COMMIT")) {
            Ok(()) => {}
            Err(error) if has_content => {
                if !self.is_committed(*number, pid, &started)? {
                    return Err(error);
                }
                tracing::info!("a group whose commit was interrupted is committed");
            }
            Err(error) => return Err(error),
        }
        if let Some(seen) = self.seen.as_mut().filter(|_| has_content) {
            seen.add_own(*number);
        }
        Ok(())
    }
}
