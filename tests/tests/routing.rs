//! What Alertmanager and Prometheus are told, as their own tools see it.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use pratiko_tests::rules::{self, Alert};
use pratiko_tests::temp::TempDir;
use serde_json::{Value, json};

fn ours() -> PathBuf {
    rules::directory().join("alertmanager")
}

fn configuration() -> Value {
    serde_saphyr::from_str(&std::fs::read_to_string(ours().join("alertmanager.yml")).unwrap()).unwrap()
}

fn run(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(
        output.status.success(),
        "{program} {arguments:?}: {said}{}",
        String::from_utf8_lossy(&output.stderr)
    );
    said
}

#[test]
fn amtool_finds_nothing_wrong() {
    let said = run("amtool", &["check-config", ours().join("alertmanager.yml").to_str().unwrap()]);
    assert!(said.contains("1 templates"), "{said}");
}

/// Who hears of an alert, from the most patient to the most urgent.
fn expected_receivers(alert: &Alert) -> Vec<&'static str> {
    let concerned = match alert.label("area") {
        "cost" | "revenue" | "payments" => "business",
        "security" => "security",
        _ => "operations",
    };
    match alert.label("severity") {
        "none" if alert.name == "Watchdog" => vec!["deadman"],
        "none" => vec!["nobody"],
        "info" => vec!["record", "information"],
        "warning" => vec!["record", concerned],
        "critical" => vec!["record", "page", concerned],
        other => panic!("{}: severity {other}", alert.name),
    }
}

#[test]
fn every_alert_is_routed_to_those_whom_it_concerns() {
    let file = ours().join("alertmanager.yml");
    let alerts = rules::alerts();
    for alert in alerts.iter().chain(&one_of_each_kind()) {
        let config = format!("--config.file={}", file.display());
        let expected = format!("--verify.receivers={}", expected_receivers(alert).join(","));
        let mut arguments =
            vec!["config".to_owned(), "routes".to_owned(), "test".to_owned(), config, expected];
        arguments.push(format!("alertname={}", alert.name));
        arguments.extend(alert.labels.iter().map(|(name, value)| format!("{name}={value}")));
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        run("amtool", &arguments);
    }
}

/// Alerts that nobody has written yet.
fn one_of_each_kind() -> Vec<Alert> {
    let mut kinds = Vec::new();
    for severity in ["critical", "warning", "info", "none"] {
        for area in ["cost", "revenue", "payments", "api", "llm", "security", "host", "monitoring", "new"] {
            for notify in ["", "business_hours"] {
                let labels = [("severity", severity), ("area", area), ("notify", notify)];
                let labels = labels.into_iter().filter(|(_, value)| !value.is_empty());
                kinds.push(Alert {
                    name: "New".to_owned(),
                    labels: labels.map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
                    annotations: std::collections::BTreeMap::new(),
                    hold: std::time::Duration::ZERO,
                });
            }
        }
    }
    kinds
}

#[test]
fn no_secret_is_in_the_file_and_every_file_of_secrets_is_explained() {
    let text = std::fs::read_to_string(ours().join("alertmanager.yml")).unwrap();
    let mut files = BTreeSet::new();
    walk(&configuration(), &mut |key, value| {
        let is_file = key.ends_with("_file");
        let secrets = ["password", "credentials", "token", "secret", "key", "api_url"];
        let is_secret = secrets.iter().any(|secret| key.trim_end_matches("_file").ends_with(secret));
        assert!(!is_secret || is_file, "{key} should be in a file");
        if is_file {
            let name = value.as_str().unwrap().strip_prefix("/etc/alertmanager/secrets/");
            files.insert(name.unwrap_or_else(|| panic!("{key}: {value}")).to_owned());
        }
        if let Some(url) = value.as_str().filter(|value| value.contains("://")) {
            assert!(!url.contains('@') && !url.contains('?') || url.contains("{{"), "a secret in {url}?");
        }
    });
    assert_eq!(files.len(), 6);
    for file in files {
        assert!(
            text.contains(&format!("#   {file}")),
            "the beginning of alertmanager.yml says nothing of {file}"
        );
    }
}

fn walk(value: &Value, see: &mut impl FnMut(&str, &Value)) {
    match value {
        Value::Object(entries) => {
            for (key, value) in entries {
                see(key, value);
                walk(value, see);
            }
        }
        Value::Array(entries) => entries.iter().for_each(|entry| walk(entry, see)),
        _ => {}
    }
}

#[test]
fn nobody_is_told_the_same_more_often_than_they_can_bear() {
    let receivers = |route: &Value| route["receiver"].as_str().map(str::to_owned);
    let configuration = configuration();
    let routes = configuration["route"]["routes"].as_array().unwrap();
    for route in std::iter::once(&configuration["route"]).chain(routes) {
        let Some(repeat) = route["repeat_interval"].as_str() else { continue };
        let hours = rules::duration(repeat).as_secs() / 3600;
        let receiver = receivers(route).unwrap();
        let least = match receiver.as_str() {
            "deadman" => 0,
            "page" => 4,
            _ => 24,
        };
        assert!(hours >= least, "{receiver} every {repeat}");
        // What Alertmanager remembers of what it has sent goes back five days (--data.retention).
        assert!(hours < 120, "{receiver} every {repeat}: by then Alertmanager has forgotten");
    }
}

#[test]
fn alerts_that_keep_others_quiet_are_there() {
    let names: BTreeSet<String> = rules::alerts().into_iter().map(|alert| alert.name).collect();
    let configuration = configuration();
    let rules = configuration["inhibit_rules"].as_array().unwrap();
    let matchers = rules.iter().flat_map(|rule| {
        [&rule["source_matchers"], &rule["target_matchers"]]
            .into_iter()
            .flat_map(|all| all.as_array().unwrap())
    });
    let mut named = 0;
    for matcher in matchers.filter_map(Value::as_str).filter(|matcher| matcher.starts_with("alertname")) {
        for name in matcher.split('"').nth(1).unwrap().split('|') {
            assert!(names.contains(name), "there is no alert {name}");
            named += 1;
        }
    }
    assert!(named > 5, "only {named}");
}

/// Where two severities share a name, the warning is kept quiet about the same thing only: whatever label
/// a message tells apart is one of those that must be equal.
#[test]
fn a_critical_alert_keeps_only_the_same_warning_quiet() {
    let configuration = configuration();
    let equal = configuration["inhibit_rules"][0]["equal"].as_array().unwrap().clone();
    let alerts = rules::alerts();
    let mut pairs = 0;
    for warning in alerts.iter().filter(|alert| alert.label("severity") == "warning") {
        let is_critical =
            |alert: &&Alert| alert.name == warning.name && alert.label("severity") == "critical";
        if alerts.iter().find(is_critical).is_none() {
            continue;
        }
        pairs += 1;
        for label in warning.annotations["description"].split("$labels.").skip(1) {
            let end = label.find(|letter: char| !letter.is_alphanumeric() && letter != '_').unwrap();
            let label = &label[..end];
            assert!(equal.contains(&json!(label)), "{} tells {label} apart", warning.name);
        }
    }
    assert!(pairs > 3, "only {pairs}");
}

fn render(template: &str, kind: &str, data: &Value) -> String {
    let directory = TempDir::new();
    let file = directory.path().join("data.json");
    std::fs::write(&file, data.to_string()).unwrap();
    let arguments = [
        "template".to_owned(),
        "render".to_owned(),
        format!("--template.glob={}", ours().join("templates/*.tmpl").display()),
        format!("--template.data={}", file.display()),
        format!("--template.type={kind}"),
        format!("--template.text={{{{ template \"{template}\" . }}}}"),
    ];
    run("amtool", &arguments.each_ref().map(String::as_str))
}

fn group(statuses: &[&str]) -> Value {
    let labels = json!({
        "alertname": "CostPerUserHigh", "severity": "warning", "area": "cost", "environment": "production",
    });
    let annotations = json!({
        "summary": "A user costs more than the target.",
        "description": "Plan pro: €2.10.",
        "runbook_url": "https://docs.example.com/RUNBOOKS.md#costperuserhigh",
        "dashboard_url": "https://grafana.example.com/d/pratiko-costs/?viewPanel=2",
    });
    let alerts: Vec<Value> = statuses
        .iter()
        .map(|status| {
            json!({
                "status": status, "labels": labels, "annotations": annotations,
                "startsAt": "2026-11-22T10:00:00Z", "endsAt": "2026-11-22T11:10:03.5Z",
            })
        })
        .collect();
    let is_firing = statuses.contains(&"firing");
    json!({
        "receiver": "business", "status": if is_firing { "firing" } else { "resolved" }, "alerts": alerts,
        "groupLabels": {"alertname": "CostPerUserHigh"}, "commonLabels": labels,
        "commonAnnotations": annotations, "externalURL": "https://alerts.example.com",
    })
}

#[test]
fn a_phone_shows_what_happened_how_much_since_when_and_what_to_do() {
    let firing = group(&["firing"]);
    assert_eq!(render("pratiko.title", "text", &firing), "🟡 A user costs more than the target (production)");
    let chat = render("pratiko.slack", "text", &firing);
    let lines: Vec<&str> = chat.lines().filter(|line| !line.is_empty()).collect();
    assert_eq!(lines[0], "Plan pro: €2.10.");
    assert!(lines[1].starts_with("_since Sun "), "{chat}");
    assert!(lines[1].contains("<https://docs.example.com/RUNBOOKS.md#costperuserhigh|What to do>"), "{chat}");
    assert_eq!(lines.len(), 2);

    let over = group(&["resolved"]);
    let title = render("pratiko.title", "text", &over);
    assert_eq!(title, "✅ A user costs more than the target: over (production)");
    assert!(render("pratiko.slack", "text", &over).contains("(1h10m4s)"));
    assert!(render("pratiko.html", "html", &over).contains("(1h10m4s)"));
}

#[test]
fn many_alerts_of_a_group_do_not_fill_the_screen() {
    let chat = render("pratiko.slack", "text", &group(&["firing"; 40]));
    assert_eq!(chat.matches("Plan pro").count(), 5, "{chat}");
    assert!(chat.contains("40 firing and 0 over in all"), "{chat}");
}

#[test]
fn promtool_finds_nothing_wrong_with_prometheus_and_its_rules() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../deploy/prometheus/prometheus.yml");
    let said = run("promtool", &["check", "config", file.to_str().unwrap()]);
    assert!(said.contains(&format!("{} rule files found", rules::files().len())), "{said}");
}

#[test]
fn prometheus_watches_every_job_that_rules_may_name_and_no_address_is_in_its_configuration() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../deploy/prometheus");
    let text = std::fs::read_to_string(folder.join("prometheus.yml")).unwrap();
    let configuration: Value = serde_saphyr::from_str(&text).unwrap();
    let jobs = configuration["scrape_configs"].as_array().unwrap();
    let names: BTreeSet<&str> = jobs.iter().map(|job| job["job_name"].as_str().unwrap()).collect();
    let expected = ["alertmanager", "app", "grafana", "postgres", "pratiko", "prometheus", "redis"];
    assert_eq!(names, BTreeSet::from(expected));
    for job in jobs {
        let name = job["job_name"].as_str().unwrap();
        assert_eq!(job["file_sd_configs"][0]["files"][0], format!("targets/{name}.yml"));
    }
    // What is listed and does not run raises an alert, so only what every installation runs is listed.
    let targets = std::fs::read_dir(folder.join("targets")).unwrap();
    let listed: BTreeSet<String> =
        targets.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    assert_eq!(
        listed,
        BTreeSet::from(["alertmanager.yml", "pratiko.yml", "prometheus.yml"].map(str::to_owned))
    );
}
