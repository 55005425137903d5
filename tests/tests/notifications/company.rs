//! A company of the demo, with an exporter of its own.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use clap::Parser;
use pratiko_domain::time::Clock;
use pratiko_metrics::SystemClock;
use pratiko_tests::in_process::InProcess;
use pratiko_tests::temp::TempDir;
use pratiko_tests::wait;
use pratikoctl::{Cli, Command, demo};

/// The machine that runs the test may be in any trouble: only the company's host is watched.
const EXPORTER: &str = "collectors: {disable_defaults: true, business: 'on'}\n";

/// How long telling of a month may take while other companies do the same.
const BACKFILL: Duration = Duration::from_secs(900);

/// It lives until the value is dropped.
pub struct Company {
    name: &'static str,
    goes_on: Arc<AtomicBool>,
    life: Option<JoinHandle<()>>,
    exporter: InProcess,
    directory: TempDir,
}

impl Company {
    /// The company of a scenario, so many days old, with `speed` times as much going on.
    pub fn start(scenario: &'static str, days: u32, speed: u32) -> Self {
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let exporter = InProcess::with_empty_ledger(EXPORTER, clock);
        let directory = TempDir::new();
        let targets = directory.path().join("app.yml");
        let goes_on = Arc::new(AtomicBool::new(true));
        let arguments = [
            "pratikoctl".to_owned(),
            "demo".to_owned(),
            format!("--scenario={scenario}"),
            format!("--days={days}"),
            format!("--speed={speed}"),
            format!("--exporter=http://{}", exporter.address()),
            format!("--token-file={}", exporter.token_file().display()),
            format!("--targets-file={}", targets.display()),
            "--listen=127.0.0.1:0".to_owned(),
        ];
        let Command::Demo(arguments) = Cli::try_parse_from(arguments).unwrap().command;
        let still = Arc::clone(&goes_on);
        let life = std::thread::spawn(move || {
            demo::run(&arguments, &SystemClock, &|| still.load(Ordering::Relaxed)).unwrap();
        });
        Self { name: scenario, goes_on, life: Some(life), exporter, directory }
    }

    /// Tells Prometheus to watch this company from now on, once it has told what was.
    pub fn show_to(&self, targets: &Path) {
        let app = self.app_targets();
        let exporter = format!("[{{targets: ['{}']}}]\n", self.exporter.address());
        for (name, text) in [("app.yml", app), ("pratiko.yml", exporter)] {
            // Prometheus may look at any moment.
            let new = targets.join(format!("{name}.new"));
            std::fs::write(&new, text).unwrap();
            std::fs::rename(new, targets.join(name)).unwrap();
        }
    }

    fn app_targets(&self) -> String {
        let file: PathBuf = self.directory.path().join("app.yml");
        let told = format!("the company of {} to have told what was", self.name);
        wait::until_within(BACKFILL, &told, || {
            std::fs::read_to_string(&file).map_err(|error| error.to_string())
        })
    }
}

impl Drop for Company {
    fn drop(&mut self) {
        self.goes_on.store(false, Ordering::Relaxed);
        let life = self.life.take().map(JoinHandle::join);
        if matches!(life, Some(Err(_))) && !std::thread::panicking() {
            // Not a panic of its own: that would hide what else the test found.
            eprintln!("the company of {} ended in panic", self.name);
        }
    }
}
