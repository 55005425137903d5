//! What an entry of the catalogue is.

use crate::exposition::{Family, Kind, Page};

/// One metric.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Metric {
    /// The name of its family, and of its samples.
    pub name: &'static str,
    /// Its type.
    pub kind: Kind,
    /// Whose figure it is, and so whether it adds up over processes.
    pub scope: Scope,
    /// The unit of its values.
    pub unit: Unit,
    /// Its labels.
    pub labels: &'static [Label],
    /// The help on the page.
    pub help: &'static str,
    /// What it means, in the words of the glossary.
    pub meaning: &'static str,
}

/// Whose figure a metric is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// What this process did: it adds up over processes.
    Instance,
    /// What the ledger says: every exporter on the same ledger says the same.
    Ledger,
}

/// The unit of a metric's values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Euro.
    Euro,
    /// Seconds.
    Seconds,
    /// Bytes.
    Bytes,
    /// A part of a whole, 0 to 1.
    Ratio,
    /// A number of things.
    Count,
    /// Always 1: the labels say it.
    Info,
}

impl Unit {
    /// What a name ends in, before `_total`.
    pub const fn suffix(self) -> &'static str {
        match self {
            Self::Euro => "_eur",
            Self::Seconds => "_seconds",
            Self::Bytes => "_bytes",
            Self::Ratio => "_ratio",
            Self::Count => "",
            Self::Info => "_info",
        }
    }

    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Euro => "euro",
            Self::Seconds => "seconds",
            Self::Bytes => "bytes",
            Self::Ratio => "ratio",
            Self::Count => "count",
            Self::Info => "info",
        }
    }
}

/// A label.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Label {
    /// Its name.
    pub name: &'static str,
    /// What values it takes.
    pub values: LabelValues,
}

/// What values a label takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LabelValues {
    /// These and no others.
    Closed(&'static [&'static str]),
    /// Names from elsewhere, the first so many; later ones are `other`.
    Capped(&'static str),
    /// Names that whoever runs it has chosen; described.
    Described(&'static str),
}

impl LabelValues {
    /// The values of a closed set.
    pub const fn closed(self) -> Option<&'static [&'static str]> {
        match self {
            Self::Closed(values) => Some(values),
            Self::Capped(_) | Self::Described(_) => None,
        }
    }
}

impl Metric {
    /// Opens its family on a page.
    pub fn family<'page>(&'static self, page: &'page mut Page) -> Family<'page> {
        page.family(self.name, self.kind, self.help)
    }
}

/// Shortens the entries: a label of a closed set.
pub(super) const fn closed(name: &'static str, values: &'static [&'static str]) -> Label {
    Label { name, values: LabelValues::Closed(values) }
}

/// Shortens the entries: the plan.
pub(super) const PLAN: Label = Label {
    name: "plan",
    values: LabelValues::Capped(
        "the plans that are configured, or the first twenty seen; `other` for later ones, `none` without a plan, \
         `internal` for internal and test users, `unattributed` for usage without a user",
    ),
};
/// Shortens the entries: who answers.
pub(super) const PROVIDER: Label = Label {
    name: "provider",
    values: LabelValues::Capped("the first 200 pairs of provider and model, then `other`"),
};
/// Shortens the entries: the model.
pub(super) const MODEL: Label = Label {
    name: "model",
    values: LabelValues::Capped("the first 200 pairs of provider and model, then `other`"),
};
