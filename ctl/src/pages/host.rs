//! A host under node_exporter's names.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use pratiko_domain::time::Timestamp;
use pratiko_metrics::exposition::{Kind, Page};
use pratiko_metrics::{FamilyName, Source};

use super::machine::{Machine, Trouble};
use crate::company::{Random, Scenario, Story, busyness};

/// A host, and what is on its page. A clone is the same.
#[derive(Debug, Clone)]
pub struct Host {
    machine: Arc<Mutex<Machine>>,
    story: Story,
    number: u64,
}

/// The longest time that is looked at as a whole.
const STEP: Duration = Duration::from_secs(60);

impl Host {
    /// A host that has been up for a while. It is in trouble when hosts are.
    pub fn new(story: Story, number: u64, now: Timestamp) -> Self {
        Self { machine: Arc::new(Mutex::new(Machine::new(number, now))), story, number }
    }

    /// Time goes on.
    pub fn advance(&self, now: Timestamp) {
        let mut machine = self.machine.lock().unwrap_or_else(PoisonError::into_inner);
        while machine.now() < now {
            let from = machine.now();
            let until = now.min(from.plus(STEP));
            let minute = from.micros().div_euclid(60_000_000).cast_unsigned();
            let mut random = Random::of(&[self.story.seed, 5, self.number, minute]);
            let incident = self.story.incident;
            let trouble =
                incident.is(Scenario::HostTrouble, from).then_some(Trouble { since: incident.from });
            machine.advance(until, busyness(from.hour()), trouble, &mut random);
        }
    }
}

impl Source for Host {
    fn families(&self) -> Vec<FamilyName> {
        let machine = self.machine.lock().unwrap_or_else(PoisonError::into_inner);
        let mut families: Vec<FamilyName> = Vec::new();
        let mut last = "";
        for sample in machine.samples() {
            if sample.name != last {
                last = sample.name;
                let labels: Vec<&'static str> = sample.labels.iter().map(|(label, _)| *label).collect();
                families.push(FamilyName::new(last, kind(last), &labels));
            }
        }
        families
    }

    fn write(&self, page: &mut Page) {
        let samples = self.machine.lock().unwrap_or_else(PoisonError::into_inner).samples();
        for family in samples.chunk_by(|one, next| one.name == next.name) {
            let Some(first) = family.first() else { continue };
            let help = "What node_exporter says under this name, of a host that does not exist.";
            let mut written = page.family(first.name, kind(first.name), help);
            for sample in family {
                let labels: Vec<(&str, &str)> =
                    sample.labels.iter().map(|(label, text)| (*label, &**text)).collect();
                written.sample(&labels, sample.value);
            }
        }
    }
}

fn kind(name: &str) -> Kind {
    match name {
        _ if name.ends_with("_total") => Kind::Counter,
        _ if name.starts_with("node_vmstat_") => Kind::Untyped,
        _ => Kind::Gauge,
    }
}
