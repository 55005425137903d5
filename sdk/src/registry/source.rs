//! Something that writes families.

use std::borrow::Cow;

use crate::exposition::{Kind, Page};

/// Something that writes families onto a page: a [`Family`](crate::Family), or anything that knows its
/// values only when it is asked.
///
/// ```
/// use pratiko_metrics::exposition::{Format, Kind, Page};
/// use pratiko_metrics::{FamilyName, Registry, Source};
///
/// struct Uploads(std::path::PathBuf);
///
/// impl Source for Uploads {
///     fn families(&self) -> Vec<FamilyName> {
///         vec![FamilyName::new("uploads_waiting", Kind::Gauge, &[])]
///     }
///
///     fn write(&self, page: &mut Page) {
///         // What cannot be read is absent, and not zero.
///         let Ok(files) = std::fs::read_dir(&self.0) else { return };
///         page.family("uploads_waiting", Kind::Gauge, "Files that wait.").sample(&[], files.count());
///     }
/// }
///
/// let registry = Registry::new();
/// registry.register(Uploads("/nowhere".into()))?;
/// assert_eq!(registry.text(Format::Text), "");
/// # Ok::<(), pratiko_metrics::RegisterError>(())
/// ```
pub trait Source: Send + Sync {
    /// Every family that it may write.
    fn families(&self) -> Vec<FamilyName>;

    /// Writes those that have something to say. No lock of the registry is held meanwhile.
    fn write(&self, page: &mut Page);

    /// What it could not record as it was told to, in all its families together; it is shown under the
    /// first of them.
    fn health(&self) -> FamilyHealth {
        FamilyHealth::default()
    }
}

/// A family's name, type, labels and help.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FamilyName {
    pub(crate) name: Cow<'static, str>,
    pub(crate) kind: Kind,
    pub(crate) labels: Vec<&'static str>,
    pub(crate) help: Cow<'static, str>,
}

impl FamilyName {
    /// A family with these labels.
    pub fn new(name: impl Into<Cow<'static, str>>, kind: Kind, labels: &[&'static str]) -> Self {
        Self { name: name.into(), kind, labels: labels.to_vec(), help: Cow::Borrowed("") }
    }

    /// The same with its help, for whoever asks before it has samples.
    #[must_use]
    pub fn with_help(self, help: impl Into<Cow<'static, str>>) -> Self {
        Self { help: help.into(), ..self }
    }
}

impl From<&'static crate::catalogue::Metric> for FamilyName {
    fn from(metric: &'static crate::catalogue::Metric) -> Self {
        let labels = metric.labels.iter().map(|label| label.name).collect();
        Self { name: metric.name.into(), kind: metric.kind, labels, help: metric.help.into() }
    }
}

/// What a family could not record as it was told to; `None` where that cannot happen.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct FamilyHealth {
    /// Records that made no sense: negative, infinite, no number.
    pub refused: Option<u64>,
    /// How often new labels became `other` because there were too many.
    pub folded: Option<u64>,
}
