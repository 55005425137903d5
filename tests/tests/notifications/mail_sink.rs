//! A mail server that asks for a password and tells what it takes: aiosmtpd, which knows nothing of us.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::SystemTime;

use pratiko_tests::process::Process;
use serde_json::Value;

use crate::web_sink::{Message, Messages};

/// The only account.
pub const PASSWORD: &str = "the password of the mail account";

/// A server until the value is dropped.
pub struct MailSink {
    /// `127.0.0.1:…`
    pub address: String,
    _process: Process,
}

impl MailSink {
    /// A server with this user and [`PASSWORD`].
    pub fn start(user: &str, messages: Messages) -> Self {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/notifications/mail_sink.py");
        let python = if Path::new("/usr/bin/python3").exists() { "/usr/bin/python3" } else { "python3" };
        let mut child = Command::new(python)
            .args(["-W", "ignore"])
            .arg(script)
            .args([user, PASSWORD])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("Python");
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let process = Process(child);
        let port = lines.next().expect("aiosmtpd, which .ci/test-tools installs").unwrap();
        std::thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                let body: Value = serde_json::from_str(&line).unwrap();
                let mut messages = messages.lock().unwrap();
                for address in body["to"].as_array().unwrap() {
                    let place = format!("mail/{}", address.as_str().unwrap());
                    let at = SystemTime::now();
                    let authorization = String::new();
                    messages.push(Message { place, at, body: body.clone(), authorization });
                }
            }
        });
        Self { address: format!("127.0.0.1:{port}"), _process: process }
    }
}
