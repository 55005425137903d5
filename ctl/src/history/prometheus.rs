//! A Prometheus server on the blocks that are there, for as long as it is asked.

use std::collections::BTreeMap;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use serde::Deserialize;

use super::HistoryError;
use super::period::Period;

/// A running server, ended with the value. What it leaves beside the blocks is removed.
pub struct Prometheus {
    process: Child,
    url: String,
    agent: ureq::Agent,
    data: PathBuf,
}

/// A series that a query found.
#[derive(Debug, Deserialize)]
pub struct Found {
    /// Its labels.
    pub metric: BTreeMap<String, String>,
    /// Instants in seconds, and values.
    pub values: Vec<(f64, String)>,
}

#[derive(Deserialize)]
struct Answer {
    data: Option<Data>,
    error: Option<String>,
}

#[derive(Deserialize)]
struct Data {
    result: Vec<Found>,
}

const TRIES: u32 = 600;
const BETWEEN_TRIES: Duration = Duration::from_millis(50);

impl Prometheus {
    /// Starts one on a free port.
    pub fn start(data: &Path) -> Result<Self, HistoryError> {
        let failed = |error| HistoryError::Program { program: "prometheus", error };
        let config = data.join("prometheus.yml");
        std::fs::write(&config, "{}\n").map_err(|error| HistoryError::file(&config, error))?;
        let listener = TcpListener::bind("127.0.0.1:0").map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        drop(listener);
        let log = data.join("prometheus.log");
        let log = std::fs::File::create(&log).map_err(|error| HistoryError::file(&log, error))?;
        let process = Command::new("prometheus")
            .arg(format!("--config.file={}", config.display()))
            .arg(format!("--storage.tsdb.path={}", data.display()))
            // A history is as old as it is.
            .arg("--storage.tsdb.retention.time=100y")
            .arg("--query.max-samples=500000000")
            .arg("--query.timeout=10m")
            .arg(format!("--web.listen-address={address}"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .map_err(failed)?;
        let timeout = Some(Duration::from_secs(600));
        let agent =
            ureq::Agent::config_builder().http_status_as_error(false).proxy(None).timeout_global(timeout);
        let url = format!("http://{address}");
        let server = Self { process, url, agent: agent.build().into(), data: data.to_owned() };
        server.wait()?;
        Ok(server)
    }

    fn wait(&self) -> Result<(), HistoryError> {
        for _ in 0..TRIES {
            let answer = self.agent.get(format!("{}/-/ready", self.url)).call();
            if answer.is_ok_and(|answer| answer.status() == 200) {
                return Ok(());
            }
            thread::sleep(BETWEEN_TRIES);
        }
        let said = std::fs::read_to_string(self.data.join("prometheus.log")).unwrap_or_default();
        Err(HistoryError::Query { query: "-/ready".to_owned(), said })
    }

    /// What a query finds at every minute of a period.
    pub fn query(&self, query: &str, period: Period) -> Result<Vec<Found>, HistoryError> {
        let (start, end) = (period.from.to_string(), (period.until - 60).to_string());
        let form = [("query", query), ("start", &start), ("end", &end), ("step", "60")];
        let failed = |said: String| HistoryError::Query { query: query.to_owned(), said };
        let mut response = self
            .agent
            .post(format!("{}/api/v1/query_range", self.url))
            .send_form(form)
            .map_err(|error| failed(error.to_string()))?;
        let answer = response.body_mut().with_config().limit(u64::MAX).read_to_vec();
        let answer = answer.map_err(|error| failed(error.to_string()))?;
        let answer: Answer = serde_json::from_slice(&answer).map_err(|error| failed(error.to_string()))?;
        match answer {
            Answer { data: Some(data), error: None } => Ok(data.result),
            Answer { error, .. } => Err(failed(error.unwrap_or_default())),
        }
    }
}

impl Drop for Prometheus {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.process.kill();
        let _ = self.process.wait();
        for file in ["prometheus.yml", "prometheus.log", "lock", "queries.active"] {
            let _ = std::fs::remove_file(self.data.join(file));
        }
        for directory in ["wal", "chunks_head"] {
            let _ = std::fs::remove_dir_all(self.data.join(directory));
        }
    }
}
