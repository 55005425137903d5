//! What the ecosystem's own readers say of the page.

use std::sync::Arc;

use pratiko_domain::time::ManualClock;
use pratiko_metrics::exposition::Format;
use pratiko_tests::in_process::InProcess;
use pratiko_tests::readers::{lint_with_promtool, read_with_python};
use pratiko_tests::wait;

use crate::events::{NOON, at, usage};

fn daemon_with_figures() -> (InProcess, String) {
    let clock = Arc::new(ManualClock::at(at(NOON)));
    let daemon = InProcess::with_empty_ledger("", clock);
    daemon.accept(&[usage("1", at(NOON), "user-1", "1")]);
    let page = wait::until("a page with business figures", || {
        let page = daemon.metrics();
        if page.contains("\npratiko_llm_cost_eur_total{") { Ok(page) } else { Err(page) }
    });
    (daemon, page)
}

#[test]
fn the_linter_complains_of_nothing_but_names_that_are_node_exporter_s_own() {
    let (_daemon, page) = daemon_with_figures();
    let complaints = lint_with_promtool(&page);
    let ours: Vec<&String> = complaints.iter().filter(|line| !line.starts_with("node_")).collect();
    assert!(ours.is_empty(), "{ours:#?}");
}

#[test]
fn the_strict_parsers_of_another_client_library_read_both_formats() {
    let (daemon, _page) = daemon_with_figures();
    for format in [Format::Text, Format::OpenMetrics] {
        let page = daemon.get("/metrics", &[("accept", format.content_type())]).text();
        let samples = read_with_python(&page, format).unwrap();
        let found = |name: &str| samples.iter().any(|sample| sample.name == name);
        for name in ["node_load1", "pratiko_ingest_events_total", "process_cpu_seconds_total"] {
            assert!(found(name), "{name}, {format:?}");
        }
        let written = page.lines().filter(|line| !line.starts_with('#')).count();
        assert_eq!(samples.len(), written, "{format:?}");
    }
}
