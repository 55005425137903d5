//! What is sent where, how much of it at once, and how long is waited.

use std::path::PathBuf;
use std::time::Duration;

use pratiko_domain::event::{Body, Event, Invalid, UserActive};
use pratiko_domain::time::Timestamp;

use super::{Secret, StartError, Token};

/// How a [`Shipper`](super::Shipper) works. Everything but `endpoint`, `token` and `source` can stay as it is.
#[derive(Debug, Clone)]
pub struct ShipSettings {
    /// The exporter, as in `http://127.0.0.1:9000`; `https://` needs the feature `ship-tls`. Nothing
    /// of the environment is read, so that no proxy is used.
    pub endpoint: String,
    /// The exporter's ingest token.
    pub token: Token,
    /// Who sends: the CloudEvents' `source`, the same for all instances of an application.
    pub source: String,
    /// The most events in one request.
    pub batch_events: usize,
    /// The most bytes in one request; below the exporter's `ingest.max_body_bytes`.
    pub batch_bytes: usize,
    /// How long an event may wait for others to go with it.
    pub batch_delay: Duration,
    /// The most events that wait in memory, those under way included.
    pub queue_events: usize,
    /// The most bytes of JSON that wait in memory, those under way included.
    pub queue_bytes: usize,
    /// Where events go that memory has no room for; without it they are refused.
    pub spill: Option<SpillSettings>,
    /// How long to wait for a connection.
    pub connect_timeout: Duration,
    /// How long to wait for the whole answer.
    pub response_timeout: Duration,
    /// How long to wait before the first retry; each further one waits twice as long.
    pub retry_delay: Duration,
    /// The longest wait between two retries, unless the exporter asks for a longer one.
    pub longest_retry_delay: Duration,
    /// How long to wait where retrying soon is no use: the token is refused, or what answers is no exporter.
    pub refused_delay: Duration,
    /// Certificates to trust, as PEM, for `https://`; by default those that the system trusts.
    pub certificates: Option<PathBuf>,
}

/// Whoever asks for more has mistaken the unit, and clocks have an end.
const LONGEST_WAIT: Duration = Duration::from_secs(86_400);

/// Where events wait on disk.
#[derive(Debug, Clone)]
pub struct SpillSettings {
    /// A directory of this process alone; it is made if it is missing.
    pub directory: PathBuf,
    /// The most bytes in it.
    pub max_bytes: u64,
}

impl Default for ShipSettings {
    fn default() -> Self {
        Self {
            endpoint: "http://127.0.0.1:9000".to_owned(),
            token: Token::None,
            source: String::new(),
            batch_events: 1000,
            batch_bytes: 512 * 1024,
            batch_delay: Duration::from_secs(1),
            queue_events: 50_000,
            queue_bytes: 32 * 1024 * 1024,
            spill: None,
            connect_timeout: Duration::from_secs(5),
            response_timeout: Duration::from_secs(10),
            retry_delay: Duration::from_millis(250),
            longest_retry_delay: Duration::from_secs(30),
            refused_delay: Duration::from_secs(30),
            certificates: None,
        }
    }
}

impl SpillSettings {
    /// In `directory`, at most 256 MiB.
    pub fn new(directory: impl Into<PathBuf>) -> Self {
        Self { directory: directory.into(), max_bytes: 256 * 1024 * 1024 }
    }
}

impl From<Secret> for Token {
    fn from(secret: Secret) -> Self {
        Self::Fixed(secret)
    }
}

impl ShipSettings {
    /// Refuses what nothing could be sent with.
    pub(super) fn check(&self) -> Result<(), StartError> {
        let counts = [
            ("batch_events", self.batch_events),
            ("batch_bytes", self.batch_bytes),
            ("queue_events", self.queue_events),
            ("queue_bytes", self.queue_bytes),
        ];
        if let Some((setting, _)) = counts.into_iter().find(|(_, count)| *count == 0) {
            return Err(StartError::Setting { setting, reason: "must be above zero" });
        }
        let waits = [
            ("connect_timeout", self.connect_timeout),
            ("response_timeout", self.response_timeout),
            ("retry_delay", self.retry_delay),
            ("longest_retry_delay", self.longest_retry_delay),
            ("refused_delay", self.refused_delay),
        ];
        if let Some((setting, _)) = waits.into_iter().find(|(_, wait)| wait.is_zero()) {
            return Err(StartError::Setting { setting, reason: "must be above zero" });
        }
        let mut all = waits.into_iter().chain([("batch_delay", self.batch_delay)]);
        if let Some((setting, _)) = all.find(|(_, wait)| *wait > LONGEST_WAIT) {
            return Err(StartError::Setting { setting, reason: "must be at most a day" });
        }
        if self.spill.as_ref().is_some_and(|spill| spill.max_bytes < self.batch_bytes as u64) {
            return Err(StartError::Setting {
                setting: "spill.max_bytes",
                reason: "must be at least batch_bytes",
            });
        }
        self.check_source()
    }

    /// Refuses a source with which every event would be invalid.
    fn check_source(&self) -> Result<(), StartError> {
        let event = Event {
            source: self.source.clone(),
            id: "1".to_owned(),
            time: Timestamp::default(),
            subject: Some("1".to_owned()),
            body: Body::UserActive(UserActive::default()),
        };
        event.validate().map_err(|Invalid { reason, .. }| StartError::Setting { setting: "source", reason })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_with_which_nothing_could_be_sent_are_refused_by_name() {
        let good = || ShipSettings { source: "app".to_owned(), ..ShipSettings::default() };
        assert!(good().check().is_ok());
        let said = |settings: ShipSettings| settings.check().unwrap_err().to_string();
        assert_eq!(said(ShipSettings::default()), "source is empty");
        let long = ShipSettings { source: "a".repeat(300), ..good() };
        assert_eq!(said(long), "source is longer than 256 bytes");
        let controlling = ShipSettings { source: "chat\napi".to_owned(), ..good() };
        assert_eq!(said(controlling), "source holds a control character");
        assert_eq!(said(ShipSettings { queue_events: 0, ..good() }), "queue_events must be above zero");
        let timeout = ShipSettings { response_timeout: Duration::ZERO, ..good() };
        assert_eq!(said(timeout), "response_timeout must be above zero");
        let delay = ShipSettings { batch_delay: Duration::MAX, ..good() };
        assert_eq!(said(delay), "batch_delay must be at most a day");
        let spill = SpillSettings { max_bytes: 1, ..SpillSettings::new("spill") };
        let spill = ShipSettings { spill: Some(spill), ..good() };
        assert_eq!(said(spill), "spill.max_bytes must be at least batch_bytes");
    }
}
