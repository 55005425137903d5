//! Pages, minute by minute, into columns.

use std::collections::HashMap;

use super::columns::{Columns, Place};

/// What is scraped: its labels, and where each line of its page goes.
#[derive(Debug)]
pub struct Target {
    /// `job="…",instance="…"`.
    labels: String,
    /// The lines of the last page in their order, since the next one has nearly the same.
    last: Vec<(Box<str>, Option<Place>)>,
    known: HashMap<Box<str>, Option<Place>>,
    /// What totals were when they were first looked at, by their place on the page.
    before: HashMap<Box<str>, f64>,
}

impl Target {
    /// One of a job.
    pub fn new(job: &str, instance: &str) -> Self {
        let labels = format!("job=\"{job}\",instance=\"{instance}\"");
        Self { labels, last: Vec::new(), known: HashMap::new(), before: HashMap::new() }
    }

    /// Forgets where lines go: other columns follow.
    pub fn turn_over(&mut self) {
        self.last.clear();
        self.known.clear();
    }

    /// Counts totals from here on, as if nothing had been before this page.
    pub fn begin(&mut self, page: &str) {
        let totals = page.lines().filter_map(|line| line.rsplit_once(' '));
        let totals = totals
            .filter(|(series, _)| series.split('{').next().is_some_and(|name| name.ends_with("_total")));
        self.before =
            totals.filter_map(|(series, value)| Some((series.into(), value.parse().ok()?))).collect();
    }

    /// Adds a page in the text format, as it was in a minute, without what `is_kept` refuses.
    pub fn add(&mut self, columns: &mut Columns, minute: usize, page: &str, is_kept: impl Fn(&str) -> bool) {
        let mut family = ("", "unknown");
        let mut number = 0;
        for line in page.lines() {
            if let Some(header) = line.strip_prefix('#') {
                if let Some((name, kind)) =
                    header.strip_prefix(" TYPE ").and_then(|header| header.split_once(' '))
                {
                    family = (name, open_metrics_kind(kind));
                }
                continue;
            }
            let Some((series, value)) = line.rsplit_once(' ') else { continue };
            if self.last.get(number).is_none_or(|(last, _)| **last != *series) {
                self.last.truncate(number);
                let place = self.find(columns, family, series, &is_kept);
                self.last.push((series.into(), place));
            }
            if let Some((_, Some(place))) = self.last.get(number)
                && let Ok(value) = value.parse::<f64>()
            {
                let before = self.before.get(series).copied().unwrap_or_default();
                columns.set(*place, minute, value - before);
            }
            number += 1;
        }
    }

    /// Adds a sample that Prometheus makes itself with every scrape.
    pub fn add_own(&mut self, columns: &mut Columns, minute: usize, name: &str, value: f64) {
        let place = columns.place(name, "gauge", &format!("{name}{{{}}}", self.labels));
        columns.set(place, minute, value);
    }

    fn find(
        &mut self,
        columns: &mut Columns,
        (family, kind): (&str, &'static str),
        series: &str,
        is_kept: &impl Fn(&str) -> bool,
    ) -> Option<Place> {
        if let Some(place) = self.known.get(series) {
            return *place;
        }
        let place = is_kept(series).then(|| {
            let family = if kind == "counter" { family.trim_end_matches("_total") } else { family };
            columns.place(family, kind, &self.with_target(series))
        });
        self.known.insert(series.into(), place);
        place
    }

    fn with_target(&self, series: &str) -> String {
        match series.split_once('{') {
            Some((name, labels)) => format!("{name}{{{},{labels}", self.labels),
            None => format!("{series}{{{}}}", self.labels),
        }
    }
}

fn open_metrics_kind(kind: &str) -> &'static str {
    match kind {
        "counter" => "counter",
        "gauge" => "gauge",
        "histogram" => "histogram",
        _ => "unknown",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::period::Period;

    #[test]
    fn totals_are_counted_from_the_beginning() {
        let mut columns = Columns::new(Period { from: 0, until: 60 });
        let mut target = Target::new("pratiko", "a:1");
        target.begin("# TYPE n_total counter\nn_total{x=\"1\"} 40\n# TYPE g gauge\ng 7\n");
        target.add(
            &mut columns,
            0,
            "# TYPE n_total counter\nn_total{x=\"1\"} 42\n# TYPE g gauge\ng 8\n",
            |_| true,
        );
        let mut text = Vec::new();
        columns.write(&mut text).unwrap();
        let text = String::from_utf8(text).unwrap();
        assert!(text.contains("x=\"1\"} 2.0 0\n") && text.contains("} 8.0 0\n"), "{text}");
    }

    #[test]
    fn pages_become_columns_with_the_labels_of_their_target() {
        let mut columns = Columns::new(Period { from: 0, until: 180 });
        let mut target = Target::new("app", "a:1");
        let is_kept = |series: &str| !series.contains("secret");
        target.add(
            &mut columns,
            0,
            "# TYPE n_total counter\nn_total 1\n# TYPE g gauge\ng{x=\"1\"} 5\nsecret 1\n",
            is_kept,
        );
        target.add(&mut columns, 1, "# TYPE g gauge\ng{x=\"0\"} 4\ng{x=\"1\"} 6\n", is_kept);
        target.add_own(&mut columns, 2, "up", 1.0);
        let mut text = Vec::new();
        columns.write(&mut text).unwrap();
        let expected = "\
            # TYPE g gauge\n\
            g{job=\"app\",instance=\"a:1\",x=\"1\"} 5.0 0\n\
            g{job=\"app\",instance=\"a:1\",x=\"1\"} 6.0 60\n\
            g{job=\"app\",instance=\"a:1\",x=\"0\"} 4.0 60\n\
            # TYPE n counter\n\
            n_total{job=\"app\",instance=\"a:1\"} 1.0 0\n\
            # TYPE up gauge\n\
            up{job=\"app\",instance=\"a:1\"} 1.0 120\n\
            # EOF\n";
        assert_eq!(String::from_utf8(text).unwrap(), expected);
    }
}
