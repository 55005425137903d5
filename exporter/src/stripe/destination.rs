//! Where a backfill records what it found: in the ledger itself, or through the daemon that has it open.

use std::sync::Arc;
use std::time::Duration;

use pratiko_domain::event::Event;
use pratiko_domain::time::Clock;
use pratiko_ledger::cloudevents::encode;
use pratiko_ledger::recording::{Recorder, Verdict};
use serde::Deserialize;
use ureq::http::header::{AUTHORIZATION, CONTENT_TYPE, RETRY_AFTER};

use crate::config::Secret;
use crate::outgoing::{self, CertificatesError};

/// Longer than a daemon takes for the events of one page.
const TIMEOUT: Duration = Duration::from_secs(60);

/// So often is sent again what a daemon could not take.
const MOST_TRIES: u32 = 10;

/// Why events were not recorded.
#[derive(Debug, thiserror::Error)]
pub enum DestinationError {
    /// The certificates that https needs.
    #[error(transparent)]
    Certificates(#[from] CertificatesError),
    /// The token would be sent in the clear to another host.
    #[error("a token for {0:?} would be sent in the clear; write an address that begins with https://")]
    Insecure(String),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] pratiko_ledger::store::StoreError),
    /// The daemon did not take them.
    #[error("the exporter at {url} did not take the events: {reason}")]
    Daemon {
        /// Where.
        url: String,
        /// Why.
        reason: String,
    },
}

/// What became of events.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Recorded {
    /// Recorded now.
    pub accepted: u64,
    /// Known before.
    pub duplicates: u64,
    /// Not recorded, and why.
    pub rejected: Vec<String>,
}

/// Where events are recorded.
pub enum Destination {
    /// In the ledger, which nobody else has open.
    Ledger {
        /// What records them.
        recorder: Box<Recorder>,
        /// What time it is.
        clock: Arc<dyn Clock>,
    },
    /// Through a daemon.
    Daemon(Daemon),
}

/// A daemon that takes events of any age from who has an admin token.
pub struct Daemon {
    agent: ureq::Agent,
    url: String,
    token: Secret,
}

impl Destination {
    /// The daemon at `base`, such as `http://127.0.0.1:9000`.
    pub fn daemon(base: &str, token: Secret) -> Result<Self, DestinationError> {
        if !outgoing::may_send_secret(base) {
            return Err(DestinationError::Insecure(base.to_owned()));
        }
        Ok(Self::Daemon(Daemon::new(outgoing::agent(base, TIMEOUT)?, base, token)))
    }

    /// Records events; comes back when they are stored for good.
    pub fn record(&mut self, events: Vec<Event>) -> Result<Recorded, DestinationError> {
        if events.is_empty() {
            return Ok(Recorded::default());
        }
        match self {
            Self::Ledger { recorder, clock } => {
                let mut recorded = Recorded::default();
                for verdict in recorder.record(events, true, clock.now())? {
                    match verdict {
                        Verdict::Accepted => recorded.accepted += 1,
                        Verdict::Duplicate => recorded.duplicates += 1,
                        Verdict::Rejected(reason) => recorded.rejected.push(reason),
                    }
                }
                Ok(recorded)
            }
            Self::Daemon(daemon) => daemon.record(&events),
        }
    }

    /// Counts what time alone has changed by now.
    pub fn finish(&mut self) -> Result<(), DestinationError> {
        if let Self::Ledger { recorder, clock } = self {
            recorder.refresh(clock.now())?;
        }
        Ok(())
    }
}

/// The answer of `POST /api/v1/import`.
#[derive(Deserialize)]
struct Answer {
    accepted: u64,
    duplicates: u64,
    rejected: Vec<Rejected>,
}

#[derive(Deserialize)]
struct Rejected {
    reason: String,
}

#[derive(Deserialize)]
struct Refusal {
    error: String,
}

impl Daemon {
    /// The daemon at `base`, asked by `agent`.
    pub fn new(agent: ureq::Agent, base: &str, token: Secret) -> Self {
        Self { agent, url: format!("{}/api/v1/import", base.trim_end_matches('/')), token }
    }

    fn record(&self, events: &[Event]) -> Result<Recorded, DestinationError> {
        let lines: Vec<String> = events.iter().map(encode).collect();
        let body = format!("[{}]", lines.join(","));
        let mut tries = 0;
        loop {
            let (reason, wait) = match self.send(&body) {
                Ok(recorded) => return Ok(recorded),
                Err(Failure::Final(reason)) => return Err(self.error(reason)),
                Err(Failure::Again { reason, wait }) => (reason, wait),
            };
            tries += 1;
            if tries >= MOST_TRIES {
                return Err(self.error(reason));
            }
            std::thread::sleep(wait.unwrap_or(Duration::from_millis(100 << tries)));
        }
    }

    fn send(&self, body: &str) -> Result<Recorded, Failure> {
        let again = |error: ureq::Error| Failure::Again { reason: error.to_string(), wait: None };
        let request = self
            .agent
            .post(&self.url)
            .header(CONTENT_TYPE, "application/cloudevents-batch+json")
            .header(AUTHORIZATION, format!("Bearer {}", self.token.expose()));
        let mut response = request.send(body.as_bytes()).map_err(again)?;
        let wait = response.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok()?.parse().ok());
        let wait = wait.map(Duration::from_secs);
        let status = response.status().as_u16();
        let text = response.body_mut().read_to_string().map_err(again)?;
        // Every event of a page may be known otherwise: that is told like success.
        if let (200 | 400, Ok(answer)) = (status, serde_json::from_str::<Answer>(&text)) {
            let rejected = answer.rejected.into_iter().map(|rejected| rejected.reason).collect();
            return Ok(Recorded { accepted: answer.accepted, duplicates: answer.duplicates, rejected });
        }
        let said =
            serde_json::from_str::<Refusal>(&text).map_or(String::new(), |said| format!(": {}", said.error));
        let reason = format!("it answered {status}{said}");
        match status {
            408 | 429 | 500.. => Err(Failure::Again { reason, wait }),
            _ => Err(Failure::Final(reason)),
        }
    }

    fn error(&self, reason: String) -> DestinationError {
        DestinationError::Daemon { url: self.url.clone(), reason }
    }
}

/// Why a daemon did not take events.
enum Failure {
    /// Sending them again does not help.
    Final(String),
    /// It may help.
    Again { reason: String, wait: Option<Duration> },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_not_sent_in_the_clear_to_another_host() {
        let to = |base| Destination::daemon(base, Secret::new("token")).map(|_| ());
        assert!(to("http://127.0.0.1:9000").is_ok());
        let error = to("http://exporter:9000").unwrap_err().to_string();
        assert!(error.contains("in the clear"), "{error}");
    }
}
