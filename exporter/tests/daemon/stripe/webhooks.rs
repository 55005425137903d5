//! Webhooks: believed by their signature alone, counted once, and never lost.

use pratiko_domain::time::Timestamp;
use pratiko_intake::stripe::signature::sign;
use serde_json::{Value, json};

use super::{SECRET, event, now, post, start, start_with, tell, try_tell};
use crate::http;
use crate::support::{Daemon, TempDir, eventually, run_well};

fn charge(id: &str, status: &str) -> Value {
    json!({
        "id": id, "object": "charge", "amount": 2500, "currency": "eur", "status": status, "created": now() - 5,
        "customer": "cus_1", "livemode": true, "payment_method_details": {"type": "card"},
        "billing_details": {"email": "ada@example.com", "name": "Ada"}, "failure_code": "card_declined",
    })
}

fn refused(daemon: &Daemon, reason: &str) -> f64 {
    daemon.client.metrics()[&format!("pratiko_ingest_refused_requests_total{{reason=\"{reason}\"}}")]
}

fn webhooks(daemon: &Daemon, result: &str) -> f64 {
    daemon.client.metrics()[&format!("pratiko_stripe_webhooks_total{{result=\"{result}\"}}")]
}

#[test]
fn without_a_secret_webhooks_are_closed() {
    let directory = TempDir::new();
    let daemon = Daemon::start(directory.path());
    let answer =
        try_tell(&daemon.client, &event("charge.succeeded", now(), &charge("ch_1", "succeeded"))).unwrap();
    assert_eq!(answer.status, 403, "{answer:?}");
    assert!(answer.body.contains("stripe.webhook_secret_files"), "{answer:?}");
}

#[test]
fn only_what_is_signed_rightly_and_lately_is_believed() {
    let (directory, secrets) = (TempDir::new(), TempDir::new());
    let rolled = format!("# the new one, and the one before\nwhsec_new\n{SECRET}\n");
    let flags = ["--stripe.tolerance=2m", "--stripe.clock-skew=1m", "--collector.business"];
    let daemon = start_with(directory.path(), &secrets, &rolled, &flags);
    let body = serde_json::to_vec(&event("charge.succeeded", now(), &charge("ch_1", "succeeded"))).unwrap();
    let at = |seconds: i64| Timestamp::from_seconds(now() + seconds);
    let status = |header: &str, body: &[u8]| post(&daemon.client, header, body).unwrap().status;

    assert_eq!(status(&sign(&body, ["whsec_other"], at(0)), &body), 400);
    assert_eq!(status(&sign(&body, [SECRET], at(0)).replace("v1=", "v0="), &body), 400);
    assert_eq!(status("nonsense", &body), 400);
    assert_eq!(status(&sign(b"{}", [SECRET], at(0)), &body), 400);
    let unsigned = http::request(daemon.client.address, "POST", "/webhooks/stripe", &[], &body).unwrap();
    assert_eq!(unsigned.status, 400);
    let twice = sign(&body, [SECRET], at(0));
    let headers = [("Stripe-Signature", twice.as_str()), ("Stripe-Signature", twice.as_str())];
    let doubled = http::request(daemon.client.address, "POST", "/webhooks/stripe", &headers, &body).unwrap();
    assert_eq!(doubled.status, 400);
    assert_eq!(refused(&daemon, "signature"), 6.0);

    let old = post(&daemon.client, &sign(&body, [SECRET], at(-150)), &body).unwrap();
    assert_eq!(old.status, 400);
    assert!(old.body.contains("s old"), "{old:?}");
    assert_eq!(status(&sign(&body, [SECRET], at(90)), &body), 400);
    assert_eq!(refused(&daemon, "timestamp"), 2.0);

    // Two signatures while a secret is rolled, of which we know one; and each secret of ours.
    for signers in [&["whsec_unknown", SECRET][..], &["whsec_new"], &[SECRET]] {
        assert_eq!(status(&sign(&body, signers, at(-100)), &body), 200, "{signers:?}");
    }
    assert_eq!(status(&sign(&body, [SECRET], at(30)), &body), 200);
    assert_eq!((webhooks(&daemon, "accepted"), webhooks(&daemon, "duplicate")), (1.0, 3.0));
}

#[test]
fn what_cannot_be_used_is_answered_clearly_counted_and_not_recorded() {
    let (directory, secrets) = (TempDir::new(), TempDir::new());
    let daemon = start_with(directory.path(), &secrets, SECRET, &["--collector.business"]);
    let send =
        |body: &[u8]| post(&daemon.client, &sign(body, [SECRET], Timestamp::from_seconds(now())), body);
    let cases: Vec<(&str, Vec<u8>, u16)> = vec![
        ("5 MB", [&b"{\"type\":\"charge.failed\",\"padding\":\""[..], &vec![b'x'; 5 << 20], b"\"}"].concat(), 413),
        ("not JSON", b"hello".to_vec(), 400),
        ("nothing", Vec::new(), 400),
        ("not UTF-8", b"{\"type\": \"\xff\xfe\"}".to_vec(), 400),
        ("half of it", br#"{"type": "charge.failed", "created": 1, "data": {"object": {"#.to_vec(), 400),
        ("depth", format!("{{\"type\": \"charge.failed\", \"created\": 1, \"data\": {{\"object\": {}", "[".repeat(900_000)).into_bytes(), 400),
        ("wide", format!("[{}1]", "1,".repeat(500_000)).into_bytes(), 400),
        ("object", serde_json::to_vec(&event("charge.failed", now(), &json!({"id": "ada@example.com"}))).unwrap(), 400),
        ("sum", serde_json::to_vec(&event("charge.failed", now(), &json!({"id": "ch_1", "amount": i64::MAX, "currency": "eur", "status": "failed", "created": 1}))).unwrap(), 400),
    ];
    let count = cases.len();
    for (what, body, expected) in cases {
        let answer = send(&body).unwrap();
        assert_eq!(answer.status, expected, "{what}: {answer:?}");
        assert!(!answer.body.contains("ada"), "{what}: {answer:?}");
        assert!(answer.json()["error"].is_string());
    }
    assert_eq!(refused(&daemon, "malformed") + refused(&daemon, "too_large"), count as f64);
    let unknown = tell(&daemon.client, &event("tax.settings.updated", now(), &json!({"id": "x"})));
    assert_eq!(unknown, (0, 0));
    let mut test_mode = event("charge.succeeded", now(), &charge("ch_1", "succeeded"));
    test_mode["livemode"] = json!(false);
    assert_eq!(tell(&daemon.client, &test_mode), (0, 0));
    assert_eq!(tell(&daemon.client, &event("charge.succeeded", now(), &charge("ch_2", "pending"))), (0, 0));
    assert_eq!(
        (webhooks(&daemon, "ignored"), webhooks(&daemon, "other_mode"), webhooks(&daemon, "nothing")),
        (1.0, 1.0, 1.0)
    );
    let metrics = daemon.client.metrics();
    assert_eq!(metrics["pratiko_ledger_events_total"], 0.0);
    // The daemon is as well as before.
    assert_eq!(tell(&daemon.client, &event("charge.succeeded", now(), &charge("ch_3", "succeeded"))), (1, 0));
}

#[test]
fn a_webhook_that_is_sent_again_counts_once_in_the_totals() {
    let (directory, secrets) = (TempDir::new(), TempDir::new());
    let daemon = start(directory.path(), &secrets);
    let failed = event("charge.failed", now(), &charge("ch_1", "failed"));
    assert_eq!(tell(&daemon.client, &failed), (1, 0));
    assert_eq!(tell(&daemon.client, &failed), (0, 1));
    // The same charge in another event, such as one that was sent again by hand.
    let mut again = event("charge.failed", now() + 1, &charge("ch_1", "failed"));
    again["data"]["object"]["created"] = failed["data"]["object"]["created"].clone();
    assert_eq!(tell(&daemon.client, &again), (0, 1));
    let metrics = daemon.client.metrics_with(1);
    let attempts = "pratiko_payment_attempts_total{method=\"card\",outcome=\"failed\",reason=\"declined\"}";
    assert_eq!(metrics[attempts], 1.0);
    let ingested = |result: &str| {
        metrics[&format!(
            "pratiko_ingest_events_total{{source=\"stripe\",kind=\"payment_attempt\",result=\"{result}\"}}"
        )]
    };
    assert_eq!((ingested("accepted"), ingested("duplicate")), (1.0, 2.0));
}

#[test]
fn nothing_of_a_payload_but_what_figures_need_is_kept_or_logged() {
    let (directory, secrets) = (TempDir::new(), TempDir::new());
    let daemon = start_with(directory.path(), &secrets, SECRET, &["--log.level=debug"]);
    tell(&daemon.client, &event("charge.failed", now(), &charge("ch_1", "failed")));
    let _ = post(&daemon.client, "t=1,v1=00", b"{\"email\": \"ada@example.com\"}");
    let broken =
        event("charge.failed", now(), &json!({"id": "ch_ada@example.com", "amount": "ada@example.com"}));
    assert_eq!(try_tell(&daemon.client, &broken).unwrap().status, 400);
    daemon.logged("a webhook was refused");
    let said = daemon.everything_logged();
    for secret in ["ada@example.com", "cus_1", "ch_", SECRET] {
        assert!(!said.contains(secret), "{secret} in {said}");
    }
    drop(daemon);
    for file in std::fs::read_dir(directory.path()).unwrap() {
        let bytes = std::fs::read(file.unwrap().path()).unwrap_or_default();
        assert!(!bytes.windows(11).any(|window| window == b"example.com"));
    }
}

#[test]
fn a_webhook_of_long_ago_is_taken_as_stripe_may_have_tried_for_days() {
    let (directory, secrets) = (TempDir::new(), TempDir::new());
    let daemon = start(directory.path(), &secrets);
    let mut old = charge("ch_1", "succeeded");
    old["created"] = json!(now() - 200 * 86_400);
    assert_eq!(tell(&daemon.client, &event("charge.refunded", now(), &old)), (1, 0));
}

#[test]
fn what_was_answered_with_success_survives_every_kill_and_the_rest_can_be_sent_again() {
    let (directory, secrets) = (TempDir::new(), TempDir::new());
    let mut acknowledged = Vec::new();
    let mut next = 0;
    for round in 0..12 {
        let daemon = start(directory.path(), &secrets);
        let deliveries = std::thread::scope(|scope| {
            let client = &daemon.client;
            let first = next;
            let sender = scope.spawn(move || {
                let mut taken = Vec::new();
                for number in first..first + 500 {
                    let webhook =
                        event("charge.succeeded", now(), &charge(&format!("ch_{number}"), "succeeded"));
                    match try_tell(client, &webhook) {
                        Ok(answer) if answer.status == 200 => taken.push(number),
                        _ => break,
                    }
                }
                taken
            });
            std::thread::sleep(std::time::Duration::from_millis(20 + 13 * round));
            daemon.signal(rustix::process::Signal::KILL);
            sender.join().unwrap()
        });
        // What got no answer may be there or not; Stripe sends it again.
        next = deliveries.last().map_or(next, |last| last + 1);
        acknowledged.extend(deliveries);
    }
    assert!(acknowledged.len() > 20, "{}", acknowledged.len());
    let daemon = start(directory.path(), &secrets);
    for number in &acknowledged {
        let webhook = event("charge.succeeded", now(), &charge(&format!("ch_{number}"), "succeeded"));
        assert_eq!(tell(&daemon.client, &webhook), (0, 1), "ch_{number} was acknowledged and is not there");
    }
    let metrics = eventually("the figures", || {
        let metrics = daemon.client.metrics();
        metrics.contains_key("pratiko_ledger_events_total").then_some(metrics)
    });
    let attempts = "pratiko_payment_attempts_total{method=\"card\",outcome=\"succeeded\",reason=\"none\"}";
    assert_eq!(metrics[attempts], metrics["pratiko_ledger_events_total"]);
    drop(daemon);
    run_well(directory.path(), &["ledger", "verify"]);
}
