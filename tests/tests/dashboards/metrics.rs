//! Every metric that a panel asks for is served by something of ours, by node_exporter, by the
//! monitoring itself, or recorded by a rule.

use std::collections::BTreeSet;

use pratiko_metrics::catalogue;

use crate::{dashboards, root};

/// What others serve: Prometheus of every target and of itself, Alertmanager, and every process.
const OTHERS: [&str; 13] = [
    "ALERTS",
    "ALERTS_FOR_STATE",
    "alertmanager_notifications_failed_total",
    "alertmanager_notifications_total",
    "process_cpu_seconds_total",
    "process_resident_memory_bytes",
    "process_start_time_seconds",
    "prometheus_notifications_dropped_total",
    "prometheus_rule_evaluation_failures_total",
    "prometheus_rule_group_last_duration_seconds",
    "prometheus_tsdb_head_series",
    "scrape_duration_seconds",
    "up",
];

#[test]
fn every_metric_that_a_panel_asks_for_exists() {
    let recorded = recorded();
    let of_hosts = of_hosts();
    let mut unknown = BTreeSet::new();
    for dashboard in dashboards() {
        for (place, query) in dashboard.queries() {
            for name in names(query) {
                let is_ours = catalogue::find(&name).is_some()
                    || name.strip_suffix("_bucket").is_some_and(|family| catalogue::find(family).is_some());
                if !is_ours
                    && !of_hosts.contains(&name)
                    && !recorded.contains(&name)
                    && !OTHERS.contains(&name.as_str())
                {
                    unknown.insert(format!("{place}: {name}"));
                }
            }
        }
    }
    assert!(
        unknown.is_empty(),
        "nothing serves or records\n  {}",
        unknown.into_iter().collect::<Vec<_>>().join("\n  ")
    );
}

#[test]
fn names_of_metrics_are_found_in_queries() {
    let query = r#"sum by (job) (rate(node_x_total{mode="idle", instance=~"$host"}[$__rate_interval])) / on (job) group_left () max(a:b:c) offset 1d"#;
    assert_eq!(names(query), ["node_x_total", "a:b:c"]);
    assert_eq!(names(r#"label_values(up{job="node_y"}, job)"#), ["up"]);
}

/// The names that rules record.
fn recorded() -> BTreeSet<String> {
    let rules = std::fs::read_dir(root().join("alert-rules")).unwrap();
    let files = rules
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|end| end == "yml"));
    let texts: Vec<String> = files.map(|path| std::fs::read_to_string(path).unwrap()).collect();
    let lines = texts.iter().flat_map(|text| text.lines());
    lines.filter_map(|line| line.trim_start().strip_prefix("- record: ").map(str::to_owned)).collect()
}

/// What collectors write, by what their fixtures expect.
fn of_hosts() -> BTreeSet<String> {
    let mut names = BTreeSet::from(["node_scrape_collector_success".to_owned()]);
    let mut folders = vec![root().join("exporter/fixtures")];
    while let Some(folder) = folders.pop() {
        for path in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            if path.is_dir() {
                folders.push(path);
            } else if let Ok(text) = std::fs::read_to_string(&path) {
                let types = text.lines().filter_map(|line| line.strip_prefix("# TYPE ")?.split_once(' '));
                names.extend(types.map(|(name, _)| name.to_owned()));
            }
        }
    }
    names
}

/// The names of metrics in a query: words that are neither labels nor functions nor keywords.
fn names(query: &str) -> Vec<String> {
    let query = without(query, '{', '}');
    let query = without(&query, '[', ']');
    let query = query
        .strip_prefix("label_values(")
        .and_then(|rest| rest.rsplit_once(','))
        .map_or(query.as_str(), |(metric, _)| metric);
    let mut found = Vec::new();
    let mut rest = query;
    while let Some(start) = rest.find(|c: char| c.is_ascii_alphanumeric() || c == '_') {
        rest = &rest[start..];
        let end =
            rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_' && c != ':').unwrap_or(rest.len());
        let (word, after) = rest.split_at(end);
        rest = after;
        if ["by", "without", "on", "ignoring", "group_left", "group_right"].contains(&word) {
            rest = after.split_once(')').map_or("", |(_, behind)| behind);
        } else if !after.trim_start().starts_with('(') && is_name(word) {
            found.push(word.to_owned());
        }
    }
    found
}

fn is_name(word: &str) -> bool {
    let keywords = ["and", "or", "unless", "offset", "bool", "sum", "max", "min", "count", "avg"];
    word.starts_with(|c: char| c.is_ascii_alphabetic()) && !keywords.contains(&word)
}

/// The text without what stands between two brackets.
fn without(text: &str, open: char, close: char) -> String {
    let mut depth = 0_u32;
    let outside = text.chars().filter(|&c| {
        depth += u32::from(c == open);
        let is_outside = depth == 0;
        depth -= u32::from(c == close && depth > 0);
        is_outside
    });
    outside.collect()
}
