//! `GET /api/v1/audit`, and the layer that writes down what administrators do.

use std::sync::Arc;

use axum::Json;
use axum::extract::{MatchedPath, RawQuery, Request, State};
use axum::http::StatusCode;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use pratiko_ledger::recording::Deed;
use serde_json::{Value, json};

use super::query::Parameters;
use super::{App, unavailable};
use crate::web::{Caller, Refusal};

/// Whom an answer concerns.
#[derive(Debug, Clone)]
pub(super) struct Concerning(pub String);

/// Writes down what was asked for, by whom and with what result, before the answer goes out: what cannot
/// be written down is not answered. It is done and written down also for somebody who does not wait for the
/// answer: what the ledger has been asked for, it does.
pub(super) async fn write_down(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let path = request.extensions().get::<MatchedPath>().map_or("", MatchedPath::as_str);
    let action = format!("{} {path}", request.method());
    let caller = request.extensions().get::<Caller>();
    let actor = format!("token {}", caller.map_or("unknown", Caller::name));
    let doing = tokio::spawn(async move {
        let response = next.run(request).await;
        let person = response.extensions().get::<Concerning>().map(|concerning| concerning.0.clone());
        let deed = Deed { actor, action, person, result: response.status().as_u16().to_string() };
        match app.ledger.with(move |recorder, now| recorder.audit(&deed, now)).await {
            Ok(()) => response,
            Err(error) => unavailable(&error).into_response(),
        }
    });
    doing.await.unwrap_or_else(|error| {
        tracing::error!(%error, "an administrator's request ended before its answer");
        StatusCode::INTERNAL_SERVER_ERROR.into_response()
    })
}

/// The latest entries first.
pub(super) async fn list(State(app): State<Arc<App>>, RawQuery(query): RawQuery) -> Response {
    match entries(&app, query.as_deref()).await {
        Ok(entries) => entries.into_response(),
        Err(refusal) => refusal.into_response(),
    }
}

async fn entries(app: &App, query: Option<&str>) -> Result<Json<Value>, Refusal> {
    const USUAL: u64 = 100;
    const MOST: u64 = 1000;
    let parameters = Parameters::read(query, &["before", "limit"])?;
    let before = parameters.number("before", u64::MAX)?;
    let most = parameters.number("limit", USUAL)?.min(MOST) as usize;
    let entries = app.ledger.with(move |recorder, _| recorder.store().audit(before, most)).await;
    let entries: Vec<Value> = entries
        .map_err(|error| unavailable(&error))?
        .into_iter()
        .map(|(number, entry)| {
            json!({
                "number": number,
                "at": entry.at,
                "actor": entry.actor,
                "action": entry.action,
                "person": entry.person.map(|hash| hash.to_string()),
                "result": entry.result,
            })
        })
        .collect();
    Ok(Json(json!({ "entries": entries })))
}
