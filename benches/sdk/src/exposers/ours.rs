//! The SDK: labels that take any text, under a cap that holds them all.

use pratiko_metrics::exposition::Format;
use pratiko_metrics::{Counter, Definition, Family, Registry};

use super::{Exposer, labels};

pratiko_metrics::labels! {
    struct Labels<'a> { provider: &'a str, model: &'a str, tenant: &'a str }
}

struct Pratiko {
    registry: Registry,
    family: Family<Counter, Labels<'static>>,
    labels: Vec<[String; 3]>,
}

pub fn build(series: usize) -> Box<dyn Exposer> {
    let registry = Registry::new();
    let most = u32::try_from(series).expect("it is a hundred thousand at most");
    let definition = Definition::new("requests_total", "Requests.").with_most_series(most);
    let family = registry.counters(definition).expect("the names are valid");
    Box::new(Pratiko { registry, family, labels: (0..series).map(labels).collect() })
}

impl Exposer for Pratiko {
    fn add(&self, series: usize, amount: u64) {
        let [provider, model, tenant] = &self.labels[series];
        self.family.with(&Labels { provider, model, tenant }).add(amount);
    }

    fn page(&self) -> Vec<u8> {
        self.registry.encode(Format::Text)
    }
}
