//! Bodies with a watch on them: a request's has a deadline, and a response's keeps its request in
//! flight until it has ended.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::BoxError;
use axum::body::Body;
use bytes::Bytes;
use http_body::{Body as HttpBody, Frame, SizeHint};
use tokio::time::{Instant, Sleep};

use super::connections::InFlight;

/// A request's body did not arrive in time.
#[derive(Debug, thiserror::Error)]
#[error("the request's body did not arrive in time")]
struct BodyTimeout;

/// Whether a request's body is still wanted and has not arrived.
#[derive(Debug)]
pub(super) struct Arrival {
    deadline: Instant,
    is_over: Arc<AtomicBool>,
}

impl Arrival {
    /// Waits until the body is late. Never returns if it arrives in time or nobody wants it any more.
    pub(super) async fn late(self) {
        tokio::time::sleep_until(self.deadline).await;
        if self.is_over.load(Ordering::Relaxed) {
            std::future::pending::<()>().await;
        }
    }
}

/// Gives `body` a deadline. What is there from the start needs none.
pub(super) fn with_deadline<B>(body: B, limit: Duration) -> (Body, Option<Arrival>)
where
    B: HttpBody<Data = Bytes, Error: Into<BoxError>> + Send + Unpin + 'static,
{
    if body.is_end_stream() {
        return (Body::new(body), None);
    }
    let deadline = Instant::now() + limit;
    let is_over = Arc::new(AtomicBool::new(false));
    let arrival = Arrival { deadline, is_over: Arc::clone(&is_over) };
    let timer = Box::pin(tokio::time::sleep_until(deadline));
    (Body::new(RequestBody { body, timer, is_over }), Some(arrival))
}

struct RequestBody<B> {
    body: B,
    timer: Pin<Box<Sleep>>,
    is_over: Arc<AtomicBool>,
}

impl<B: HttpBody<Data = Bytes, Error: Into<BoxError>> + Unpin> HttpBody for RequestBody<B> {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        match Pin::new(&mut self.body).poll_frame(context) {
            Poll::Ready(frame) => {
                if frame.as_ref().is_none_or(Result::is_err) || self.body.is_end_stream() {
                    self.is_over.store(true, Ordering::Relaxed);
                }
                Poll::Ready(frame.map(|frame| frame.map_err(Into::into)))
            }
            Poll::Pending if self.is_over.load(Ordering::Relaxed) => Poll::Pending,
            Poll::Pending => {
                self.timer.as_mut().poll(context).map(|()| Some(Err(Box::new(BodyTimeout) as BoxError)))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl<B> Drop for RequestBody<B> {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::Relaxed);
    }
}

/// A response's body, in flight until it is dropped.
#[derive(Debug)]
pub(super) struct ResponseBody {
    pub(super) body: Body,
    pub(super) _request: InFlight,
}

impl HttpBody for ResponseBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
