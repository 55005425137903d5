//! Why a request is not answered, and what the client is told to do about it.

use std::time::Duration;

use axum::body::Body;
use axum::http::header::{CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, Response, StatusCode};

/// A response that is an error: `{"error": …}`.
#[derive(Debug)]
pub struct Refusal {
    /// The status.
    pub status: StatusCode,
    /// What is wrong and what to do about it.
    pub error: String,
    /// The ways to authenticate, each a value of `WWW-Authenticate`.
    pub challenges: Vec<HeaderValue>,
    /// When another attempt makes sense.
    pub retry_after: Option<Duration>,
}

impl Refusal {
    /// What plain HTTP is told where TLS is expected.
    pub(super) const HTTPS_EXPECTED: &str = "this port speaks HTTPS; use https:// in the address";

    /// A refusal without any headers of its own.
    pub fn new(status: StatusCode, error: impl Into<String>) -> Self {
        Self { status, error: error.into(), challenges: Vec::new(), retry_after: None }
    }

    pub(crate) fn retry_after(mut self, wait: Duration) -> Self {
        self.retry_after = Some(wait);
        self
    }

    /// The configuration cannot be used. The reason is for the log: it names files.
    pub(super) fn broken_config() -> Self {
        let error = "the web configuration file cannot be used, so every request is refused until it is \
                     mended; the server's log says what is wrong with it";
        Self::new(StatusCode::SERVICE_UNAVAILABLE, error).retry_after(Duration::from_secs(10))
    }
}

impl From<Refusal> for Response<Body> {
    fn from(refusal: Refusal) -> Self {
        let body = serde_json::json!({ "error": refusal.error }).to_string();
        let mut response = Response::new(Body::from(body + "\n"));
        *response.status_mut() = refusal.status;
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        for challenge in refusal.challenges {
            headers.append(WWW_AUTHENTICATE, challenge);
        }
        if let Some(wait) = refusal.retry_after {
            headers.insert(RETRY_AFTER, (wait.as_secs_f64().ceil() as u64).max(1).into());
        }
        response
    }
}

impl axum::response::IntoResponse for Refusal {
    fn into_response(self) -> Response<Body> {
        self.into()
    }
}
