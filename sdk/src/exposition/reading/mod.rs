//! Reading a page of the text format 0.0.4 back, as strictly as a Prometheus server could.
//!
//! ```
//! use pratiko_metrics::exposition::reading::read;
//!
//! let families = read("# TYPE queue_length gauge\nqueue_length{queue=\"mail\"} 3\n")?;
//! assert_eq!(families[0].name, "queue_length");
//! assert_eq!(families[0].samples[0].value, 3.0);
//! # Ok::<(), pratiko_metrics::exposition::reading::ReadError>(())
//! ```

pub mod line;

use std::collections::HashSet;

use self::line::{Line, Sample};
use super::Kind;

/// A family as a page has it.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct FamilyReading {
    /// Its name.
    pub name: String,
    /// Its type; untyped where the page does not say.
    pub kind: Kind,
    /// What it says of itself.
    pub help: String,
    /// Its samples, in the order of the page.
    pub samples: Vec<SampleReading>,
}

/// A sample as a page has it.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct SampleReading {
    /// What follows the family's name in the sample's: `_bucket`, `_sum`, `_count`, or nothing.
    pub suffix: &'static str,
    /// Its labels, in the order of the page.
    pub labels: Vec<(String, String)>,
    /// Its value.
    pub value: f64,
}

/// A page that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {reason}")]
#[non_exhaustive]
pub struct ReadError {
    /// The line, counted from 1.
    pub line: usize,
    /// What is wrong with it.
    pub reason: &'static str,
}

impl FamilyReading {
    /// The value of the sample that has this name and these labels, in whatever order.
    pub fn value(&self, sample: &str, labels: &[(&str, &str)]) -> Option<f64> {
        let suffix = sample.strip_prefix(self.name.as_str())?;
        let sample = self.samples.iter().find(|sample| sample.suffix == suffix && sample.has(labels))?;
        Some(sample.value)
    }
}

impl SampleReading {
    /// Whether it has these labels, in whatever order, and no others.
    fn has(&self, labels: &[(&str, &str)]) -> bool {
        self.labels.len() == labels.len()
            && self.labels.iter().all(|(name, text)| labels.contains(&(name.as_str(), text.as_str())))
    }
}

/// Reads a page. Blanks around a help text are not kept, and neither are timestamps.
pub fn read(page: &str) -> Result<Vec<FamilyReading>, ReadError> {
    let mut reader = Reader::default();
    // Not `lines`, which would take a carriage return away that a label's value may hold.
    for (number, line) in page.split('\n').enumerate() {
        let read = line::parse(line).and_then(|line| reader.add(line));
        read.map_err(|reason| ReadError { line: number + 1, reason })?;
    }
    Ok(reader.families)
}

#[derive(Default)]
struct Reader {
    families: Vec<FamilyReading>,
    names: HashSet<String>,
    /// What the last family has said of itself.
    has_help: bool,
    has_type: bool,
}

impl Reader {
    fn add(&mut self, line: Line<'_>) -> Result<(), &'static str> {
        match line {
            Line::Nothing => Ok(()),
            Line::Help { name, text } => {
                let family = self.header(name)?;
                family.help = text;
                if std::mem::replace(&mut self.has_help, true) { Err("a second help") } else { Ok(()) }
            }
            Line::Type { name, kind } => {
                let family = self.header(name)?;
                family.kind = kind;
                if std::mem::replace(&mut self.has_type, true) { Err("a second type") } else { Ok(()) }
            }
            Line::Sample(sample) => self.add_sample(sample),
        }
    }

    /// The family that a line before its first sample belongs to.
    fn header(&mut self, name: &str) -> Result<&mut FamilyReading, &'static str> {
        if self.families.last().is_none_or(|last| last.name != name) {
            self.open(name)?;
        }
        let family = self.families.last_mut().ok_or("no family")?;
        if family.samples.is_empty() { Ok(family) } else { Err("a header after samples of its family") }
    }

    fn open(&mut self, name: &str) -> Result<(), &'static str> {
        if !self.names.insert(name.to_owned()) {
            return Err("a family that has been on the page before");
        }
        (self.has_help, self.has_type) = (false, false);
        let (name, help) = (name.to_owned(), String::new());
        self.families.push(FamilyReading { name, kind: Kind::Untyped, help, samples: Vec::new() });
        Ok(())
    }

    fn add_sample(&mut self, sample: Sample<'_>) -> Result<(), &'static str> {
        let known = self.families.last().and_then(|last| suffix_in(last, sample.name));
        if known.is_none() {
            self.open(sample.name)?;
        }
        let family = self.families.last_mut().ok_or("no family")?;
        let labels = sample.labels.into_iter().map(|(name, text)| (name.to_owned(), text)).collect();
        family.samples.push(SampleReading { suffix: known.unwrap_or(""), labels, value: sample.value });
        Ok(())
    }
}

/// What the name of a sample adds to that of its family, if it is its family.
fn suffix_in(family: &FamilyReading, sample: &str) -> Option<&'static str> {
    let suffixes: &[&'static str] = match family.kind {
        Kind::Histogram => &["_bucket", "_sum", "_count"],
        Kind::Summary => &["", "_sum", "_count"],
        Kind::Counter | Kind::Gauge | Kind::Untyped => &[""],
    };
    let rest = sample.strip_prefix(family.name.as_str())?;
    suffixes.iter().copied().find(|suffix| *suffix == rest)
}

#[cfg(test)]
mod tests;
