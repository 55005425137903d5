//! An application that ships its events: through every trouble of the exporter, and of its own.

mod crash;
mod refusals;
mod trouble;

use std::collections::HashSet;
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::time::Duration;

use pratiko_metrics::domain::event::{Body, LlmUsage, TokenUsage, UserActive};
use pratiko_metrics::ship::{ShipSettings, Token};
use serde_json::Value;

use crate::support::run_well;

/// An address that nobody has, and that the system gives to nobody: its own choice begins higher.
fn address() -> SocketAddr {
    let first = 20_000 + std::process::id() % 10_000;
    let mut addresses = (first..32_000).map(|port| SocketAddr::from(([127, 0, 0, 1], port as u16)));
    addresses.find(|address| TcpListener::bind(address).is_ok()).unwrap()
}

/// A shipper that comes back soon, so that a test does not take long.
fn settings(address: SocketAddr, ledger: &Path) -> ShipSettings {
    ShipSettings {
        endpoint: format!("http://{address}"),
        token: Token::File(ledger.join("ingest-token")),
        source: "shop".to_owned(),
        batch_events: 200,
        batch_delay: Duration::from_millis(20),
        connect_timeout: Duration::from_millis(500),
        response_timeout: Duration::from_millis(500),
        retry_delay: Duration::from_millis(10),
        longest_retry_delay: Duration::from_millis(100),
        refused_delay: Duration::from_millis(100),
        ..ShipSettings::default()
    }
}

/// One of two kinds of events.
fn body(number: usize) -> Body {
    if number.is_multiple_of(3) {
        return Body::UserActive(UserActive::default());
    }
    let tokens = TokenUsage { input: 1000, output: 200, ..TokenUsage::default() };
    Body::LlmUsage(LlmUsage { cost_eur: "0.0012".parse().ok(), ..LlmUsage::new("openai", "gpt-5", tokens) })
}

/// The users of all events in the ledger that came from the application; each has one event.
fn users_in(ledger: &Path) -> HashSet<String> {
    let exported = run_well(ledger, &["ledger", "export"]);
    let events = exported.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let ours = events.filter(|event| event["source"] == "shop");
    let users: Vec<String> = ours.map(|event| event["subject"].as_str().unwrap().to_owned()).collect();
    let count = users.len();
    let distinct: HashSet<String> = users.into_iter().collect();
    assert_eq!(distinct.len(), count, "some event is there twice");
    distinct
}
