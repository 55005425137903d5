//! Whatever is written is read back; what no page may hold is refused.

use proptest::prelude::*;

use super::*;
use crate::exposition::{Format, Page};

fn pairs(labels: &[(String, String)]) -> Vec<(&str, &str)> {
    labels.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect()
}

/// Texts with everything that the format escapes, and everything else.
fn texts() -> impl Strategy<Value = String> {
    prop::collection::vec(
        prop_oneof![
            any::<char>().prop_map(String::from),
            prop::sample::select(vec!["\\", "\"", "\n", "\r", "\t", " ", "{", "}", ",", "=", "#", "\\n"])
                .prop_map(str::to_owned),
        ],
        0..12,
    )
    .prop_map(|parts| parts.concat())
}

fn samples() -> impl Strategy<Value = SampleReading> {
    let labels = prop::collection::btree_map("[a-zA-Z][a-zA-Z0-9_]{0,5}", texts(), 0..4);
    // Zero has no sign on a page.
    let value =
        prop_oneof![prop::num::f64::ANY.prop_map(|value| value + 0.0), any::<u32>().prop_map(f64::from)];
    (labels, value).prop_map(|(labels, value)| SampleReading {
        suffix: "",
        labels: labels.into_iter().collect(),
        value,
    })
}

fn families() -> impl Strategy<Value = Vec<FamilyReading>> {
    let kind = prop::sample::select(vec![Kind::Counter, Kind::Gauge, Kind::Untyped]);
    let family = (kind, texts(), prop::collection::vec(samples(), 1..5));
    prop::collection::btree_map("[a-zA-Z_][a-zA-Z0-9_:]{0,8}", family, 0..5).prop_map(|families| {
        let family = |(name, (kind, help, samples)): (String, (Kind, String, Vec<_>))| {
            let help = help.trim_matches([' ', '\t', '\r']).to_owned();
            FamilyReading { name, kind, help, samples }
        };
        families.into_iter().map(family).collect()
    })
}

/// To compare them also where a value is no number.
fn shown(families: &[FamilyReading]) -> String {
    format!("{families:?}")
}

proptest! {
    #[test]
    fn whatever_is_written_is_read_back(families in families()) {
        let mut page = Page::new(Format::Text);
        for family in &families {
            let mut written = page.family(&family.name, family.kind, &family.help);
            for sample in &family.samples {
                written.sample(&pairs(&sample.labels), sample.value);
            }
        }
        let page = String::from_utf8(page.finish()).unwrap();
        prop_assert_eq!(shown(&read(&page).unwrap()), shown(&families), "{}", page);
    }

    #[test]
    fn no_text_makes_the_reader_fail_otherwise_than_with_an_error(text in texts()) {
        let _ = read(&text);
    }
}

#[test]
fn the_parts_of_a_histogram_are_told_apart() {
    let mut page = Page::new(Format::Text);
    page.family("wait_seconds", Kind::Histogram, "Wait.").histogram(
        &[("queue", "a")],
        [(0.5, 1), (5.0, 2)],
        4,
        30.5,
    );
    let page = String::from_utf8(page.finish()).unwrap();
    let family = &read(&page).unwrap()[0];
    assert_eq!(
        (family.name.as_str(), family.kind, family.help.as_str()),
        ("wait_seconds", Kind::Histogram, "Wait.")
    );
    let suffixes: Vec<_> = family.samples.iter().map(|sample| sample.suffix).collect();
    assert_eq!(suffixes, ["_bucket", "_bucket", "_bucket", "_sum", "_count"]);
    assert_eq!(family.value("wait_seconds_bucket", &[("le", "5.0"), ("queue", "a")]), Some(3.0));
    assert_eq!(family.value("wait_seconds_sum", &[("queue", "a")]), Some(30.5));
    assert_eq!(family.value("wait_seconds_sum", &[]), None);
}

#[test]
fn families_without_headers_are_untyped() {
    let families = read("a 1 1700000000000\na{x=\"1\"} 2\nb_sum 3").unwrap();
    let found: Vec<_> = families.iter().map(|family| (family.name.as_str(), family.samples.len())).collect();
    assert_eq!(found, [("a", 2), ("b_sum", 1)]);
    assert!(families.iter().all(|family| family.kind == Kind::Untyped && family.help.is_empty()));
}

#[test]
fn a_page_that_contradicts_itself_is_refused_with_the_line() {
    for (page, line, reason) in [
        ("a 1\nb 1\na 2\n", 3, "before"),
        ("# TYPE a gauge\n# TYPE a gauge\n", 2, "second type"),
        ("# HELP a A.\n# HELP a A.\n", 2, "second help"),
        ("# HELP a A.\na 1\n# TYPE a gauge\n", 3, "after samples"),
        ("# TYPE a histogram\na_sum 1\n# TYPE a_sum gauge\n# TYPE a gauge\n", 4, "before"),
        ("\n# TYPE a enum\n", 2, "not a metric type"),
        ("a 1 # {trace_id=\"1\"} 1\n", 1, "timestamp"),
    ] {
        let error = read(page).unwrap_err();
        assert_eq!(error.line, line, "{page}: {error}");
        assert!(error.to_string().contains(reason), "{page}: {error}");
    }
}
