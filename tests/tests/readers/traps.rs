//! What would cost a whole page is refused before it gets there; and the strict parsers that say so of
//! our pages would say otherwise of others.

use pratiko_metrics::exposition::{Format, Kind, Page};
use pratiko_metrics::{Definition, FamilyName, RegisterError, Registry, Source};
use pratiko_tests::readers::read_with_python;

struct Labelled(&'static [&'static str]);

impl Source for Labelled {
    fn families(&self) -> Vec<FamilyName> {
        vec![FamilyName::new("queue_length", Kind::Gauge, self.0)]
    }

    fn write(&self, _page: &mut Page) {}
}

#[test]
fn a_label_that_is_there_twice_is_refused_when_it_is_registered() {
    let registry = Registry::new();
    let refused = registry.register(Labelled(&["queue", "host", "queue"]));
    assert!(
        matches!(refused, Err(RegisterError::Label { ref label, .. }) if label == "queue"),
        "{refused:?}"
    );
    assert_eq!(registry.register(Labelled(&["queue", "host"])), Ok(()));
}

#[test]
fn what_would_make_a_total_fall_is_not_recorded() {
    let registry = Registry::new();
    let spent = registry.counter::<f64>(Definition::new("spent_total", "Spent.")).unwrap();
    spent.add(2.0);
    for more in [-1.0, f64::NEG_INFINITY, f64::NAN] {
        spent.add(more);
        assert_eq!(registry.value("spent_total", &[]), Some(2.0), "{more}");
    }
    assert_eq!(registry.value("pratiko_metrics_refused_total", &[("family", "spent_total")]), Some(3.0));
}

#[test]
fn two_families_that_openmetrics_calls_the_same_are_refused() {
    let registry = Registry::new();
    registry.counter::<u64>(Definition::new("jobs_total", "Jobs.")).unwrap();
    let second = registry.gauge::<u64>(Definition::new("jobs", "Jobs."));
    assert!(matches!(second, Err(RegisterError::Taken { .. })), "{second:?}");
}

#[test]
fn the_strict_parser_refuses_what_we_never_write() {
    for page in [
        // No end, something after it, one in the middle.
        "# TYPE a gauge\na 1\n",
        "# TYPE a gauge\na 1\n# EOF\nb 1\n",
        "# TYPE a gauge\na 1\n# EOF\n# TYPE b gauge\nb 1\n# EOF\n",
        // A label twice, a total that is negative, an exemplar of a gauge, names that clash.
        "# TYPE a gauge\na{x=\"1\",x=\"2\"} 1\n# EOF\n",
        "# TYPE a counter\na_total -1\n# EOF\n",
        "# TYPE a gauge\na 1 # {trace_id=\"1\"} 1\n# EOF\n",
        "# TYPE a counter\na_total 1\n# TYPE a_total gauge\na_total 1\n# EOF\n",
    ] {
        assert!(read_with_python(page, Format::OpenMetrics).is_err(), "{page}");
    }
    assert!(read_with_python("# TYPE a gauge\na 1\n# EOF\n", Format::OpenMetrics).is_ok());
}
