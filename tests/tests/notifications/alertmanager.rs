//! A real Alertmanager with our configuration, whose addresses and secrets lead to sinks.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;

use pratiko_tests::process::{Process, free_address};
use pratiko_tests::rules;
use pratiko_tests::temp::TempDir;
use pratiko_tests::wait;
use serde_json::{Value, json};

use crate::mail_sink::{MailSink, PASSWORD};
use crate::web_sink::{Message, Messages, WebSink};

/// Whether somebody is at work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Office {
    Open,
    Closed,
}

/// It runs until the value is dropped.
pub struct Alertmanager {
    /// `host:port`
    pub address: String,
    messages: Messages,
    agent: ureq::Agent,
    _process: Process,
    _web: WebSink,
    _mail: MailSink,
    directory: TempDir,
}

impl Alertmanager {
    /// Starts it. It waits `factor` times shorter than it is told to.
    pub fn start(office: Office, factor: u32) -> Self {
        let messages = Messages::default();
        let web = WebSink::start(Arc::clone(&messages));
        let mail = MailSink::start("alerts@example.com", Arc::clone(&messages));
        let directory = TempDir::new();
        let configuration = configure(directory.path(), office, factor, &web.url, &mail.address);
        let agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
        let (process, address) = run(directory.path(), &configuration, &agent);
        Self { address, messages, agent, _process: process, _web: web, _mail: mail, directory }
    }

    /// Tells it of alerts, as Prometheus does.
    pub fn tell(&self, alerts: &[Value]) {
        let url = format!("http://{}/api/v2/alerts", self.address);
        let body = serde_json::to_string(alerts).unwrap();
        let answer = self.agent.post(url).header("content-type", "application/json").send(body).unwrap();
        assert_eq!(answer.status(), 200);
    }

    /// The alerts that something more important keeps quiet, by name.
    pub fn inhibited(&self) -> Vec<String> {
        let url = format!("http://{}/api/v2/alerts", self.address);
        let text = self.agent.get(url).call().unwrap().body_mut().read_to_string().unwrap();
        let alerts: Vec<Value> = serde_json::from_str(&text).unwrap();
        let is_inhibited = |alert: &&Value| !alert["status"]["inhibitedBy"].as_array().unwrap().is_empty();
        let name = |alert: &Value| alert["labels"]["alertname"].as_str().unwrap().to_owned();
        alerts.iter().filter(is_inhibited).map(name).collect()
    }

    /// What has arrived anywhere.
    pub fn messages(&self) -> Vec<Message> {
        self.messages.lock().unwrap().clone()
    }

    /// Waits for a message at a place.
    pub fn wait_for(&self, place: &str, what: &str, is_it: impl Fn(&Message) -> bool) -> Message {
        wait::until(&format!("{what} at {place}"), || {
            let messages = self.messages();
            let found = messages.iter().find(|message| message.place == place && is_it(message));
            found.cloned().ok_or_else(|| {
                let arrived: Vec<String> = messages.iter().map(Message::short).collect();
                let log = std::fs::read_to_string(self.directory.path().join("log")).unwrap_or_default();
                format!("instead: {}\n{log}", arrived.join("; "))
            })
        })
    }
}

impl Message {
    /// Whether it says so in what a person sees first.
    pub fn is_titled(&self, title: &str) -> bool {
        self.title().contains(title)
    }

    /// What a person sees first.
    pub fn title(&self) -> String {
        let body = &self.body;
        let titles = [&body["subject"], &body["attachments"][0]["title"], &body["payload"]["summary"]];
        titles.into_iter().find_map(Value::as_str).unwrap_or_default().to_owned()
    }

    /// Whether it is about the alert with this summary. The end of a page names its incident alone.
    pub fn is_about(&self, summary: &str) -> bool {
        self.is_titled(summary) || self.body["event_action"] == "resolve"
    }

    fn short(&self) -> String {
        let at = self.at.duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
        format!("{at} {} {}", self.place, self.title())
    }
}

/// Writes a copy of our configuration, with secrets, into a directory.
fn configure(directory: &Path, office: Office, factor: u32, web: &str, mail: &str) -> PathBuf {
    let secrets = directory.join("secrets");
    std::fs::create_dir(&secrets).unwrap();
    for (name, secret) in [
        ("smtp-password", PASSWORD.to_owned()),
        ("pagerduty-key", "the key of PagerDuty".to_owned()),
        ("slack-operations-url", format!("{web}/slack/operations")),
        ("slack-business-url", format!("{web}/slack/business")),
        ("record-token", "the token of the record".to_owned()),
        ("deadman-token", "the token of the dead man".to_owned()),
    ] {
        std::fs::write(secrets.join(name), secret).unwrap();
    }
    let ours = rules::directory().join("alertmanager");
    let global = format!("\nglobal:\n  pagerduty_url: {web}/pagerduty\n  smtp_require_tls: false\n");
    let years = if office == Office::Open { "2000:2100" } else { "2000" };
    let mut text = std::fs::read_to_string(ours.join("alertmanager.yml")).unwrap();
    for (from, to) in [
        ("\nglobal:\n", global.as_str()),
        ("mail.example.com:587", mail),
        ("https://record.example.com/alerts", &format!("{web}/record")),
        ("https://deadman.example.com/pratiko", &format!("{web}/deadman")),
        ("/etc/alertmanager/secrets", secrets.to_str().unwrap()),
        ("templates/*.tmpl", ours.join("templates/*.tmpl").to_str().unwrap()),
        ("- weekdays: ['monday:friday']", &format!("- years: ['{years}']")),
        ("start_time: '09:00'", "start_time: '00:00'"),
        ("end_time: '18:00'", "end_time: '24:00'"),
    ] {
        assert!(text.contains(from), "alertmanager.yml says nothing of {from}");
        text = text.replace(from, to);
    }
    let file = directory.join("alertmanager.yml");
    std::fs::write(&file, rules::sped_up(&text, factor)).unwrap();
    file
}

fn run(directory: &Path, configuration: &Path, agent: &ureq::Agent) -> (Process, String) {
    let log = directory.join("log");
    for _ in 0..5 {
        let address = free_address().to_string();
        let child = Command::new("prometheus-alertmanager")
            .arg(format!("--config.file={}", configuration.display()))
            .arg(format!("--storage.path={}", directory.join("data").display()))
            .arg(format!("--web.listen-address={address}"))
            .arg("--cluster.listen-address=")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(std::fs::File::create(&log).unwrap())
            .spawn()
            .expect("Alertmanager, which must be installed");
        let mut process = Process(child);
        // Should another one have taken the port: its configuration is not ours.
        let is_ready = wait::until("an Alertmanager that is ready", || {
            let answer = agent.get(format!("http://{address}/api/v2/status")).call();
            let text = answer.and_then(|mut answer| answer.body_mut().read_to_string()).unwrap_or_default();
            let said = || std::fs::read_to_string(&log).unwrap_or_default();
            if text.contains(directory.to_str().unwrap()) {
                Ok(true)
            } else if process.has_ended() {
                Ok(false)
            } else {
                Err(said())
            }
        });
        if is_ready {
            return (process, address);
        }
    }
    panic!("Alertmanager does not start: {}", std::fs::read_to_string(&log).unwrap_or_default());
}

/// An alert as Prometheus tells of it: since now, and over if it says so.
pub fn alert(labels: &Value, is_over: bool) -> Value {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
    let time = |seconds: u64| {
        let seconds = i64::try_from(seconds).unwrap();
        pratiko_domain::time::Timestamp::from_seconds(seconds).to_string()
    };
    let ends = if is_over { now } else { now + 3600 };
    json!({
        "labels": labels,
        "annotations": {
            "summary": format!("Summary of {}", labels["alertname"].as_str().unwrap()),
            "description": "It is 2.61 > 2.50 & rising.",
            "runbook_url": "https://docs.example.com/RUNBOOKS.md#this",
            "dashboard_url": "https://grafana.example.com/d/uid/?viewPanel=3",
        },
        "startsAt": time(now - 60),
        "endsAt": time(ends),
        "generatorURL": "http://prometheus.example.com/graph",
    })
}
