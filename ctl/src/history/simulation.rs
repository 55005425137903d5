//! A month of the company, minute by minute, as Prometheus would have scraped it.

use std::time::Duration;

use pratiko_domain::time::Timestamp;
use pratiko_metrics::exposition::Format;
use pratiko_metrics::{RegisterError, Registry};

use super::columns::Columns;
use super::kept::{is_kept, is_kept_of_exporter};
use super::pages::Target;
use super::period::Period;
use crate::company::{Company, Story, Traffic};
use crate::pages::{Application, Exporter, Host, monitoring};

/// Where what is scraped is said to be.
#[derive(Debug, Clone)]
pub struct Addresses {
    /// The exporter with the ledger, `host:port`.
    pub exporter: String,
    /// The instances of the application.
    pub applications: Vec<String>,
    /// Exporters of hosts without a ledger.
    pub hosts: Vec<String>,
    /// Jobs of the monitoring itself, each with its target.
    pub monitoring: Vec<(&'static str, String)>,
}

/// Everything that is scraped, at some moment.
pub struct Simulation {
    company: Company,
    exporter: Exporter,
    exporter_target: Target,
    /// The host of the exporter, then the others.
    hosts: Vec<(Host, Registry, Target)>,
    applications: Vec<(Application, Traffic, Target)>,
    monitoring: Vec<(&'static str, Target)>,
    /// When the monitoring was started.
    began: Timestamp,
}

/// How long a scrape is said to take.
const SCRAPE_SECONDS: f64 = 0.009;

impl Simulation {
    /// The beginning of a story.
    pub fn new(story: Story, addresses: &Addresses) -> Result<Self, RegisterError> {
        let host_targets = std::iter::once(&addresses.exporter).chain(&addresses.hosts);
        let hosts = host_targets.enumerate().map(|(number, address)| {
            // The demo that lives has no host where the exporter with the ledger is.
            let host = Host::new(story, (number as u64).wrapping_sub(1), story.since);
            let registry = Registry::new();
            registry.register(host.clone())?;
            Ok((host, registry, Target::new("pratiko", address)))
        });
        let applications = addresses.applications.iter().enumerate().map(|(number, address)| {
            Ok((Application::new()?, Traffic::new(story, number as u64), Target::new("app", address)))
        });
        Ok(Self {
            company: Company::new(story),
            exporter: Exporter::new(story.since)?,
            exporter_target: Target::new("pratiko", &addresses.exporter),
            hosts: hosts.collect::<Result<_, _>>()?,
            applications: applications.collect::<Result<_, _>>()?,
            monitoring: addresses
                .monitoring
                .iter()
                .map(|(job, address)| (*job, Target::new(job, address)))
                .collect(),
            began: story.since,
        })
    }

    /// Lives until then and is scraped by nobody. Applications and hosts begin only after it.
    pub fn live_unseen(&mut self, until: Timestamp) {
        self.live_business(until);
        for (host, ..) in &self.hosts {
            host.advance(until);
        }
        self.began = until;
        // The exporter of a demo that lives has been told no more than these days either: its totals go on
        // where those of the history end.
        self.exporter_target.begin(&self.exporter.registry().text(Format::Text));
    }

    /// Lives through a period and is scraped at every minute of it.
    pub fn live(&mut self, period: Period, mut progress: impl FnMut(usize)) -> Columns {
        let mut columns = Columns::new(period);
        self.exporter_target.turn_over();
        self.applications.iter_mut().for_each(|(.., target)| target.turn_over());
        self.hosts.iter_mut().for_each(|(.., target)| target.turn_over());
        self.monitoring.iter_mut().for_each(|(_, target)| target.turn_over());
        for minute in 0..period.minutes() {
            let now = Timestamp::from_seconds(period.seconds(minute));
            for (application, traffic, _) in &self.applications {
                for request in traffic.minute(now.minus(Duration::from_secs(60))) {
                    application.answered(&request);
                }
            }
            self.live_business(now);
            for (host, ..) in &self.hosts {
                host.advance(now);
            }
            self.scrape(&mut columns, minute, now);
            progress(1);
        }
        columns
    }

    fn live_business(&mut self, until: Timestamp) {
        let instances = self.applications.len();
        for happening in self.company.advance(until) {
            if let Some(call) = &happening.call
                && let Some((application, ..)) = self.applications.get(call.instance(instances))
            {
                application.called(call);
            }
            // The company tells nothing that makes no sense, which is tested.
            let _ = self.exporter.record(happening.event);
        }
        self.exporter.advance(until);
    }

    fn scrape(&mut self, columns: &mut Columns, minute: usize, now: Timestamp) {
        let page = self.exporter.registry().text(Format::Text);
        self.exporter_target.add(columns, minute, &page, is_kept_of_exporter);
        let hosts = self.hosts.iter_mut().map(|(_, registry, target)| (&*registry, target));
        let applications =
            self.applications.iter_mut().map(|(application, _, target)| (application.registry(), target));
        for (registry, target) in hosts.chain(applications) {
            target.add(columns, minute, &registry.text(Format::Text), is_kept);
            add_scrape(columns, minute, target);
        }
        for (job, target) in &mut self.monitoring {
            target.add(columns, minute, &monitoring(job, self.began, now), is_kept);
            add_scrape(columns, minute, target);
        }
    }
}

/// What Prometheus adds to every scrape.
fn add_scrape(columns: &mut Columns, minute: usize, target: &mut Target) {
    target.add_own(columns, minute, "up", 1.0);
    target.add_own(columns, minute, "scrape_duration_seconds", SCRAPE_SECONDS);
}
