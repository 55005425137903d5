//! `GET /health`, `/-/healthy` and `/-/ready`.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use pratiko_ledger::LedgerStatus;
use serde_json::json;

use super::App;

/// Each part's state; 503 when one is down.
pub(super) async fn get(State(app): State<Arc<App>>) -> Response {
    let figures = app.figures();
    let ledger = match app.ledger.status() {
        LedgerStatus::Opening => json!({ "status": "starting" }),
        LedgerStatus::Failed(reason) => {
            tracing::debug!(reason, "asked for health while the ledger is down");
            json!({ "status": "down", "reason": "the ledger cannot be used; the log says why" })
        }
        LedgerStatus::Open if figures.snapshot.is_none() => json!({ "status": "starting" }),
        LedgerStatus::Open if !figures.is_up => {
            json!({ "status": "down", "reason": "it is damaged, or its figures are too old; the log says which" })
        }
        LedgerStatus::Open => json!({ "status": "up" }),
    };
    let web = json!({ "status": if app.web.config_ok() { "up" } else { "down" } });
    let host = json!({ "status": "up", "collectors": app.host.names().len() });
    let is_down = [&ledger, &web].iter().any(|part| part["status"] == "down");
    let status = if is_down { StatusCode::SERVICE_UNAVAILABLE } else { StatusCode::OK };
    let body = json!({
        "status": if is_down { "down" } else { "up" },
        "parts": { "host": host, "ledger": ledger, "web": web },
    });
    (status, Json(body)).into_response()
}

/// The process lives.
pub(super) async fn healthy() -> &'static str {
    "pratiko-exporter is healthy.\n"
}

/// Host metrics are served, whatever the ledger does.
pub(super) async fn ready() -> &'static str {
    "pratiko-exporter is ready.\n"
}
