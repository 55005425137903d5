//! A daemon in the test's own process, on a free port, with a ledger and a clock of its own.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc;
use std::thread::JoinHandle;
use std::time::Duration;

use pratiko_domain::event::Event;
use pratiko_domain::time::{Clock, Timestamp};
use pratiko_exporter::config::{self, Config, Environment, Flags, Schema};
use pratiko_exporter::daemon::{Daemon, ledger_settings};
use pratiko_exporter::prices::Prices;
use pratiko_ledger::recording::{Recorder, Verdict};
use pratiko_ledger::store::StoreError;
use pratiko_ledger::store::sqlite::SqliteStore;
use pratiko_ledger::transfer::{self, Imported, TransferError};
use pratiko_ledger::{Ledger, LedgerStatus, Settings};
use serde_json::Value;
use tokio::sync::oneshot;

use crate::temp::TempDir;
use crate::wait::{self, PATIENCE};

/// A ledger's directory and a configuration, with nothing running on them.
pub struct Installation {
    directory: TempDir,
    config: Config,
}

impl Installation {
    /// An empty ledger, and the configuration `yaml` with a free port of the loopback address.
    ///
    /// # Panics
    /// If the configuration is wrong.
    #[expect(clippy::expect_used, reason = "a test cannot go on without it")]
    pub fn new(yaml: &str) -> Self {
        let directory = TempDir::new();
        let file = directory.path().join("exporter.yml");
        std::fs::write(&file, yaml).expect("a configuration file");
        let mut flags = Flags::with_file(Some(file));
        let ledger = directory.path().join("ledger").to_string_lossy().into_owned();
        flags.give("ledger.path", "--ledger.path", vec![ledger]);
        flags.give("web.listen_address", "--web.listen-address", vec!["127.0.0.1:0".to_owned()]);
        let schema = Schema::of_this_exporter();
        let loaded = config::load(&schema, &flags, &Environment::default()).expect("a configuration");
        Self { directory, config: loaded.config }
    }

    /// What the configuration tells the ledger.
    pub fn ledger_settings(&self) -> Settings {
        let prices = Prices::open(&self.config.prices)
            .unwrap_or_else(|error| unreachable!("the list that comes with the program: {error}"));
        ledger_settings(&self.config, &Arc::new(prices))
    }

    /// Opens the ledger to record into it.
    ///
    /// # Panics
    /// If it cannot be opened.
    #[expect(clippy::expect_used, reason = "a test cannot go on without it")]
    pub fn recorder(&self, now: Timestamp) -> Recorder {
        let store = SqliteStore::open(&self.config.ledger.path).expect("a ledger");
        Recorder::open(Box::new(store), Arc::new(self.ledger_settings()), now).expect("a ledger")
    }

    /// Imports one CloudEvent a line, as the command does.
    ///
    /// # Panics
    /// If the ledger fails.
    #[expect(clippy::expect_used, reason = "a test cannot go on without it")]
    pub fn import(&self, lines: &str, now: Timestamp) -> Imported {
        let mut recorder = self.recorder(now);
        let record = |events: Vec<Event>| -> Result<Vec<Verdict>, ImportError> {
            recorder.record(events, true, now).map_err(ImportError::Store)
        };
        transfer::import(lines.as_bytes(), now, record, |_| {}).expect("an import")
    }

    /// Starts the daemon.
    ///
    /// # Panics
    /// If it cannot start, or cannot open its ledger.
    #[expect(clippy::expect_used, reason = "a test cannot go on without it")]
    pub fn start(self, clock: Arc<dyn Clock>) -> InProcess {
        let token_file = self.token_file();
        let Self { directory, config } = self;
        let (stop, stopped) = oneshot::channel::<()>();
        let (started, starting) = mpsc::channel();
        let daemon_config = config.clone();
        let thread = std::thread::spawn(move || serve(&daemon_config, clock, &started, stopped));
        let (address, ledger) = starting.recv_timeout(PATIENCE).expect("a daemon that starts");
        let status = wait::until("a ledger that opens", || match ledger.status() {
            LedgerStatus::Opening => Err("it is being read".to_owned()),
            status => Ok(status),
        });
        assert_eq!(status, LedgerStatus::Open);
        let token = std::fs::read_to_string(token_file).expect("the token that the daemon made");
        let timeout = Some(Duration::from_secs(60));
        let agent = ureq::Agent::config_builder().http_status_as_error(false).timeout_global(timeout);
        InProcess {
            address,
            ledger,
            token: token.trim().to_owned(),
            agent: agent.build().into(),
            installation: Some(Self { directory, config }),
            running: Some(Running { stop, thread }),
        }
    }
}

impl Installation {
    fn token_file(&self) -> PathBuf {
        self.config.ledger.path.join("ingest-token")
    }
}

/// Why an import breaks off.
#[derive(Debug)]
enum ImportError {
    #[expect(dead_code, reason = "shown by Debug when a test fails")]
    Store(StoreError),
    #[expect(dead_code, reason = "shown by Debug when a test fails")]
    Lines(TransferError),
}

impl From<TransferError> for ImportError {
    fn from(error: TransferError) -> Self {
        Self::Lines(error)
    }
}

#[expect(clippy::expect_used, reason = "a test cannot go on without it")]
fn serve(
    config: &Config,
    clock: Arc<dyn Clock>,
    started: &mpsc::Sender<(SocketAddr, Ledger)>,
    stopped: oneshot::Receiver<()>,
) {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a tokio runtime");
    runtime.block_on(async {
        let daemon = Daemon::start(config, clock).expect("a daemon");
        let told = started.send((daemon.addresses()[0], daemon.ledger().clone()));
        told.expect("a test that waits for its daemon");
        let shutdown = async {
            // Also if the test has gone without a word.
            let _ = stopped.await;
        };
        daemon.serve(shutdown).await.expect("a daemon that serves");
    });
}

/// A daemon that runs until the value is dropped.
pub struct InProcess {
    address: SocketAddr,
    ledger: Ledger,
    token: String,
    agent: ureq::Agent,
    running: Option<Running>,
    /// There until it is handed back. It goes after what runs on it.
    installation: Option<Installation>,
}

struct Running {
    stop: oneshot::Sender<()>,
    thread: JoinHandle<()>,
}

/// An answer.
#[derive(Debug)]
pub struct Answer {
    /// The status code.
    pub status: u16,
    /// The headers, by their names in small letters.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl Answer {
    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The value of a header.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

impl InProcess {
    /// Starts a daemon with the configuration `yaml` and an empty ledger.
    pub fn with_empty_ledger(yaml: &str, clock: Arc<dyn Clock>) -> Self {
        Installation::new(yaml).start(clock)
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The file of the token for sending events.
    ///
    /// # Panics
    /// Never: the installation is there while the daemon runs.
    #[expect(clippy::expect_used, reason = "it is there while the daemon runs")]
    pub fn token_file(&self) -> PathBuf {
        self.installation.as_ref().expect("an installation").token_file()
    }

    /// Its ledger.
    pub fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// Sends a batch of events; returns the answer's status and JSON.
    ///
    /// # Panics
    /// If there is no answer.
    #[expect(clippy::expect_used, reason = "a test cannot go on without it")]
    pub fn post(&self, events: &[Value]) -> (u16, Value) {
        let body = serde_json::to_string(events).expect("JSON");
        let mut response = self
            .agent
            .post(format!("http://{}/api/v1/events", self.address))
            .header("authorization", format!("Bearer {}", self.token))
            .header("content-type", "application/cloudevents-batch+json")
            .send(body)
            .expect("an answer");
        let text = response.body_mut().read_to_string().expect("a body");
        let json = serde_json::from_str(&text).unwrap_or(Value::String(text));
        (response.status().as_u16(), json)
    }

    /// Sends a batch of events all of which must be new and good.
    ///
    /// # Panics
    /// If one is not.
    pub fn accept(&self, events: &[Value]) {
        let (status, answer) = self.post(events);
        let expected = serde_json::json!({ "accepted": events.len(), "duplicates": 0, "rejected": [] });
        assert_eq!((status, answer), (200, expected));
    }

    /// Gets a path, with headers.
    ///
    /// # Panics
    /// If there is no answer.
    #[expect(clippy::expect_used, reason = "a test cannot go on without it")]
    pub fn get(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        let request = self.agent.get(format!("http://{}{path}", self.address));
        let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
        let mut response = request.call().expect("an answer");
        let headers = response.headers().iter();
        let text = |value: &ureq::http::HeaderValue| value.to_str().unwrap_or_default().to_owned();
        Answer {
            status: response.status().as_u16(),
            headers: headers.map(|(name, value)| (name.to_string(), text(value))).collect(),
            body: response.body_mut().read_to_vec().expect("a body"),
        }
    }

    /// The page of metrics in the plain text format.
    pub fn metrics(&self) -> String {
        self.get("/metrics", &[]).text()
    }
}

impl InProcess {
    /// Stops the daemon and returns what it ran on, to be started again.
    ///
    /// # Panics
    /// Never: the installation is there until it is handed back.
    #[expect(clippy::expect_used, reason = "it is there until it is handed back")]
    pub fn stop(mut self) -> Installation {
        self.end();
        self.installation.take().expect("an installation")
    }

    fn end(&mut self) {
        let Some(Running { stop, thread }) = self.running.take() else { return };
        // It may have stopped by itself.
        let _ = stop.send(());
        if thread.join().is_err() && !std::thread::panicking() {
            // Not a panic of its own: that would hide what else the test found.
            eprintln!("the daemon panicked");
        }
    }
}

impl Drop for InProcess {
    fn drop(&mut self) {
        self.end();
    }
}
