//! Where the peers' instruments come from.

use std::sync::OnceLock;

use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle, PrometheusRecorder};
use opentelemetry::metrics::{Meter, MeterProvider as _};
use opentelemetry_sdk::metrics::{Instrument, SdkMeterProvider, Stream};

/// OpenTelemetry's way to a Prometheus page.
pub struct OpenTelemetry {
    pub meter: Meter,
    pub registry: prometheus::Registry,
    /// What it made stops when it goes.
    _provider: SdkMeterProvider,
}

impl OpenTelemetry {
    /// With room for `most` series a family; by default everything past 2000 is one series.
    pub fn new(most: usize) -> Self {
        let registry = prometheus::Registry::new();
        let reader = opentelemetry_prometheus::exporter()
            .with_registry(registry.clone())
            .without_target_info()
            .scope_info_enabled(false)
            .build()
            .expect("an empty registry takes it");
        let room = move |_: &Instrument| Stream::builder().with_cardinality_limit(most).build().ok();
        let provider = SdkMeterProvider::builder().with_reader(reader).with_view(room).build();
        Self { meter: provider.meter("bench"), registry, _provider: provider }
    }

    /// A meter for the rest of the program.
    pub fn meter() -> &'static Meter {
        static SHARED: OnceLock<OpenTelemetry> = OnceLock::new();
        &SHARED.get_or_init(|| Self::new(2000)).meter
    }
}

/// A recorder of `metrics` that writes Prometheus pages, with buckets for what ends in `_seconds` or
/// `_usage`.
pub fn metrics_recorder() -> PrometheusRecorder {
    use metrics_exporter_prometheus::Matcher::Suffix;
    PrometheusBuilder::new()
        .set_buckets_for_metric(Suffix("_seconds".to_owned()), &crate::cases::histogram::BOUNDS)
        .and_then(|builder| {
            builder.set_buckets_for_metric(Suffix("_usage".to_owned()), &crate::cases::llm_call::TOKEN_BOUNDS)
        })
        .expect("there are bounds")
        .build_recorder()
}

/// Makes that recorder the one that the macros of `metrics` write to.
pub fn global_metrics() -> &'static PrometheusHandle {
    static SHARED: OnceLock<PrometheusHandle> = OnceLock::new();
    SHARED.get_or_init(|| {
        let recorder = metrics_recorder();
        let handle = recorder.handle();
        metrics::set_global_recorder(recorder).expect("nobody else sets one");
        handle
    })
}

/// A counter of prometheus for each combination of labels.
pub fn prometheus_counters(name: &str, labels: &[&str]) -> prometheus::IntCounterVec {
    prometheus::IntCounterVec::new(prometheus::Opts::new(name, "Counted."), labels)
        .expect("the names are valid")
}

/// A histogram of prometheus.
pub fn prometheus_histogram(name: &str, bounds: &[f64]) -> prometheus::Histogram {
    let options = prometheus::HistogramOpts::new(name, "Observed.").buckets(bounds.to_vec());
    prometheus::Histogram::with_opts(options).expect("the bounds ascend")
}
