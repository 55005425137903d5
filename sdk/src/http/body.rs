//! The body of an answer, watched until its last byte.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Buf;
use http::Response;
use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;

use super::exchange::{Exchange, Outcome};
use super::grpc;
use super::response::Head;
use super::route::Route;

pin_project! {
    /// The body of a response that is being recorded. It is the inner one in all that shows: length,
    /// frames, trailers, end.
    #[derive(Debug)]
    pub struct ResponseBody<B> {
        #[pin]
        inner: B,
        // None after the end.
        watched: Option<Watched>,
    }
}

#[derive(Debug)]
struct Watched {
    exchange: Exchange,
    head: Head,
    awaits_first_byte: bool,
}

/// A body that nobody watches: layers that answer by themselves ask for one.
impl<B: Default> Default for ResponseBody<B> {
    fn default() -> Self {
        Self { inner: B::default(), watched: None }
    }
}

impl<B: Body> ResponseBody<B> {
    /// Goes on with the request now that the head of its answer is known.
    pub(super) fn wrap(response: Response<B>, exchange: Option<Exchange>) -> Response<Self> {
        let watched = exchange.and_then(|exchange| Watched::new(exchange, &response));
        response.map(|inner| Self { inner, watched })
    }
}

impl Watched {
    fn new(mut exchange: Exchange, response: &Response<impl Body>) -> Option<Self> {
        let head = Head::of(exchange.method, response);
        exchange.status = Some(response.status());
        if let Some(route) = response.extensions().get::<Route>() {
            exchange.route = route.clone();
        }
        if head.is_bodyless {
            exchange.end(head.outcome);
            return None;
        }
        Some(Self { awaits_first_byte: head.is_streamed, exchange, head })
    }

    /// A frame passes; how the answer has ended with it, if it has.
    fn pass<D: Buf>(&mut self, frame: &Frame<D>, is_last: bool) -> Option<Outcome> {
        if let Some(trailers) = frame.trailers_ref() {
            return Some(grpc::server_error(trailers).map_or(self.head.outcome, Outcome::Grpc));
        }
        let bytes = frame.data_ref().map_or(0, Buf::remaining);
        let total = self.exchange.add_bytes(bytes);
        if self.awaits_first_byte && bytes > 0 {
            self.awaits_first_byte = false;
            self.exchange.first_byte();
        }
        // Nobody asks any further for what was announced and has come.
        let is_complete = is_last || self.head.length.is_some_and(|length| total >= length);
        is_complete.then_some(self.head.outcome)
    }
}

impl<B: Body> Body for ResponseBody<B> {
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<B::Data>, B::Error>>> {
        let mut this = self.project();
        let Some(watched) = this.watched else { return this.inner.poll_frame(context) };
        let frame = ready!(watched.exchange.watch(|| this.inner.as_mut().poll_frame(context)));
        let ended = match &frame {
            None => Some(watched.head.outcome),
            Some(Err(_)) => Some(Outcome::BodyError),
            Some(Ok(frame)) => watched.pass(frame, this.inner.is_end_stream()),
        };
        if let Some((outcome, watched)) = ended.and_then(|outcome| Some((outcome, this.watched.take()?))) {
            watched.exchange.end(outcome);
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}
