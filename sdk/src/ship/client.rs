//! One request to the exporter, over a connection that is kept.

use std::io::ErrorKind;
use std::time::Duration;

use pratiko_domain::time::Timestamp;
use ureq::http::header::{AUTHORIZATION, CONTENT_TYPE, EXPECT, RETRY_AFTER};
use ureq::http::{HeaderMap, Uri};

use super::answer::{Failure, Outcome, outcome};
use super::{ShipSettings, StartError, State, Token, retry_after};

/// Where the exporter takes events.
const PATH: &str = "/api/v1/events";

/// The longest answer that is read: a reason for each of many events.
const LONGEST_ANSWER_BYTES: u64 = 4 * 1024 * 1024;

/// No exporter means to be left alone for longer, whatever its `Retry-After` says.
const LONGEST_RETRY_AFTER: Duration = Duration::from_secs(10 * 60);

/// Sends events and reads what came of it.
#[derive(Debug)]
pub(super) struct Client {
    agent: ureq::Agent,
    url: String,
    token: Token,
}

impl Client {
    pub fn new(settings: &ShipSettings) -> Result<Self, StartError> {
        let url = url(&settings.endpoint)?;
        let config = ureq::Agent::config_builder()
            .http_status_as_error(false)
            // An answer that sends us elsewhere is an answer: the token is for the endpoint alone.
            .max_redirects(0)
            .max_redirects_will_error(false)
            .proxy(None)
            .user_agent(concat!("pratiko_metrics/", env!("CARGO_PKG_VERSION")))
            .max_idle_connections(1)
            .timeout_connect(Some(settings.connect_timeout))
            .timeout_global(Some(settings.connect_timeout.saturating_add(settings.response_timeout)));
        #[cfg(feature = "ship-tls")]
        let config = match &url {
            url if url.starts_with("https:") => config.tls_config(super::tls::config(settings)?),
            _ => config,
        };
        Ok(Self { agent: config.build().into(), url, token: settings.token.clone() })
    }

    /// Sends a JSON array of `count` events.
    pub fn post(&self, body: &[u8], count: usize) -> Outcome {
        let token = match self.token.read() {
            Ok(token) => token,
            Err(error) => return Outcome::Again(Failure::new(State::Unauthorized, error.to_string())),
        };
        // The body waits until the exporter wants it: one that refuses says so first, where it would
        // close the connection in the middle of the body, and its answer would be lost.
        let mut request = self
            .agent
            .post(&self.url)
            .header(CONTENT_TYPE, "application/cloudevents-batch+json")
            .header(EXPECT, "100-continue");
        if let Some(token) = &token {
            request = request.header(AUTHORIZATION, token.bearer());
        }
        let answer = request.send(body).and_then(|mut response| {
            let wait = wait(response.headers(), super::now());
            let text = response.body_mut().with_config().limit(LONGEST_ANSWER_BYTES).read_to_vec()?;
            Ok(outcome(response.status().as_u16(), wait, &text, count))
        });
        let mut outcome = answer.unwrap_or_else(|error| {
            let message = format!("sending events to {} failed: {error}", self.url);
            let failure = Failure::new(State::Retrying, message);
            Outcome::Again(Failure { is_cut_off: is_cut_off(&error), ..failure })
        });
        // A server that echoes what it was sent must not make us show it.
        if let Some(token) = token {
            match &mut outcome {
                Outcome::Again(Failure { message, .. }) | Outcome::TooLarge(message) => {
                    *message = token.redact(message);
                }
                Outcome::Settled(settled) => {
                    settled.reason = settled.reason.take().map(|reason| token.redact(&reason));
                }
            }
        }
        outcome
    }
}

/// Whether the other side has closed the connection before it had the whole request. It may have said
/// why, and that is lost then.
fn is_cut_off(error: &ureq::Error) -> bool {
    let ureq::Error::Io(error) = error else { return false };
    matches!(error.kind(), ErrorKind::BrokenPipe | ErrorKind::ConnectionReset | ErrorKind::ConnectionAborted)
}

fn wait(headers: &HeaderMap, now: Timestamp) -> Option<Duration> {
    let value = headers.get(RETRY_AFTER)?.to_str().ok()?;
    retry_after::parse(value, now).map(|wait| wait.min(LONGEST_RETRY_AFTER))
}

/// The address of the route on the exporter at `endpoint`.
fn url(endpoint: &str) -> Result<String, StartError> {
    let wrong = |reason| StartError::Setting { setting: "endpoint", reason };
    let uri: Uri = endpoint.parse().map_err(|_| wrong("is no address like http://127.0.0.1:9000"))?;
    let scheme = match uri.scheme_str().map(str::to_ascii_lowercase).as_deref() {
        Some("http") => "http",
        Some("https") if cfg!(feature = "ship-tls") => "https",
        Some("https") => return Err(wrong("asks for https, which needs the feature ship-tls")),
        _ => return Err(wrong("is no address like http://127.0.0.1:9000")),
    };
    let authority = uri.authority().ok_or_else(|| wrong("names no host"))?;
    if authority.host().is_empty() {
        return Err(wrong("names no host"));
    }
    if authority.as_str().contains('@') {
        return Err(wrong("has a password in it; give the ingest token as token"));
    }
    if uri.query().is_some() {
        return Err(wrong("has a query; it is an address like http://127.0.0.1:9000"));
    }
    let path = uri.path().trim_end_matches('/');
    let path = path.strip_suffix(PATH).unwrap_or(path);
    Ok(format!("{scheme}://{authority}{path}{PATH}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_endpoint_is_the_address_of_an_exporter_with_or_without_the_route() {
        let endpoints = ["http://host:9000", "HTTP://host:9000/", "http://host:9000/api/v1/events"];
        for endpoint in endpoints {
            assert_eq!(url(endpoint).unwrap(), "http://host:9000/api/v1/events");
        }
        assert_eq!(url("http://[::1]:9000/metrics").unwrap(), "http://[::1]:9000/metrics/api/v1/events");
    }

    #[test]
    fn what_is_no_endpoint_is_refused_without_showing_it() {
        let bad =
            ["", "host:9000", "/events", "ftp://host", "http://", "http://u:hunter2@host", "http://h/?a=b"];
        for endpoint in bad {
            let said = url(endpoint).unwrap_err().to_string();
            assert!(said.starts_with("endpoint ") && !said.contains("hunter2"), "{said}");
        }
        assert_eq!(url("https://host").is_ok(), cfg!(feature = "ship-tls"));
    }
}
