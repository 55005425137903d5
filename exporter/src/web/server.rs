//! From listeners to answered requests.

use std::convert::Infallible;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::Builder;
use rustls::pki_types::CertificateDer;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use super::Web;
use super::connections::{Admitted, Connection, Connections};
use super::counters::count;
use super::limits::Limits;
use super::refusal::Refusal;
use super::reload::Broken;
use super::service::{Handshake, RequestService};
use super::tls::Tls;
use super::watched::Watched;

/// The first byte of a TLS handshake.
const TLS_HANDSHAKE: u8 = 0x16;
const HEAD_BYTES: usize = 64 * 1024;
const HTTP2_STREAMS: u32 = 64;

/// Serves `app` on every listener until `shutdown` is done; then takes no more connections, and returns
/// when the requests in flight have ended or [`Limits::shutdown`] has passed.
pub async fn serve(
    listeners: Vec<std::net::TcpListener>,
    app: Router,
    web: Arc<Web>,
    limits: Limits,
    shutdown: impl Future<Output = ()>,
) -> io::Result<()> {
    let connections = Connections::new(limits.clone(), Arc::clone(&web.counters));
    let (stop, stopping) = watch::channel(false);
    let mut acceptors = JoinSet::new();
    for listener in listeners {
        listener.set_nonblocking(true)?;
        let listener = TcpListener::from_std(listener)?;
        let server = Server {
            app: app.clone(),
            web: Arc::clone(&web),
            connections: Arc::clone(&connections),
            limits: limits.clone(),
            stopping: stopping.clone(),
        };
        acceptors.spawn(server.accept_from(listener));
    }
    let mut watching = JoinSet::new();
    watching.spawn(close_overdue(connections, limits));
    shutdown.await;
    // Nobody listens any more only if there are no listeners.
    let _ = stop.send(true);
    while acceptors.join_next().await.is_some() {}
    Ok(())
}

async fn close_overdue(connections: Arc<Connections>, limits: Limits) {
    let shortest = limits.head.min(limits.idle).min(limits.stalled);
    let period = (shortest / 4).clamp(Duration::from_millis(10), Duration::from_secs(1));
    let mut ticks = tokio::time::interval(period);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        connections.close_overdue(Instant::now());
    }
}

#[derive(Clone)]
struct Server {
    app: Router,
    web: Arc<Web>,
    connections: Arc<Connections>,
    limits: Limits,
    stopping: watch::Receiver<bool>,
}

impl Server {
    async fn accept_from(mut self, listener: TcpListener) {
        let mut tasks = JoinSet::new();
        loop {
            let accepted = tokio::select! {
                biased;
                () = stopped(&mut self.stopping) => break,
                Some(_) = tasks.join_next() => continue,
                accepted = listener.accept() => accepted,
            };
            match accepted {
                Ok((stream, address)) => {
                    // Taken in here and not in its task, so that the limit holds whatever the scheduler does.
                    let admitted = self.connections.admit();
                    tasks.spawn(self.clone().serve_connection(stream, address, admitted));
                }
                Err(error) => self.recover(&error).await,
            }
        }
        drop(listener);
        let all_done = async { while tasks.join_next().await.is_some() {} };
        if tokio::time::timeout(self.limits.shutdown, all_done).await.is_err() {
            tracing::warn!("stopped before every request was answered");
        }
    }

    /// Most often the process has no file descriptor left, and one can be had.
    async fn recover(&self, error: &io::Error) {
        let concerns_one_client =
            matches!(error.kind(), io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset);
        if !concerns_one_client {
            tracing::warn!("cannot accept a connection: {error}");
            self.connections.make_room();
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    async fn serve_connection(self, stream: TcpStream, address: SocketAddr, admitted: Admitted) {
        let connection = Arc::clone(&admitted.connection);
        tokio::select! {
            () = self.speak(stream, address, &connection) => {}
            () = connection.closed() => {}
        }
    }

    async fn speak(mut self, stream: TcpStream, address: SocketAddr, connection: &Arc<Connection>) {
        // Answers are written whole; waiting for more would only delay them.
        let _ = stream.set_nodelay(true);
        let settings = match self.web.settings() {
            Ok(settings) => settings,
            Err(Broken { had_tls }) if had_tls => {
                count(&self.web.counters.refused_by_broken_config);
                return;
            }
            // Each request is told so.
            Err(_) => Arc::default(),
        };
        let Some(tls) = &settings.tls else {
            let stream = Watched::new(stream, Arc::clone(connection));
            return self.speak_http(stream, address, connection, None, settings.http2).await;
        };
        let mut stopping = self.stopping.clone();
        let established = tokio::select! {
            established = self.shake_hands(stream, connection, tls, address) => established,
            () = stopped(&mut stopping) => None,
        };
        if let Some((stream, handshake)) = established {
            self.speak_http(stream, address, connection, Some(handshake), settings.http2).await;
        }
    }

    async fn shake_hands(
        &mut self,
        stream: TcpStream,
        connection: &Arc<Connection>,
        tls: &Tls,
        address: SocketAddr,
    ) -> Option<(TlsStream<Watched<TcpStream>>, Handshake)> {
        let stream = self.expect_tls(stream).await?;
        let stream = Watched::new(stream, Arc::clone(connection));
        match TlsAcceptor::from(Arc::clone(&tls.server)).accept(stream).await {
            Ok(stream) => {
                let shown = stream.get_ref().1.peer_certificates().unwrap_or_default();
                let certificates = shown.iter().cloned().map(CertificateDer::into_owned).collect();
                Some((stream, Handshake { client_policy: tls.client_policy, certificates }))
            }
            Err(error) => {
                count(&self.web.counters.handshake_failures);
                tracing::debug!(%address, "TLS handshake failed: {error}");
                None
            }
        }
    }

    /// Tells a client that speaks plain HTTP what is expected here, instead of an unreadable alert.
    async fn expect_tls(&self, mut stream: TcpStream) -> Option<TcpStream> {
        let mut first = [0];
        let count_peeked = stream.peek(&mut first).await.ok()?;
        if count_peeked == 0 {
            return None;
        }
        if first[0] == TLS_HANDSHAKE || !first[0].is_ascii_uppercase() {
            return Some(stream);
        }
        count(&self.web.counters.handshake_failures);
        let body = format!("{{\"error\":\"{}\"}}\n", Refusal::HTTPS_EXPECTED);
        let head = "HTTP/1.1 400 Bad Request\r\nContent-Type: application/json\r\nConnection: close\r\n";
        let response = format!("{head}Content-Length: {}\r\n\r\n{body}", body.len());
        let _ = stream.write_all(response.as_bytes()).await;
        // What the client sent is still unread, and closing now would take the answer back.
        let _ = stream.shutdown().await;
        let _ = tokio::io::copy(&mut stream, &mut tokio::io::sink()).await;
        None
    }

    async fn speak_http(
        mut self,
        stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
        address: SocketAddr,
        connection: &Arc<Connection>,
        handshake: Option<Handshake>,
        http2: bool,
    ) {
        let mut builder = Builder::new(TokioExecutor::new());
        if !http2 {
            builder = builder.http1_only();
        }
        // Time is kept in `connections`.
        builder.http1().header_read_timeout(None).max_buf_size(HEAD_BYTES);
        builder.http2().max_concurrent_streams(HTTP2_STREAMS).max_header_list_size(HEAD_BYTES as u32);
        let service = RequestService {
            app: self.app,
            web: self.web,
            connection: Arc::clone(connection),
            address,
            handshake,
            body_limit: self.limits.body,
        };
        let service = service_fn(move |request| {
            let service = service.clone();
            async move { Ok::<_, Infallible>(service.answer(request).await) }
        });
        let mut http = std::pin::pin!(builder.serve_connection(TokioIo::new(stream), service));
        let result = tokio::select! {
            result = http.as_mut() => result,
            () = ended(&mut self.stopping, connection) => {
                http.as_mut().graceful_shutdown();
                http.await
            }
        };
        if let Err(error) = result {
            tracing::debug!(%address, "connection ended: {error}");
        }
    }
}

/// Waits until the connection has had its last request.
async fn ended(stopping: &mut watch::Receiver<bool>, connection: &Connection) {
    tokio::select! {
        () = stopped(stopping) => {}
        () = connection.outdated() => {}
    }
}

async fn stopped(stopping: &mut watch::Receiver<bool>) {
    let _ = stopping.wait_for(|stop| *stop).await;
}
