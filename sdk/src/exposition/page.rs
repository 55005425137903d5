//! The page: families, and their samples.

use std::ops::Range;

use super::texts::{write_bound, write_escaped};
use super::{Exemplar, Format, Kind, Value};

/// A page under construction.
#[derive(Debug, Clone)]
pub struct Page {
    format: Format,
    out: Vec<u8>,
    /// Where in `out` the families' names are, in their `# HELP` lines.
    names: Vec<Range<usize>>,
}

const HELP: &[u8] = b"# HELP ";

impl Page {
    /// An empty page in `format`.
    pub fn new(format: Format) -> Self {
        Self { format, out: Vec::new(), names: Vec::new() }
    }

    /// An empty page with room for `bytes`, so that a page of known size grows once.
    pub fn with_capacity(format: Format, bytes: usize) -> Self {
        Self { format, out: Vec::with_capacity(bytes), names: Vec::new() }
    }

    /// The page's format.
    pub fn format(&self) -> Format {
        self.format
    }

    /// How many bytes are written so far.
    pub fn len(&self) -> usize {
        self.out.len()
    }

    /// Whether nothing is written yet.
    pub fn is_empty(&self) -> bool {
        self.out.is_empty()
    }

    /// Takes back everything written after the first `len` bytes: the half-written families of a
    /// source that failed.
    pub fn truncate(&mut self, len: usize) {
        self.out.truncate(len);
        self.names.retain(|name| name.end <= len);
    }

    /// Opens a family. Its header is written with its first sample.
    ///
    /// A family is opened once per page; its samples follow without another family between them.
    pub fn family<'page>(&'page mut self, name: &'page str, kind: Kind, help: &'page str) -> Family<'page> {
        Family { page: self, name, kind, help, has_header: false }
    }

    /// Appends what another page of the same format holds (its families must not be on this one).
    pub fn append(&mut self, other: &Self) {
        debug_assert_eq!(self.format, other.format, "pages of one format");
        let shift = self.out.len();
        self.out.extend_from_slice(&other.out);
        self.names.extend(other.names.iter().map(|name| name.start + shift..name.end + shift));
    }

    /// The names of the families in their headers, in order. OpenMetrics headers name a counter
    /// without its `_total`.
    pub fn family_names(&self) -> impl Iterator<Item = &str> {
        self.names.iter().map(|name| self.name(name))
    }

    /// Appends those families of another page of the same format whose header's name is `wanted`.
    pub fn append_families(&mut self, other: &Self, mut wanted: impl FnMut(&str) -> bool) {
        debug_assert_eq!(self.format, other.format, "pages of one format");
        for (position, name) in other.names.iter().enumerate() {
            if !wanted(other.name(name)) {
                continue;
            }
            let start = name.start - HELP.len();
            let end = other.names.get(position + 1).map_or(other.out.len(), |next| next.start - HELP.len());
            let shifted = self.out.len() + HELP.len();
            self.names.push(shifted..shifted + name.len());
            self.out.extend_from_slice(&other.out[start..end]);
        }
    }

    fn name(&self, range: &Range<usize>) -> &str {
        // It was text when it was written.
        std::str::from_utf8(&self.out[range.clone()]).unwrap_or_default()
    }

    /// The finished page, with OpenMetrics' end marker where the format has one.
    pub fn finish(mut self) -> Vec<u8> {
        if self.format == Format::OpenMetrics {
            self.out.extend_from_slice(b"# EOF\n");
        }
        self.out
    }
}

/// One family of a [`Page`], open for samples.
#[derive(Debug)]
pub struct Family<'page> {
    page: &'page mut Page,
    name: &'page str,
    kind: Kind,
    help: &'page str,
    has_header: bool,
}

impl Family<'_> {
    /// Writes one sample. Label names must be valid; label values may hold anything and are escaped.
    pub fn sample(&mut self, labels: &[(&str, &str)], value: impl Into<Value>) -> &mut Self {
        self.write_sample("", labels, None, value.into());
        self
    }

    /// Writes one sample of a histogram or summary that somebody else made: `suffix` is `_bucket`,
    /// `_sum`, `_count` or, of a quantile, nothing; `labels` hold the `le` or `quantile`.
    pub fn part(&mut self, suffix: &str, labels: &[(&str, &str)], value: impl Into<Value>) -> &mut Self {
        self.write_sample(suffix, labels, None, value.into());
        self
    }

    /// Writes one histogram: `buckets` are (upper bound, count of this bucket alone) in ascending
    /// order without `+Inf`; `above` counts what exceeded the last bound.
    pub fn histogram(
        &mut self,
        labels: &[(&str, &str)],
        buckets: impl IntoIterator<Item = (f64, u64)>,
        above: u64,
        sum: f64,
    ) -> &mut Self {
        let mut cumulative = 0;
        for (bound, count) in buckets {
            cumulative += count;
            self.write_sample("_bucket", labels, Some(bound), Value::Unsigned(cumulative));
        }
        cumulative += above;
        self.write_sample("_bucket", labels, Some(f64::INFINITY), Value::Unsigned(cumulative));
        self.write_sample("_sum", labels, None, Value::Float(sum));
        self.write_sample("_count", labels, None, Value::Unsigned(cumulative));
        self
    }

    fn write_sample(&mut self, suffix: &str, labels: &[(&str, &str)], bound: Option<f64>, value: Value) {
        self.write_header();
        let out = &mut self.page.out;
        out.extend_from_slice(self.name.as_bytes());
        out.extend_from_slice(suffix.as_bytes());
        let mut separator = b'{';
        for (name, text) in labels {
            out.push(separator);
            separator = b',';
            out.extend_from_slice(name.as_bytes());
            out.extend_from_slice(b"=\"");
            write_escaped(text, true, out);
            out.push(b'"');
        }
        if let Some(bound) = bound {
            out.push(separator);
            separator = b',';
            out.extend_from_slice(b"le=\"");
            write_bound(bound, out);
            out.push(b'"');
        }
        if separator == b',' {
            out.push(b'}');
        }
        out.push(b' ');
        value.write(out);
        out.push(b'\n');
    }

    /// Writes one sample of a series that has its labels ready: `labels` were written out by
    /// [`render_labels`](super::render_labels), `more` is one further pair or nothing.
    #[inline]
    pub(crate) fn rendered(&mut self, suffix: &str, labels: &str, more: &str, value: Value) {
        self.write_rendered(suffix, labels, more, value, None);
    }

    /// The same with an exemplar, which only OpenMetrics has a place for.
    pub(crate) fn with_exemplar(
        &mut self,
        suffix: &str,
        labels: &str,
        more: &str,
        value: Value,
        exemplar: Option<&Exemplar>,
    ) {
        self.write_rendered(suffix, labels, more, value, exemplar);
    }

    #[inline]
    fn write_rendered(
        &mut self,
        suffix: &str,
        labels: &str,
        more: &str,
        value: Value,
        exemplar: Option<&Exemplar>,
    ) {
        self.write_header();
        let exemplar = exemplar.filter(|_| self.page.format == Format::OpenMetrics);
        let out = &mut self.page.out;
        out.extend_from_slice(self.name.as_bytes());
        out.extend_from_slice(suffix.as_bytes());
        if !labels.is_empty() || !more.is_empty() {
            out.push(b'{');
            out.extend_from_slice(labels.as_bytes());
            if !labels.is_empty() && !more.is_empty() {
                out.push(b',');
            }
            out.extend_from_slice(more.as_bytes());
            out.push(b'}');
        }
        out.push(b' ');
        value.write(out);
        if let Some(exemplar) = exemplar {
            exemplar.write(out);
        }
        out.push(b'\n');
    }

    fn write_header(&mut self) {
        if self.has_header {
            return;
        }
        self.has_header = true;
        let format = self.page.format;
        let open_metrics = format == Format::OpenMetrics;
        // OpenMetrics names a counter's family without the suffix that its samples must carry. One
        // whose samples lack it (some of node_exporter's do) can only be called unknown there.
        let (name, kind) = match (self.kind, self.name.strip_suffix("_total")) {
            (Kind::Counter, Some(stem)) if open_metrics => (stem, Kind::Counter),
            (Kind::Counter, None) if open_metrics => (self.name, Kind::Untyped),
            _ => (self.name, self.kind),
        };
        let out = &mut self.page.out;
        out.extend_from_slice(HELP);
        self.page.names.push(out.len()..out.len() + name.len());
        out.extend_from_slice(name.as_bytes());
        out.push(b' ');
        write_escaped(self.help, open_metrics, out);
        out.extend_from_slice(b"\n# TYPE ");
        out.extend_from_slice(name.as_bytes());
        out.push(b' ');
        out.extend_from_slice(kind.name(format).as_bytes());
        out.push(b'\n');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(format: Format, write: impl FnOnce(&mut Page)) -> String {
        let mut page = Page::new(format);
        write(&mut page);
        String::from_utf8(page.finish()).unwrap()
    }

    #[test]
    fn a_family_without_samples_leaves_no_trace() {
        let text = page(Format::Text, |page| {
            page.family("nothing", Kind::Gauge, "Nothing.");
        });
        assert_eq!(text, "");
    }

    #[test]
    fn label_values_and_help_are_escaped() {
        let text = page(Format::Text, |page| {
            page.family("a", Kind::Gauge, "Says \"hi\" \\ and\nmore.").sample(&[("path", "C:\\\"x\"\n")], 1);
        });
        assert_eq!(
            text,
            "# HELP a Says \"hi\" \\\\ and\\nmore.\n# TYPE a gauge\na{path=\"C:\\\\\\\"x\\\"\\n\"} 1\n"
        );
    }

    #[test]
    fn openmetrics_names_a_counter_without_its_suffix_and_ends_the_page() {
        let text = page(Format::OpenMetrics, |page| {
            page.family("jobs_total", Kind::Counter, "Jobs.").sample(&[], 2);
            page.family("odd", Kind::Counter, "A counter that lacks the suffix.").sample(&[], 3);
            page.family("what", Kind::Untyped, "Unknown.").sample(&[], 4);
        });
        assert_eq!(
            text,
            "# HELP jobs Jobs.\n# TYPE jobs counter\njobs_total 2\n\
             # HELP odd A counter that lacks the suffix.\n# TYPE odd unknown\nodd 3\n\
             # HELP what Unknown.\n# TYPE what unknown\nwhat 4\n# EOF\n"
        );
    }

    #[test]
    fn histograms_are_cumulative_and_their_bounds_canonical() {
        let text = page(Format::Text, |page| {
            page.family("wait_seconds", Kind::Histogram, "Wait.").histogram(
                &[("queue", "a")],
                [(0.5, 1), (5.0, 2)],
                4,
                30.5,
            );
        });
        assert_eq!(
            text,
            "# HELP wait_seconds Wait.\n# TYPE wait_seconds histogram\n\
             wait_seconds_bucket{queue=\"a\",le=\"0.5\"} 1\nwait_seconds_bucket{queue=\"a\",le=\"5.0\"} 3\n\
             wait_seconds_bucket{queue=\"a\",le=\"+Inf\"} 7\nwait_seconds_sum{queue=\"a\"} 30.5\n\
             wait_seconds_count{queue=\"a\"} 7\n"
        );
    }

    #[test]
    fn a_summary_made_elsewhere_is_written_part_by_part() {
        let text = page(Format::OpenMetrics, |page| {
            page.family("wait_seconds", Kind::Summary, "Wait.")
                .part("", &[("quantile", "0.5")], 2)
                .part("_sum", &[], 30.5)
                .part("_count", &[], 7);
        });
        assert_eq!(
            text,
            "# HELP wait_seconds Wait.\n# TYPE wait_seconds summary\nwait_seconds{quantile=\"0.5\"} 2\n\
             wait_seconds_sum 30.5\nwait_seconds_count 7\n# EOF\n"
        );
    }

    #[test]
    fn families_of_another_page_can_be_chosen_by_name() {
        for format in [Format::Text, Format::OpenMetrics] {
            let mut other = Page::new(format);
            for name in ["a", "b", "c"] {
                other.family(name, Kind::Gauge, "# HELP in help.").sample(&[("of", "\n# HELP x")], 1);
            }
            let all = other.len();
            other.family("d", Kind::Gauge, "Taken back.").sample(&[], 1);
            other.truncate(all);

            let mut chosen = Page::new(format);
            chosen.family("z", Kind::Gauge, "Z.").sample(&[], 1);
            chosen.append_families(&other, |name| name != "b");
            let mut expected = Page::new(format);
            expected.family("z", Kind::Gauge, "Z.").sample(&[], 1);
            for name in ["a", "c"] {
                expected.family(name, Kind::Gauge, "# HELP in help.").sample(&[("of", "\n# HELP x")], 1);
            }
            assert_eq!(chosen.family_names().collect::<Vec<_>>(), ["z", "a", "c"]);
            assert_eq!(chosen.finish(), expected.finish());
        }
    }

    #[test]
    fn the_names_on_a_page_are_those_of_everything_appended() {
        let mut first = Page::new(Format::OpenMetrics);
        first.family("jobs_total", Kind::Counter, "Jobs.").sample(&[], 1);
        let mut second = Page::new(Format::OpenMetrics);
        second.family("queue_length", Kind::Gauge, "Jobs that wait.").sample(&[], 1);
        first.append(&second);
        assert_eq!(first.family_names().collect::<Vec<_>>(), ["jobs", "queue_length"]);
    }

    #[test]
    fn a_failed_source_takes_back_what_it_wrote() {
        let text = page(Format::Text, |page| {
            page.family("a", Kind::Gauge, "A.").sample(&[], 1);
            let good = page.len();
            page.family("b", Kind::Gauge, "B.").sample(&[], 1);
            page.truncate(good);
        });
        assert_eq!(text, "# HELP a A.\n# TYPE a gauge\na 1\n");
    }
}
