//! Stripe: signed webhooks from a sender of our own and from another program that stands in for it, and
//! backfills of the same accounts.

mod account;
mod api;
mod backfills;
mod localstripe;
mod webhooks;

use std::io;
use std::path::Path;

use pratiko_domain::time::Timestamp;
use pratiko_intake::stripe::signature;
use serde_json::{Value, json};

use crate::http::{self, Answer};
use crate::support::{Client, Daemon, TempDir};

/// The signing secret of the endpoint.
pub const SECRET: &str = "whsec_1234567890abcdef";

pub fn now() -> i64 {
    std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs() as i64
}

/// A daemon that believes [`SECRET`].
pub fn start(ledger: &Path, secrets: &TempDir) -> Daemon {
    start_with(ledger, secrets, SECRET, &[])
}

pub fn start_with(ledger: &Path, secrets: &TempDir, text: &str, flags: &[&str]) -> Daemon {
    let file = secrets.write("webhook-secrets", text);
    let file = format!("--stripe.webhook-secret-files={}", file.display());
    Daemon::start_with(ledger, &[&[file.as_str()][..], flags].concat())
}

/// A webhook as Stripe writes one.
pub fn event(kind: &str, created: i64, object: &Value) -> Value {
    json!({
        "id": format!("evt_{created}_{kind}"), "object": "event", "api_version": "2025-03-31.basil",
        "created": created, "livemode": true, "type": kind, "pending_webhooks": 1,
        "request": {"id": null, "idempotency_key": null}, "data": {"object": object},
    })
}

/// Sends a body with a header, whatever they are.
pub fn post(client: &Client, header: &str, body: &[u8]) -> io::Result<Answer> {
    let headers = [("Stripe-Signature", header), ("Content-Type", "application/json; charset=utf-8")];
    http::request(client.address, "POST", "/webhooks/stripe", &headers, body)
}

/// Signs a webhook and sends it.
pub fn try_tell(client: &Client, event: &Value) -> io::Result<Answer> {
    let body = serde_json::to_vec_pretty(event).unwrap();
    let header = signature::sign(&body, [SECRET], Timestamp::from_seconds(now()));
    post(client, &header, &body)
}

/// Signs a webhook and sends it; how many of its events were new, and how many were known.
pub fn tell(client: &Client, event: &Value) -> (u64, u64) {
    let answer = try_tell(client, event).unwrap();
    assert_eq!(answer.status, 200, "{answer:?}");
    let json = answer.json();
    (json["accepted"].as_u64().unwrap(), json["duplicates"].as_u64().unwrap())
}
