//! A bank's server on loopback: it serves its files in their real form, says when nothing is new, and
//! can fail in the usual ways.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use pratiko_domain::time::Date;

/// What the server does with the next requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mood {
    /// It serves its files.
    Well,
    /// It answers with this status and nothing else.
    Answers(u16),
    /// It serves something else.
    Garbage,
    /// It takes the request and says nothing.
    Silent,
}

/// A request and what was answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    pub file: String,
    pub condition: Option<String>,
    pub status: u16,
}

struct State {
    mood: Mood,
    /// Dollars per euro.
    rates: BTreeMap<Date, String>,
    requests: Vec<Request>,
}

/// The server. It ends with the test's process.
pub struct Bank {
    address: SocketAddr,
    state: Arc<Mutex<State>>,
}

impl Bank {
    pub fn open(rates: impl IntoIterator<Item = (Date, &'static str)>) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let address = listener.local_addr().unwrap();
        let rates = rates.into_iter().map(|(day, rate)| (day, rate.to_owned())).collect();
        let state = Arc::new(Mutex::new(State { mood: Mood::Well, rates, requests: Vec::new() }));
        let shared = Arc::clone(&state);
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let shared = Arc::clone(&shared);
                std::thread::spawn(move || answer(stream, &shared));
            }
        });
        Self { address, state }
    }

    pub fn url(&self) -> String {
        format!("http://{}/stats/eurofxref/", self.address)
    }

    pub fn is(&self, mood: Mood) {
        self.state.lock().unwrap().mood = mood;
    }

    /// Publishes a rate, or another one than before.
    pub fn publish(&self, day: Date, rate: &str) {
        self.state.lock().unwrap().rates.insert(day, rate.to_owned());
    }

    pub fn requests(&self) -> Vec<Request> {
        self.state.lock().unwrap().requests.clone()
    }
}

/// Answers requests until the other side has had enough.
fn answer(mut stream: TcpStream, state: &Mutex<State>) {
    while let Some(head) = head(&mut stream) {
        let file = head.split(' ').nth(1).and_then(|path| path.rsplit('/').next()).unwrap_or_default();
        let condition = head.lines().find_map(|line| {
            let (name, value) = line.split_once(':')?;
            name.eq_ignore_ascii_case("if-none-match").then(|| value.trim().to_owned())
        });
        let (mood, rates) = {
            let state = state.lock().unwrap();
            (state.mood, state.rates.clone())
        };
        let body = match file {
            "eurofxref-daily.xml" => document(rates.iter().next_back()),
            "eurofxref-hist-90d.xml" => document(rates.iter().rev().take(60)),
            "eurofxref-hist.xml" => document(rates.iter().rev()),
            _ => String::new(),
        };
        let tag =
            format!("\"{:x}\"", body.bytes().fold(0_u64, |sum, byte| sum.wrapping_mul(31) + u64::from(byte)));
        let (status, body) = match mood {
            Mood::Silent => {
                std::thread::sleep(Duration::from_secs(300));
                return;
            }
            Mood::Answers(status) => (status, String::new()),
            Mood::Garbage => (200, "<html><body>Back soon</body></html>".to_owned()),
            Mood::Well if condition.as_ref() == Some(&tag) => (304, String::new()),
            Mood::Well if body.is_empty() => (404, String::new()),
            Mood::Well => (200, body),
        };
        let request = Request { file: file.to_owned(), condition, status };
        state.lock().unwrap().requests.push(request);
        let answer = format!(
            "HTTP/1.1 {status} -\r\nContent-Type: text/xml\r\nETag: {tag}\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        if stream.write_all(answer.as_bytes()).is_err() {
            return;
        }
    }
}

fn head(stream: &mut TcpStream) -> Option<String> {
    let mut bytes = Vec::new();
    while !bytes.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        if stream.read(&mut byte).ok()? == 0 {
            return None;
        }
        bytes.push(byte[0]);
    }
    String::from_utf8(bytes).ok()
}

/// A file as the bank writes it, the latest day first.
pub fn document<'a>(rates: impl IntoIterator<Item = (&'a Date, &'a String)>) -> String {
    let mut days = String::new();
    for (day, dollars) in rates {
        let _ = writeln!(days, "\t\t<Cube time='{day}'>");
        let _ = writeln!(days, "\t\t\t<Cube currency='USD' rate='{dollars}'/>");
        let _ = writeln!(days, "\t\t\t<Cube currency='JPY' rate='155.53'/>\n\t\t</Cube>");
    }
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <gesmes:Envelope xmlns:gesmes=\"http://www.gesmes.org/xml/2002-08-01\" \
         xmlns=\"http://www.ecb.int/vocabulary/2002-08-01/eurofxref\">\n\
         \t<gesmes:subject>Reference rates</gesmes:subject>\n\
         \t<gesmes:Sender>\n\t\t<gesmes:name>European Central Bank</gesmes:name>\n\t</gesmes:Sender>\n\
         \t<Cube>\n{days}\t</Cube>\n</gesmes:Envelope>\n"
    )
}
