//! opentelemetry, through its exporter to a registry of prometheus.

use opentelemetry::KeyValue;
use opentelemetry::metrics::Counter;

use super::{Exposer, NAMES, labels, prometheus};
use crate::peers::OpenTelemetry;

struct Otel {
    source: OpenTelemetry,
    counter: Counter<u64>,
    labels: Vec<[KeyValue; 3]>,
}

pub fn build(series: usize) -> Box<dyn Exposer> {
    let source = OpenTelemetry::new(series);
    let counter = source.meter.u64_counter("requests").build();
    let pairs = |series| {
        let [provider, model, tenant] = labels(series);
        let [a, b, c] = NAMES;
        [KeyValue::new(a, provider), KeyValue::new(b, model), KeyValue::new(c, tenant)]
    };
    Box::new(Otel { source, counter, labels: (0..series).map(pairs).collect() })
}

impl Exposer for Otel {
    fn add(&self, series: usize, amount: u64) {
        self.counter.add(amount, &self.labels[series]);
    }

    fn page(&self) -> Vec<u8> {
        prometheus::page(&self.source.registry)
    }
}
