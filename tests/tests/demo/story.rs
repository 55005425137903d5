//! What the tests of the demo share.

use std::sync::Arc;

use clap::Parser;
use pratiko_domain::time::{Clock, ManualClock, Timestamp};
use pratiko_tests::in_process::InProcess;
use pratiko_tests::wait;
use pratikoctl::{Cli, Command, demo};
use serde_json::Value;

/// When the tests take place: a Monday morning.
pub const NOW: &str = "2026-06-15T10:40:00Z";

/// Runs `pratikoctl demo …` by a clock.
pub fn run(arguments: &[&str], clock: &dyn Clock) -> Result<(), pratikoctl::Error> {
    let words = ["pratikoctl", "demo"].iter().chain(arguments);
    match Cli::try_parse_from(words).unwrap().command {
        Command::Demo(arguments) => demo::run(&arguments, clock, &|| true),
    }
}

/// A daemon whose clock stands.
pub struct Exporter {
    daemon: InProcess,
    clock: Arc<ManualClock>,
}

impl Exporter {
    pub fn at(now: &str) -> Self {
        let now: Timestamp = now.parse().unwrap();
        let clock = Arc::new(ManualClock::at(now));
        let daemon = InProcess::with_empty_ledger("", Arc::<ManualClock>::clone(&clock));
        Self { daemon, clock }
    }

    /// Tells it so many days of a company.
    pub fn tell(&self, days: &str, more: &[&str]) {
        let url = format!("http://{}", self.daemon.address());
        let token = self.daemon.token_file();
        let token = token.to_str().unwrap();
        let arguments =
            ["--exporter", &url, "--token-file", token, "--days", days, "--end-after-seconds", "0"];
        run(&[&arguments, more].concat(), &*self.clock).unwrap();
    }

    /// The business figures when all that was told is in them, but for what every ledger has of its own.
    pub fn summary(&self) -> Value {
        wait::until("figures of everything", || {
            let answer = self.daemon.get("/api/v1/summary", &[]);
            let mut summary: Value =
                serde_json::from_slice(&answer.body).map_err(|error| error.to_string())?;
            let page = self.daemon.metrics();
            let accepted = page.lines().filter(|line| {
                line.starts_with("pratiko_ingest_events_total") && line.contains("result=\"accepted\"")
            });
            let accepted: f64 =
                accepted.filter_map(|line| line.rsplit_once(' ')?.1.parse::<f64>().ok()).sum();
            if answer.status != 200 || summary["events"].as_f64() != Some(accepted) {
                return Err(format!("not {accepted} events: {}", answer.text()));
            }
            if let Some(summary) = summary.as_object_mut() {
                summary.retain(|key, _| !["ledger", "taken_at"].contains(&key.as_str()));
            }
            Ok(summary)
        })
    }

    /// The value of a series as it is written on the page.
    pub fn value(&self, series: &str) -> Option<f64> {
        let page = self.page();
        page.lines().find_map(|line| line.strip_prefix(series)?.strip_prefix(' ')?.parse().ok())
    }

    pub fn page(&self) -> String {
        self.daemon.metrics()
    }
}
