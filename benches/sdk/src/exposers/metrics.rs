//! metrics, and its exporter to Prometheus.

use metrics::{Key, Label, Level, Metadata, Recorder};
use metrics_exporter_prometheus::{PrometheusHandle, PrometheusRecorder};

use super::{Exposer, NAMES, labels};
use crate::peers::metrics_recorder;

static METADATA: Metadata<'static> = Metadata::new("", Level::INFO, None);

struct Metrics {
    recorder: PrometheusRecorder,
    handle: PrometheusHandle,
    keys: Vec<Key>,
}

pub fn build(series: usize) -> Box<dyn Exposer> {
    let recorder = metrics_recorder();
    let key = |series| {
        let labels = NAMES.into_iter().zip(labels(series)).map(|(name, value)| Label::new(name, value));
        Key::from_parts("requests_total", labels.collect::<Vec<_>>())
    };
    Box::new(Metrics { handle: recorder.handle(), recorder, keys: (0..series).map(key).collect() })
}

impl Exposer for Metrics {
    fn add(&self, series: usize, amount: u64) {
        // What its macros do after they have made a key.
        self.recorder.register_counter(&self.keys[series], &METADATA).increment(amount);
    }

    fn page(&self) -> Vec<u8> {
        self.handle.render().into_bytes()
    }
}
