//! All collectors of one scrape, on one page.

use std::collections::HashMap;
use std::time::Duration;

use pratiko_metrics::catalogue;
use pratiko_metrics::exposition::{Format, Kind, Page};

use super::{CollectError, Collector, Outcome, Output, Relay};

/// Which collectors a scrape asks for: `collect[]=…` or `exclude[]=…`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub enum Selection {
    /// Every one that is switched on.
    #[default]
    All,
    /// These alone.
    Only(Vec<String>),
    /// Every one but these.
    Except(Vec<String>),
}

impl Selection {
    /// Whether the collector `name` is asked for.
    pub fn includes(&self, name: &str) -> bool {
        match self {
            Self::All => true,
            Self::Only(names) => names.iter().any(|wanted| wanted == name),
            Self::Except(names) => !names.iter().any(|unwanted| unwanted == name),
        }
    }
}

/// The collectors that are switched on, ready to run.
pub struct HostCollectors {
    names: Vec<&'static str>,
    relay: Relay<Box<dyn Collector>>,
    deadline: Duration,
    skipped: HashMap<&'static str, u64>,
    /// Which collectors failed the last time, so that a lasting failure is logged once.
    failing: HashMap<&'static str, String>,
}

/// The outcome of one run over the host.
pub struct Gathered {
    /// The families, without an end marker.
    pub page: Page,
    /// The names of the collectors that failed or overran.
    pub failed: Vec<&'static str>,
}

/// Whether the daemon itself writes families of such names on the page that a scrape answers with.
fn is_reserved(family: &str) -> bool {
    ["pratiko_", "node_scrape_collector_", "node_exporter_", "process_", "http_server_", "promhttp_"]
        .iter()
        .any(|prefix| family.starts_with(prefix))
}

/// What one collector made of its turn.
struct Part {
    output: Output,
    error: Option<CollectError>,
}

impl Part {
    fn failure(&self) -> Option<String> {
        match &self.error {
            Some(CollectError::NotHere(_)) | None => match self.output.skipped() {
                0 => None,
                skipped => Some(format!("{skipped} lines, files or families had to be passed over")),
            },
            Some(error) => Some(error.to_string()),
        }
    }
}

impl HostCollectors {
    /// Collectors by name, each of which may take `deadline` in a scrape.
    pub fn new(collectors: Vec<(&'static str, Box<dyn Collector>)>, deadline: Duration) -> Self {
        let (names, collectors): (Vec<_>, Vec<_>) = collectors.into_iter().unzip();
        Self {
            names,
            relay: Relay::new("collectors", collectors),
            deadline,
            skipped: HashMap::new(),
            failing: HashMap::new(),
        }
    }

    /// The names of the collectors that are switched on.
    pub fn names(&self) -> &[&'static str] {
        &self.names
    }

    /// Reads the host.
    pub fn gather(&mut self, selection: &Selection, format: Format) -> Gathered {
        let picks: Vec<usize> =
            (0..self.names.len()).filter(|&position| selection.includes(self.names[position])).collect();
        let mut outcomes = self.relay.run(&picks, self.deadline, move |collector| {
            let mut output = Output::new(format);
            let error = collector.collect(&mut output).err();
            Part { output, error }
        });
        outcomes.sort_unstable_by_key(|(position, _)| *position);

        let mut page = Page::with_capacity(format, 64 * 1024);
        for (_, outcome) in &outcomes {
            if let Outcome::Done { result, .. } = outcome {
                page.append(result.output.page());
            }
        }
        for (_, outcome) in &mut outcomes {
            if let Outcome::Done { result, .. } = outcome {
                result.output.append_foreign_to(&mut page, is_reserved);
            }
        }
        let mut reports = Vec::with_capacity(outcomes.len());
        for (position, outcome) in outcomes {
            let name = self.names[position];
            let (took, failure) = match outcome {
                Outcome::Done { result, took } => {
                    *self.skipped.entry(name).or_default() += result.output.skipped();
                    (took, result.failure())
                }
                Outcome::Overdue => (self.deadline, Some("did not answer within its deadline".to_owned())),
                Outcome::Panicked => (Duration::ZERO, Some("panicked; this is a bug".to_owned())),
            };
            self.log_change(name, failure.as_deref());
            reports.push((name, took, failure.is_none()));
        }
        self.write_reports(&reports, &mut page);
        let failed = reports.iter().filter(|(_, _, ok)| !ok).map(|(name, _, _)| *name).collect();
        Gathered { page, failed }
    }

    fn log_change(&mut self, collector: &'static str, failure: Option<&str>) {
        match failure {
            Some(reason) if self.failing.get(collector).map(String::as_str) != Some(reason) => {
                tracing::warn!(collector, reason, "collector failed; the other collectors are not affected");
                self.failing.insert(collector, reason.to_owned());
            }
            Some(_) => {}
            None => {
                if self.failing.remove(collector).is_some() {
                    tracing::info!(collector, "collector works again");
                }
            }
        }
    }

    fn write_reports(&self, reports: &[(&'static str, Duration, bool)], page: &mut Page) {
        let mut durations = page.family(
            "node_scrape_collector_duration_seconds",
            Kind::Gauge,
            "node_exporter: Duration of a collector scrape.",
        );
        for (name, took, _) in reports {
            durations.sample(&[("collector", name)], took.as_secs_f64());
        }
        let mut success = page.family(
            "node_scrape_collector_success",
            Kind::Gauge,
            "node_exporter: Whether a collector succeeded.",
        );
        for (name, _, ok) in reports {
            success.sample(&[("collector", name)], *ok);
        }
        let mut skipped = catalogue::EXPORTER_COLLECTOR_SKIPPED_TOTAL.family(page);
        for (name, ..) in reports {
            skipped.sample(&[("collector", name)], self.skipped.get(name).copied().unwrap_or_default());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Writes(&'static [(&'static str, Kind)], bool);

    impl Collector for Writes {
        fn collect(&mut self, output: &mut Output) -> Result<(), CollectError> {
            for (name, kind) in self.0 {
                if self.1 {
                    output.foreign_family(name, *kind, "Theirs.").sample(&[], 2);
                } else {
                    output.family(name, *kind, "Ours.").sample(&[], 1);
                }
            }
            Ok(())
        }
    }

    #[test]
    fn a_foreign_family_gives_way_to_ours_in_whatever_order_they_run() {
        for format in [Format::Text, Format::OpenMetrics] {
            let theirs = Writes(
                &[
                    ("node_time_seconds", Kind::Gauge),
                    ("backup_age_seconds", Kind::Gauge),
                    ("node_forks", Kind::Gauge),
                    ("pratiko_mrr_eur", Kind::Gauge),
                ],
                true,
            );
            let ours =
                Writes(&[("node_time_seconds", Kind::Gauge), ("node_forks_total", Kind::Counter)], false);
            let collectors: Vec<(_, Box<dyn Collector>)> =
                vec![("textfile", Box::new(theirs)), ("time", Box::new(ours))];
            let mut host = HostCollectors::new(collectors, Duration::from_secs(60));
            let gathered = host.gather(&Selection::All, format);
            assert_eq!(gathered.failed, ["textfile"]);
            let page = String::from_utf8(gathered.page.finish()).unwrap();
            let values: Vec<&str> = page
                .lines()
                .filter(|line| !line.starts_with("# ") && !line.starts_with("node_scrape_collector_duration"))
                .collect();
            assert_eq!(
                values,
                [
                    "node_time_seconds 1",
                    "node_forks_total 1",
                    "backup_age_seconds 2",
                    "node_scrape_collector_success{collector=\"textfile\"} 0",
                    "node_scrape_collector_success{collector=\"time\"} 1",
                    "pratiko_exporter_collector_skipped_total{collector=\"textfile\"} 3",
                    "pratiko_exporter_collector_skipped_total{collector=\"time\"} 0",
                ]
            );
        }
    }
}
