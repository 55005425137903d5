//! An application that has a registry of the `prometheus` crate already, and takes our families there.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeMap;
use std::io::Write;
use std::process::{Command, Stdio};
use std::time::Duration;

use pratiko_metrics::domain::money::Money;
use pratiko_metrics::exposition::reading::{FamilyReading, read};
use pratiko_metrics::exposition::{Format, Kind, Page};
use pratiko_metrics::{Buckets, Definition, FamilyName, Registry, Source};
use prometheus::core::Collector;
use prometheus::{IntCounter, TextEncoder};

pratiko_metrics::label_values! {
    enum Outcome { Success = "success", Error = "error" }
}
pratiko_metrics::labels! {
    struct JobLabels<'a> { queue: &'a str, outcome: Outcome }
}

/// Of the types that no instrument has.
struct Odd;

impl Source for Odd {
    fn families(&self) -> Vec<FamilyName> {
        vec![
            FamilyName::new("age_seconds", Kind::Summary, &["kind"]),
            FamilyName::new("untold", Kind::Untyped, &[]),
        ]
    }

    fn write(&self, page: &mut Page) {
        let mut ages = page.family("age_seconds", Kind::Summary, "Age.");
        for kind in ["a", "b"] {
            ages.part("", &[("kind", kind), ("quantile", "0.5")], 2)
                .part("", &[("kind", kind), ("quantile", "0.99")], 9.5)
                .part("_sum", &[("kind", kind)], 30.5)
                .part("_count", &[("kind", kind)], 7);
        }
        page.family("untold", Kind::Untyped, "Nobody says.").sample(&[], -4);
    }
}

/// A registry with families of every type.
fn metrics() -> Registry {
    let registry = Registry::new();
    let jobs = registry
        .counters::<u64, JobLabels<'_>>(Definition::new("jobs_total", "Jobs \\ done.\nAll."))
        .unwrap();
    for (queue, outcome, count) in
        [("mail", Outcome::Success, 5), ("a \"b\\c\"\nd", Outcome::Error, 2), ("", Outcome::Error, 1)]
    {
        jobs.with(&JobLabels { queue, outcome }).add(count);
    }
    let cost = registry.counter::<Money>(Definition::new("cost_eur_total", "Cost.")).unwrap();
    cost.add(Money::from_nanos(1_234_567_891));
    let waiting = registry.gauge::<f64>(Definition::new("waiting_ratio", "Part that waits.")).unwrap();
    waiting.set(-0.25);
    let buckets = Buckets::new(&[0.5, 1.0, 5.0]).unwrap();
    let waits = registry
        .histograms::<Duration, JobLabels<'_>>(Definition::new("wait_seconds", "Wait."), buckets)
        .unwrap();
    for (queue, millis) in [("mail", 100), ("mail", 5_000), ("mail", 7_250), ("print", 750)] {
        waits.with(&JobLabels { queue, outcome: Outcome::Success }).record(Duration::from_millis(millis));
    }
    registry.register(Odd).unwrap();
    registry
}

/// Every sample by its name and labels; bounds as numbers, which are written in more than one way.
fn samples(families: &[FamilyReading]) -> BTreeMap<String, f64> {
    let mut samples = BTreeMap::new();
    for family in families {
        for sample in &family.samples {
            let mut labels = sample.labels.clone();
            for (_, text) in labels.iter_mut().filter(|(name, _)| name == "le" || name == "quantile") {
                *text = text.parse::<f64>().unwrap().to_string();
            }
            labels.sort();
            let series = format!("{}{} {labels:?}", family.name, sample.suffix);
            assert_eq!(samples.insert(series.clone(), sample.value), None, "{series} is there twice");
        }
    }
    samples
}

fn page_of(registry: &prometheus::Registry) -> String {
    TextEncoder::new().encode_to_string(&registry.gather()).unwrap()
}

#[test]
fn one_page_has_the_application_s_own_families_and_ours_with_the_values_of_our_page() {
    let ours = metrics();
    let theirs = prometheus::Registry::new();
    let requests = IntCounter::new("requests_total", "Requests.").unwrap();
    theirs.register(Box::new(requests.clone())).unwrap();
    theirs.register(Box::new(ours.collector())).unwrap();
    requests.inc_by(3);

    let page = page_of(&theirs);
    let read_back = read(&page).unwrap();
    let mut expected = samples(&ours.read());
    assert!(expected.len() > 25, "{expected:?}");
    expected.insert("requests_total []".to_owned(), 3.0);
    assert_eq!(samples(&read_back), expected, "{page}");

    let headers = |families: &[FamilyReading]| -> BTreeMap<_, _> {
        let header = |family: &FamilyReading| {
            // There is no other type for it there.
            let kind = if family.kind == Kind::Untyped { Kind::Gauge } else { family.kind };
            (family.name.clone(), (kind.word(), family.help.clone()))
        };
        families.iter().map(header).filter(|(name, _)| name != "requests_total").collect()
    };
    assert_eq!(headers(&read_back), headers(&ours.read()));
    assert_promtool_reads(&page);
}

/// Where it is installed.
fn assert_promtool_reads(page: &str) {
    let promtool = Command::new("promtool")
        .args(["check", "metrics"])
        .stdin(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let Ok(mut promtool) = promtool else { return };
    promtool.stdin.take().unwrap().write_all(page.as_bytes()).unwrap();
    let output = promtool.wait_with_output().unwrap();
    // 3: it does not like a name.
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(matches!(output.status.code(), Some(0 | 3)), "{}: {said}\n{page}", output.status);
}

#[test]
fn every_family_is_described_also_before_it_has_samples() {
    let registry = metrics();
    registry.counters::<u64, JobLabels<'_>>(Definition::new("later_total", "Not yet.")).unwrap();
    let collector = registry.collector();
    let described: Vec<_> = collector
        .desc()
        .into_iter()
        .map(|desc| (desc.fq_name.as_str(), desc.help.as_str(), desc.variable_labels.join(" ")))
        .collect();
    let none = String::new;
    assert_eq!(
        described,
        [
            ("jobs_total", "Jobs \\ done.\nAll.", "queue outcome".to_owned()),
            ("cost_eur_total", "Cost.", none()),
            ("waiting_ratio", "Part that waits.", none()),
            ("wait_seconds", "Wait.", "queue outcome".to_owned()),
            ("age_seconds", "age_seconds", "kind".to_owned()),
            ("untold", "untold", none()),
            ("later_total", "Not yet.", "queue outcome".to_owned()),
        ]
    );
}

#[test]
fn a_name_that_the_application_has_already_is_refused() {
    let theirs = prometheus::Registry::new();
    theirs.register(Box::new(IntCounter::new("jobs_total", "Jobs.").unwrap())).unwrap();
    assert!(theirs.register(Box::new(metrics().collector())).is_err());

    let theirs = prometheus::Registry::new();
    let collector = metrics().collector();
    theirs.register(Box::new(collector.clone())).unwrap();
    assert!(theirs.register(Box::new(collector.clone())).is_err());
    theirs.unregister(Box::new(collector.clone())).unwrap();
    assert_eq!(page_of(&theirs), "");
    theirs.register(Box::new(collector)).unwrap();
}

#[test]
fn families_registered_later_are_on_the_page_too() {
    let ours = Registry::new();
    let theirs = prometheus::Registry::new();
    theirs.register(Box::new(ours.collector())).unwrap();
    ours.counter::<u64>(Definition::new("later_total", "Later.")).unwrap().add(4);
    assert!(page_of(&theirs).contains("\nlater_total 4\n"), "{}", page_of(&theirs));
}

#[test]
fn two_of_our_registries_stand_side_by_side() {
    let theirs = prometheus::Registry::new();
    for name in ["first_total", "second_total"] {
        let ours = Registry::new();
        ours.counter::<f64>(Definition::new(name, "Floats.")).unwrap().add(-1.0);
        theirs.register(Box::new(ours.collector())).unwrap();
    }
    let families = read(&page_of(&theirs)).unwrap();
    let refused = families.iter().find(|family| family.name == "pratiko_metrics_refused_total").unwrap();
    assert_eq!(refused.samples.len(), 2);
}

#[test]
fn the_other_crate_s_process_collector_stands_beside_ours() {
    let theirs = prometheus::Registry::new();
    theirs.register(Box::new(prometheus::process_collector::ProcessCollector::for_self())).unwrap();
    let ours = metrics();
    theirs.register(Box::new(ours.collector())).unwrap();
    let page = page_of(&theirs);
    assert!(
        page.contains("\nprocess_open_fds ") && page.contains("\ncost_eur_total 1.234567891\n"),
        "{page}"
    );
}

#[cfg(feature = "process")]
#[test]
fn process_metrics_of_both_exclude_each_other_and_cost_nothing_else() {
    let process = Registry::new();
    process.register(pratiko_metrics::ProcessMetrics::new()).unwrap();
    let theirs = prometheus::Registry::new();
    theirs.register(Box::new(prometheus::process_collector::ProcessCollector::for_self())).unwrap();
    assert!(theirs.register(Box::new(process.collector())).is_err());
    theirs.register(Box::new(metrics().collector())).unwrap();
    assert!(page_of(&theirs).contains("\ncost_eur_total "));

    let theirs = prometheus::Registry::new();
    theirs.register(Box::new(process.collector())).unwrap();
    assert!(page_of(&theirs).contains("\nprocess_cpu_seconds_total "), "{}", page_of(&theirs));
}

#[test]
fn no_exemplar_is_on_a_page_that_has_no_place_for_it() {
    let ours = Registry::new();
    let buckets = Buckets::new(&[1.0]).unwrap().with_exemplars();
    let waits = ours.histogram(Definition::new("wait_seconds", "Wait."), buckets).unwrap();
    let trace = "4bf92f3577b34da6a3ce929d0e0e4736".parse().unwrap();
    waits.record_with_trace(Duration::from_millis(1), trace);
    assert!(ours.text(Format::OpenMetrics).contains("trace_id"));
    let theirs = prometheus::Registry::new();
    theirs.register(Box::new(ours.collector())).unwrap();
    assert!(!page_of(&theirs).contains("trace_id"));
}
