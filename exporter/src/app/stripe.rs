//! `POST /webhooks/stripe`: what Stripe tells, believed by its signature, answered after the commit.
//!
//! Stripe sends again for three days what is not answered with success: so success means that
//! everything is stored, or that there is nothing to store. Nothing of a payload is logged.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use pratiko_domain::event::{Event, Kind};
use pratiko_domain::time::Timestamp;
use pratiko_intake::stripe::signature::{self, Secrets, SignatureError, Tolerance};
use pratiko_intake::stripe::{Gaps, Ignored, Policy, Translation, read_webhook};
use pratiko_ledger::recording::Verdict;
use serde::Serialize;

use super::App;
use super::events::{LONG_BODY_BYTES, Refusing, read_bytes, unavailable};
use crate::own::{IngestResult, IngestSource, Refused, Unresolved, WebhookResult};
use crate::web::Refusal;

/// What webhooks are believed and understood by.
#[derive(Debug, Clone)]
pub struct StripeSettings {
    /// The signing secrets; without any, nothing is believed.
    pub secrets: Secrets,
    /// How old or how far ahead a signature may be.
    pub tolerance: Tolerance,
    /// The largest body.
    pub max_body_bytes: usize,
    /// What counts.
    pub policy: Policy,
}

/// The answer: what became of the webhook.
#[derive(Debug, Serialize)]
struct Answer {
    accepted: usize,
    duplicates: usize,
    rejected: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    ignored: Option<&'static str>,
}

pub(super) async fn post(State(app): State<Arc<App>>, headers: HeaderMap, body: Body) -> Response {
    match take(&app, &headers, body).await {
        Ok(answer) => (StatusCode::OK, Json(answer)).into_response(),
        Err((reason, refusal)) => {
            if let Some(reason) = reason {
                app.own.ingest.refused(reason);
                tracing::warn!(
                    status = refusal.status.as_u16(),
                    error = refusal.error,
                    "a webhook was refused"
                );
            }
            refusal.into_response()
        }
    }
}

async fn take(app: &Arc<App>, headers: &HeaderMap, body: Body) -> Result<Answer, Refusing> {
    if app.settings.stripe.secrets.is_empty() {
        let reason = "closed, because no signing secret is configured; put the endpoint's secret into a file and \
                      name it in stripe.webhook_secret_files";
        return Err((Some(Refused::Signature), Refusal::new(StatusCode::FORBIDDEN, reason)));
    }
    let body = read_bytes(body, app.settings.stripe.max_body_bytes, "stripe.max_body_bytes").await?;
    let started = Instant::now();
    let header = signature_of(headers)?;
    let now = app.clock.now();
    let said = if body.len() > LONG_BODY_BYTES {
        let app = Arc::clone(app);
        let reading = tokio::task::spawn_blocking(move || {
            understand(&app.settings.stripe, &body, header.as_deref(), now)
        });
        reading.await.unwrap_or_else(|_| {
            let reason = "reading the webhook failed; this is a bug";
            Err((None, Refusal::new(StatusCode::INTERNAL_SERVER_ERROR, reason)))
        })
    } else {
        understand(&app.settings.stripe, &body, header.as_deref(), now)
    }?;
    let answer = record(app, said, now).await;
    app.own.ingest.duration.record(started.elapsed());
    answer
}

/// The header, of which there must not be two: another reader might choose the other one.
fn signature_of(headers: &HeaderMap) -> Result<Option<String>, Refusing> {
    let mut values = headers.get_all(signature::HEADER).iter();
    match (values.next(), values.next()) {
        (None, _) => Ok(None),
        (Some(value), None) => match value.to_str() {
            Ok(text) => Ok(Some(text.to_owned())),
            Err(_) => Err(not_believed(SignatureError::Malformed)),
        },
        (Some(_), Some(_)) => Err(not_believed(SignatureError::Malformed)),
    }
}

fn understand(
    settings: &StripeSettings,
    body: &Bytes,
    header: Option<&str>,
    now: Timestamp,
) -> Result<Translation, Refusing> {
    signature::verify(body, header, &settings.secrets, settings.tolerance, now).map_err(not_believed)?;
    read_webhook(body, &settings.policy)
        .map_err(|error| (Some(Refused::Malformed), Refusal::new(StatusCode::BAD_REQUEST, error.to_string())))
}

fn not_believed(error: SignatureError) -> Refusing {
    let reason = match error {
        SignatureError::TooOld { .. } | SignatureError::TooNew { .. } => Refused::Timestamp,
        _ => Refused::Signature,
    };
    (Some(reason), Refusal::new(StatusCode::BAD_REQUEST, error.to_string()))
}

async fn record(app: &App, said: Translation, now: Timestamp) -> Result<Answer, Refusing> {
    let counts = &app.own.ingest;
    let mut answer = Answer { accepted: 0, duplicates: 0, rejected: 0, ignored: None };
    if let Some(why) = said.ignored {
        let (result, name) = match why {
            Ignored::Type => (WebhookResult::Ignored, "type"),
            Ignored::Mode => (WebhookResult::OtherMode, "mode"),
            Ignored::Content => (WebhookResult::Nothing, "nothing in it counts"),
        };
        counts.webhook(result);
        note_gaps(app, said.gaps);
        answer.ignored = Some(name);
        return Ok(answer);
    }
    let is_ahead = said.events.iter().any(|event| event.time > now);
    let kinds: Vec<Kind> = said.events.iter().map(|event: &Event| event.body.kind()).collect();
    // Stripe sends again for days, and what it says may have happened before that.
    let verdicts = app.ledger.import(said.events).await.map_err(|error| unavailable(&error))?;
    for (kind, verdict) in kinds.into_iter().zip(verdicts) {
        let result = match verdict {
            Verdict::Accepted => {
                answer.accepted += 1;
                IngestResult::Accepted
            }
            Verdict::Duplicate => {
                answer.duplicates += 1;
                IngestResult::Duplicate
            }
            Verdict::Rejected(reason) => {
                answer.rejected += 1;
                tracing::warn!(kind = kind.name(), reason, "a part of a webhook was not recorded");
                IngestResult::Rejected
            }
        };
        counts.event(IngestSource::Stripe, Some(kind), result);
    }
    if answer.rejected > 0 && is_ahead {
        // Our clock is behind: what is in the future now will not be when it is sent again.
        let reason = "a part of it lies in the future by the clock of this host; send it again later";
        let refusal = Refusal::new(StatusCode::SERVICE_UNAVAILABLE, reason);
        return Err((Some(Refused::Timestamp), refusal.retry_after(Duration::from_secs(60))));
    }
    note_gaps(app, said.gaps);
    counts.webhook(match &answer {
        Answer { rejected: 1.., .. } => WebhookResult::Rejected,
        Answer { accepted: 1.., .. } => WebhookResult::Accepted,
        _ => WebhookResult::Duplicate,
    });
    Ok(answer)
}

fn note_gaps(app: &App, gaps: Gaps) {
    app.own.ingest.unresolved(Unresolved::Discount, gaps.discounts);
    app.own.ingest.unresolved(Unresolved::Price, gaps.prices);
}
