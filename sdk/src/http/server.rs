//! A server of its own, for applications that have none.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::future::{Ready, ready};
use std::io;
use std::net::{SocketAddr, TcpListener as StdListener, ToSocketAddrs};
use std::sync::mpsc;
use std::thread::JoinHandle;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use hyper::server::conn::http1;
use hyper::service::Service;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Runtime;
use tokio::sync::oneshot;
use tokio::task::AbortHandle;

use super::endpoints::MetricsService;

impl<B> Service<Request<B>> for MetricsService {
    type Response = Response<Full<Bytes>>;
    type Error = Infallible;
    type Future = Ready<Result<Self::Response, Infallible>>;

    fn call(&self, request: Request<B>) -> Self::Future {
        ready(Ok(self.answer(request.method(), request.uri().path(), request.headers()).map(Full::new)))
    }
}

/// How much a client may ask for.
#[derive(Debug, Clone, Copy)]
struct Limits {
    /// Connections open at once. One more closes the oldest.
    connections: usize,
    /// For the head of a request.
    head: Duration,
    /// For a connection, from beginning to end.
    connection: Duration,
}

const LIMITS: Limits =
    Limits { connections: 64, head: Duration::from_secs(5), connection: Duration::from_secs(30) };
const HEAD_BYTES: usize = 16 * 1024;

/// Serves `/metrics` and `/health` from a thread of its own, whatever the application runs on.
///
/// Takes a [`Registry`](crate::Registry), or a [`MetricsService`](crate::http::MetricsService) with
/// checks. Every connection carries one request and ends within half a minute; the oldest of more than
/// 64 makes room, so that clients that are slow, idle or many keep no scrape from being answered.
/// Answers are not compressed.
///
/// ```
/// use std::io::{Read, Write};
/// use pratiko_metrics::{Definition, Registry};
///
/// let registry = Registry::new();
/// registry.counter::<u64>(Definition::new("jobs_total", "Jobs done."))?.increment();
/// // Prometheus' applications take ports from 9464 on; 0 is any that is free.
/// let server = pratiko_metrics::serve(&registry, "127.0.0.1:0")?;
///
/// let mut scrape = std::net::TcpStream::connect(server.local_addr())?;
/// scrape.write_all(b"GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n")?;
/// let mut answer = String::new();
/// scrape.read_to_string(&mut answer)?;
/// assert!(answer.ends_with("jobs_total 1\n"));
/// server.stop();
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn serve(service: impl Into<MetricsService>, address: impl ToSocketAddrs) -> io::Result<Server> {
    serve_within(LIMITS, service.into(), address)
}

fn serve_within(limits: Limits, service: MetricsService, address: impl ToSocketAddrs) -> io::Result<Server> {
    let listener = StdListener::bind(address)?;
    listener.set_nonblocking(true)?;
    let address = listener.local_addr()?;
    let (stop, stopped) = oneshot::channel();
    let (ready, is_ready) = mpsc::channel();
    let thread = std::thread::Builder::new().name("metrics".to_owned()).spawn(move || {
        // Made in here: a runtime must not be dropped in the application's.
        match start(listener) {
            Ok((runtime, listener)) => {
                let _ = ready.send(Ok(()));
                runtime.spawn(accept(listener, service, limits));
                // An error is the server that was dropped.
                let _ = runtime.block_on(stopped);
            }
            Err(error) => {
                let _ = ready.send(Err(error));
            }
        }
    })?;
    is_ready.recv().map_err(io::Error::other)??;
    Ok(Server { address, stop, thread })
}

fn start(listener: StdListener) -> io::Result<(Runtime, TcpListener)> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let listener = {
        let _inside = runtime.enter();
        TcpListener::from_std(listener)?
    };
    Ok((runtime, listener))
}

/// A server that was started with [`serve`]. It stops when it is dropped.
#[derive(Debug)]
#[must_use = "the server stops when this is dropped"]
pub struct Server {
    address: SocketAddr,
    stop: oneshot::Sender<Infallible>,
    thread: JoinHandle<()>,
}

impl Server {
    /// Where it listens.
    pub fn local_addr(&self) -> SocketAddr {
        self.address
    }

    /// Stops it, and waits until its port is free. Requests that are being answered are cut off.
    pub fn stop(self) {
        drop(self.stop);
        // It has ended either way.
        let _ = self.thread.join();
    }
}

async fn accept(listener: TcpListener, service: MetricsService, limits: Limits) {
    let mut connections: VecDeque<AbortHandle> = VecDeque::new();
    loop {
        let accepted = listener.accept().await;
        connections.retain(|connection| !connection.is_finished());
        if accepted.is_err() || connections.len() >= limits.connections {
            // An error is most often that the process has no file descriptor left.
            if let Some(oldest) = connections.pop_front() {
                oldest.abort();
            }
        }
        match accepted {
            Ok((stream, _)) => {
                let connection = tokio::spawn(speak(stream, service.clone(), limits));
                connections.push_back(connection.abort_handle());
            }
            Err(_) => tokio::time::sleep(Duration::from_millis(100)).await,
        }
    }
}

async fn speak(stream: TcpStream, service: MetricsService, limits: Limits) {
    let connection = http1::Builder::new()
        // Scrapes are seconds apart: a new connection for each costs less than to keep one open.
        .keep_alive(false)
        .timer(TokioTimer::new())
        .header_read_timeout(limits.head)
        .max_buf_size(HEAD_BYTES)
        .serve_connection(TokioIo::new(stream), service);
    // Whoever was too slow, or went away, has nobody to be told of it.
    let _ = tokio::time::timeout(limits.connection, connection).await;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Registry;
    use std::io::{Read, Write};
    use std::net::TcpStream;
    use std::time::Instant;

    /// How long the server keeps a client that sends this and then, every 50 ms, one byte more.
    fn patience(limits: Limits, request: &str) -> Duration {
        let server = serve_within(limits, Registry::new().into(), "127.0.0.1:0").unwrap();
        let began = Instant::now();
        let mut client = TcpStream::connect(server.local_addr()).unwrap();
        client.set_read_timeout(Some(Duration::from_millis(50))).unwrap();
        client.write_all(request.as_bytes()).unwrap();
        loop {
            match client.read(&mut [0; 64]) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    // It fails when the server has closed, which the next reading tells.
                    let _ = client.write_all(b"x");
                }
                _ => return began.elapsed(),
            }
            assert!(began.elapsed() < Duration::from_secs(20), "the server waits for ever");
        }
    }

    #[test]
    fn a_head_has_its_time_and_a_connection_has_its_own() {
        let short = Duration::from_millis(300);
        let long = Duration::from_secs(60);
        let limits = Limits { connections: 4, head: short, connection: long };
        assert!(patience(limits, "GET /metrics HTTP/1.1\r\nX: ") >= short);
        let limits = Limits { connections: 4, head: long, connection: short };
        assert!(patience(limits, "GET /metrics HTTP/1.1\r\nX: ") >= short);
        assert!(patience(limits, "") >= short);
    }

    #[test]
    fn the_oldest_connection_makes_room() {
        let limits = Limits { connections: 2, ..LIMITS };
        let server = serve_within(limits, Registry::new().into(), "127.0.0.1:0").unwrap();
        let connect = || {
            let client = TcpStream::connect(server.local_addr()).unwrap();
            client.set_read_timeout(Some(Duration::from_millis(200))).unwrap();
            client
        };
        let mut clients = [connect(), connect(), connect()];
        let is_open = clients.each_mut().map(|client| {
            client.read(&mut [0]).is_err_and(|error| error.kind() == io::ErrorKind::WouldBlock)
        });
        assert_eq!(is_open, [false, true, true]);
    }
}
