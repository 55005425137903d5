//! A daemon of a test's own, and what is asked of it again and again.

use std::collections::HashMap;
use std::fs;
use std::io::{self, BufRead, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

use pratiko_domain::money::Money;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};

use crate::http::{self, Answer};

/// How long a test waits for what has to happen, on a machine that is busy with other things.
const PATIENCE: Duration = Duration::from_secs(60);
const PAUSE: Duration = Duration::from_millis(10);

/// Asks again and again until there is an answer.
pub fn eventually<T>(what: &str, mut ask: impl FnMut() -> Option<T>) -> T {
    let begun = Instant::now();
    loop {
        if let Some(answer) = ask() {
            return answer;
        }
        assert!(begun.elapsed() < PATIENCE, "{what} did not happen");
        std::thread::sleep(PAUSE);
    }
}

/// A directory that goes away with the value.
pub struct TempDir(PathBuf);

impl TempDir {
    pub fn new() -> Self {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("pratiko-daemon-{}-{count}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Where a file of this name is, or would be.
    pub fn file(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    /// Writes a file as careful operators do: under another name first, and then renamed.
    pub fn write(&self, name: &str, text: &str) -> PathBuf {
        let (draft, path) = (self.file(&format!("{name}.new")), self.file(name));
        fs::write(&draft, text).unwrap();
        fs::rename(draft, &path).unwrap();
        path
    }
}

impl Drop for TempDir {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// The program, with nothing in its environment that could configure it, and no file that could.
pub fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_pratiko-exporter"));
    command.env_clear().env("PRATIKO_CONFIG_FILE", "/dev/null").stdin(Stdio::null());
    command
}

/// Runs one of the program's commands, given as words, on the ledger in `directory`.
pub fn run(directory: &Path, arguments: &[&str]) -> Output {
    program().arg("--ledger.path").arg(directory).args(arguments).output().unwrap()
}

/// Runs a command that has to succeed; what it printed.
pub fn run_well(directory: &Path, arguments: &[&str]) -> String {
    let output = run(directory, arguments);
    assert!(output.status.success(), "{arguments:?}: {output:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// Runs a command that has to fail; what it said on standard error.
pub fn run_badly(directory: &Path, arguments: &[&str]) -> String {
    let output = run(directory, arguments);
    assert_eq!(output.status.code(), Some(1), "{arguments:?}: {output:?}");
    String::from_utf8(output.stderr).unwrap()
}

/// A new token, and its line for the configuration.
pub fn new_token(directory: &Path) -> (String, String) {
    let printed = run_well(directory, &["token"]);
    let mut values = printed.lines().map(|line| line.rsplit_once(": ").unwrap().1.to_owned());
    (values.next().unwrap(), values.next().unwrap())
}

/// What a daemon has logged, and whether there can be more.
#[derive(Default)]
struct Log {
    lines: Vec<Value>,
    has_ended: bool,
}

/// Whoever sends events to a daemon and reads its pages.
#[derive(Debug, Clone)]
pub struct Client {
    pub address: SocketAddr,
    /// For sending events; empty if the daemon made none.
    pub token: String,
}

impl Client {
    pub fn get(&self, path: &str) -> Answer {
        http::request(self.address, "GET", path, &[], b"").unwrap()
    }

    /// Sends any body with the token; an error if no complete answer comes.
    pub fn post(&self, content_type: &str, body: &[u8]) -> io::Result<Answer> {
        let bearer = format!("Bearer {}", self.token);
        let headers = [("Authorization", bearer.as_str()), ("Content-Type", content_type)];
        http::request(self.address, "POST", "/api/v1/events", &headers, body)
    }

    /// Sends a batch; an error if no complete answer comes.
    pub fn try_send(&self, batch: Batch) -> io::Result<Answer> {
        self.post("application/cloudevents-batch+json", batch.json().as_bytes())
    }

    /// Sends a batch that has to be taken; how many events were accepted, and how many were there before.
    pub fn send(&self, batch: Batch) -> (u64, u64) {
        let answer = self.try_send(batch).unwrap();
        assert_eq!(answer.status, 200, "{answer:?}");
        counts(&answer)
    }

    /// The values of all metrics, by name and labels as they are written.
    pub fn metrics(&self) -> HashMap<String, f64> {
        let answer = self.get("/metrics");
        assert_eq!(answer.status, 200, "{answer:?}");
        let samples = answer.body.lines().filter(|line| !line.starts_with('#'));
        let samples = samples.filter_map(|line| line.rsplit_once(' '));
        samples.map(|(series, value)| (series.to_owned(), value.parse().unwrap())).collect()
    }

    /// Waits until the figures count so many events; then all metrics.
    pub fn metrics_with(&self, events: u64) -> HashMap<String, f64> {
        eventually(&format!("a page with {events} events"), || {
            let metrics = self.metrics();
            let told = metrics.get("pratiko_ledger_events_total").copied();
            assert!(told.unwrap_or_default() <= events as f64, "{told:?} events, expected {events}");
            (told == Some(events as f64)).then_some(metrics)
        })
    }
}

/// A running daemon; killed when dropped.
pub struct Daemon {
    child: Child,
    pub client: Client,
    log: Arc<(Mutex<Log>, Condvar)>,
}

impl Daemon {
    /// On a ledger, with everything else as it is by default.
    pub fn start(ledger: &Path) -> Self {
        Self::start_with(ledger, &[])
    }

    /// With further flags.
    pub fn start_with(ledger: &Path, flags: &[&str]) -> Self {
        Self::start_at(([127, 0, 0, 1], 0).into(), ledger, flags)
    }

    /// At an address where another was before.
    pub fn start_at(address: SocketAddr, ledger: &Path, flags: &[&str]) -> Self {
        let mut child = program()
            .arg(format!("--web.listen-address={address}"))
            .args(["--log.format=json", "--ledger.path"])
            .arg(ledger)
            .args(flags)
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let log = Arc::<(Mutex<Log>, Condvar)>::default();
        let lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let shared = Arc::clone(&log);
        std::thread::spawn(move || follow(lines, &shared));
        let nobody = Client { address: ([127, 0, 0, 1], 0).into(), token: String::new() };
        let mut daemon = Self { child, client: nobody, log };
        let started = daemon.logged("started");
        let address = started["addresses"].as_str().unwrap().parse().unwrap();
        let token = fs::read_to_string(ledger.join("ingest-token")).unwrap_or_default();
        daemon.client = Client { address, token: token.trim().to_owned() };
        daemon
    }

    /// Waits until a line with this message is in the log.
    pub fn logged(&self, message: &str) -> Value {
        let (log, changed) = &*self.log;
        let is_wanted = |line: &Value| line["msg"] == message;
        let waiting = |log: &mut Log| !log.has_ended && !log.lines.iter().any(is_wanted);
        let (log, _) = changed.wait_timeout_while(log.lock().unwrap(), PATIENCE, waiting).unwrap();
        let found = log.lines.iter().find(|line| is_wanted(line));
        found.cloned().unwrap_or_else(|| panic!("no line {message:?} in {:#?}", log.lines))
    }

    /// All that is in the log by now.
    pub fn everything_logged(&self) -> String {
        Value::from(self.log.0.lock().unwrap().lines.clone()).to_string()
    }

    /// The memory it has, in bytes.
    pub fn resident_bytes(&self) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
        line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() * 1024
    }

    /// `kill -9`, at once.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Tells it to stop.
    pub fn terminate(&self) {
        self.signal(Signal::TERM);
    }

    /// Sends it a signal.
    pub fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).unwrap();
    }

    /// Waits until it has ended by itself.
    pub fn ended(&mut self) -> ExitStatus {
        eventually("the end of the daemon", || self.child.try_wait().unwrap())
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn follow(lines: impl Iterator<Item = io::Result<String>>, shared: &(Mutex<Log>, Condvar)) {
    let (log, changed) = shared;
    for line in lines.map_while(Result::ok) {
        // What is no JSON is a last word, as of a panic.
        let line = serde_json::from_str(&line).unwrap_or(Value::String(line));
        log.lock().unwrap().lines.push(line);
        changed.notify_all();
    }
    log.lock().unwrap().has_ended = true;
    changed.notify_all();
}

/// What was accepted and what was there before, of an answer that rejects nothing.
pub fn counts(answer: &Answer) -> (u64, u64) {
    let json = answer.json();
    assert_eq!(json["rejected"], json!([]), "{answer:?}");
    (json["accepted"].as_u64().unwrap(), json["duplicates"].as_u64().unwrap())
}

/// Events that are made from their numbers: each its own id and its own amount.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Batch {
    pub number: u64,
    pub size: u64,
}

impl Batch {
    pub fn ids(self) -> impl Iterator<Item = String> {
        (0..self.size).map(move |position| format!("batch-{}-{position}", self.number))
    }

    pub fn cost(self) -> Money {
        (0..self.size).map(|position| self.cost_of(position)).sum()
    }

    fn cost_of(self, position: u64) -> Money {
        Money::from_nanos(i128::from(self.number * 1_000_003 + position + 1))
    }

    pub fn json(self) -> String {
        let events: Vec<Value> = self
            .ids()
            .zip(0..)
            .map(|(id, position)| {
                usage(&id, &format!("usr_{}", position % 50), &self.cost_of(position).to_string())
            })
            .collect();
        Value::from(events).to_string()
    }
}

/// A call to a language model, now.
pub fn usage(id: &str, user: &str, cost: &str) -> Value {
    json!({
        "specversion": "1.0", "id": id, "source": "test", "type": "com.pratiko.llm.usage.v1", "subject": user,
        "data": {"provider": "openai", "model": "gpt-5", "cost_eur": cost},
    })
}
