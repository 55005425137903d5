//! What every alert carries: labels that route it, words that explain it, links that lead somewhere.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::assert_none;
use crate::rules::{Rule, alerts, root};

const SEVERITIES: [&str; 4] = ["critical", "warning", "info", "none"];
const AREAS: [&str; 8] = ["cost", "revenue", "payments", "api", "llm", "security", "host", "monitoring"];
const ANNOTATIONS: [&str; 4] = ["summary", "description", "runbook_url", "dashboard_url"];

/// Their value says no more than that they fire.
const WITHOUT_A_VALUE: [&str; 20] = [
    "AlertmanagerConfigReloadFailed",
    "AlertmanagerNotDiscovered",
    "CollectorFailing",
    "ExporterOpenToNetwork",
    "ExporterWebConfigBroken",
    "HostClockNotSynchronised",
    "HostFilesystemReadOnly",
    "HostFilesystemUnreachable",
    "HostUnitFailed",
    "JobDown",
    "JobVanished",
    "LedgerDown",
    "PricesNotLoaded",
    "PrometheusConfigReloadFailed",
    "PrometheusNotIngesting",
    "RatesNotRead",
    "ShipmentsStopped",
    "SourceStale",
    "TargetDown",
    "ThresholdAbsent",
];

/// What is missing or wrong in the labels and annotations of an alert.
fn offences(rule: &Rule) -> Vec<String> {
    let name = rule.alert.as_deref().unwrap_or_default();
    let label = |label: &str| rule.labels.get(label).map_or("", String::as_str);
    let annotation = |annotation: &str| rule.annotations.get(annotation).map_or("", String::as_str);
    let (summary, description) = (annotation("summary"), annotation("description"));
    let without_a_value = WITHOUT_A_VALUE.contains(&name) || name == "Watchdog";
    let checks = [
        (!SEVERITIES.contains(&label("severity")), "severity"),
        (!AREAS.contains(&label("area")), "area"),
        (
            rule.labels.keys().any(|label| !["severity", "area", "notify"].contains(&label.as_str())),
            "a label more",
        ),
        (rule.labels.values().any(|value| value.contains("{{")), "a label that changes"),
        (label("severity") == "none" && name != "Watchdog", "only the Watchdog is of no severity"),
        (rule.annotations.keys().any(|name| !ANNOTATIONS.contains(&name.as_str())), "an annotation more"),
        (summary.contains("{{") || !summary.ends_with('.'), "the summary is one fixed sentence"),
        (!description.ends_with('.'), "the description is sentences"),
        (!description.contains("{{ $value |") && !without_a_value, "the description has no formatted value"),
        (annotation("runbook_url") != runbook_url(name), "runbook_url"),
        (panel(annotation("dashboard_url")).is_none(), "dashboard_url"),
    ];
    let wrong = checks.into_iter().filter(|(is_wrong, _)| *is_wrong);
    wrong.map(|(_, what)| format!("{}: {what}", rule.title())).collect()
}

fn runbook_url(alert: &str) -> String {
    format!("{{{{ $externalLabels.runbooks }}}}#{}", alert.to_lowercase())
}

/// The dashboard's uid and the panel's id in a link.
fn panel(url: &str) -> Option<(&str, u64)> {
    let path = url.strip_prefix("{{ $externalLabels.dashboards }}/d/")?;
    let (uid, panel) = path.split_once("/?viewPanel=")?;
    Some((uid, panel.parse().ok()?))
}

/// The ids of all panels, also of those in rows that are folded.
fn panels(dashboard: &Value, found: &mut BTreeSet<u64>) {
    for panel in dashboard["panels"].as_array().into_iter().flatten() {
        found.extend(panel["id"].as_u64());
        panels(panel, found);
    }
}

#[test]
fn every_alert_has_the_labels_that_route_it_and_the_words_that_explain_it() {
    assert_none("alerts", &alerts().flat_map(offences).collect::<Vec<_>>());
    assert!(alerts().count() > 50, "only {} alerts", alerts().count());

    let mut broken = alerts().next().unwrap().clone();
    broken.labels.insert("severity".to_owned(), "high".to_owned());
    broken.annotations.remove("summary");
    assert_eq!(offences(&broken).len(), 2);
}

#[test]
fn every_alert_without_a_value_exists() {
    let names: BTreeSet<&str> = alerts().filter_map(|rule| rule.alert.as_deref()).collect();
    let gone: Vec<String> =
        WITHOUT_A_VALUE.iter().filter(|name| !names.contains(*name)).map(ToString::to_string).collect();
    assert_none("no such alert", &gone);
}

#[test]
fn every_link_to_a_dashboard_leads_to_a_panel() {
    let Ok(files) = std::fs::read_dir(root().join("grafana-dashboards")) else { return };
    let mut dashboards = BTreeMap::new();
    for file in files.map(|file| file.unwrap().path()) {
        if file.extension().is_some_and(|extension| extension == "json") {
            let text = std::fs::read_to_string(&file).unwrap();
            let dashboard: Value = serde_json::from_str(&text).unwrap();
            let mut found = BTreeSet::new();
            panels(&dashboard, &mut found);
            dashboards.insert(dashboard["uid"].as_str().unwrap_or_default().to_owned(), found);
        }
    }
    let leads_nowhere = alerts().filter(|rule| {
        let link = rule.annotations.get("dashboard_url").and_then(|url| panel(url));
        !link.is_some_and(|(uid, id)| dashboards.get(uid).is_some_and(|panels| panels.contains(&id)))
    });
    assert_none("dashboard_url", &leads_nowhere.map(Rule::title).collect::<Vec<_>>());
}
