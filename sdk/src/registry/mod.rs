//! The registry: what is on a page.

mod definition;
mod error;
mod global;
mod names;
mod source;

pub use definition::Definition;
pub use error::RegisterError;
pub use global::{AlreadySet, global, set_global};
pub use source::{FamilyHealth, FamilyName, Source};

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use crate::catalogue;
use crate::cells::{
    Buckets, Counter, Gauge, Histogram, Instrument, InstrumentParts, Level, Quantity, UpDownCounter,
};
use crate::exposition::reading::{self, FamilyReading};
use crate::exposition::{Format, Page};
use crate::series::{Family, Labels, NoLabels};
use names::Names;

/// What is on a page, in the order in which it was registered.
///
/// A clone is the same registry; there is no hidden one. Names are checked when they are registered, so
/// that no page is ever rejected for one. A page is written without holding a lock, straight from where
/// threads record: neither waits for the other.
///
/// ```
/// use pratiko_metrics::exposition::Format;
/// use pratiko_metrics::{Definition, Registry};
///
/// let registry = Registry::new();
/// let jobs = registry.counter::<u64>(Definition::new("jobs_total", "Jobs done."))?;
/// jobs.increment();
/// assert_eq!(
///     registry.text(Format::OpenMetrics),
///     "# HELP jobs Jobs done.\n# TYPE jobs counter\njobs_total 1\n# EOF\n"
/// );
/// # Ok::<(), pratiko_metrics::RegisterError>(())
/// ```
#[derive(Clone, Default)]
pub struct Registry {
    inner: Arc<Inner>,
}

#[derive(Default)]
struct Inner {
    registered: Mutex<Registered>,
    /// How long the last page was.
    page_bytes: AtomicUsize,
}

#[derive(Default)]
struct Registered {
    names: Names,
    sources: Vec<Arc<dyn Source>>,
}

impl std::fmt::Debug for Registry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Registry").field("sources", &self.sources().len()).finish()
    }
}

impl Registry {
    /// An empty registry.
    pub fn new() -> Self {
        Self::default()
    }

    /// Registers a source.
    pub fn register(&self, source: impl Source + 'static) -> Result<(), RegisterError> {
        self.register_all([Arc::new(source) as Arc<dyn Source>])
    }

    /// Registers several sources, or, if one of them cannot be, none.
    pub fn register_all(
        &self,
        sources: impl IntoIterator<Item = Arc<dyn Source>>,
    ) -> Result<(), RegisterError> {
        let sources: Vec<_> = sources.into_iter().collect();
        let mut registered = self.inner.registered.lock().unwrap_or_else(PoisonError::into_inner);
        let mut names = registered.names.clone();
        for family in sources.iter().flat_map(|source| source.families()) {
            names.take(&family)?;
        }
        registered.names = names;
        registered.sources.extend(sources);
        Ok(())
    }

    /// Makes and registers a counter without labels.
    pub fn counter<Q: Quantity>(
        &self,
        definition: impl Into<Definition>,
    ) -> Result<Counter<Q>, RegisterError> {
        Ok(self.counters::<Q, NoLabels>(definition)?.with(&NoLabels).clone())
    }

    /// Makes and registers counters under labels.
    pub fn counters<Q: Quantity, L: Labels<Set = L> + 'static>(
        &self,
        definition: impl Into<Definition>,
    ) -> Result<Family<Counter<Q>, L>, RegisterError> {
        self.family(definition, ())
    }

    /// Makes and registers a gauge without labels. It appears when it is first set.
    pub fn gauge<G: Level>(&self, definition: impl Into<Definition>) -> Result<Gauge<G>, RegisterError> {
        Ok(self.gauges::<G, NoLabels>(definition)?.with(&NoLabels).clone())
    }

    /// Makes and registers gauges under labels. They appear when they are first set.
    pub fn gauges<G: Level, L: Labels<Set = L> + 'static>(
        &self,
        definition: impl Into<Definition>,
    ) -> Result<Family<Gauge<G>, L>, RegisterError> {
        let family = Family::new(definition.into(), ());
        self.register_all([family.source()])?;
        Ok(family)
    }

    /// Makes and registers a counter that goes up and down.
    pub fn up_down_counter(&self, definition: impl Into<Definition>) -> Result<UpDownCounter, RegisterError> {
        Ok(self.up_down_counters::<NoLabels>(definition)?.with(&NoLabels).clone())
    }

    /// Makes and registers counters that go up and down, under labels.
    pub fn up_down_counters<L: Labels<Set = L> + 'static>(
        &self,
        definition: impl Into<Definition>,
    ) -> Result<Family<UpDownCounter, L>, RegisterError> {
        self.family(definition, ())
    }

    /// Makes and registers a histogram without labels.
    pub fn histogram<Q: Quantity>(
        &self,
        definition: impl Into<Definition>,
        buckets: Buckets,
    ) -> Result<Histogram<Q>, RegisterError> {
        Ok(self.histograms::<Q, NoLabels>(definition, buckets)?.with(&NoLabels).clone())
    }

    /// Makes and registers histograms under labels.
    pub fn histograms<Q: Quantity, L: Labels<Set = L> + 'static>(
        &self,
        definition: impl Into<Definition>,
        buckets: Buckets,
    ) -> Result<Family<Histogram<Q>, L>, RegisterError> {
        self.family(definition, buckets)
    }

    fn family<C: Instrument, L: Labels<Set = L> + 'static>(
        &self,
        definition: impl Into<Definition>,
        settings: <C as InstrumentParts>::Settings,
    ) -> Result<Family<C, L>, RegisterError> {
        let family = Family::new(definition.into(), settings).start_at_zero(|_| true);
        self.register_all([family.source()])?;
        Ok(family)
    }

    /// Writes every family onto a page, and what could not be recorded as it was told to be.
    pub fn write(&self, page: &mut Page) {
        let sources = self.sources();
        for source in &sources {
            source.write(page);
        }
        write_health(&sources, page);
    }

    /// The page, as a scrape gets it.
    pub fn encode(&self, format: Format) -> Vec<u8> {
        let expected = self.inner.page_bytes.load(Ordering::Relaxed);
        // A page grows by a digit here and there.
        let mut page = Page::with_capacity(format, expected + expected / 16);
        self.write(&mut page);
        let page = page.finish();
        self.inner.page_bytes.store(page.len(), Ordering::Relaxed);
        page
    }

    /// The page as text.
    pub fn text(&self, format: Format) -> String {
        // Everything on it was text.
        String::from_utf8(self.encode(format)).unwrap_or_default()
    }

    /// What a Prometheus server would read off the page. A source that writes what nobody can read is
    /// left out.
    pub fn read(&self) -> Vec<FamilyReading> {
        let sources = self.sources();
        let mut families: Vec<FamilyReading> =
            sources.iter().flat_map(|source| read(|page| source.write(page))).collect();
        families.extend(read(|page| write_health(&sources, page)));
        families
    }

    /// What a Prometheus server would read as the value of one sample; for tests of applications.
    ///
    /// ```
    /// use pratiko_metrics::{Definition, Registry};
    /// # pratiko_metrics::labels! {
    /// #     struct JobLabels<'a> { queue: &'a str }
    /// # }
    ///
    /// let registry = Registry::new();
    /// let jobs = registry.counters::<u64, JobLabels>(Definition::new("jobs_total", "Jobs done."))?;
    /// jobs.with(&JobLabels { queue: "mail" }).add(2);
    /// assert_eq!(registry.value("jobs_total", &[("queue", "mail")]), Some(2.0));
    /// assert_eq!(registry.value("jobs_total", &[("queue", "print")]), None);
    /// # Ok::<(), pratiko_metrics::RegisterError>(())
    /// ```
    pub fn value(&self, sample: &str, labels: &[(&str, &str)]) -> Option<f64> {
        self.read().iter().find_map(|family| family.value(sample, labels))
    }

    /// Every family registered so far.
    #[cfg(feature = "prometheus-0-14")]
    pub(crate) fn families(&self) -> Vec<FamilyName> {
        self.sources().iter().flat_map(|source| source.families()).collect()
    }

    fn sources(&self) -> Vec<Arc<dyn Source>> {
        self.inner.registered.lock().unwrap_or_else(PoisonError::into_inner).sources.clone()
    }
}

fn read(write: impl FnOnce(&mut Page)) -> Vec<FamilyReading> {
    let mut page = Page::new(Format::Text);
    write(&mut page);
    std::str::from_utf8(&page.finish()).ok().and_then(|page| reading::read(page).ok()).unwrap_or_default()
}

fn write_health(sources: &[Arc<dyn Source>], page: &mut Page) {
    // A source of several families says what became of all of them together.
    let health: Vec<_> = sources
        .iter()
        .filter_map(|source| Some((source.families().into_iter().next()?, source.health())))
        .collect();
    let mut refused = catalogue::METRICS_REFUSED_TOTAL.family(page);
    for (family, health) in &health {
        if let Some(count) = health.refused {
            refused.sample(&[("family", &family.name)], count);
        }
    }
    let mut folded = catalogue::METRICS_FOLDED_TOTAL.family(page);
    for (family, health) in &health {
        if let Some(count) = health.folded {
            folded.sample(&[("family", &family.name)], count);
        }
    }
}
