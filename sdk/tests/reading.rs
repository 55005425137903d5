//! What an application reads back from its own registry.

use std::time::Duration;

use pratiko_metrics::exposition::{Kind, Page};
use pratiko_metrics::{Buckets, Definition, FamilyName, Registry, Source};

pratiko_metrics::label_values! {
    enum Outcome { Success = "success", Error = "error" }
}
pratiko_metrics::labels! {
    struct JobLabels<'a> { queue: &'a str, outcome: Outcome }
}

#[test]
fn a_sample_is_found_by_its_name_and_labels() {
    let registry = Registry::new();
    let jobs = registry.counters::<u64, JobLabels<'_>>(Definition::new("jobs_total", "Jobs done.")).unwrap();
    jobs.with(&JobLabels { queue: "mail \"a\\b\"\n", outcome: Outcome::Error }).add(3);
    let buckets = Buckets::new(&[0.5, 5.0]).unwrap();
    let waits = registry.histogram(Definition::new("wait_seconds", "Wait."), buckets).unwrap();
    waits.record(Duration::from_secs(2));

    let labels = [("outcome", "error"), ("queue", "mail \"a\\b\"\n")];
    assert_eq!(registry.value("jobs_total", &labels), Some(3.0));
    assert_eq!(registry.value("jobs_total", &labels[..1]), None);
    assert_eq!(registry.value("wait_seconds_bucket", &[("le", "0.5")]), Some(0.0));
    assert_eq!(registry.value("wait_seconds_bucket", &[("le", "+Inf")]), Some(1.0));
    assert_eq!(registry.value("wait_seconds_sum", &[]), Some(2.0));
    let folded = registry.value("pratiko_metrics_folded_total", &[("family", "jobs_total")]);
    assert_eq!(folded, Some(0.0));
}

#[test]
fn a_source_that_writes_what_nobody_can_read_costs_itself() {
    struct Odd;
    impl Source for Odd {
        fn families(&self) -> Vec<FamilyName> {
            vec![FamilyName::new("odd", Kind::Gauge, &[])]
        }
        fn write(&self, page: &mut Page) {
            page.family("odd", Kind::Gauge, "Odd.").sample(&[("not a label", "")], 1);
        }
    }
    let registry = Registry::new();
    registry.register(Odd).unwrap();
    registry.counter::<u64>(Definition::new("jobs_total", "Jobs done.")).unwrap();
    let names: Vec<String> = registry.read().into_iter().map(|family| family.name).collect();
    assert_eq!(names, ["jobs_total"]);
}
