//! `make monitoring-up` and `make monitoring-down`: what runs in between, and that nothing does afterwards.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use pratiko_tests::process::{Process, free_address};
use pratiko_tests::temp::TempDir;
use pratiko_tests::wait;
use serde_json::Value;

/// An installation of the test's own. Whatever happens, it is ended.
struct Monitoring {
    ports: [u16; 3],
    demo: bool,
    state: PathBuf,
    _directory: TempDir,
}

impl Monitoring {
    fn new() -> Self {
        let directory = TempDir::new();
        let ports = [(); 3].map(|()| free_address().port());
        Self { ports, demo: false, state: directory.path().join("state"), _directory: directory }
    }

    /// With a company that has one day behind it.
    fn with_a_demo() -> Self {
        let mut monitoring = Self::new();
        monitoring.demo = true;
        monitoring
    }

    fn run(&self, what: &str) -> Output {
        let mut command = Command::new(Path::new(env!("CARGO_MANIFEST_DIR")).join("../deploy/monitoring"));
        let [exporter, prometheus, alertmanager] = self.ports.map(|port| port.to_string());
        command
            .arg(what)
            .envs([("EXPORTER_PORT", exporter), ("PROMETHEUS_PORT", prometheus)])
            .env("ALERTMANAGER_PORT", alertmanager)
            .env("MONITORING_DIR", &self.state)
            .env("PROFILE", "dev")
            .stdin(Stdio::null());
        for variable in ["DEMO", "KEEP", "SCENARIO", "ALERTMANAGER_CONFIG", "BINARIES"] {
            command.env_remove(variable);
        }
        if self.demo {
            command.envs([("DEMO", "1"), ("DAYS", "1"), ("DEMO_PORT", &free_address().port().to_string())]);
        }
        // What `cargo test` has built, if it has.
        let built = std::env::current_exe().unwrap().parent().unwrap().parent().unwrap().to_owned();
        if ["pratiko-exporter", "pratikoctl"].iter().all(|name| built.join(name).exists()) {
            command.env("BINARIES", built);
        }
        command.output().unwrap()
    }

    /// The numbers of its processes.
    fn processes(&self) -> Vec<u32> {
        let files = std::fs::read_dir(self.state.join("run")).unwrap().map(|entry| entry.unwrap().path());
        let first = |path: PathBuf| {
            let text = std::fs::read_to_string(path).unwrap();
            text.split(' ').next().unwrap().parse().unwrap()
        };
        files.map(first).collect()
    }

    /// What Prometheus answers.
    fn asked(&self, what: &str) -> Value {
        let url = format!("http://127.0.0.1:{}/api/v1/{what}", self.ports[1]);
        let text = ureq::get(&url).call().unwrap().body_mut().read_to_string().unwrap();
        serde_json::from_str(&text).unwrap()
    }

    fn listens(&self) -> [bool; 3] {
        self.ports.map(|port| TcpStream::connect(("127.0.0.1", port)).is_ok())
    }
}

impl Drop for Monitoring {
    fn drop(&mut self) {
        self.run("down");
    }
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

#[test]
fn everything_is_up_within_a_minute_and_nothing_is_left_of_it() {
    let monitoring = Monitoring::new();
    let began = Instant::now();
    let up = monitoring.run("up");
    assert!(up.status.success(), "{}", said(&up));
    assert!(said(&up).contains("Alerts reach nobody"), "{}", said(&up));
    for port in monitoring.ports {
        assert!(said(&up).contains(&format!("http://127.0.0.1:{port}")), "{}", said(&up));
    }
    assert!(began.elapsed() < Duration::from_secs(60), "{:?}", began.elapsed());

    let jobs = wait::until("three jobs that answer", || {
        let answer = monitoring.asked("targets");
        let targets = answer["data"]["activeTargets"].as_array().unwrap();
        let up = targets.iter().filter(|target| target["health"] == "up");
        let mut jobs: Vec<String> = up.map(|target| target["labels"]["job"].to_string()).collect();
        jobs.sort();
        if jobs.len() == 3 { Ok(jobs) } else { Err(answer.to_string()) }
    });
    assert_eq!(jobs, ["\"alertmanager\"", "\"pratiko\"", "\"prometheus\""]);

    let again = monitoring.run("up");
    assert!(!again.status.success() && said(&again).contains("is running already"), "{}", said(&again));
    let processes = monitoring.processes();
    assert_eq!(processes.len(), 3);
    assert_eq!(monitoring.listens(), [true; 3]);

    let down = monitoring.run("down");
    assert!(down.status.success(), "{}", said(&down));
    assert_eq!(monitoring.listens(), [false; 3]);
    assert!(processes.iter().all(|process| !Path::new(&format!("/proc/{process}")).exists()));
    assert!(!monitoring.state.exists());
}

#[test]
fn a_made_up_company_is_there_at_once_and_what_it_has_behind_it_soon() {
    let monitoring = Monitoring::with_a_demo();
    let began = Instant::now();
    let up = monitoring.run("up");
    assert!(up.status.success(), "{}", said(&up));
    assert!(said(&up).contains("last 1 days are being made"), "{}", said(&up));
    assert!(began.elapsed() < Duration::from_secs(60), "{:?}", began.elapsed());

    // Made in less than a minute, and found by Prometheus when it looks for new blocks, every minute.
    let query = "query?query=count(pratiko_mrr_eur+offset+6h)";
    wait::until_within(Duration::from_secs(240), "revenue of six hours ago", || {
        let answer = monitoring.asked(query);
        let found = answer["data"]["result"].as_array().is_some_and(|series| !series.is_empty());
        let log = std::fs::read_to_string(monitoring.state.join("log/history"));
        if found { Ok(()) } else { Err(format!("{answer} {log:?}")) }
    });

    let processes = monitoring.processes();
    let down = monitoring.run("down");
    assert!(down.status.success(), "{}", said(&down));
    assert!(processes.iter().all(|process| !Path::new(&format!("/proc/{process}")).exists()));
    assert!(!monitoring.state.exists());
}

#[test]
fn a_port_that_is_taken_is_named_and_nothing_is_started() {
    let monitoring = Monitoring::new();
    let taken = TcpListener::bind(("127.0.0.1", monitoring.ports[2])).unwrap();
    let up = monitoring.run("up");
    let expected = format!("something else listens on port {}", monitoring.ports[2]);
    assert!(!up.status.success() && said(&up).contains(&expected), "{}", said(&up));
    drop(taken);
    assert_eq!(monitoring.listens(), [false; 3]);
    assert!(!monitoring.state.exists());
}

#[test]
fn a_process_that_got_the_number_of_one_of_ours_is_left_alone() {
    let monitoring = Monitoring::new();
    let mut other = Process(Command::new("sleep").arg("600").spawn().unwrap());
    std::fs::create_dir_all(monitoring.state.join("run")).unwrap();
    std::fs::write(monitoring.state.join("run/prometheus"), format!("{} 1\n", other.0.id())).unwrap();
    let down = monitoring.run("down");
    assert!(down.status.success(), "{}", said(&down));
    assert!(!other.has_ended());
    assert!(!monitoring.state.exists());
}
