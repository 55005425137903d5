//! The lists of an account over HTTP, as Stripe gives them: newest first, page by page, with limits.

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

use serde_json::{Value, json};

use super::account::Account;

/// The key that the server takes.
pub const KEY: &str = "rk_live_1234567890";

/// How the server behaves.
#[derive(Debug, Clone, Copy)]
pub struct Manners {
    /// The most objects on a page.
    pub page: usize,
    /// Every so many requests it asks to be left alone for a moment; 0 for never.
    pub busy_every: usize,
    /// After so many pages it gives no further one; 0 for never.
    pub dies_after: usize,
    /// Whether it refuses to expand.
    pub expands: bool,
}

impl Default for Manners {
    fn default() -> Self {
        Self { page: 3, busy_every: 0, dies_after: 0, expands: true }
    }
}

/// A server; ends with the value.
pub struct Server {
    pub address: SocketAddr,
    /// The requests, as paths with their queries.
    pub asked: Arc<Mutex<Vec<String>>>,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    pub fn start(account: Account, manners: Manners) -> Self {
        Self::start_at(([127, 0, 0, 1], 0).into(), account, manners)
    }

    /// At an address where another was before.
    pub fn start_at(address: SocketAddr, account: Account, manners: Manners) -> Self {
        let listener = TcpListener::bind(address).unwrap();
        let address = listener.local_addr().unwrap();
        let asked = Arc::<Mutex<Vec<String>>>::default();
        let stop = Arc::new(AtomicBool::new(false));
        let (log, stopped) = (Arc::clone(&asked), Arc::clone(&stop));
        let thread = std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                if stopped.load(Ordering::Relaxed) {
                    return;
                }
                let _ = answer(&stream, &account, manners, &log);
            }
        });
        Self { address, asked, stop, thread: Some(thread) }
    }

    pub fn base(&self) -> String {
        format!("http://{}", self.address)
    }

    pub fn count(&self) -> usize {
        self.asked.lock().unwrap().len()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        let _ = TcpStream::connect(self.address);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn answer(
    stream: &TcpStream,
    account: &Account,
    manners: Manners,
    log: &Mutex<Vec<String>>,
) -> std::io::Result<()> {
    stream.set_read_timeout(Some(std::time::Duration::from_secs(20)))?;
    let mut lines = BufReader::new(stream).lines();
    let first = lines.next().transpose()?.unwrap_or_default();
    let mut is_allowed = false;
    for line in lines.by_ref() {
        let line = line?;
        if line.is_empty() {
            break;
        }
        is_allowed |= line.eq_ignore_ascii_case(&format!("authorization: Bearer {KEY}"));
    }
    let target = first.split(' ').nth(1).unwrap_or_default().to_owned();
    let number = {
        let mut log = log.lock().unwrap();
        log.push(target.clone());
        log.len()
    };
    let (status, body) = if !is_allowed {
        ("401 Unauthorized", json!({"error": {"type": "invalid_request_error"}}))
    } else if manners.dies_after > 0 && number > manners.dies_after {
        ("403 Forbidden", json!({"error": {"type": "invalid_request_error"}}))
    } else if manners.busy_every > 0 && number % manners.busy_every == 0 {
        ("429 Too Many Requests", json!({"error": {"type": "rate_limit_error"}}))
    } else if manners.busy_every > 0 && number % manners.busy_every == 1 {
        ("503 Service Unavailable", json!({}))
    } else if !manners.expands && target.contains("expand") {
        ("400 Bad Request", json!({"error": {"message": "This property cannot be expanded"}}))
    } else {
        page(account, &target, manners.page)
    };
    let text = body.to_string();
    let now = jiff::Timestamp::now();
    let date = jiff::fmt::rfc2822::DateTimePrinter::new().timestamp_to_rfc9110_string(&now).unwrap();
    let head = format!(
        "HTTP/1.1 {status}\r\nDate: {date}\r\nRetry-After: 0\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        text.len()
    );
    let mut stream = stream;
    stream.write_all(head.as_bytes())?;
    stream.write_all(text.as_bytes())
}

fn page(account: &Account, target: &str, most: usize) -> (&'static str, Value) {
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let Some(list) = path.strip_prefix("/v1/").and_then(|name| account.list(name)) else {
        return ("404 Not Found", json!({"error": {"message": "Unrecognized request URL"}}));
    };
    let value = |name: &str| {
        query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('=')).map(str::to_owned)
    };
    let since: i64 = value("created%5Bgte%5D").map_or(0, |text| text.parse().unwrap());
    let mut left: Vec<&Value> =
        list.iter().rev().filter(|object| object["created"].as_i64().unwrap() >= since).collect();
    if let Some(after) = value("starting_after") {
        let position = left.iter().position(|object| object["id"] == after.as_str());
        left.drain(..=position.unwrap());
    }
    let limit: usize = value("limit").unwrap().parse().unwrap();
    let has_more = left.len() > limit.min(most);
    left.truncate(limit.min(most));
    ("200 OK", json!({"object": "list", "url": path, "has_more": has_more, "data": left}))
}
