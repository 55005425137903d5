//! Our families in the registry of the [`prometheus`] crate.
//!
//! Its data model has no integers, no exemplars and no OpenMetrics, and it can neither hold nor write
//! an untyped family (its text encoder panics at one): those are gauges there.

use std::collections::HashMap;

use ::prometheus::core::{Collector, Desc};
use ::prometheus::proto;

use crate::Registry;
use crate::exposition::Kind;
use crate::exposition::reading::{FamilyReading, SampleReading};
use crate::registry::FamilyName;

/// Hands the families of a [`Registry`] to the registry of the [`prometheus`] crate that an application
/// has already. See [`Registry::collector`].
///
/// A clone is the same collector; keep one to unregister it.
#[derive(Debug, Clone)]
pub struct PrometheusCollector {
    registry: Registry,
    descriptions: Vec<Desc>,
}

impl Registry {
    /// A collector of every family for the registry of the [`prometheus`] crate.
    ///
    /// Register everything here first: that registry compares names when it takes a collector, and
    /// refuses all of it if it has one of them already. Families that are registered here later are
    /// on its pages too, but nobody has compared their names.
    ///
    /// `process_*` metrics belong into one of the two registries alone: if that crate's process
    /// collector is there, do not register ours.
    ///
    /// ```
    /// use pratiko_metrics::{Definition, Registry};
    ///
    /// let metrics = Registry::new();
    /// metrics.counter::<u64>(Definition::new("jobs_total", "Jobs done."))?.increment();
    ///
    /// let yours = prometheus::Registry::new();
    /// yours.register(Box::new(metrics.collector()))?;
    /// assert_eq!(yours.gather()[0].name(), "jobs_total");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn collector(&self) -> PrometheusCollector {
        let descriptions = self.families().iter().filter_map(description).collect();
        PrometheusCollector { registry: self.clone(), descriptions }
    }
}

impl Collector for PrometheusCollector {
    /// The families that were registered when the collector was made. `pratiko_metrics_refused_total`
    /// and `pratiko_metrics_folded_total` are not among them, so that two registries can have them: they
    /// differ in their labels.
    fn desc(&self) -> Vec<&Desc> {
        self.descriptions.iter().collect()
    }

    fn collect(&self) -> Vec<proto::MetricFamily> {
        self.registry.read().into_iter().map(family).collect()
    }
}

/// Names were checked when they were registered; the one thing that is refused here is to have no help.
fn description(family: &FamilyName) -> Option<Desc> {
    let help = if family.help.is_empty() { &family.name } else { &family.help };
    let labels = family.labels.iter().map(|label| (*label).to_owned()).collect();
    Desc::new(family.name.to_string(), help.to_string(), labels, HashMap::new()).ok()
}

fn family(reading: FamilyReading) -> proto::MetricFamily {
    let mut family = proto::MetricFamily::default();
    family.set_name(reading.name);
    family.set_help(reading.help);
    let metrics = match reading.kind {
        Kind::Counter => reading.samples.into_iter().map(counter).collect(),
        Kind::Gauge | Kind::Untyped => reading.samples.into_iter().map(gauge).collect(),
        Kind::Histogram => series(reading.samples, "le").into_iter().map(histogram).collect(),
        Kind::Summary => series(reading.samples, "quantile").into_iter().map(summary).collect(),
    };
    family.set_metric(metrics);
    family.set_field_type(match reading.kind {
        Kind::Counter => proto::MetricType::COUNTER,
        Kind::Gauge | Kind::Untyped => proto::MetricType::GAUGE,
        Kind::Histogram => proto::MetricType::HISTOGRAM,
        Kind::Summary => proto::MetricType::SUMMARY,
    });
    family
}

fn counter(sample: SampleReading) -> proto::Metric {
    let mut counter = proto::Counter::default();
    counter.set_value(sample.value);
    let mut metric = metric(sample.labels);
    metric.set_counter(counter);
    metric
}

fn gauge(sample: SampleReading) -> proto::Metric {
    let mut gauge = proto::Gauge::default();
    gauge.set_value(sample.value);
    let mut metric = metric(sample.labels);
    metric.set_gauge(gauge);
    metric
}

fn histogram(series: Series) -> proto::Metric {
    // What is above the last bound is the count's to say, there.
    let buckets = series.parts.iter().filter(|(bound, _)| bound.is_finite()).map(|(bound, count)| {
        let mut bucket = proto::Bucket::default();
        bucket.set_upper_bound(*bound);
        bucket.set_cumulative_count(*count as u64);
        bucket
    });
    let mut histogram = proto::Histogram::default();
    histogram.set_bucket(buckets.collect());
    histogram.set_sample_sum(series.sum);
    histogram.set_sample_count(series.count as u64);
    let mut metric = metric(series.labels);
    metric.set_histogram(histogram);
    metric
}

fn summary(series: Series) -> proto::Metric {
    let quantiles = series.parts.iter().map(|(at, value)| {
        let mut quantile = proto::Quantile::default();
        quantile.set_quantile(*at);
        quantile.set_value(*value);
        quantile
    });
    let mut summary = proto::Summary::default();
    summary.set_quantile(quantiles.collect());
    summary.set_sample_sum(series.sum);
    summary.set_sample_count(series.count as u64);
    let mut metric = metric(series.labels);
    metric.set_summary(summary);
    metric
}

fn metric(labels: Labels) -> proto::Metric {
    let pairs = labels.into_iter().map(|(name, text)| {
        let mut pair = proto::LabelPair::default();
        pair.set_name(name);
        pair.set_value(text);
        pair
    });
    let mut metric = proto::Metric::default();
    metric.set_label(pairs.collect());
    metric
}

type Labels = Vec<(String, String)>;

/// One histogram or summary.
#[derive(Default)]
struct Series {
    labels: Labels,
    /// Bounds and cumulative counts, or quantiles and values.
    parts: Vec<(f64, f64)>,
    sum: f64,
    count: f64,
}

/// The samples of histograms or summaries, put together by the labels beside `bound`.
fn series(samples: Vec<SampleReading>, bound: &str) -> Vec<Series> {
    let mut all: Vec<Series> = Vec::new();
    let mut places: HashMap<Labels, usize> = HashMap::new();
    for SampleReading { suffix, mut labels, value } in samples {
        let at = labels.iter().position(|(name, _)| name == bound).map(|place| labels.remove(place).1);
        let place = *places.entry(labels).or_insert_with_key(|labels| {
            all.push(Series { labels: labels.clone(), ..Series::default() });
            all.len() - 1
        });
        let series = &mut all[place];
        match (suffix, at.and_then(|at| at.parse().ok())) {
            ("_sum", _) => series.sum = value,
            ("_count", _) => series.count = value,
            (_, Some(at)) => series.parts.push((at, value)),
            (_, None) => {}
        }
    }
    all
}
