//! The rules of `alert-rules/`: which alerts there are, and the same rules for a test that cannot wait.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use regex_lite::{Captures, Regex};
use serde_json::Value;

/// An alert as its rule says.
#[derive(Debug, Clone)]
pub struct Alert {
    /// Its name.
    pub name: String,
    /// The labels that the rule adds to those of the series.
    pub labels: BTreeMap<String, String>,
    /// The annotations before they are filled in.
    pub annotations: BTreeMap<String, String>,
    /// How long its condition must hold.
    pub hold: Duration,
}

impl Alert {
    /// The value of a label; empty without it, as Prometheus and Alertmanager see it.
    pub fn label(&self, name: &str) -> &str {
        self.labels.get(name).map_or("", String::as_str)
    }
}

/// Where the rules are.
pub fn directory() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../alert-rules")
}

/// The files of rules, in order.
///
/// # Panics
/// If they cannot be listed.
#[expect(clippy::expect_used, reason = "a test cannot go on without it")]
pub fn files() -> Vec<PathBuf> {
    let entries = std::fs::read_dir(directory()).expect("alert-rules");
    let paths = entries.map(|entry| entry.expect("an entry").path());
    let mut files: Vec<PathBuf> =
        paths.filter(|path| path.extension().is_some_and(|extension| extension == "yml")).collect();
    files.sort();
    files
}

/// Every alert of every file.
///
/// # Panics
/// If a file cannot be read.
#[expect(clippy::expect_used, reason = "a test cannot go on without it")]
pub fn alerts() -> Vec<Alert> {
    let mut alerts = Vec::new();
    for file in files() {
        let text = std::fs::read_to_string(&file).expect("a file of rules");
        let rules: Value = serde_saphyr::from_str(&text).expect("YAML");
        let groups = rules["groups"].as_array().into_iter().flatten();
        let rules = groups.flat_map(|group| group["rules"].as_array().into_iter().flatten());
        alerts.extend(rules.filter_map(read));
    }
    alerts
}

fn read(rule: &Value) -> Option<Alert> {
    let texts = |key: &str| {
        let entries = rule[key].as_object().into_iter().flatten();
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        entries.map(|(name, value)| (name.clone(), text(value))).collect()
    };
    Some(Alert {
        name: rule["alert"].as_str()?.to_owned(),
        labels: texts("labels"),
        annotations: texts("annotations"),
        hold: rule["for"].as_str().map_or(Duration::ZERO, duration),
    })
}

/// What Prometheus writes as `1h30m`. Units are single letters, but for `ms`.
///
/// # Panics
/// If it is not written like that.
#[expect(clippy::expect_used, clippy::panic, reason = "a test cannot go on without it")]
pub fn duration(text: &str) -> Duration {
    let part = Regex::new(r"(\d+)(ms|[smhdwy])").expect("a pattern");
    let parts = part.captures_iter(text).map(|part| {
        let number: u64 = part[1].parse().expect("a number");
        match &part[2] {
            "ms" => Duration::from_millis(number),
            "s" => Duration::from_secs(number),
            "m" => Duration::from_secs(number * 60),
            "h" => Duration::from_secs(number * 3600),
            "d" => Duration::from_secs(number * 86400),
            "w" => Duration::from_secs(number * 7 * 86400),
            unit => panic!("{text}: {unit} is too long"),
        }
    });
    parts.sum()
}

/// A file of rules or of Alertmanager in which all time passes `factor` times as fast: how often rules are
/// evaluated, windows, offsets, how long conditions hold, and how long Alertmanager waits.
///
/// # Panics
/// Never.
#[expect(clippy::expect_used, reason = "the patterns are right")]
pub fn sped_up(text: &str, factor: u32) -> String {
    const DURATION: &str = r"((?:\d+(?:ms|[smhdwy]))+)";
    const BEFORE: &str =
        r"((?:for|interval|keep_firing_for|group_wait|group_interval|repeat_interval): *|\[|\boffset +)";
    let shorter = |found: &Captures<'_>, after: &str| {
        let milliseconds = (duration(&found[2]) / factor).as_millis().max(1);
        format!("{}{milliseconds}ms{after}", &found[1])
    };
    let pattern = Regex::new(&format!("{BEFORE}{DURATION}")).expect("a pattern");
    let text = pattern.replace_all(text, |found: &Captures<'_>| shorter(found, ""));
    let resolution_of_subquery = Regex::new(&format!(r"(s:){DURATION}\]")).expect("a pattern");
    resolution_of_subquery.replace_all(&text, |found: &Captures<'_>| shorter(found, "]")).into_owned()
}

#[test]
fn time_passes_faster_wherever_it_is_written() {
    let rules = "interval: 1m\nexpr: max_over_time(a:b:rate5m[1h30m:1m] offset 1w) > 5\nfor: 2m\n";
    let faster = "interval: 6000ms\nexpr: max_over_time(a:b:rate5m[540000ms:6000ms] offset 60480000ms) > 5\nfor: 12000ms\n";
    assert_eq!(sped_up(rules, 10), faster);
    assert_eq!(
        sped_up("group_wait: 30s\nkeep_firing_for: 10m", 10),
        "group_wait: 3000ms\nkeep_firing_for: 60000ms"
    );
}
