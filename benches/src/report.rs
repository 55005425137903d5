//! The table of results.

use std::fmt;

/// One line: two figures of one run, and their ratio.
struct Line {
    what: String,
    ours: String,
    other: String,
    ratio: Option<f64>,
    limit: Limit,
}

/// What the ratio is to be.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Limit {
    /// At most this.
    AtMost(f64),
    /// At least this.
    AtLeast(f64),
    /// Nothing was asked: it is there to compare with.
    None,
}

impl Limit {
    fn is_met(self, ratio: f64) -> &'static str {
        let met = match self {
            Self::AtMost(most) => ratio <= most,
            Self::AtLeast(least) => ratio >= least,
            Self::None => return "",
        };
        if met { "yes" } else { "**no**" }
    }
}

impl fmt::Display for Limit {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AtMost(most) => write!(formatter, "≤ {most:.2}"),
            Self::AtLeast(least) => write!(formatter, "≥ {least:.2}"),
            Self::None => Ok(()),
        }
    }
}

/// The table of results.
#[derive(Default)]
pub struct Report {
    lines: Vec<Line>,
}

impl Report {
    /// Adds `ours` beside `other`, both in `unit`.
    pub fn compare(&mut self, what: impl Into<String>, unit: &str, ours: f64, other: f64, limit: Limit) {
        let text = |value: f64| format!("{} {unit}", figure(value));
        let ratio = (other != 0.0).then_some(ours / other);
        self.add(Line { what: what.into(), ours: text(ours), other: text(other), ratio, limit });
    }

    /// Adds a figure that stands for itself.
    pub fn note(&mut self, what: impl Into<String>, unit: &str, value: f64) {
        let ours = format!("{} {unit}", figure(value));
        self.add(Line { what: what.into(), ours, other: String::new(), ratio: None, limit: Limit::None });
    }

    fn add(&mut self, line: Line) {
        eprintln!("  {}: {} beside {}", line.what, line.ours, line.other);
        self.lines.push(line);
    }
}

/// Three digits that count.
fn figure(value: f64) -> String {
    match value.abs() {
        large if large >= 100.0 => format!("{value:.0}"),
        middle if middle >= 10.0 => format!("{value:.1}"),
        _ => format!("{value:.2}"),
    }
}

impl fmt::Display for Report {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(formatter, "| what | ours | beside | ratio | limit | met |\n|---|---|---|---|---|---|")?;
        for Line { what, ours, other, ratio, limit } in &self.lines {
            let met = ratio.map_or("", |ratio| limit.is_met(ratio));
            let ratio = ratio.map(|ratio| format!("{ratio:.2}")).unwrap_or_default();
            writeln!(formatter, "| {what} | {ours} | {other} | {ratio} | {limit} | {met} |")?;
        }
        Ok(())
    }
}
