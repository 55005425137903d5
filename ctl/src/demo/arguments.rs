//! What can be asked of the demo.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Subcommand};
use pratiko_domain::time::Timestamp;

use crate::company::{Incident, Scenario, Story};

/// A company to watch: events for an exporter, and pages for Prometheus.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Arguments {
    /// What else than to live.
    #[command(subcommand)]
    pub command: Option<Command>,
    /// How to live.
    #[command(flatten)]
    pub live: LiveArguments,
}

/// What else than to live.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// A history for a Prometheus that starts empty: blocks of what would have been scraped, recorded and
    /// alerted.
    History(HistoryArguments),
}

/// The story, whoever asks for it.
#[derive(Debug, Clone, Args)]
pub struct StoryArguments {
    /// Whom chance obeys: the same number tells the same story.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// The day on which the story begins; 62 days ago unless told. Give it to go on with a story on a
    /// later day than it was begun.
    #[arg(long, value_name = "DATE", value_parser = parse_day)]
    pub since: Option<Timestamp>,
    /// How many days until now are told.
    #[arg(long, default_value_t = 30)]
    pub days: u32,
    /// What goes wrong.
    #[arg(long, value_enum, default_value_t = Scenario::Steady)]
    pub scenario: Scenario,
    /// How many times as many calls and requests there are, each of them that much smaller.
    #[arg(long, default_value_t = 1.0, value_parser = parse_speed)]
    pub speed: f64,
}

/// How to live.
#[derive(Debug, Clone, Args)]
pub struct LiveArguments {
    #[command(flatten)]
    pub story: StoryArguments,
    /// The exporter that takes the events.
    #[arg(long, default_value = "http://127.0.0.1:9000")]
    pub exporter: String,
    /// The file with the token for sending events; the exporter keeps one beside its ledger.
    #[arg(long, value_name = "FILE")]
    pub token_file: Option<PathBuf>,
    /// Where the first instance of the application is served; the others are at the next ports. Port 0
    /// is any that is free, for each.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:9464")]
    pub listen: SocketAddr,
    /// How many instances of the application there are.
    #[arg(long, default_value_t = 2)]
    pub instances: usize,
    /// A file to write that tells Prometheus what is served here (`file_sd_configs`).
    #[arg(long, value_name = "FILE")]
    pub targets_file: Option<PathBuf>,
    /// For how many seconds something goes wrong; until the end unless told.
    #[arg(long, value_name = "SECONDS")]
    pub incident_seconds: Option<u64>,
    /// After how many seconds to end; never unless told. 0 tells what was, and ends.
    #[arg(long, value_name = "SECONDS")]
    pub end_after_seconds: Option<u64>,
}

/// Which history to write.
#[derive(Debug, Clone, Args)]
pub struct HistoryArguments {
    #[command(flatten)]
    pub story: StoryArguments,
    /// The directory of the rules to evaluate; without it nothing is recorded and nothing alerts.
    #[arg(long, value_name = "DIRECTORY")]
    pub rules: Option<PathBuf>,
    /// Where to write: files of OpenMetrics, and `blocks`.
    #[arg(long, value_name = "DIRECTORY")]
    pub output: PathBuf,
    /// The data directory of a Prometheus server, to copy the blocks to; one that runs finds them within a
    /// minute.
    #[arg(long, value_name = "DIRECTORY")]
    pub load: Option<PathBuf>,
    /// How many instances of the application there are; for every three of them there is a host.
    #[arg(long, default_value_t = 2)]
    pub instances: usize,
    /// Where the exporter is said to be.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:9000")]
    pub exporter: String,
    /// Where the first instance of the application is said to be; the others, and the hosts after them,
    /// are at the next ports.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:9464")]
    pub listen: SocketAddr,
    /// Where Prometheus is said to be.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:9090")]
    pub prometheus: String,
    /// Where Alertmanager is said to be.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:9093")]
    pub alertmanager: String,
    /// How many hours ago a scenario began; it lasted half as long.
    #[arg(long, value_name = "HOURS", default_value_t = 48)]
    pub incident_hours_ago: u64,
    /// Keep the files of OpenMetrics when their blocks are made.
    #[arg(long)]
    pub keep_openmetrics: bool,
}

impl HistoryArguments {
    /// How long ago a scenario began.
    pub fn incident_ago(&self) -> Duration {
        Duration::from_secs(self.incident_hours_ago * 60 * 60)
    }
}

const DAY: Duration = Duration::from_secs(24 * 60 * 60);
/// So many days before now everything that looks thirty days back has something to see.
const STORY_DAYS: u32 = 62;

impl StoryArguments {
    /// The story as it is told at `now`, with what goes wrong.
    pub fn story(&self, now: Timestamp, incident: Incident) -> Story {
        let today = Timestamp::from_date(now.utc_date());
        let since = self.since.unwrap_or_else(|| today.minus(DAY * STORY_DAYS.max(self.days + 1)));
        Story { seed: self.seed, since, speed: self.speed, incident }
    }

    /// From when on it is told.
    pub fn from(&self, now: Timestamp) -> Timestamp {
        now.minus(DAY * self.days)
    }
}

fn parse_day(text: &str) -> Result<Timestamp, String> {
    format!("{text}T00:00:00Z").parse().map_err(|_| "is no day like 2026-06-15".to_owned())
}

fn parse_speed(text: &str) -> Result<f64, String> {
    let speed: f64 = text.parse().map_err(|_| "is no number".to_owned())?;
    if (0.1..=1000.0).contains(&speed) { Ok(speed) } else { Err("is not from 0.1 to 1000".to_owned()) }
}
