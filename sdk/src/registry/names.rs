//! Which names can stand on one page.

use std::collections::BTreeMap;

use super::error::RegisterError;
use super::source::FamilyName;
use crate::catalogue;
use crate::exposition::Kind;

/// The names that are taken.
#[derive(Debug, Clone)]
pub(super) struct Names {
    /// Every name of a sample or of a family, in either format, with the family that took it.
    taken: BTreeMap<String, String>,
}

impl Default for Names {
    /// Those of the families that every registry writes itself.
    fn default() -> Self {
        let mut names = Self { taken: BTreeMap::new() };
        for metric in [&catalogue::METRICS_REFUSED_TOTAL, &catalogue::METRICS_FOLDED_TOTAL] {
            names.insert(&metric.into());
        }
        names
    }
}

impl Names {
    /// Takes a family's names, or says why it cannot have them.
    pub fn take(&mut self, family: &FamilyName) -> Result<(), RegisterError> {
        check_name(family)?;
        check_labels(family)?;
        check_catalogue(family)?;
        if let Some(other) = names_of(family).iter().find_map(|name| self.taken.get(name)) {
            return Err(RegisterError::Taken { name: family.name.to_string(), other: other.clone() });
        }
        self.insert(family);
        Ok(())
    }

    fn insert(&mut self, family: &FamilyName) {
        let names = names_of(family).into_iter();
        self.taken.extend(names.map(|name| (name, family.name.to_string())));
    }
}

/// The family's name, as OpenMetrics has it too, and those of its samples.
fn names_of(family: &FamilyName) -> Vec<String> {
    let name = family.name.as_ref();
    let stem = name.strip_suffix("_total").unwrap_or(name);
    let suffixes: &[&str] = match family.kind {
        Kind::Counter => &["", "_total", "_created"],
        Kind::Histogram => &["", "_bucket", "_sum", "_count", "_created"],
        Kind::Summary => &["", "_sum", "_count", "_created"],
        Kind::Gauge | Kind::Untyped => &[""],
    };
    suffixes.iter().map(|suffix| format!("{stem}{suffix}")).collect()
}

fn is_plain(name: &str) -> bool {
    let first = name.bytes().next();
    first.is_some_and(|byte| !byte.is_ascii_digit())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

fn check_name(family: &FamilyName) -> Result<(), RegisterError> {
    let name = family.name.as_ref();
    let reason = if !is_plain(name) {
        "names have letters, digits and underscores, and begin with no digit (colons are for recorded series)"
    } else if family.kind == Kind::Counter && !name.ends_with("_total") {
        "counters end in _total, which OpenMetrics requires"
    } else if name == "_total" {
        "nothing is left of it in OpenMetrics, whose families are named without _total"
    } else if family.kind != Kind::Counter
        && ["_total", "_count", "_sum", "_bucket", "_created"].iter().any(|suffix| name.ends_with(suffix))
    {
        "this ending is kept for counters and for the parts of histograms"
    } else {
        return Ok(());
    };
    Err(RegisterError::Name { name: name.to_owned(), kind: family.kind.word(), reason })
}

fn check_labels(family: &FamilyName) -> Result<(), RegisterError> {
    for (position, label) in family.labels.iter().enumerate() {
        let reserved = match family.kind {
            Kind::Histogram => *label == "le",
            Kind::Summary => *label == "quantile",
            _ => false,
        };
        let reason = if !is_plain(label) {
            "labels have letters, digits and underscores, and begin with no digit"
        } else if label.starts_with("__") {
            "two underscores at the beginning are for Prometheus itself"
        } else if reserved {
            "it is the label of the family's own parts"
        } else if family.labels[..position].contains(label) {
            "it has one already, and a page with two of a name is rejected as a whole"
        } else {
            continue;
        };
        let (name, label) = (family.name.to_string(), (*label).to_owned());
        return Err(RegisterError::Label { name, label, reason });
    }
    Ok(())
}

/// Whoever uses a name of ours means what we mean.
fn check_catalogue(family: &FamilyName) -> Result<(), RegisterError> {
    let Some(metric) = catalogue::find(&family.name) else { return Ok(()) };
    let labels: Vec<&'static str> = metric.labels.iter().map(|label| label.name).collect();
    if metric.kind == family.kind && labels == family.labels {
        return Ok(());
    }
    Err(RegisterError::NotAsCatalogued { name: family.name.to_string(), kind: metric.kind.word(), labels })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn take(names: &mut Names, name: &'static str, kind: Kind, labels: &[&'static str]) -> String {
        names
            .take(&FamilyName::new(name, kind, labels))
            .map_or_else(|error| error.to_string(), |()| "fine".into())
    }

    #[test]
    fn names_that_a_page_would_confuse_exclude_each_other() {
        let mut names = Names::default();
        assert_eq!(take(&mut names, "jobs_total", Kind::Counter, &[]), "fine");
        assert_eq!(take(&mut names, "wait_seconds", Kind::Histogram, &[]), "fine");
        for (name, kind) in [
            ("jobs_total", Kind::Counter),
            // The same family, to OpenMetrics.
            ("jobs", Kind::Gauge),
            ("wait_seconds", Kind::Gauge),
        ] {
            assert!(take(&mut names, name, kind, &[]).contains("is taken"), "{name}");
        }
        assert_eq!(take(&mut names, "jobs_waiting", Kind::Gauge, &[]), "fine");
    }

    #[test]
    fn names_that_a_strict_parser_rejects_are_refused() {
        let cases: &[(&str, Kind, &[&str], &str)] = &[
            ("", Kind::Gauge, &[], "begin with no digit"),
            ("2nd_gauge", Kind::Gauge, &[], "begin with no digit"),
            ("job:rate", Kind::Gauge, &[], "colons"),
            ("jöbs", Kind::Gauge, &[], "letters"),
            ("jobs", Kind::Counter, &[], "_total"),
            ("_total", Kind::Counter, &[], "nothing is left"),
            ("jobs_total", Kind::Gauge, &[], "kept for counters"),
            ("jobs_count", Kind::Gauge, &[], "parts of histograms"),
            ("a", Kind::Gauge, &["queue", "queue"], "rejected as a whole"),
            ("a", Kind::Gauge, &["__name__"], "Prometheus itself"),
            ("a", Kind::Gauge, &["my-label"], "letters"),
            ("a_seconds", Kind::Histogram, &["le"], "own parts"),
        ];
        for (name, kind, labels, expected) in cases {
            let message = take(&mut Names::default(), name, *kind, labels);
            assert!(message.contains(expected), "{name} {labels:?}: {message}");
        }
    }

    #[test]
    fn the_families_that_a_registry_writes_itself_are_taken() {
        let names = &mut Names::default();
        for name in ["pratiko_metrics_refused_total", "pratiko_metrics_folded_total"] {
            let message = take(names, name, Kind::Counter, &["family"]);
            assert!(message.contains("is taken"), "{name}: {message}");
        }
    }

    #[test]
    fn a_name_of_the_catalogue_means_what_it_means_there() {
        let names = &mut Names::default();
        let wrong = take(names, "pratiko_cache_requests_total", Kind::Counter, &["cache"]);
        assert!(wrong.contains(r#"a counter with the labels ["cache", "result"]"#), "{wrong}");
        assert_eq!(take(names, "pratiko_cache_requests_total", Kind::Counter, &["cache", "result"]), "fine");
    }
}
