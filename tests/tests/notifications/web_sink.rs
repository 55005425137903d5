//! What stands in for chats, pagers and webhooks: it takes what they would take, and refuses the rest.

use std::sync::{Arc, Mutex};
use std::time::SystemTime;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri};
use serde_json::Value;

/// A message that arrived.
#[derive(Debug, Clone)]
pub struct Message {
    /// Where: the path, or the address of a mail.
    pub place: String,
    /// When.
    pub at: SystemTime,
    /// What, as the service sees it.
    pub body: Value,
    /// The value of the header `Authorization`, if any.
    pub authorization: String,
}

/// Messages in the order in which they came.
pub type Messages = Arc<Mutex<Vec<Message>>>;

/// A server until the value is dropped.
pub struct WebSink {
    /// `http://127.0.0.1:…`
    pub url: String,
    _runtime: tokio::runtime::Runtime,
}

impl WebSink {
    pub fn start(messages: Messages) -> Self {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let router = Router::new().fallback(take).with_state(messages);
        runtime.spawn(async { axum::serve(listener, router).await });
        Self { url, _runtime: runtime }
    }
}

async fn take(
    State(messages): State<Messages>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> (StatusCode, String) {
    let place = uri.path().trim_start_matches('/').to_owned();
    let body: Value = serde_json::from_slice(&body).unwrap_or_default();
    let refused = match place.split('/').next() {
        Some("slack") => what_slack_refuses(&body),
        Some("pagerduty") => what_pagerduty_refuses(&body),
        _ => (!body["alerts"].is_array()).then(|| "no alerts".to_owned()),
    };
    // A refused message stays in sight: the test that waits for another one says what came instead.
    let place = if refused.is_some() { format!("refused by {place}") } else { place };
    let is_pagerduty = place.starts_with("pagerduty");
    let authorization = headers.get("authorization").and_then(|value| value.to_str().ok());
    let authorization = authorization.unwrap_or_default().to_owned();
    let at = SystemTime::now();
    messages.lock().unwrap().push(Message { place, at, body, authorization });
    match refused {
        Some(why) => (StatusCode::BAD_REQUEST, why),
        None if is_pagerduty => (StatusCode::ACCEPTED, "{\"status\":\"success\"}".to_owned()),
        None => (StatusCode::OK, "ok".to_owned()),
    }
}

/// <https://api.slack.com/messaging/webhooks>
fn what_slack_refuses(body: &Value) -> Option<String> {
    let attachments = body["attachments"].as_array();
    let has_text = attachments.is_some_and(|all| all.iter().any(|one| one["text"].is_string()));
    (!has_text).then(|| "no_text".to_owned())
}

/// <https://developer.pagerduty.com/docs/events-api-v2/trigger-events/>
fn what_pagerduty_refuses(body: &Value) -> Option<String> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let payload = &body["payload"];
    if text(&body["routing_key"]).is_empty() || text(&body["dedup_key"]).is_empty() {
        return Some("no key".to_owned());
    }
    match body["event_action"].as_str() {
        Some("resolve") => return None,
        Some("trigger") => {}
        action => return Some(format!("event_action {action:?}")),
    }
    if !["critical", "error", "warning", "info"].contains(&text(&payload["severity"]).as_str()) {
        return Some(format!("severity {}", payload["severity"]));
    }
    let summary = text(&payload["summary"]);
    (summary.is_empty() || summary.chars().count() > 1024 || text(&payload["source"]).is_empty())
        .then(|| "summary or source".to_owned())
}
