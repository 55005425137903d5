//! prometheus-client: writes straight from its series.

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::registry::Registry;

use super::Exposer;

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Labels {
    provider: String,
    model: String,
    tenant: String,
}

struct Client {
    registry: Registry,
    family: Family<Labels, Counter>,
    labels: Vec<Labels>,
}

pub fn build(series: usize) -> Box<dyn Exposer> {
    let family = Family::default();
    let mut registry = Registry::default();
    registry.register("requests", "Requests", family.clone());
    let labels = |series| {
        let [provider, model, tenant] = super::labels(series);
        Labels { provider, model, tenant }
    };
    Box::new(Client { registry, family, labels: (0..series).map(labels).collect() })
}

impl Exposer for Client {
    fn add(&self, series: usize, amount: u64) {
        self.family.get_or_create(&self.labels[series]).inc_by(amount);
    }

    fn page(&self) -> Vec<u8> {
        let mut page = String::new();
        encode(&mut page, &self.registry).expect("a string takes everything");
        page.into_bytes()
    }
}
