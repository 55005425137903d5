//! The names in rules: what they ask for exists, and what they record is called as it should be.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::LazyLock;

use pratiko_metrics::catalogue;
use pratiko_metrics::exposition::Kind;

use crate::assert_none;
use crate::node_exporter_full;
use crate::promql::{has_nameless_selector, selectors};
use crate::promtool::short;
use crate::rules::{root, rules};

/// What Prometheus, Alertmanager and every process say of themselves.
const OTHERS: [&str; 31] = [
    "alertmanager_alerts_invalid_total",
    "alertmanager_config_last_reload_successful",
    "alertmanager_notifications_failed_total",
    "alertmanager_notifications_total",
    "prometheus_config_last_reload_successful",
    "prometheus_notifications_alertmanagers_discovered",
    "prometheus_notifications_dropped_total",
    "prometheus_notifications_errors_total",
    "prometheus_notifications_queue_capacity",
    "prometheus_notifications_queue_length",
    "prometheus_notifications_sent_total",
    "prometheus_rule_evaluation_failures_total",
    "prometheus_rule_group_interval_seconds",
    "prometheus_rule_group_iterations_missed_total",
    "prometheus_rule_group_last_duration_seconds",
    "prometheus_target_scrapes_sample_duplicate_timestamp_total",
    "prometheus_target_scrapes_sample_out_of_bounds_total",
    "prometheus_target_scrapes_sample_out_of_order_total",
    "prometheus_tsdb_checkpoint_creations_failed_total",
    "prometheus_tsdb_compactions_failed_total",
    "prometheus_tsdb_head_samples_appended_total",
    "prometheus_tsdb_head_truncations_failed_total",
    "prometheus_tsdb_mmap_chunk_corruptions_total",
    "prometheus_tsdb_reloads_failures_total",
    "prometheus_tsdb_wal_corruptions_total",
    "prometheus_tsdb_wal_writes_failed_total",
    "process_max_fds",
    "process_open_fds",
    "process_start_time_seconds",
    "scrape_duration_seconds",
    "up",
];

/// Rules that give series the names that they had elsewhere.
const COMPATIBILITY: &str = "compat-pratikoai.yml";

/// Every name that a collector is known to write: what its fixtures expect, and what the dashboards ask for.
static HOST_NAMES: LazyLock<BTreeSet<String>> = LazyLock::new(|| {
    let mut names: BTreeSet<String> = node_exporter_full::names().map(str::to_owned).collect();
    names_in_fixtures(&root().join("exporter/fixtures"), &mut names);
    names
});

fn names_in_fixtures(folder: &Path, names: &mut BTreeSet<String>) {
    for entry in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        if entry.is_dir() {
            names_in_fixtures(&entry, names);
        } else if let Ok(text) = std::fs::read_to_string(&entry) {
            let types = text.lines().filter_map(|line| line.strip_prefix("# TYPE node_"));
            names.extend(types.filter_map(|line| Some(format!("node_{}", line.split(' ').next()?))));
        }
    }
}

fn is_known(name: &str, recorded: &BTreeSet<&str>) -> bool {
    recorded.contains(name) || OTHERS.contains(&name) || HOST_NAMES.contains(name) || is_in_catalogue(name)
}

/// A family of ours, or a series of a histogram of ours.
fn is_in_catalogue(name: &str) -> bool {
    let of_histogram = || ["_bucket", "_sum", "_count"].iter().find_map(|part| name.strip_suffix(part));
    let is_histogram = |family| catalogue::find(family).is_some_and(|metric| metric.kind == Kind::Histogram);
    match catalogue::find(name) {
        Some(metric) => metric.kind != Kind::Histogram,
        None => of_histogram().is_some_and(is_histogram),
    }
}

/// `level:metric:operations`, each of words.
fn is_recorded_name(name: &str) -> bool {
    let parts: Vec<&str> = name.split(':').collect();
    let is_word = |part: &&str| {
        part.starts_with(|c: char| c.is_ascii_lowercase())
            && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    };
    parts.len() == 3 && parts.iter().all(is_word)
}

#[test]
fn every_metric_that_a_rule_asks_for_exists() {
    let recorded: BTreeSet<&str> = rules().filter_map(|(_, rule)| rule.record.as_deref()).collect();
    let mut unknown = BTreeSet::new();
    for (file, rule) in rules() {
        let place = format!("{}, {}", short(&file.path), rule.title());
        if has_nameless_selector(&rule.expr) {
            unknown.insert(format!("{place}: a selector without a name"));
        }
        let names = selectors(&rule.expr).into_iter().map(|selector| selector.name);
        unknown
            .extend(names.filter(|name| !is_known(name, &recorded)).map(|name| format!("{place}: {name}")));
    }
    assert_none("nobody says this", &unknown.into_iter().collect::<Vec<_>>());
    assert!(is_in_catalogue("http_server_request_duration_seconds_bucket"));
    for name in
        ["pratiko_mr_eur", "http_server_request_duration_seconds", "node_load_1", "pratiko_mrr_eur_count"]
    {
        assert!(!is_known(name, &recorded), "{name}");
    }
}

#[test]
fn what_is_recorded_says_its_level_its_metric_and_its_operations() {
    let wrong = rules().filter(|(file, _)| short(&file.path) != COMPATIBILITY).filter_map(|(file, rule)| {
        let name = rule.record.as_deref().filter(|name| !is_recorded_name(name))?;
        Some(format!("{}: {name}", short(&file.path)))
    });
    assert_none("recorded names", &wrong.collect::<Vec<_>>());
    assert!(is_recorded_name("job_plan:pratiko_cost_per_user_eur:max"));
    assert!(
        !is_recorded_name("pratiko_cost") && !is_recorded_name("job:cost") && !is_recorded_name("job::max")
    );
}
