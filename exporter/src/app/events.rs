//! `POST /api/v1/events`: CloudEvents in, an answer after the commit. `POST /api/v1/import` is the same
//! for an operator, who may send events of any age.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use pratiko_domain::event::Event;
use pratiko_domain::time::Timestamp;
use pratiko_ledger::RecordError;
use pratiko_ledger::cloudevents::{DecodeError, decode, decode_batch};
use pratiko_ledger::recording::Verdict;
use serde::Serialize;

use super::App;
use crate::own::{IngestResult, IngestSource, Refused};
use crate::web::Refusal;

/// The answer: what became of the events.
#[derive(Debug, Default, Serialize)]
struct Answer {
    accepted: usize,
    duplicates: usize,
    rejected: Vec<Rejected>,
}

#[derive(Debug, Serialize)]
struct Rejected {
    /// Its position in the request, from 0.
    index: usize,
    reason: String,
}

/// Reading a body of this size takes long enough to leave the other requests waiting.
pub(super) const LONG_BODY_BYTES: usize = 256 * 1024;

pub(super) async fn post(State(app): State<Arc<App>>, headers: HeaderMap, body: Body) -> Response {
    answer(&app, &headers, body, IngestSource::Api).await
}

pub(super) async fn import(State(app): State<Arc<App>>, headers: HeaderMap, body: Body) -> Response {
    answer(&app, &headers, body, IngestSource::Import).await
}

async fn answer(app: &Arc<App>, headers: &HeaderMap, body: Body, source: IngestSource) -> Response {
    match take(app, headers, body, source).await {
        Ok(response) => response,
        Err((reason, refusal)) => {
            if let Some(reason) = reason {
                app.own.ingest.refused(reason);
            }
            refusal.into_response()
        }
    }
}

/// Why a request is refused: what is counted, and what is answered.
pub(super) type Refusing = (Option<Refused>, Refusal);

async fn take(
    app: &Arc<App>,
    headers: &HeaderMap,
    body: Body,
    source: IngestSource,
) -> Result<Response, Refusing> {
    let is_batch = is_batch(headers)?;
    let body = read(body, app.settings.max_body_bytes).await?;
    let started = Instant::now();
    let now = app.clock.now();
    let decoded = if body.len() > LONG_BODY_BYTES {
        tokio::task::spawn_blocking(move || read_events(&body, is_batch, now)).await.unwrap_or_else(|_| {
            let refusal =
                Refusal::new(StatusCode::INTERNAL_SERVER_ERROR, "reading the events failed; this is a bug");
            Err((None, refusal))
        })
    } else {
        read_events(&body, is_batch, now)
    }?;
    let response = record(app, decoded, source).await;
    app.own.ingest.duration.record(started.elapsed());
    response
}

/// Whether the body must be an array; `None` where it may be either.
fn is_batch(headers: &HeaderMap) -> Result<Option<bool>, Refusing> {
    let content_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or("");
    match content_type.split(';').next().unwrap_or("").trim().to_ascii_lowercase().as_str() {
        "application/cloudevents-batch+json" => Ok(Some(true)),
        "application/cloudevents+json" => Ok(Some(false)),
        "application/json" | "" => Ok(None),
        _ => {
            let reason = "send application/cloudevents+json (one event), application/cloudevents-batch+json (an \
                          array), or application/json (either)";
            Err((Some(Refused::Malformed), Refusal::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, reason)))
        }
    }
}

async fn read(body: Body, most: usize) -> Result<String, Refusing> {
    let bytes = read_bytes(body, most, "ingest.max_body_bytes").await?;
    String::from_utf8(bytes.into()).map_err(|_| {
        (Some(Refused::Malformed), Refusal::new(StatusCode::BAD_REQUEST, "the body is not UTF-8 text"))
    })
}

/// Reads a body of at most `most` bytes, a limit that is configured under `key`.
pub(super) async fn read_bytes(mut body: Body, most: usize, key: &str) -> Result<Bytes, Refusing> {
    let refusal = match Limited::new(&mut body, most).collect().await {
        Ok(collected) => return Ok(collected.to_bytes()),
        Err(error) if error.downcast_ref::<LengthLimitError>().is_some() => {
            let reason = format!("the body is larger than {most} bytes ({key}); send less at once");
            (Some(Refused::TooLarge), Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, reason))
        }
        // The listener's own answer where it has one, such as that the body took too long.
        Err(error) => (
            Some(Refused::Malformed),
            Refusal::new(StatusCode::BAD_REQUEST, format!("the body broke off: {error}")),
        ),
    };
    pass_over(body).await;
    Err(refusal)
}

/// Reads what a sender is still sending, to some size and for as long as more of it comes: one that
/// writes all before it reads would find the connection closed instead of an answer, and one that has
/// stopped waits for it.
async fn pass_over(mut body: Body) {
    const MOST_BYTES: usize = 16 << 20;
    const LONGEST_PAUSE: Duration = Duration::from_secs(1);
    let mut passed = 0;
    while let Ok(Some(Ok(frame))) = tokio::time::timeout(LONGEST_PAUSE, body.frame()).await {
        passed += frame.data_ref().map_or(0, Bytes::len);
        if passed > MOST_BYTES {
            return;
        }
    }
}

type Decoded = Vec<Result<Event, DecodeError>>;

fn read_events(body: &str, is_batch: Option<bool>, now: Timestamp) -> Result<Decoded, Refusing> {
    let is_array = body.trim_start().starts_with('[');
    let malformed =
        |reason: String| (Some(Refused::Malformed), Refusal::new(StatusCode::BAD_REQUEST, reason));
    match (is_array, is_batch) {
        (true, Some(false)) => Err(malformed(
            "one event was announced and an array came; send it as application/cloudevents-batch+json"
                .to_owned(),
        )),
        (false, Some(true)) => Err(malformed(
            "a batch was announced and no array came; send one event as application/cloudevents+json"
                .to_owned(),
        )),
        (true, _) => decode_batch(body, now).map_err(|error| malformed(error.to_string())),
        (false, _) => match decode(body, now) {
            Err(error @ DecodeError::NotJson(_)) => Err(malformed(error.to_string())),
            event => Ok(vec![event]),
        },
    }
}

async fn record(app: &App, decoded: Decoded, source: IngestSource) -> Result<Response, Refusing> {
    let mut answer = Answer::default();
    let mut events = Vec::with_capacity(decoded.len());
    let mut taken = Vec::with_capacity(decoded.len());
    for (index, event) in decoded.into_iter().enumerate() {
        match event {
            Ok(event) => {
                taken.push((index, event.body.kind()));
                events.push(event);
            }
            Err(error) => {
                answer.rejected.push(Rejected { index, reason: error.to_string() });
            }
        }
    }
    let unreadable = answer.rejected.len();
    if !events.is_empty() {
        let recorded = match source {
            IngestSource::Import => app.ledger.import(events).await,
            _ => app.ledger.record(events).await,
        };
        let verdicts = recorded.map_err(|error| unavailable(&error))?;
        for ((index, kind), verdict) in taken.into_iter().zip(verdicts) {
            app.own.ingest.event(source, Some(kind), count(verdict, index, &mut answer));
        }
        answer.rejected.sort_unstable_by_key(|rejected| rejected.index);
    }
    // Not before the answer is sure: a request that is sent again is counted then.
    for _ in 0..unreadable {
        app.own.ingest.event(source, None, IngestResult::Rejected);
    }
    let took_nothing = answer.accepted + answer.duplicates == 0 && !answer.rejected.is_empty();
    let status = if took_nothing { StatusCode::BAD_REQUEST } else { StatusCode::OK };
    Ok((status, Json(answer)).into_response())
}

fn count(verdict: Verdict, index: usize, answer: &mut Answer) -> IngestResult {
    match verdict {
        Verdict::Accepted => {
            answer.accepted += 1;
            IngestResult::Accepted
        }
        Verdict::Duplicate => {
            answer.duplicates += 1;
            IngestResult::Duplicate
        }
        Verdict::Rejected(reason) => {
            answer.rejected.push(Rejected { index, reason });
            IngestResult::Rejected
        }
    }
}

/// The sender is to try again: nothing of the request is recorded, and ids keep it from counting twice.
pub(super) fn unavailable(error: &RecordError) -> Refusing {
    // The log says why: the reason may name files.
    let (reason, status, seconds, what) = match error {
        RecordError::Busy => (Refused::Busy, StatusCode::TOO_MANY_REQUESTS, 1, "the ledger is busy"),
        RecordError::Closed(_) => {
            (Refused::Unavailable, StatusCode::SERVICE_UNAVAILABLE, 5, "the ledger is not open")
        }
        RecordError::Store(_) => (
            Refused::Unavailable,
            StatusCode::SERVICE_UNAVAILABLE,
            5,
            "the ledger could not store the events",
        ),
    };
    let refusal =
        Refusal::new(status, format!("{what}; nothing of this request was recorded, send it again"));
    (Some(reason), refusal.retry_after(Duration::from_secs(seconds)))
}
