//! Every metric of ours: name, type, labels, unit, help and meaning, in one place.
//!
//! The pages are written through these entries, the glossary is made from them, and the tests of
//! rules and dashboards read them. Host metrics are node_exporter's and are not here.
//!
//! ```
//! use pratiko_metrics::catalogue;
//! use pratiko_metrics::exposition::{Format, Page};
//!
//! let mut page = Page::new(Format::Text);
//! catalogue::MRR_EUR.family(&mut page).sample(&[("plan", "pro")], 25);
//! assert!(catalogue::find("pratiko_mrr_eur").is_some());
//! ```

mod application;
mod exporter;
mod http;
mod ledger;
mod llm;
mod metric;
mod ship;

pub use application::*;
pub use exporter::*;
pub use http::*;
pub use ledger::*;
pub use llm::*;
pub use metric::{Label, LabelValues, Metric, Scope, Unit};
pub use ship::*;

/// Every metric, scope by scope.
pub fn all() -> impl Iterator<Item = &'static Metric> {
    ledger::ALL.iter().chain(exporter::ALL).copied().chain(for_applications())
}

/// Those that applications say of themselves: the exporter does not serve them.
pub fn for_applications() -> impl Iterator<Item = &'static Metric> {
    http::ALL.iter().chain(application::ALL).chain(llm::ALL).chain(ship::ALL).copied()
}

/// The metric of this name.
pub fn find(name: &str) -> Option<&'static Metric> {
    all().find(|metric| metric.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exposition::Kind;
    use std::collections::HashSet;

    #[test]
    fn every_name_is_unique_also_as_openmetrics_sees_it() {
        let mut names = HashSet::new();
        for metric in all() {
            let family = metric.name.strip_suffix("_total").unwrap_or(metric.name);
            assert!(names.insert(family), "{} clashes with another family", metric.name);
        }
    }

    #[test]
    fn names_follow_the_conventions() {
        for metric in all() {
            let name = metric.name;
            let is_plain =
                name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
            assert!(is_plain, "{name} has other characters");
            assert_eq!(
                metric.kind == Kind::Counter,
                name.ends_with("_total"),
                "{name}: only counters end in _total"
            );
            let unit = metric.unit.suffix();
            let stem = name.strip_suffix("_total").unwrap_or(name);
            assert!(stem.ends_with(unit), "{name} does not end in its unit {unit:?}");
            assert!(metric.help.ends_with('.'), "{name}: help is a sentence");
            assert!(!metric.meaning.is_empty(), "{name}: the meaning is missing");
        }
    }

    #[test]
    fn no_label_names_a_person() {
        for metric in all() {
            for label in metric.labels {
                assert!(
                    !["user", "user_id", "customer", "customer_id", "email"].contains(&label.name),
                    "{} would make a series for each {}",
                    metric.name,
                    label.name
                );
            }
        }
    }

    #[test]
    fn closed_labels_span_at_most_200_series_a_family() {
        for metric in all() {
            let series: usize =
                metric.labels.iter().map(|label| label.values.closed().map_or(1, <[_]>::len)).product();
            assert!(series <= 200, "{} spans {series} series", metric.name);
        }
    }
}
