//! The smallest HTTP/1.1 client that can wait for an answer's last byte, so that next to nothing of
//! what is measured is its own.

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use crate::Result;

/// A connection that is kept alive.
pub struct Client {
    stream: TcpStream,
    buffer: Vec<u8>,
}

/// An answer, whole.
pub struct Answer<'client> {
    /// The status code.
    pub status: u16,
    /// The body as it came, in chunks if it came in chunks.
    pub body: &'client [u8],
    is_chunked: bool,
}

impl Answer<'_> {
    /// The body in one piece. Takes time: not for what is measured.
    pub fn text(&self) -> Vec<u8> {
        if !self.is_chunked {
            return self.body.to_vec();
        }
        let mut whole = Vec::with_capacity(self.body.len());
        let mut rest = self.body;
        while let Some(end) = rest.windows(2).position(|window| window == b"\r\n") {
            let size = std::str::from_utf8(&rest[..end]).ok();
            let size = size.and_then(|text| usize::from_str_radix(text, 16).ok()).unwrap_or(0);
            let chunk = rest.get(end + 2..end + 2 + size).unwrap_or_default();
            if chunk.is_empty() {
                break;
            }
            whole.extend_from_slice(chunk);
            rest = rest.get(end + 2 + size + 2..).unwrap_or_default();
        }
        whole
    }
}

impl Client {
    /// Connects.
    pub fn connect(address: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(Duration::from_secs(60)))?;
        Ok(Self { stream, buffer: vec![0; 256 * 1024] })
    }

    /// Sends a request that is written out already, and waits for the last byte of the answer.
    pub fn send(&mut self, request: &[u8]) -> Result<Answer<'_>> {
        self.stream.write_all(request)?;
        let mut filled = 0;
        let mut head = None;
        loop {
            if filled == self.buffer.len() {
                self.buffer.resize(filled * 2, 0);
            }
            match self.stream.read(&mut self.buffer[filled..])? {
                0 => return Err(std::io::Error::from(ErrorKind::UnexpectedEof).into()),
                count => filled += count,
            }
            if head.is_none() {
                head = Head::read(&self.buffer[..filled])?;
            }
            let Some(head) = &head else { continue };
            let received = &self.buffer[head.length..filled];
            let is_whole = match head.body_length {
                Some(length) => received.len() >= length,
                // Nothing that is measured ends a chunk like the last one.
                None => received.ends_with(b"\r\n0\r\n\r\n"),
            };
            if is_whole {
                let body = &self.buffer[head.length..filled];
                return Ok(Answer { status: head.status, body, is_chunked: head.body_length.is_none() });
            }
        }
    }
}

struct Head {
    status: u16,
    length: usize,
    /// Unknown where the body comes in chunks.
    body_length: Option<usize>,
}

impl Head {
    /// The head, if it is there already.
    fn read(received: &[u8]) -> Result<Option<Self>> {
        let Some(end) = received.windows(4).position(|window| window == b"\r\n\r\n") else { return Ok(None) };
        let text = std::str::from_utf8(&received[..end])?;
        let mut lines = text.split("\r\n");
        let status = lines.next().and_then(|line| line.split(' ').nth(1)).unwrap_or("").parse()?;
        let body_length = lines.find_map(|line| {
            let (name, value) = line.split_once(':')?;
            name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse().ok())?
        });
        Ok(Some(Self { status, length: end + 4, body_length }))
    }
}

/// A request for the page of metrics, as a Prometheus server would ask.
pub fn scrape_request(gzip: bool) -> Vec<u8> {
    let encoding = if gzip { "Accept-Encoding: gzip\r\n" } else { "" };
    let head = "GET /metrics HTTP/1.1\r\nHost: localhost\r\nAccept: text/plain;version=0.0.4\r\n";
    format!("{head}{encoding}\r\n").into_bytes()
}
