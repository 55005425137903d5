//! Registering: names, all or nothing, and pages that are written meanwhile.

#![allow(clippy::unwrap_used)]

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use pratiko_metrics::business::AccountSettings;
use pratiko_metrics::exposition::{Format, Kind, Page};
use pratiko_metrics::{
    Definition, FamilyHealth, FamilyName, Metrics, RegisterError, Registry, Source, catalogue,
};

struct Fixed(&'static str);

impl Source for Fixed {
    fn families(&self) -> Vec<FamilyName> {
        vec![FamilyName::new(self.0, Kind::Gauge, &[])]
    }

    fn write(&self, page: &mut Page) {
        page.family(self.0, Kind::Gauge, "Fixed.").sample(&[], 1);
    }
}

#[test]
fn of_several_sources_all_are_registered_or_none() {
    let registry = Registry::new();
    registry.register(Fixed("a")).unwrap();
    let sources: [Arc<dyn Source>; 3] = [Arc::new(Fixed("b")), Arc::new(Fixed("c")), Arc::new(Fixed("a"))];
    let error = registry.register_all(sources).unwrap_err();
    assert_eq!(error, RegisterError::Taken { name: "a".into(), other: "a".into() });
    assert_eq!(registry.text(Format::Text), "# HELP a Fixed.\n# TYPE a gauge\na 1\n");
    registry.register(Fixed("b")).unwrap();
}

struct Pair;

impl Source for Pair {
    fn families(&self) -> Vec<FamilyName> {
        ["first", "second"].map(|name| FamilyName::new(name, Kind::Gauge, &[])).to_vec()
    }

    fn write(&self, _page: &mut Page) {}

    fn health(&self) -> FamilyHealth {
        FamilyHealth { refused: Some(3), folded: Some(4) }
    }
}

#[test]
fn what_a_source_of_several_families_refused_is_counted_once() {
    let registry = Registry::new();
    registry.register(Pair).unwrap();
    let text = registry.text(Format::Text);
    let samples: Vec<&str> = text.lines().filter(|line| !line.starts_with('#')).collect();
    assert_eq!(
        samples,
        [
            "pratiko_metrics_refused_total{family=\"first\"} 3",
            "pratiko_metrics_folded_total{family=\"first\"} 4",
        ]
    );
}

#[test]
fn everything_of_ours_is_registered_once() {
    let registry = Registry::new();
    let _metrics = Metrics::expose(&registry, AccountSettings::default()).unwrap();
    let again = Metrics::expose(&registry, AccountSettings::default()).unwrap_err();
    assert!(matches!(again, RegisterError::Taken { .. }), "{again}");
}

#[test]
fn every_family_on_an_applications_page_is_in_the_catalogue() {
    let registry = Registry::new();
    let metrics = Metrics::expose(&registry, AccountSettings::default()).unwrap();
    metrics.llm("openai", "gpt-5", "pro").start().succeed();
    metrics.cache("a").hit();
    metrics.error("a", "b");
    metrics.operation("a").start().succeed();
    let text = registry.text(Format::Text);
    let families: Vec<&str> =
        text.lines().filter_map(|line| line.strip_prefix("# TYPE ")?.split(' ').next()).collect();
    assert!(families.len() > 10, "{families:?}");
    for family in &families {
        assert!(catalogue::find(family).is_some(), "{family}");
    }
    let unique: HashSet<&&str> = families.iter().collect();
    assert_eq!(unique.len(), families.len(), "each stands there once");
}

#[test]
fn families_can_be_registered_while_pages_are_written() {
    let registry = Registry::new();
    let is_over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                let mut before = 0;
                while !is_over.load(Ordering::Relaxed) {
                    let text = registry.text(Format::OpenMetrics);
                    assert!(text.ends_with("# EOF\n"));
                    let families = text.matches("# TYPE ").count();
                    assert!(families >= before, "what was registered stays");
                    before = families;
                }
            });
        }
        let counters: Vec<_> = (0..300)
            .map(|number| {
                let definition = Definition::new(format!("jobs_{number}_total"), "Jobs.");
                let counter = registry.counter::<u64>(definition).unwrap();
                counter.add(number);
                counter
            })
            .collect();
        is_over.store(true, Ordering::Relaxed);
        assert!(counters.iter().zip(0_u64..).all(|(counter, number)| counter.value() == number.into()));
    });
    let text = registry.text(Format::Text);
    assert!((0..300).all(|number| text.contains(&format!("\njobs_{number}_total {number}\n"))));
}
