//! An application that speaks axum on a port of its own, and a client that has every bad habit.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::Body;
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;
use axum::routing::{get, post};
use axum::{Extension, Router};
use bytes::Bytes;
use http_body_util::BodyExt;
use hyper::body::Frame;
use pratiko_metrics::Registry;
use pratiko_metrics::http::{Delivery, HttpMetrics, Route};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{Interval, MissedTickBehavior};

/// Three events, one every 100 ms and the first at once, or events for ever.
struct Events {
    left: Option<u32>,
    ticks: Interval,
}

impl Events {
    fn new(left: Option<u32>) -> Self {
        let mut ticks = tokio::time::interval(Duration::from_millis(100));
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Self { left, ticks }
    }
}

impl hyper::body::Body for Events {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        if self.ticks.poll_tick(context).is_pending() {
            return Poll::Pending;
        }
        if self.left == Some(0) {
            return Poll::Ready(None);
        }
        self.left = self.left.map(|left| left - 1);
        Poll::Ready(Some(Ok(Frame::data(Bytes::from_static(b"data: hello\n\n")))))
    }
}

fn stream(left: Option<u32>) -> impl IntoResponse {
    ([(CONTENT_TYPE, "text/event-stream")], Body::new(Events::new(left)))
}

/// The application with its metrics.
pub fn router(registry: &Registry) -> Router {
    let requests = HttpMetrics::register(registry).unwrap();
    Router::new()
        .route("/chats/{chat}", get(async || "Hello!"))
        .route("/events", get(async || stream(Some(3))))
        .route("/for-ever", get(async || stream(None)))
        .route("/never", get(async || std::future::pending::<()>().await))
        .route("/panic", get(async || -> &'static str { panic!("as told") }))
        .route("/teapot", get(async || http::StatusCode::IM_A_TEAPOT))
        .route("/broken", get(async || http::StatusCode::BAD_GATEWAY))
        .route("/echo", post(async |body: Bytes| body))
        .route("/export", get(async || (Extension(Delivery::Streamed), "whole and yet streamed")))
        .route("/named", get(async || (Extension(Route::from("/by-name")), "Hello!")))
        .nest_service("/nested", Router::new().route("/{item}", get(async || "Hello!")))
        .layer(requests.layer())
}

/// Serves the application on a free port for as long as the test runs.
pub async fn start(registry: &Registry) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let router = router(registry);
    tokio::spawn(async move { axum::serve(listener, router).await });
    address
}

/// Sends a request; the connection is the caller's.
pub async fn send(address: SocketAddr, head: &str, body: &str) -> TcpStream {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let length = if body.is_empty() { String::new() } else { format!("Content-Length: {}\r\n", body.len()) };
    let request = format!("{head}\r\nHost: test\r\nConnection: close\r\n{length}\r\n{body}");
    stream.write_all(request.as_bytes()).await.unwrap();
    stream
}

/// Sends a request and reads all of the answer; nothing if there is none.
pub async fn ask(address: SocketAddr, head: &str, body: &str) -> String {
    let mut answer = Vec::new();
    let mut stream = send(address, head, body).await;
    // A server that gives up may do it with a reset.
    let _ = stream.read_to_end(&mut answer).await;
    String::from_utf8(answer).unwrap()
}

/// Reads a body to its end.
pub async fn collect<B: hyper::body::Body<Error: std::fmt::Debug>>(body: B) -> Vec<u8> {
    body.collect().await.unwrap().to_bytes().to_vec()
}
