//! Waiting for the head of an answer.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use http::Response;
use http_body::Body;
use pin_project_lite::pin_project;

use super::body::ResponseBody;
use super::exchange::{Exchange, Outcome};

pin_project! {
    /// The future of [`HttpMetricsService`](super::HttpMetricsService).
    #[derive(Debug)]
    pub struct ResponseFuture<F> {
        #[pin]
        inner: F,
        exchange: Option<Exchange>,
    }
}

impl<F> ResponseFuture<F> {
    pub(super) fn new(inner: F, exchange: Exchange) -> Self {
        Self { inner, exchange: Some(exchange) }
    }
}

impl<F, B, E> Future for ResponseFuture<F>
where
    F: Future<Output = Result<Response<B>, E>>,
    B: Body,
{
    type Output = Result<Response<ResponseBody<B>>, E>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let result = ready!(match this.exchange {
            Some(exchange) => exchange.watch(|| this.inner.poll(context)),
            None => this.inner.poll(context),
        });
        let exchange = this.exchange.take();
        Poll::Ready(match result {
            Ok(response) => Ok(ResponseBody::wrap(response, exchange)),
            Err(error) => {
                if let Some(exchange) = exchange {
                    exchange.end(Outcome::ServiceError);
                }
                Err(error)
            }
        })
    }
}
