//! Events on their way to an exporter.

use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use pratiko_domain::event::Event;
use serde::Deserialize;
use ureq::http::StatusCode;
use ureq::http::header::{AUTHORIZATION, CONTENT_TYPE};

/// As many events as are sent at once.
const BATCH: usize = 500;
/// How long an exporter that is away or busy is waited for.
const TRIES: u32 = 60;
const BETWEEN_TRIES: Duration = Duration::from_secs(1);

/// Why events cannot be sent.
#[derive(Debug, thiserror::Error)]
pub enum SendError {
    /// There is no token.
    #[error("cannot read the token for sending events from {file}: {error}")]
    Token {
        /// Where it should be.
        file: PathBuf,
        /// Why it is not.
        error: std::io::Error,
    },
    /// They cannot be written as JSON.
    #[error("cannot write events as JSON: {0}")]
    Json(#[from] serde_json::Error),
    /// There is no exporter.
    #[error("cannot send events to {url}: {error}")]
    Unreachable {
        /// Where it should be.
        url: String,
        /// What happened instead.
        error: Box<ureq::Error>,
    },
    /// The exporter does not want them.
    #[error("{url} answers {status} to events: {answer}")]
    Refused {
        /// Who said so.
        url: String,
        /// With which status.
        status: StatusCode,
        /// And in which words.
        answer: String,
    },
}

/// What became of events.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sent {
    /// New ones.
    pub accepted: u64,
    /// Known ones.
    pub duplicates: u64,
    /// Those that the exporter will not have, and what it says of the first.
    pub rejected: u64,
    /// What it says of the first of them.
    pub reason: Option<String>,
}

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

/// Sends events to an exporter.
pub struct Sender {
    agent: ureq::Agent,
    url: String,
    authorization: Option<String>,
}

impl Sender {
    /// To this exporter, with the token in this file.
    pub fn new(exporter: &str, token_file: Option<&Path>) -> Result<Self, SendError> {
        let read = |file: &Path| {
            std::fs::read_to_string(file).map_err(|error| SendError::Token { file: file.to_owned(), error })
        };
        let token = token_file.map(read).transpose()?;
        let config = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .proxy(None)
            .timeout_global(Some(Duration::from_secs(60)));
        Ok(Self {
            agent: config.build().into(),
            url: format!("{}/api/v1/events", exporter.trim_end_matches('/')),
            authorization: token.map(|token| format!("Bearer {}", token.trim())),
        })
    }

    /// Sends them in batches; `progress` hears how many each time. Sending again does no harm: an exporter
    /// knows events by their ids.
    pub fn send(&self, events: &[Event], mut goes_on: impl FnMut(usize) -> bool) -> Result<Sent, SendError> {
        let mut sent = Sent::default();
        for batch in events.chunks(BATCH) {
            let answer = self.send_batch(&serde_json::to_vec(batch)?)?;
            sent.accepted += answer.accepted;
            sent.duplicates += answer.duplicates;
            sent.rejected += answer.rejected.len() as u64;
            sent.reason =
                sent.reason.or_else(|| answer.rejected.into_iter().next().map(|first| first.reason));
            if !goes_on(batch.len()) {
                break;
            }
        }
        Ok(sent)
    }

    fn send_batch(&self, body: &[u8]) -> Result<Answer, SendError> {
        let mut tries = 0;
        loop {
            tries += 1;
            match self.post(body) {
                Ok((status, answer)) => match serde_json::from_str(&answer) {
                    Ok(answer) if status == 200 || status == 400 => return Ok(answer),
                    _ if is_passing(status) && tries < TRIES => {}
                    _ => return Err(SendError::Refused { url: self.url.clone(), status, answer }),
                },
                Err(_) if tries < TRIES => {}
                Err(error) => {
                    return Err(SendError::Unreachable { url: self.url.clone(), error: Box::new(error) });
                }
            }
            thread::sleep(BETWEEN_TRIES);
        }
    }

    fn post(&self, body: &[u8]) -> Result<(StatusCode, String), ureq::Error> {
        let request = self.agent.post(&self.url).header(CONTENT_TYPE, "application/cloudevents-batch+json");
        let request = match &self.authorization {
            Some(authorization) => request.header(AUTHORIZATION, authorization),
            None => request,
        };
        let mut response = request.send(body)?;
        Ok((response.status(), response.body_mut().read_to_string()?))
    }
}

/// Whether it is worth asking again.
fn is_passing(status: StatusCode) -> bool {
    status == StatusCode::TOO_MANY_REQUESTS || status.is_server_error()
}
