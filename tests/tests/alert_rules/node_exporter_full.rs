//! The dashboards that the community has for hosts, Node Exporter Full before all, find what they ask
//! for: wherever node_exporter has a series, so do we.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::process::{Command, Stdio};
use std::sync::Arc;

use pratiko_domain::time::ManualClock;
use pratiko_tests::in_process::InProcess;
use pratiko_tests::process::{Process, free_address};
use pratiko_tests::prometheus::Prometheus;
use pratiko_tests::wait;

use crate::assert_none;

/// What the dashboard and node_exporter's own rules ask for; names, one a line.
const NAMES: &str = include_str!("node_exporter_full.txt");

/// The names that dashboards ask for.
pub fn names() -> impl Iterator<Item = &'static str> {
    NAMES.lines()
}

/// Both with the collectors that are off by themselves and that the dashboard has panels for.
const MORE_COLLECTORS: [&str; 4] = ["interrupts", "processes", "systemd", "tcpstat"];

/// Tells the version, and how it was built.
const BUILD: &str = "node_exporter_build_info{";

/// A running node_exporter, ended with the value.
struct NodeExporter {
    _process: Process,
    address: SocketAddr,
}

impl NodeExporter {
    fn start() -> Self {
        let address = free_address();
        let process = Command::new("prometheus-node-exporter")
            .arg(format!("--web.listen-address={address}"))
            .args(MORE_COLLECTORS.map(|name| format!("--collector.{name}")))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("node_exporter, which must be installed");
        Self { _process: Process(process), address }
    }

    fn page(&self) -> String {
        let url = format!("http://{}/metrics", self.address);
        wait::until("an answer of node_exporter", || {
            let text = ureq::get(&url).call().and_then(|mut answer| answer.body_mut().read_to_string());
            text.map_err(|error| error.to_string())
        })
    }
}

fn ours() -> InProcess {
    let switches = MORE_COLLECTORS.map(|name| format!("  {name}: {{enabled: true}}")).join("\n");
    let noon = "2026-06-01T12:00:00Z".parse().unwrap();
    InProcess::with_empty_ledger(&format!("collectors:\n{switches}"), Arc::new(ManualClock::at(noon)))
}

/// The names of the series on a page.
fn series(page: &str) -> BTreeSet<&str> {
    let lines = page.lines().filter(|line| !line.starts_with('#'));
    lines.filter_map(|line| line.split(['{', ' ']).next()).collect()
}

/// What is asked for, is on the one page and is not on the other.
fn missing(theirs: &BTreeSet<&str>, ours: &BTreeSet<&str>) -> Vec<String> {
    names().filter(|name| theirs.contains(name) && !ours.contains(name)).map(str::to_owned).collect()
}

/// The labels of what is asked for, each as `name{label`: a query can ask by any of them.
fn labels(page: &str) -> BTreeSet<String> {
    let mut labels = BTreeSet::new();
    for line in page.lines().filter(|line| !line.starts_with('#')) {
        let Some((name, rest)) = line.split_once('{').filter(|(name, _)| names().any(|known| known == *name))
        else {
            continue;
        };
        // The ends of values do not matter: what follows a quote and a comma is a label.
        let of_line = rest.split("\",").filter_map(|label| label.split_once("=\"")).map(|(label, _)| label);
        labels.extend(of_line.map(|label| format!("{name}{{{label}")));
    }
    labels
}

#[test]
fn a_dashboard_made_for_node_exporter_finds_what_it_asks_for() {
    let node_exporter = NodeExporter::start();
    let ours = ours();
    let (page_of_theirs, page) = (node_exporter.page(), ours.metrics());
    let theirs = series(&page_of_theirs);
    assert_none("node_exporter has it and we have not", &missing(&theirs, &series(&page)));
    let their_labels = labels(&page_of_theirs);
    let our_labels = labels(&page);
    // What Go it was built with is said of nothing here; dashboards count hosts by it.
    let lacking = their_labels.difference(&our_labels).filter(|label| !label.starts_with(BUILD));
    assert_none("node_exporter has the label and we have not", &lacking.cloned().collect::<Vec<_>>());

    let asked_for = missing(&theirs, &BTreeSet::new()).len();
    assert!(asked_for > 120, "only {asked_for} of the names are on this host");
    assert!(our_labels.contains("node_cpu_seconds_total{mode"));

    let prometheus = Prometheus::scraping(ours.address(), "{}");
    let time = prometheus.scrape_with("node_load1");
    let found = prometheus.query("count by (__name__) ({__name__=~'node_.+|process_.+'})", Some(&time));
    let found: BTreeSet<&str> = found.keys().map(String::as_str).collect();
    assert_none("it does not reach Prometheus", &missing(&theirs, &found));
}
