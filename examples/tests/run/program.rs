//! A running example, and what is asked of it.

use std::io::{BufRead, BufReader, Lines, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};

use pratiko_metrics::exposition::reading::{FamilyReading, read};
use pratiko_tests::wait;
use rustix::process::{Pid, Signal, kill_process};

/// A running example; killed when dropped.
pub struct Program {
    child: Child,
    output: Lines<BufReader<ChildStdout>>,
    /// Where its page is.
    pub address: SocketAddr,
}

impl Program {
    /// Starts it and waits until it has said where its page is.
    pub fn start(path: &str, arguments: &[&str]) -> Self {
        let mut command = Command::new(path);
        command.args(arguments).env_clear().stdin(Stdio::null()).stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut output = BufReader::new(child.stdout.take().unwrap()).lines();
        let line = output.next().unwrap().unwrap();
        let address = line.strip_prefix("http://").and_then(|line| line.strip_suffix("/metrics")).unwrap();
        Self { address: address.parse().unwrap(), child, output }
    }

    /// Sends a request and leaves the answer to be read.
    pub fn send(&self, method: &str, path: &str, headers: &[&str], body: &str) -> TcpStream {
        let mut stream = TcpStream::connect(self.address).unwrap();
        stream.set_read_timeout(Some(wait::PATIENCE)).unwrap();
        let headers: String = headers.iter().flat_map(|header| [*header, "\r\n"]).collect();
        let length = body.len();
        let head = format!(
            "{method} {path} HTTP/1.1\r\nHost: test\r\nConnection: close\r\nContent-Length: {length}\r\n{headers}\r\n"
        );
        stream.write_all(format!("{head}{body}").as_bytes()).unwrap();
        stream
    }

    /// Sends a request and reads all of the answer.
    pub fn ask(&self, method: &str, path: &str, headers: &[&str], body: &str) -> Answer {
        let mut text = String::new();
        self.send(method, path, headers, body).read_to_string(&mut text).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        Answer { status, body: body.to_owned() }
    }

    pub fn get(&self, path: &str) -> Answer {
        self.ask("GET", path, &[], "")
    }

    /// Its page, which has to be one that Prometheus can read.
    pub fn page(&self) -> Page {
        let answer = self.get("/metrics");
        assert_eq!(answer.status, 200);
        Page::read(answer.body)
    }

    /// Waits for a page with these values: an exchange is recorded when it is over, which may be a
    /// moment after the client has read the last byte.
    pub fn page_with(&self, samples: &[Sample<'_>]) -> Page {
        wait::until("a page with all values", || self.page().with(samples))
    }

    /// Tells it to stop, as a service manager does.
    pub fn terminate(&self) {
        kill_process(Pid::from_child(&self.child), Signal::TERM).unwrap();
    }

    /// Waits until it has ended by itself; how, and what it said beside where its page is.
    pub fn ended(mut self) -> (ExitStatus, String) {
        let said: Vec<String> = self.output.by_ref().map(Result::unwrap).collect();
        (self.child.wait().unwrap(), said.join("\n"))
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub body: String,
}

/// A sample's name, its labels and its value.
pub type Sample<'a> = (&'a str, &'a [(&'a str, &'a str)], f64);

/// A page as Prometheus reads it.
pub struct Page {
    pub text: String,
    families: Vec<FamilyReading>,
}

impl Page {
    pub fn read(text: String) -> Self {
        let families = read(&text).unwrap_or_else(|error| panic!("{error}:\n{text}"));
        Self { text, families }
    }

    pub fn value(&self, sample: &str, labels: &[(&str, &str)]) -> Option<f64> {
        self.families.iter().find_map(|family| family.value(sample, labels))
    }

    /// The page, if it has all these values.
    pub fn with(self, samples: &[Sample<'_>]) -> Result<Self, String> {
        for (sample, labels, expected) in samples {
            let value = self.value(sample, labels);
            if value != Some(*expected) {
                return Err(format!("{sample} {labels:?} is {value:?} and not {expected}:\n{}", self.text));
            }
        }
        Ok(self)
    }

    pub fn has(&self, family: &str) -> bool {
        self.families.iter().any(|known| known.name == family && !known.samples.is_empty())
    }
}

/// Reads an answer until it holds `text`, and goes away.
pub fn read_until(mut stream: TcpStream, text: &str) {
    let (mut read, mut piece) = (Vec::new(), [0; 512]);
    while !String::from_utf8_lossy(&read).contains(text) {
        let length = stream.read(&mut piece).unwrap();
        assert!(length > 0, "{text} never came: {}", String::from_utf8_lossy(&read));
        read.extend_from_slice(&piece[..length]);
    }
}
