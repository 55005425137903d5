//! What a Prometheus server makes of the page, and how it is asked for.

use std::sync::Arc;

use pratiko_domain::time::ManualClock;
use pratiko_tests::in_process::InProcess;
use pratiko_tests::prometheus::Prometheus;

use crate::events::{NOON, at, usage};

fn daemon() -> InProcess {
    InProcess::with_empty_ledger("", Arc::new(ManualClock::at(at(NOON))))
}

#[test]
fn the_target_is_up_and_answers_for_the_host() {
    let daemon = daemon();
    let prometheus = Prometheus::scraping(daemon.address(), "{}");
    for promql in [
        "sum by (mode) (node_cpu_seconds_total{mode='idle'}) > 0",
        "node_memory_MemTotal_bytes > 0",
        "node_load1",
        "node_scrape_collector_success{collector='meminfo'} == 1",
        "node_uname_info",
        "process_resident_memory_bytes > 0",
        "pratiko_exporter_build_info",
    ] {
        prometheus.scrape_with(promql);
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

#[test]
fn prometheus_negotiates_openmetrics() {
    let daemon = daemon();
    let prometheus = Prometheus::scraping(daemon.address(), "{}");
    prometheus.scrape_with("up == 1");
    let metadata = |name: &str| {
        let targets = prometheus.api("targets/metadata", &[("metric", name)]);
        targets.as_array().unwrap().first().map(|target| target["type"].as_str().unwrap().to_owned())
    };
    // In OpenMetrics a counter's family is called without `_total`; in the text format it is not.
    assert_eq!(metadata("pratiko_ingest_events").as_deref(), Some("counter"));
    assert_eq!(metadata("pratiko_ingest_events_total"), None);
    assert_eq!(metadata("node_load1").as_deref(), Some("gauge"));
}

#[test]
fn the_page_comes_in_the_format_that_is_asked_for() {
    let daemon = daemon();
    let page = |accept: &str| {
        let answer = daemon.get("/metrics", &[("accept", accept)]);
        assert_eq!(answer.status, 200);
        (answer.header("content-type").unwrap().to_owned(), answer.text())
    };
    let (content_type, text) = page("text/plain;version=0.0.4");
    assert!(content_type.starts_with("text/plain; version=0.0.4"), "{content_type}");
    assert!(text.contains("\n# TYPE pratiko_ingest_events_total counter\n"));
    assert!(!text.contains("# EOF"));

    let (content_type, text) = page("application/openmetrics-text;version=1.0.0,text/plain;q=0.1");
    assert!(content_type.starts_with("application/openmetrics-text; version=1.0.0"), "{content_type}");
    assert!(text.contains("\n# TYPE pratiko_ingest_events counter\n"));
    assert!(text.ends_with("# EOF\n"));
}

#[test]
fn the_page_is_compressed_for_who_takes_it() {
    let daemon = daemon();
    let plain = daemon.get("/metrics", &[("accept-encoding", "identity")]);
    assert_eq!(plain.header("content-encoding"), None);
    let compressed = daemon.get("/metrics", &[("accept-encoding", "gzip")]);
    assert_eq!(compressed.header("content-encoding"), Some("gzip"));
    // The magic number of gzip; Prometheus, which always asks for it, shows that the rest is right.
    assert_eq!(compressed.body[..2], [0x1f, 0x8b]);
    assert!(compressed.body.len() * 2 < plain.body.len());
}

#[test]
fn prometheus_can_ask_for_some_collectors_alone() {
    let daemon = daemon();
    daemon.accept(&[usage("1", at(NOON), "user-1", "1")]);
    let prometheus = Prometheus::scraping(daemon.address(), "{'collect[]': [loadavg, uname]}");
    let time = prometheus.scrape_with("up == 1");
    let found = |promql: &str| prometheus.query(promql, Some(&time)).len();
    assert_eq!(found("node_load1"), 1);
    assert_eq!(found("count by (collector) (node_scrape_collector_success)"), 2);
    assert_eq!(found("node_memory_MemTotal_bytes"), 0);
    assert_eq!(found("{__name__=~'pratiko_(ledger|ingest|mrr|llm).*'}"), 0);
}

#[test]
fn some_collectors_can_be_left_out_and_mistakes_are_told() {
    let daemon = daemon();
    let get = |query: &str| daemon.get(&format!("/metrics?{query}"), &[]);
    let page = get("exclude[]=loadavg&exclude[]=business").text();
    assert!(!page.contains("node_load1 ") && !page.contains("pratiko_ingest_events_total"));
    assert!(page.contains("\nnode_memory_MemTotal_bytes "));
    assert_eq!(get("collect[]=nonsense").status, 400);
    assert_eq!(get("collect[]=loadavg&exclude[]=uname").status, 400);
}
