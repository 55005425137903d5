//! The pages of the SDK, read by others: what was recorded is what they read.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod recorded;
mod traps;

use std::collections::BTreeMap;

use pratiko_metrics::exposition::{Format, Page};
use pratiko_tests::readers::{PythonSample, lint_with_promtool, read_with_python};

use recorded::{Recorded, TRACE, record};

/// Values by name and labels. No number is no number, whoever prints it.
fn values(
    samples: impl IntoIterator<Item = (String, Vec<(String, String)>, f64)>,
) -> BTreeMap<String, String> {
    let mut values = BTreeMap::new();
    for (name, mut labels, value) in samples {
        labels.sort();
        let series = format!("{name} {labels:?}");
        assert_eq!(values.insert(series.clone(), format!("{value:?}")), None, "{series} is there twice");
    }
    values
}

fn values_of_python(samples: &[PythonSample]) -> BTreeMap<String, String> {
    let number = |text: &str| text.parse().unwrap_or_else(|_| unreadable(text));
    values(samples.iter().map(|sample| (sample.name.clone(), sample.labels.clone(), number(&sample.value))))
}

#[expect(clippy::panic, reason = "a test fails by panicking")]
fn unreadable(text: &str) -> f64 {
    panic!("{text} is no number");
}

#[test]
fn strict_parsers_of_both_formats_read_what_was_recorded() {
    let Recorded { registry, expected } = record();
    let expected = values(expected);
    assert!(expected.len() > 70, "{}", expected.len());
    for format in [Format::Text, Format::OpenMetrics] {
        let page = registry.text(format);
        let samples = read_with_python(&page, format).unwrap_or_else(|error| format_error(&error, &page));
        assert_eq!(values_of_python(&samples), expected, "{format:?}");
    }
}

#[expect(clippy::panic, reason = "a test fails by panicking")]
fn format_error(error: &str, page: &str) -> Vec<PythonSample> {
    panic!("{error}\n{page}");
}

#[test]
fn types_and_helps_are_read_as_they_were_told() {
    let Recorded { registry, .. } = record();
    for format in [Format::Text, Format::OpenMetrics] {
        let samples = read_with_python(&registry.text(format), format).unwrap();
        for (name, kind, help) in [
            ("jobs_total", "counter", "Jobs \"done\",\nby C:\\queue."),
            ("cost_eur_total", "counter", "Cost."),
            ("temperature_celsius", "gauge", "Temperature: –20 to 40 °C."),
            ("open_connections", "gauge", "Connections."),
            ("wait_seconds_bucket", "histogram", "Wait."),
            ("age_seconds_sum", "summary", "Age."),
            // It has one name for both formats' word.
            ("untold", "unknown", "Nobody says."),
        ] {
            let sample = samples.iter().find(|sample| sample.name == name).unwrap();
            assert_eq!((sample.kind.as_str(), sample.help.as_str()), (kind, help), "{name}");
        }
    }
}

#[test]
fn exemplars_stand_in_openmetrics_alone() {
    let Recorded { registry, .. } = record();
    let traces = |format: Format| -> Vec<(String, String)> {
        let samples = read_with_python(&registry.text(format), format).unwrap();
        samples.into_iter().filter_map(|sample| Some((sample.name, sample.trace?))).collect()
    };
    assert_eq!(traces(Format::OpenMetrics), vec![("wait_seconds_bucket".to_owned(), TRACE.to_owned()); 2]);
    assert_eq!(traces(Format::Text), []);
    let text = registry.text(Format::Text);
    assert!(!text.contains("trace_id") && !text.contains(" # "), "{text}");
}

#[test]
fn our_own_reader_reads_the_same() {
    let Recorded { registry, expected } = record();
    let families = registry.read();
    let read = families.iter().flat_map(|family| {
        let name = |suffix| format!("{}{suffix}", family.name);
        family.samples.iter().map(move |sample| (name(sample.suffix), sample.labels.clone(), sample.value))
    });
    assert_eq!(values(read), values(expected));
}

#[test]
fn the_linter_has_nothing_against_it() {
    let Recorded { registry, .. } = record();
    assert_eq!(lint_with_promtool(&registry.text(Format::Text)), Vec::<String>::new());
}

#[test]
fn appended_to_another_page_the_end_comes_once_and_last() {
    use pratiko_metrics::exposition::Kind;
    let Recorded { registry, expected } = record();
    let mut page = Page::new(Format::OpenMetrics);
    page.family("before", Kind::Gauge, "# EOF").sample(&[("text", "\n# EOF\n")], 1);
    registry.write(&mut page);
    let mut appended = Page::new(Format::OpenMetrics);
    appended.family("after", Kind::Gauge, "After.").sample(&[], 2);
    page.append(&appended);
    let page = String::from_utf8(page.finish()).unwrap();
    assert_eq!(page.lines().filter(|line| *line == "# EOF").count(), 1);
    assert!(page.ends_with("after 2\n# EOF\n"), "{page}");
    let samples = read_with_python(&page, Format::OpenMetrics).unwrap();
    assert_eq!(samples.len(), expected.len() + 2);
}
