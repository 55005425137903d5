//! Directories, and exporters that behave as they are told.

use std::collections::{HashSet, VecDeque};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

/// A directory that goes away with the value.
pub struct TempDir(PathBuf);

impl TempDir {
    pub fn new() -> Self {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("pratiko-ship-{}-{count}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for TempDir {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Asks again and again until it is so.
pub fn eventually(what: &str, mut is_so: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !is_so() {
        assert!(begun.elapsed() < Duration::from_secs(30), "{what} did not happen");
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// What is done with a request.
#[derive(Debug, Clone)]
pub enum Behaviour {
    /// Its events are recorded; those with an id that begins with `bad` are rejected.
    Record,
    /// They are recorded, and the connection is closed without an answer.
    RecordAndClose,
    /// It is answered with this status, these headers and this body.
    Answer(u16, String, String),
    /// Nothing is answered, until the client goes away.
    Hang,
    /// The connection is closed.
    Close,
    /// Its events are recorded unless it has more bytes than this.
    RecordUpTo(usize),
    /// The connection is closed in the middle of a request with more bytes than this.
    CutOffAbove(usize),
}

/// A request as it came.
#[derive(Debug, Clone)]
pub struct Seen {
    pub at: Instant,
    pub ids: Vec<String>,
    pub authorization: Option<String>,
    pub bytes: usize,
}

#[derive(Default)]
struct Script {
    next: VecDeque<Behaviour>,
    then: Option<Behaviour>,
    seen: Vec<Seen>,
    recorded: HashSet<String>,
}

/// An exporter on loopback that does with each request what it was told, and then records.
#[derive(Clone)]
pub struct FakeExporter {
    pub address: SocketAddr,
    script: Arc<Mutex<Script>>,
}

impl FakeExporter {
    pub fn start(behaviours: impl IntoIterator<Item = Behaviour>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let script = Script { next: behaviours.into_iter().collect(), ..Script::default() };
        let exporter = Self { address: listener.local_addr().unwrap(), script: Arc::new(Mutex::new(script)) };
        let shared = exporter.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let shared = shared.clone();
                std::thread::spawn(move || shared.serve(&stream));
            }
        });
        exporter
    }

    /// Does this with every request from now on.
    pub fn always(&self, behaviour: Behaviour) {
        let mut script = self.script.lock().unwrap();
        script.next.clear();
        script.then = Some(behaviour);
    }

    pub fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    pub fn seen(&self) -> Vec<Seen> {
        self.script.lock().unwrap().seen.clone()
    }

    pub fn recorded(&self) -> HashSet<String> {
        self.script.lock().unwrap().recorded.clone()
    }

    fn longest(&self) -> usize {
        match self.script.lock().unwrap().then {
            Some(Behaviour::CutOffAbove(bytes)) => bytes,
            _ => usize::MAX,
        }
    }

    fn serve(&self, stream: &TcpStream) {
        let mut reader = BufReader::new(stream);
        while let Some((authorization, body)) = read_request(&mut reader, stream, self.longest()) {
            let events: Vec<Value> = serde_json::from_slice(&body).unwrap();
            let ids: Vec<String> =
                events.iter().map(|event| event["id"].as_str().unwrap().to_owned()).collect();
            let mut script = self.script.lock().unwrap();
            let seen = Seen { at: Instant::now(), ids: ids.clone(), authorization, bytes: body.len() };
            script.seen.push(seen);
            let then = script.then.clone().unwrap_or(Behaviour::Record);
            let behaviour = script.next.pop_front().unwrap_or(then);
            let (status, headers, text) = match behaviour {
                Behaviour::RecordUpTo(most) if body.len() > most => (413, String::new(), String::new()),
                Behaviour::Record | Behaviour::RecordUpTo(_) | Behaviour::CutOffAbove(_) => {
                    script.record(&ids)
                }
                Behaviour::RecordAndClose => {
                    script.record(&ids);
                    return;
                }
                Behaviour::Answer(status, headers, text) => (status, headers, text),
                Behaviour::Hang => {
                    drop(script);
                    let _ = reader.read(&mut [0]);
                    return;
                }
                Behaviour::Close => return,
            };
            drop(script);
            let answer =
                format!("HTTP/1.1 {status} X\r\nContent-Length: {}\r\n{headers}\r\n{text}", text.len());
            let mut writer: &TcpStream = stream;
            if writer.write_all(answer.as_bytes()).is_err() {
                return;
            }
        }
    }
}

impl Script {
    fn record(&mut self, ids: &[String]) -> (u16, String, String) {
        let (mut accepted, mut duplicates, mut rejected) = (0, 0, Vec::new());
        for (index, id) in ids.iter().enumerate() {
            if id.starts_with("bad") {
                rejected.push(json!({ "index": index, "reason": "data: is bad" }));
            } else if self.recorded.insert(id.clone()) {
                accepted += 1;
            } else {
                duplicates += 1;
            }
        }
        let status = if accepted + duplicates == 0 && !rejected.is_empty() { 400 } else { 200 };
        let body = json!({ "accepted": accepted, "duplicates": duplicates, "rejected": rejected });
        (status, String::new(), body.to_string())
    }
}

fn read_request(
    reader: &mut impl BufRead,
    mut writer: &TcpStream,
    longest: usize,
) -> Option<(Option<String>, Vec<u8>)> {
    let mut length = 0;
    let mut authorization = None;
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).ok()? == 0 {
            return None;
        }
        let line = line.trim_end();
        if line.is_empty() {
            break;
        }
        let Some((name, value)) = line.split_once(": ") else { continue };
        match name.to_ascii_lowercase().as_str() {
            "content-length" => length = value.parse().unwrap(),
            "expect" => writer.write_all(b"HTTP/1.1 100 Continue\r\n\r\n").ok()?,
            "authorization" => authorization = Some(value.to_owned()),
            _ => {}
        }
    }
    let mut body = vec![0; length.min(longest)];
    reader.read_exact(&mut body).ok()?;
    if length > longest {
        return None;
    }
    Some((authorization, body))
}
