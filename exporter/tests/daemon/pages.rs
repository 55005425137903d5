//! What a person who has just started it looks at.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use serde_json::{Value, json};

use crate::support::{Daemon, TempDir, eventually, usage};

#[test]
fn the_first_start_says_where_the_token_is_and_only_its_owner_can_read_it() {
    let directory = TempDir::new();
    let ledger = directory.file("ledger");
    let daemon = Daemon::start(&ledger);
    let line = daemon.logged("made the token for sending events");
    let file = ledger.join("ingest-token");
    assert_eq!(line["file"], json!(file));
    let mode = |path: &std::path::Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&file), mode(&ledger)), (0o600, 0o700));
    assert!(daemon.client.token.len() >= 32);
    let token = daemon.client.token.clone();
    daemon.kill();
    let daemon = Daemon::start(&ledger);
    daemon.logged("the token for sending events");
    assert_eq!(daemon.client.token, token);
}

#[test]
fn health_tells_the_state_of_each_part() {
    let directory = TempDir::new();
    let daemon = Daemon::start(directory.path());
    let health = eventually("a ledger that is up", || {
        let answer = daemon.client.get("/health");
        assert_eq!(answer.status, 200, "{answer:?}");
        Some(answer.json()).filter(|health| health["parts"]["ledger"]["status"] == "up")
    });
    assert_eq!(health["status"], "up");
    for part in ["host", "ledger", "web"] {
        assert_eq!(health["parts"][part]["status"], "up", "{health}");
    }
    for path in ["/-/healthy", "/-/ready"] {
        assert_eq!(daemon.client.get(path).status, 200, "{path}");
    }
    let description = daemon.client.get("/api/v1/openapi.json");
    assert_eq!(description.header("content-type"), Some("application/json"));
    assert!(description.json().is_object());
}

#[test]
fn a_ledger_that_cannot_be_opened_costs_the_business_figures_alone() {
    let directory = TempDir::new();
    let not_a_directory = directory.write("ledger", "a file");
    let daemon = Daemon::start(&not_a_directory);
    daemon.logged("the ledger cannot be opened; host metrics are not affected");
    let health = eventually("a ledger that is down", || {
        let answer = daemon.client.get("/health");
        (answer.status == 503).then(|| answer.json())
    });
    assert_eq!(health["parts"]["ledger"]["status"], "down", "{health}");
    assert_eq!(health["parts"]["host"]["status"], "up", "{health}");
    assert_eq!(daemon.client.get("/-/ready").status, 200);
    let metrics = daemon.client.metrics();
    assert_eq!(metrics["pratiko_ledger_up"], 0.0);
    assert!(metrics.contains_key("node_load1"));
    assert_eq!(daemon.client.get("/api/v1/summary").status, 503);
    assert!(daemon.client.get("/").body.contains("The ledger is down"));
    // Nobody could have made a token that it would take.
    assert_eq!(daemon.client.post("application/json", b"[]").unwrap().status, 403);
}

#[test]
fn the_pages_show_what_the_events_say() {
    let directory = TempDir::new();
    let daemon = Daemon::start(directory.path());
    eventually("a page without figures", || {
        daemon.client.get("/").body.contains("no business figures yet").then_some(())
    });
    assert!(!daemon.client.metrics().contains_key("pratiko_arr_eur"));
    let subscription = json!({
        "specversion": "1.0", "id": "sub_1:1", "source": "test", "type": "com.pratiko.subscription.changed.v1",
        "data": {
            "id": "sub_1", "customer": "anna", "status": "active", "effective_at": "2026-01-01T00:00:00Z",
            "started_at": "2026-01-01T00:00:00Z",
            "items": [{"plan": "pro", "unit_amount": "29.90", "interval": "month"}],
        },
    });
    let events = Value::from(vec![subscription, usage("1", "anna", "0.25")]);
    let answer = daemon.client.post("application/json", events.to_string().as_bytes()).unwrap();
    assert_eq!(answer.status, 200, "{answer:?}");
    let metrics = daemon.client.metrics_with(2);
    assert_eq!(metrics[r#"pratiko_mrr_eur{plan="pro"}"#], 29.9);
    assert_eq!(metrics["pratiko_arr_eur"], 358.8);
    assert_eq!(metrics[r#"pratiko_cost_per_user_eur{plan="pro"}"#], 0.25);
    let page = daemon.client.get("/");
    assert!(page.header("content-type").unwrap().starts_with("text/html"), "{page:?}");
    assert!(page.body.contains("€29.90") && page.body.contains("pro"), "{page:?}");
    let summary = daemon.client.get("/api/v1/summary").json();
    assert_eq!(summary["revenue"]["mrr_eur"], "29.9", "{summary}");
    assert_eq!(summary["plans"]["pro"]["cost_per_user_eur"], "0.25", "{summary}");
}

#[test]
fn whoever_has_no_rates_is_told_what_waits_for_them() {
    let directory = TempDir::new();
    let daemon = Daemon::start(directory.path());
    let mut call = usage("1", "anna", "1");
    call["data"] = json!({
        "provider": "openai", "model": "gpt-5", "tokens": { "input": 100_000, "output": 20_000 },
    });
    let sent = daemon.client.post("application/cloudevents+json", call.to_string().as_bytes()).unwrap();
    assert_eq!(sent.status, 200, "{sent:?}");
    eventually("the page to say so", || {
        let page = daemon.client.get("/").body;
        (page.contains("Amounts in USD") && page.contains("currencies.source")).then_some(())
    });
}
