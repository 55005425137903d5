//! Prometheus with our configuration and rules, and an Alertmanager behind it.

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use pratiko_tests::prometheus::Prometheus;
use pratiko_tests::rules::{self, Alert};
use pratiko_tests::temp::TempDir;
use pratiko_tests::wait;
use serde_json::Value;

use crate::alertmanager::{Alertmanager, Office};
use crate::company::Company;
use crate::web_sink::Message;

/// Both run until the value is dropped.
pub struct Watch {
    factor: u32,
    prometheus: Prometheus,
    pub alertmanager: Alertmanager,
}

impl Watch {
    /// Watches a company, in a world where time is `factor` times as fast for rules and messages.
    pub fn over(company: &Company, factor: u32) -> Self {
        let alertmanager = Alertmanager::start(Office::Open, factor);
        let directory = TempDir::new();
        configure(directory.path(), factor);
        let targets = directory.path().join("targets");
        company.show_to(&targets);
        let itself = format!("[{{targets: ['{}']}}]\n", alertmanager.address);
        std::fs::write(targets.join("alertmanager.yml"), itself).unwrap();
        let prometheus = Prometheus::configured(directory);
        let (address, path) =
            prometheus.url().trim_start_matches("http://").split_once('/').expect("an address and a path");
        let itself = format!("[{{targets: ['{address}'], labels: {{__metrics_path__: /{path}/metrics}}}}]\n");
        std::fs::write(targets_of(&prometheus).join("prometheus.yml"), itself).unwrap();
        Self { factor, prometheus, alertmanager }
    }

    /// Watches another company instead.
    pub fn turn_to(&self, company: &Company) {
        company.show_to(&targets_of(&self.prometheus));
    }

    /// Waits until the record has heard that an alert has begun, or that it is over.
    pub fn hear(&self, alert: &Alert, status: &str, patience: Duration) -> Message {
        let what = format!("{} {} {status}", alert.label("severity"), alert.name);
        wait::until_within(patience, &what, || {
            let mut messages = self.alertmanager.messages().into_iter();
            let found = messages.find(|message| message.place == "record" && tells(message, alert, status));
            found.ok_or_else(|| format!("instead {:?}; {}", self.heard(), self.state_of(alert)))
        })
    }

    /// How long after the time for which its condition must hold an alert was told of.
    pub fn delay(&self, alert: &Alert, message: &Message) -> Duration {
        let (name, severity) = (&alert.name, alert.label("severity"));
        let query = format!("min(ALERTS_FOR_STATE{{alertname=\"{name}\", severity=\"{severity}\"}})");
        let since: f64 = self.prometheus.value(&query, None).unwrap().parse().unwrap();
        let due = SystemTime::UNIX_EPOCH + Duration::from_secs_f64(since) + alert.hold / self.factor;
        message.at.duration_since(due).unwrap_or_default()
    }

    /// The alerts that the record has heard of.
    pub fn heard(&self) -> Vec<String> {
        let messages = self.alertmanager.messages().into_iter().filter(|message| message.place == "record");
        let mut heard: Vec<String> = messages.flat_map(|message| names(&message.body)).collect();
        heard.sort();
        heard.dedup();
        heard
    }

    /// What Prometheus knows of an alert, for a test that fails.
    fn state_of(&self, alert: &Alert) -> String {
        format!("{:?}", self.prometheus.query(&format!("ALERTS{{alertname=\"{}\"}}", alert.name), None))
    }
}

/// Whether a message to the record says so of an alert.
fn tells(message: &Message, alert: &Alert, status: &str) -> bool {
    let alerts = message.body["alerts"].as_array().into_iter().flatten();
    alerts.into_iter().any(|told| {
        told["status"] == status
            && told["labels"]["alertname"] == *alert.name
            && told["labels"]["severity"] == *alert.label("severity")
    })
}

fn names(body: &Value) -> Vec<String> {
    let alerts = body["alerts"].as_array().into_iter().flatten();
    alerts.map(|alert| alert["labels"]["alertname"].as_str().unwrap().to_owned()).collect()
}

fn targets_of(prometheus: &Prometheus) -> PathBuf {
    prometheus.directory().join("targets")
}

/// Our files, as they are or faster.
fn configure(directory: &Path, factor: u32) {
    let ours = Path::new(env!("CARGO_MANIFEST_DIR")).join("../deploy/prometheus/prometheus.yml");
    let mut configuration = std::fs::read_to_string(ours).unwrap();
    if factor > 1 {
        for (from, to) in [("scrape_interval: 15s", "scrape_interval: 1s"), ("timeout: 10s", "timeout: 1s")] {
            assert!(configuration.contains(from), "prometheus.yml says nothing of {from}");
            configuration = configuration.replace(from, to);
        }
    }
    for folder in ["targets", "rules"] {
        std::fs::create_dir(directory.join(folder)).unwrap();
    }
    std::fs::write(directory.join("prometheus.yml"), configuration).unwrap();
    for file in rules::files() {
        let text = rules::sped_up(&std::fs::read_to_string(&file).unwrap(), factor);
        std::fs::write(directory.join("rules").join(file.file_name().unwrap()), text).unwrap();
    }
}
