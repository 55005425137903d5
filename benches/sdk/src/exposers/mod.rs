//! One family of counters with three labels in every library, to write its page.

mod limit;
mod metrics;
mod opentelemetry;
mod ours;
mod prometheus;
mod prometheus_client;

use crate::group::Role;

/// A family of counters that can be added to and written as a page.
pub trait Exposer: Send + Sync {
    /// Adds to a series, found by its labels. Whatever the library takes as labels was made before.
    fn add(&self, series: usize, amount: u64);

    /// The page.
    fn page(&self) -> Vec<u8>;
}

/// Somebody who writes pages.
pub struct Contender {
    pub name: &'static str,
    pub role: Role,
    /// With so many series, at 0.
    build: fn(usize) -> Box<dyn Exposer>,
}

pub static CONTENDERS: [Contender; 6] = [
    Contender {
        name: "limit: an array of atomics, its page but for the values ready",
        role: Role::Limit,
        build: limit::build,
    },
    Contender { name: "pratiko", role: Role::Ours, build: ours::build },
    Contender { name: "prometheus", role: Role::Peer, build: prometheus::build },
    Contender { name: "prometheus-client", role: Role::Peer, build: prometheus_client::build },
    Contender { name: "metrics", role: Role::Peer, build: metrics::build },
    Contender { name: "opentelemetry", role: Role::Peer, build: opentelemetry::build },
];

/// The names of the labels.
pub const NAMES: [&str; 3] = ["provider", "model", "tenant"];

/// The values of a series' labels.
pub fn labels(series: usize) -> [String; 3] {
    [
        format!("provider-{}", series % 10),
        format!("model-{}", series / 10 % 100),
        format!("tenant-{}", series / 1000),
    ]
}

impl Contender {
    /// With so many series, at values of up to six digits.
    ///
    /// # Panics
    ///
    /// If its page does not have them all.
    pub fn build(&self, series: usize) -> Box<dyn Exposer> {
        let exposer = (self.build)(series);
        for number in 0..series {
            exposer.add(number, number as u64 * 7_919 % 1_000_000);
        }
        let page = exposer.page();
        let samples =
            page.split(|byte| *byte == b'\n').filter(|line| line.starts_with(b"requests_total{")).count();
        assert_eq!(samples, series, "samples on the page of {}", self.name);
        exposer
    }
}
