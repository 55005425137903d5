//! What the head of an answer says of its body.

use http::header::{CONTENT_ENCODING, CONTENT_TYPE};
use http::{HeaderMap, Response, StatusCode};
use http_body::Body;

use super::exchange::{Outcome, length};
use super::grpc;
use super::labels::RequestMethod;

/// Whether an answer is streamed, as the application says it: in the extensions of the response.
///
/// Streamed answers are held to the time to their first byte
/// (`pratiko_http_first_byte_duration_seconds`). Nobody has to say so where it shows: of server-sent
/// events, of lines of JSON, and of bodies whose length nobody knows beforehand, if they are neither
/// compressed (the length of what is compressed on the way is never known) nor gRPC.
///
/// ```
/// use pratiko_metrics::http::Delivery;
///
/// let mut response = http::Response::new("…");
/// response.extensions_mut().insert(Delivery::Streamed);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delivery {
    /// It comes bit by bit, as it is made.
    Streamed,
    /// It comes as a whole, whatever it looks like.
    Whole,
}

/// What is known of an answer when its body begins.
#[derive(Debug)]
pub(super) struct Head {
    /// No body will be sent.
    pub is_bodyless: bool,
    pub is_streamed: bool,
    /// How many bytes end it; unknown also where something comes behind them.
    pub length: Option<u64>,
    /// How it ends if it ends well.
    pub outcome: Outcome,
}

const STREAMED_TYPES: [&str; 4] =
    ["text/event-stream", "application/x-ndjson", "application/jsonl", "application/json-seq"];

impl Head {
    pub fn of(method: RequestMethod, response: &Response<impl Body>) -> Self {
        let headers = response.headers();
        let content_type =
            headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let is_grpc = grpc::is_grpc(content_type);
        let length = if is_grpc { None } else { length(headers, response.body()) };
        let is_bodyless =
            length == Some(0) || response.body().is_end_stream() || has_no_body(method, response.status());
        let is_streamed = match response.extensions().get() {
            Some(Delivery::Streamed) => true,
            Some(Delivery::Whole) => false,
            None => is_streamed_type(content_type) || (length.is_none() && !is_grpc && is_plain(headers)),
        };
        let error = if is_grpc { grpc::server_error(headers) } else { None };
        let outcome = error.map_or(Outcome::Answered, Outcome::Grpc);
        Self { is_bodyless, is_streamed, length, outcome }
    }
}

fn is_streamed_type(content_type: &str) -> bool {
    let essence = content_type.split(';').next().unwrap_or_default().trim_end();
    STREAMED_TYPES.iter().any(|streamed| essence.eq_ignore_ascii_case(streamed))
}

fn is_plain(headers: &HeaderMap) -> bool {
    headers.get(CONTENT_ENCODING).is_none_or(|encoding| encoding == "identity")
}

/// Whether no body follows whatever there is: nobody will ask for it then. What follows a switch of
/// protocols or an opened tunnel is not HTTP any more.
fn has_no_body(method: RequestMethod, status: StatusCode) -> bool {
    method == RequestMethod::Head
        || (method == RequestMethod::Connect && status.is_success())
        || status.is_informational()
        || matches!(status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED)
}
