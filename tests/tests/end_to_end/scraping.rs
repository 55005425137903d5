//! What a Prometheus server makes of the page.

use std::sync::Arc;

use pratiko_tests::in_process::InProcess;
use pratiko_tests::manual_clock::ManualClock;
use pratiko_tests::prometheus::Prometheus;

use crate::events::{at, usage};

const NOON: &str = "2026-06-15T12:00:00Z";

fn daemon() -> InProcess {
    InProcess::with_empty_ledger("", &Arc::new(ManualClock::at(at(NOON))))
}

#[test]
fn the_target_is_up_and_answers_for_the_host() {
    let daemon = daemon();
    let prometheus = Prometheus::scraping(daemon.address(), "{}");
    let time = prometheus.scrape_with("up == 1");
    let time = Some(time.as_str());
    for promql in [
        "sum by (mode) (node_cpu_seconds_total{mode='idle'}) > 0",
        "node_memory_MemTotal_bytes > 0",
        "node_load1",
        "node_scrape_collector_success{collector='meminfo'} == 1",
        "node_uname_info",
        "process_resident_memory_bytes > 0",
        "pratiko_exporter_build_info",
    ] {
        assert_eq!(prometheus.query(promql, time).len(), 1, "{promql}");
    }
}

#[test]
fn a_cost_that_is_sent_is_found_as_it_is_printed() {
    let daemon = daemon();
    let prometheus = Prometheus::scraping(daemon.address(), "{}");
    daemon.accept(&[usage("1", at(NOON), "user-1", "0.012345678")]);
    let time = prometheus.scrape_with("pratiko_ledger_events_total == 1");
    let cost = prometheus.value("pratiko_llm_cost_eur_total{plan='none'}", Some(&time));
    assert_eq!(cost.as_deref(), Some("0.012345678"));
}
