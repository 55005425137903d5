//! What Alertmanager makes of alerts: who is told, in which words, and who is left in peace.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::alertmanager::{Alertmanager, Office, alert};

/// Fast enough for a test; what waits 30 seconds waits one.
const FACTOR: u32 = 30;

fn labels(name: &str, severity: &str, area: &str, more: &Value) -> Value {
    let mut labels = json!({
        "alertname": name, "severity": severity, "area": area,
        "environment": "production", "job": "pratiko", "plan": "pro & co",
    });
    labels.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    labels
}

#[test]
fn a_critical_alert_reaches_people_everywhere_and_so_does_its_end() {
    let alertmanager = Alertmanager::start(Office::Open, FACTOR);
    let cost = labels("Cost", "critical", "cost", &json!({"notify": "business_hours"}));
    alertmanager.tell(&[alert(&cost, false)]);

    let title = "🔴 Summary of Cost (production)";
    let page = alertmanager.wait_for("pagerduty", title, |message| message.is_titled(title));
    assert_eq!(page.body["event_action"], "trigger");
    assert_eq!(page.body["routing_key"], "the key of PagerDuty");
    assert_eq!(page.body["payload"]["severity"], "critical");
    assert_eq!(page.body["links"][0]["href"], "https://docs.example.com/RUNBOOKS.md#this");
    let firing = page.body["payload"]["custom_details"]["firing"].as_str().unwrap();
    assert!(firing.contains("It is 2.61 > 2.50 & rising.") && firing.contains("since "), "{firing}");

    let chat = alertmanager.wait_for("slack/business", title, |message| message.is_titled(title));
    let text = chat.body["attachments"][0]["text"].as_str().unwrap();
    for part in [
        "It is 2.61 > 2.50 & rising.",
        "_since ",
        "<https://docs.example.com/RUNBOOKS.md#this|What to do>",
        "<https://grafana.example.com/d/uid/?viewPanel=3|Graph>",
        "plan%3D%22pro%20%26%20co%22",
    ] {
        assert!(text.contains(part), "no {part} in {text}");
    }

    let mail = alertmanager.wait_for("mail/business@example.com", title, |message| message.is_titled(title));
    assert!(mail.body["from"].as_str().unwrap().contains("alerts@example.com"));
    let plain = mail.body["plain"].as_str().unwrap();
    assert!(plain.contains("What to do: https://docs.example.com/RUNBOOKS.md#this"), "{plain}");
    let html = mail.body["html"].as_str().unwrap();
    for part in [
        "It is 2.61 &gt; 2.50 &amp; rising.",
        "plan%3D%22pro%20%26%20co%22",
        "6px solid #c62828",
        "href=\"https://docs.example.com/RUNBOOKS.md#this\"",
    ] {
        assert!(html.contains(part), "no {part} in {html}");
    }

    let record = alertmanager.wait_for("record", "the alert", |message| message.body["status"] == "firing");
    assert_eq!(record.authorization, "Bearer the token of the record");

    alertmanager.tell(&[alert(&cost, true)]);
    let over = "✅ Summary of Cost: over (production)";
    for place in ["slack/business", "mail/business@example.com"] {
        alertmanager.wait_for(place, over, |message| message.is_titled(over));
    }
    let is_resolve = |action: &Value| action == "resolve";
    let end =
        alertmanager.wait_for("pagerduty", "the end", |message| is_resolve(&message.body["event_action"]));
    assert_eq!(end.body["dedup_key"], page.body["dedup_key"]);
    alertmanager.wait_for("record", "the end", |message| message.body["status"] == "resolved");
}

#[test]
fn what_can_wait_for_the_office_wakes_nobody_and_what_cannot_does() {
    let alertmanager = Alertmanager::start(Office::Closed, FACTOR);
    let patient = labels("Patient", "critical", "cost", &json!({"notify": "business_hours"}));
    let urgent = labels("Urgent", "critical", "security", &json!({}));
    alertmanager.tell(&[alert(&patient, false)]);
    let is_patient = |message: &crate::web_sink::Message| message.is_titled("Summary of Patient");
    alertmanager.wait_for("slack/business", "the patient one", is_patient);
    // Later than the first one, of which a page would have been sent before.
    alertmanager.tell(&[alert(&urgent, false)]);
    alertmanager.wait_for("pagerduty", "the urgent one", |message| message.is_titled("Summary of Urgent"));
    let security = "mail/security@example.com";
    alertmanager.wait_for(security, "the urgent one", |message| message.is_titled("Summary of Urgent"));
    let pages = alertmanager.messages().into_iter().filter(|message| message.place == "pagerduty");
    let titles: BTreeSet<String> = pages.map(|message| message.title()).collect();
    assert_eq!(titles, BTreeSet::from(["🔴 Summary of Urgent (production)".to_owned()]));
}

#[test]
fn a_warning_goes_to_those_whom_it_concerns_and_information_by_mail() {
    let alertmanager = Alertmanager::start(Office::Open, FACTOR);
    alertmanager.tell(&[
        alert(&labels("Slow", "warning", "api", &json!({})), false),
        alert(&labels("Stale", "info", "cost", &json!({})), false),
        alert(&labels("Odd", "info", "cost", &json!({})), false),
        alert(&labels("Unforeseen", "warning", "weather", &json!({})), false),
    ]);
    alertmanager.wait_for("slack/operations", "a warning", |message| {
        message.is_titled("🟡 Summary of Slow (production)")
    });
    alertmanager.wait_for("slack/operations", "what nobody foresaw", |message| {
        message.is_titled("Summary of Unforeseen")
    });
    alertmanager.wait_for("mail/operations@example.com", "information", |message| {
        message.is_titled("🔵 Cost: 2 alerts (production)")
    });
    let places: BTreeSet<String> = alertmanager.messages().into_iter().map(|message| message.place).collect();
    let expected = ["mail/operations@example.com", "record", "slack/operations"].map(str::to_owned);
    assert_eq!(places, BTreeSet::from(expected));
}

#[test]
fn the_end_of_what_was_critical_is_told_by_its_name_though_it_ends_with_its_warning() {
    let alertmanager = Alertmanager::start(Office::Open, FACTOR);
    let of = |severity: &str, is_over: bool| {
        let mut alert = alert(&labels("Churn", severity, "revenue", &json!({})), is_over);
        alert["annotations"]["summary"] = json!(format!("Summary of {severity} churn"));
        alert
    };
    alertmanager.tell(&[of("warning", false), of("critical", false)]);
    let begins = "🔴 Summary of critical churn (production)";
    alertmanager.wait_for("slack/business", begins, |message| message.is_titled(begins));
    alertmanager.tell(&[of("warning", true), of("critical", true)]);
    let ends = "✅ Summary of critical churn: over (production)";
    alertmanager.wait_for("slack/business", ends, |message| message.is_titled(ends));
    let chat = alertmanager.messages().into_iter().filter(|message| message.place == "slack/business");
    assert_eq!(chat.map(|message| message.title()).collect::<Vec<_>>(), [begins, ends]);
}

#[test]
fn the_watchdog_is_heard_again_and_again_by_the_dead_man_alone() {
    // Five minutes are a second and a half.
    let alertmanager = Alertmanager::start(Office::Open, 200);
    let watchdog = labels("Watchdog", "none", "monitoring", &json!({}));
    alertmanager.tell(&[alert(&watchdog, false)]);
    let barks = pratiko_tests::wait::until("three barks", || {
        let messages = alertmanager.messages();
        if messages.len() >= 3 { Ok(messages) } else { Err(format!("{} so far", messages.len())) }
    });
    assert!(barks.iter().all(|bark| bark.place == "deadman"), "{barks:?}");
    assert_eq!(barks[0].authorization, "Bearer the token of the dead man");
}

#[test]
fn what_says_nothing_new_is_kept_quiet() {
    let alertmanager = Alertmanager::start(Office::Open, FACTOR);
    let of = |name: &str, severity: &str, area: &str, more: Value| {
        alert(&labels(name, severity, area, &more), false)
    };
    let here = json!({"instance": "a:9000", "mountpoint": "/"});
    let elsewhere = json!({"instance": "a:9000", "mountpoint": "/var"});
    let app = json!({"job": "app"});
    let app_instance = json!({"job": "app", "instance": "b:9464"});
    alertmanager.tell(&[
        of("HostDiskFull", "critical", "host", here.clone()),
        of("HostDiskFull", "warning", "host", here),
        of("HostDiskFilling", "warning", "host", elsewhere),
        of("JobDown", "critical", "monitoring", app.clone()),
        of("TargetDown", "warning", "monitoring", app_instance.clone()),
        of("ApiTrafficVanished", "critical", "api", app),
        of("TargetDown", "warning", "monitoring", json!({"instance": "c:9000"})),
        of("CollectorFailing", "warning", "monitoring", json!({"instance": "c:9000"})),
        of("LedgerCommitsFailing", "critical", "monitoring", json!({"instance": "c:9000"})),
        of("LedgerDown", "critical", "monitoring", json!({"instance": "d:9000"})),
        of("LedgerStale", "warning", "monitoring", json!({"instance": "d:9000"})),
        of("CostPerUserHigh", "warning", "cost", json!({})),
        of("PaymentsStopped", "critical", "payments", json!({})),
    ]);
    let expected = [
        "ApiTrafficVanished",
        "CollectorFailing",
        "CostPerUserHigh",
        "HostDiskFull",
        "LedgerStale",
        "TargetDown",
    ];
    let inhibited = pratiko_tests::wait::until("alerts that are kept quiet", || {
        let mut inhibited = alertmanager.inhibited();
        inhibited.sort();
        if inhibited.len() == expected.len() { Ok(inhibited) } else { Err(format!("{inhibited:?}")) }
    });
    assert_eq!(inhibited, expected);
}
