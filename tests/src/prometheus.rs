//! A Prometheus server of the test's own: the one of the system, on a free port, with its own data.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use serde_json::Value;

use crate::process::{Process, free_address};
use crate::temp::TempDir;
use crate::wait;

/// A running server, ended with the value.
pub struct Prometheus {
    /// Before the directory, which it writes to until its end.
    _process: Process,
    url: String,
    agent: ureq::Agent,
    directory: TempDir,
}

/// Series by their names, `name{label=value,…}` with the labels in order and without those of the
/// target, with their values as Prometheus prints them.
pub type Series = BTreeMap<String, String>;

impl Prometheus {
    /// A server that scrapes `target` every second. `parameters` is what the scrape configuration
    /// has under `params`, as YAML in one line; `{}` for nothing.
    ///
    /// # Panics
    /// If it cannot be started: is Prometheus installed?
    pub fn scraping(target: SocketAddr, parameters: &str) -> Self {
        let directory = TempDir::new();
        write_configuration(directory.path(), target, parameters);
        Self::configured(directory)
    }

    /// A server with the `prometheus.yml` of this directory. It keeps its data there, too.
    ///
    /// # Panics
    /// If it cannot be started.
    pub fn configured(directory: TempDir) -> Self {
        let timeout = Some(Duration::from_secs(60));
        let agent = ureq::Agent::config_builder().http_status_as_error(false).timeout_global(timeout).build();
        let agent = ureq::Agent::from(agent);
        let (process, url) = start(&directory, &agent);
        Self { _process: process, url, agent, directory }
    }

    /// Where it is, without a slash at the end. There is a path.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Where its configuration is.
    pub fn directory(&self) -> &Path {
        self.directory.path()
    }

    /// The answer of its HTTP API.
    ///
    /// # Panics
    /// If there is none.
    #[expect(clippy::expect_used, reason = "a test cannot go on without it")]
    pub fn api(&self, path: &str, parameters: &[(&str, &str)]) -> Value {
        let request = self.agent.get(format!("{}/api/v1/{path}", self.url));
        let request = parameters.iter().fold(request, |request, (key, value)| request.query(*key, *value));
        let text = request.call().and_then(|mut response| response.body_mut().read_to_string());
        let text = text.unwrap_or_else(|error| self.fail(&format!("no answer: {error}")));
        let mut answer: Value = serde_json::from_str(&text).expect("JSON");
        if answer["status"] != "success" {
            self.fail(&format!("{path} {parameters:?}: {text}"));
        }
        answer["data"].take()
    }

    /// What an instant query finds, at a time in seconds since 1970 or now.
    ///
    /// # Panics
    /// If the query is wrong.
    pub fn query(&self, promql: &str, time: Option<&str>) -> Series {
        let mut parameters = vec![("query", promql)];
        parameters.extend(time.map(|time| ("time", time)));
        let data = self.api("query", &parameters);
        if data["resultType"] == "scalar" {
            return Series::from([(String::new(), text(&data["result"][1]))]);
        }
        let result = data["result"].as_array().cloned().unwrap_or_default();
        result.iter().map(|found| (name(&found["metric"]), text(&found["value"][1]))).collect()
    }

    /// The only value that a query finds; `None` if it finds nothing.
    ///
    /// # Panics
    /// If it finds several.
    pub fn value(&self, promql: &str, time: Option<&str>) -> Option<String> {
        let found = self.query(promql, time);
        assert!(found.len() < 2, "{promql} is not one value: {found:?}");
        found.into_values().next()
    }

    /// Waits for a scrape after which a query finds something, and returns its time. Queries at that
    /// time see what this scrape brought, whatever comes later.
    pub fn scrape_with(&self, promql: &str) -> String {
        let query = format!("timestamp(up) and on() (up == 1) and on() ({promql})");
        wait::until(promql, || self.value(&query, None).ok_or_else(|| self.targets()))
    }

    /// How the scrapes go.
    fn targets(&self) -> String {
        let targets = self.api("targets", &[("state", "active")]);
        let target = &targets["activeTargets"][0];
        format!("not found; the target is {}: {}", target["health"], target["lastError"])
    }

    #[expect(clippy::panic, reason = "a test fails by panicking")]
    fn fail(&self, why: &str) -> ! {
        panic!("{why}\n{}", log(&self.directory))
    }
}

#[expect(clippy::expect_used, reason = "a test cannot go on without it")]
fn write_configuration(directory: &Path, target: SocketAddr, parameters: &str) {
    let configuration = format!(
        "global: {{scrape_interval: 1s, scrape_timeout: 1s}}\n\
         scrape_configs:\n\
         - job_name: test\n\
         \x20 params: {parameters}\n\
         \x20 static_configs: [{{targets: ['{target}']}}]\n"
    );
    std::fs::write(directory.join("prometheus.yml"), configuration).expect("a configuration file");
}

/// Starts it and waits until it is ready. Between finding a free port and taking it, another test
/// may take it: then the next one is tried.
#[expect(clippy::panic, reason = "a test fails by panicking")]
fn start(directory: &TempDir, agent: &ureq::Agent) -> (Process, String) {
    const TRIES: usize = 5;
    for _ in 0..TRIES {
        let (mut process, url) = spawn(directory.path());
        let is_ready = wait::until("a Prometheus server that is ready", || {
            let answer = agent.get(format!("{url}/-/ready")).call();
            if answer.is_ok_and(|answer| answer.status() == 200) {
                return Ok(true);
            }
            if process.has_ended() { Ok(false) } else { Err(log(directory)) }
        });
        if is_ready {
            return (process, url);
        }
    }
    panic!("Prometheus does not start\n{}", log(directory));
}

#[expect(clippy::expect_used, reason = "a test cannot go on without it")]
fn spawn(directory: &Path) -> (Process, String) {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let address = free_address();
    // Should another server have taken the port, it answers nothing below this prefix.
    let prefix = format!("/test-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
    let log = std::fs::File::create(directory.join("log")).expect("a log");
    let child = Command::new("prometheus")
        .arg(format!("--config.file={}", directory.join("prometheus.yml").display()))
        .arg(format!("--storage.tsdb.path={}", directory.join("data").display()))
        .arg(format!("--web.listen-address={address}"))
        .arg(format!("--web.route-prefix={prefix}"))
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(log)
        .spawn()
        .expect("Prometheus, which must be installed");
    (Process(child), format!("http://{address}{prefix}"))
}

fn log(directory: &TempDir) -> String {
    std::fs::read_to_string(directory.path().join("log")).unwrap_or_default()
}

fn name(metric: &Value) -> String {
    let labels = metric.as_object().into_iter().flatten();
    let labels: Vec<String> = labels
        .filter(|(label, _)| !["__name__", "instance", "job"].contains(&label.as_str()))
        .map(|(label, value)| format!("{label}={}", text(value)))
        .collect();
    let name = metric["__name__"].as_str().unwrap_or_default();
    if labels.is_empty() { name.to_owned() } else { format!("{name}{{{}}}", labels.join(",")) }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
