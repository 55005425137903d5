//! Families: those of one file, and those of all files merged for the page.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, HashSet};
use std::path::Path;

use pratiko_metrics::exposition::Kind;
use pratiko_metrics::exposition::reading::line::{Line, Sample};

use crate::host::Output;

/// What tells the series of a family apart: sorted, and without empty values, which mean nothing.
type Labels = Vec<(String, String)>;

/// A family and its series.
#[derive(Debug, Default)]
struct Family {
    kind: Option<Kind>,
    help: Option<String>,
    series: BTreeMap<Labels, Series>,
}

/// One series of a family; of a histogram or summary, all that belongs together.
#[derive(Debug, Default)]
struct Series {
    value: Option<f64>,
    bounds: Vec<Bound>,
    sum: Option<f64>,
    count: Option<f64>,
}

/// A bucket of a histogram or a quantile of a summary.
#[derive(Debug)]
struct Bound {
    at: f64,
    /// `le` or `quantile` as it was written.
    written: String,
    value: f64,
}

/// What a sample is to its family.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Part {
    Plain,
    Bucket,
    Sum,
    Count,
}

const SUFFIXES: [(&str, Part); 3] = [("_bucket", Part::Bucket), ("_sum", Part::Sum), ("_count", Part::Count)];

/// The families of one file.
#[derive(Debug, Default)]
pub(super) struct FileFamilies {
    families: BTreeMap<String, Family>,
    has_timestamps: bool,
}

impl FileFamilies {
    /// Takes in one line, or says why it makes no sense after those before it.
    pub(super) fn add(&mut self, line: Line<'_>) -> Result<(), &'static str> {
        match line {
            Line::Nothing => Ok(()),
            Line::Help { name, text } => {
                let family = self.families.entry(name.to_owned()).or_default();
                if family.help.is_some() {
                    return Err("a second help of a family");
                }
                family.help = Some(text);
                Ok(())
            }
            Line::Type { name, kind } => {
                let family = self.families.entry(name.to_owned()).or_default();
                if family.kind.is_some() || !family.series.is_empty() {
                    return Err("a type that comes second or after samples");
                }
                family.kind = Some(kind);
                Ok(())
            }
            Line::Sample(sample) => self.add_sample(sample),
        }
    }

    /// Whether any sample carried a timestamp.
    pub(super) fn has_timestamps(&self) -> bool {
        self.has_timestamps
    }

    fn add_sample(&mut self, sample: Sample<'_>) -> Result<(), &'static str> {
        self.has_timestamps |= sample.has_timestamp;
        let (name, part) = self.family_of(sample.name);
        if let Some(family) = self.families.get_mut(name) {
            return family.add(part, sample);
        }
        let mut family = Family::default();
        family.add(part, sample)?;
        self.families.insert(name.to_owned(), family);
        Ok(())
    }

    fn family_of<'name>(&self, name: &'name str) -> (&'name str, Part) {
        if self.families.contains_key(name) {
            return (name, Part::Plain);
        }
        SUFFIXES
            .iter()
            .find_map(|(suffix, part)| {
                let stem = name.strip_suffix(suffix)?;
                let has_part = match self.families.get(stem)?.kind? {
                    Kind::Histogram => true,
                    Kind::Summary => *part != Part::Bucket,
                    _ => false,
                };
                has_part.then_some((stem, *part))
            })
            .unwrap_or((name, Part::Plain))
    }
}

impl Family {
    fn kind(&self) -> Kind {
        self.kind.unwrap_or(Kind::Untyped)
    }

    fn add(&mut self, part: Part, sample: Sample<'_>) -> Result<(), &'static str> {
        let bound_label = match (self.kind(), part) {
            (Kind::Histogram, Part::Bucket) => Some("le"),
            (Kind::Summary, Part::Plain) => Some("quantile"),
            (Kind::Histogram, Part::Plain) => return Err("a histogram has buckets, a sum and a count"),
            _ => None,
        };
        let mut bound = None;
        let mut labels = Labels::with_capacity(sample.labels.len());
        for (name, text) in sample.labels {
            if Some(name) == bound_label {
                let at = text.parse().map_err(|_| "a bound that is not a number")?;
                bound = Some(Bound { at, written: text, value: sample.value });
            } else if !text.is_empty() {
                labels.push((name.to_owned(), text));
            }
        }
        if bound_label.is_some() && bound.is_none() {
            return Err("a bucket or quantile without its bound");
        }
        labels.sort_unstable();
        let series = self.series.entry(labels).or_default();
        let free = match (part, bound) {
            (_, Some(bound)) => series.add_bound(bound),
            (Part::Sum, None) => set_once(&mut series.sum, sample.value),
            (Part::Count, None) => set_once(&mut series.count, sample.value),
            (_, None) => set_once(&mut series.value, sample.value),
        };
        if free { Ok(()) } else { Err("a series that was there before") }
    }

    /// The names of its samples.
    fn sample_names(&self, name: &str) -> Vec<String> {
        let suffixes: &[&str] = match self.kind() {
            Kind::Histogram => &["_bucket", "_sum", "_count"],
            Kind::Summary => &["", "_sum", "_count"],
            _ => &[""],
        };
        suffixes.iter().map(|suffix| format!("{name}{suffix}")).collect()
    }
}

impl Series {
    fn add_bound(&mut self, bound: Bound) -> bool {
        let free = self.bounds.iter().all(|other| other.at.total_cmp(&bound.at).is_ne());
        if free {
            self.bounds.push(bound);
        }
        free
    }

    /// Puts the bounds in order; a histogram ends with all there is, which its count tells too.
    fn complete(&mut self, kind: Kind) -> Result<(), &'static str> {
        self.bounds.sort_by(|one, other| one.at.total_cmp(&other.at));
        if kind != Kind::Histogram {
            return Ok(());
        }
        match (self.bounds.last(), self.count) {
            (Some(last), None) if last.at == f64::INFINITY => self.count = Some(last.value),
            (Some(last), Some(_)) if last.at == f64::INFINITY => {}
            (_, Some(count)) => {
                self.bounds.push(Bound { at: f64::INFINITY, written: "+Inf".to_owned(), value: count });
            }
            (_, None) => return Err("a histogram without a count"),
        }
        Ok(())
    }
}

fn set_once(slot: &mut Option<f64>, value: f64) -> bool {
    let free = slot.is_none();
    if free {
        *slot = Some(value);
    }
    free
}

/// The families of all files, ready for the page.
#[derive(Debug, Default)]
pub(super) struct Families {
    families: BTreeMap<String, Merged>,
    /// The names of all samples: a gauge `x_count` cannot stand beside a summary `x`.
    sample_names: HashSet<String>,
}

#[derive(Debug)]
struct Merged {
    family: Family,
    files: Vec<String>,
}

impl Families {
    /// Merges in what the file at `path` holds. The first file to name a family says what it is; what
    /// contradicts it, or is there already, is skipped.
    pub(super) fn add(&mut self, from_file: FileFamilies, path: &Path, output: &mut Output) {
        for (name, mut family) in from_file.families {
            family.series.retain(|_, series| match series.complete(family.kind.unwrap_or(Kind::Untyped)) {
                Ok(()) => true,
                Err(reason) => {
                    output.skip(path, reason);
                    false
                }
            });
            if family.series.is_empty() {
                continue;
            }
            let file = path.to_string_lossy().into_owned();
            match self.families.entry(name) {
                Entry::Vacant(vacant) => {
                    let names = family.sample_names(vacant.key());
                    if names.iter().any(|name| self.sample_names.contains(name)) {
                        output.skip(path, "a family whose samples are called like another's");
                        continue;
                    }
                    self.sample_names.extend(names);
                    vacant.insert(Merged { family, files: vec![file] });
                }
                Entry::Occupied(mut occupied) => occupied.get_mut().add(family, file, path, output),
            }
        }
    }

    /// Writes every family.
    pub(super) fn write(&self, output: &mut Output) {
        for (name, Merged { family, files }) in &self.families {
            // OpenMetrics would take a gauge `x` and a counter `x_total` for one family.
            let kind = match name.strip_suffix("_total") {
                Some(stem) if family.kind() == Kind::Counter && self.families.contains_key(stem) => {
                    Kind::Untyped
                }
                _ => family.kind(),
            };
            let default_help;
            let help = if let Some(help) = &family.help {
                help
            } else {
                default_help = format!("Metric read from {}", files.join(", "));
                &default_help
            };
            let (suffix, bound_label) =
                if kind == Kind::Histogram { ("_bucket", "le") } else { ("", "quantile") };
            let mut out = output.foreign_family(name, kind, help);
            for (labels, series) in &family.series {
                let mut labels: Vec<(&str, &str)> =
                    labels.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
                if let Some(value) = series.value {
                    out.sample(&labels, value);
                }
                for bound in &series.bounds {
                    labels.push((bound_label, &bound.written));
                    out.part(suffix, &labels, bound.value);
                    labels.pop();
                }
                for (suffix, value) in [("_sum", series.sum), ("_count", series.count)] {
                    if let Some(value) = value {
                        out.part(suffix, &labels, value);
                    }
                }
            }
        }
    }
}

impl Merged {
    fn add(&mut self, other: Family, file: String, path: &Path, output: &mut Output) {
        if self.family.kind() != other.kind() {
            return output.skip(path, "a family of another type than in an earlier file");
        }
        match (&self.family.help, other.help) {
            (Some(help), Some(theirs)) if *help != theirs => {
                return output.skip(path, "a family with another help than in an earlier file");
            }
            (None, theirs) => self.family.help = theirs,
            _ => {}
        }
        for (labels, series) in other.series {
            match self.family.series.entry(labels) {
                Entry::Vacant(vacant) => {
                    vacant.insert(series);
                }
                Entry::Occupied(_) => output.skip(path, "a series that was there before"),
            }
        }
        self.files.push(file);
    }
}
