//! `/api/v1/users…`: single users, what they cost, and how they are forgotten.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, RawQuery, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use pratiko_domain::money::Money;
use pratiko_domain::time::{Timestamp, Window};
use pratiko_ledger::recording::{Forgetting, Person, PersonUsage, Step};
use serde_json::{Value, json};

use super::audit::Concerning;
use super::query::Parameters;
use super::{App, unavailable};
use crate::web::Refusal;

/// The users who cost most in 30 days.
pub(super) async fn list(State(app): State<Arc<App>>, RawQuery(query): RawQuery) -> Response {
    match dearest(&app, query.as_deref()).await {
        Ok(people) => people.into_response(),
        Err(refusal) => refusal.into_response(),
    }
}

async fn dearest(app: &App, query: Option<&str>) -> Result<Json<Value>, Refusal> {
    const USUAL: u64 = 20;
    const MOST: u64 = 100;
    let most = Parameters::read(query, &["top"])?.number("top", USUAL)?.min(MOST) as usize;
    let people = app.ledger.with(move |recorder, now| recorder.dearest(most, now)).await;
    let people = people.map_err(|error| unavailable(&error))?;
    Ok(Json(json!({ "users": people.iter().map(describe).collect::<Vec<_>>() })))
}

/// One user.
pub(super) async fn get(State(app): State<Arc<App>>, Path(id): Path<String>) -> Response {
    let asked = id.clone();
    let response = match app.ledger.with(move |recorder, now| recorder.person(&asked, now)).await {
        Ok(Some(person)) => Json(describe(&person)).into_response(),
        Ok(None) => unknown(),
        Err(error) => unavailable(&error).into_response(),
    };
    concerning(id, response)
}

/// Forgets somebody: who it was goes, how much was used stays.
pub(super) async fn erase(State(app): State<Arc<App>>, Path(id): Path<String>) -> Response {
    let asked = id.clone();
    let response = match app.ledger.with(move |recorder, now| recorder.erase(&asked, now)).await {
        Ok(Some(forgetting)) => Json(described_erasure(&forgetting)).into_response(),
        Ok(None) => unknown(),
        Err(error) => unavailable(&error).into_response(),
    };
    concerning(id, response)
}

/// What was done, as JSON.
pub fn described_erasure(forgetting: &Forgetting) -> Value {
    json!({
        "person": forgetting.hash.to_string(),
        "erased_at": forgetting.at,
        "renamed_events": forgetting.renamed_events,
        "files_are_clean": forgetting.is_scrubbed,
    })
}

/// What one user cost in a window, part by part.
pub(super) async fn costs(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
) -> Response {
    let response = match costs_of(&app, &id, query.as_deref()).await {
        Ok(Some(costs)) => costs.into_response(),
        Ok(None) => unknown(),
        Err(refusal) => refusal.into_response(),
    };
    concerning(id, response)
}

async fn costs_of(app: &App, id: &str, query: Option<&str>) -> Result<Option<Json<Value>>, Refusal> {
    let parameters = Parameters::read(query, &["window", "by"])?;
    let window = parameters.get("window").unwrap_or(Window::Days30.name());
    let window = Window::ALL.into_iter().find(|known| known.name() == window);
    let window = window.ok_or_else(|| bad("window is one of 1h, 1d, 7d, 30d and month_to_date"))?;
    let step = match parameters.get("by") {
        None | Some("day") => Step::Day,
        Some("quarter") => Step::Quarter,
        Some(_) => return Err(bad("by is day or quarter")),
    };
    let id = id.to_owned();
    let parts = app.ledger.with(move |recorder, now| recorder.usage_of(&id, window, step, now)).await;
    let parts = parts.map_err(|error| unavailable(&error))?;
    Ok(parts.map(|parts| Json(describe_costs(window, &parts))))
}

/// Amounts are decimal strings; what is not known is null.
fn describe(person: &Person) -> Value {
    let figures = &person.figures;
    let month = figures.total(Window::Days30);
    let is_over = |limit: Money| figures.active[2] && month > limit;
    let costs: serde_json::Map<String, Value> =
        Window::ALL.iter().map(|window| (window.name().to_owned(), json!(figures.total(*window)))).collect();
    json!({
        "id": person.id,
        "customer": person.customer,
        "plan": figures.plan,
        "cost_eur": costs,
        "active": { "1d": figures.active[0], "7d": figures.active[1], "30d": figures.active[2] },
        "last_active": figures.last_active.map(pratiko_domain::time::Quarter::start),
        "revenue_share_eur": figures.revenue_share,
        "over_target": is_over(figures.limits.target),
        "over_alert": is_over(figures.limits.alert),
        "below_cost": is_over(figures.revenue_share),
    })
}

fn describe_costs(window: Window, parts: &BTreeMap<Timestamp, PersonUsage>) -> Value {
    let (llm, other): (Money, Money) =
        (parts.values().map(|part| part.llm).sum(), parts.values().map(|part| part.other).sum());
    let parts: Vec<Value> = parts
        .iter()
        .map(|(from, part)| {
            json!({
                "from": from, "llm_eur": part.llm, "other_eur": part.other, "activity": part.activity,
            })
        })
        .collect();
    json!({ "window": window.name(), "llm_eur": llm, "other_eur": other, "parts": parts })
}

fn concerning(id: String, mut response: Response) -> Response {
    response.extensions_mut().insert(Concerning(id));
    response
}

fn unknown() -> Response {
    let error =
        "nobody of this id is known: never told of, or forgotten; ids are percent-encoded in the path";
    Refusal::new(StatusCode::NOT_FOUND, error).into_response()
}

fn bad(error: &str) -> Refusal {
    Refusal::new(StatusCode::BAD_REQUEST, error)
}
