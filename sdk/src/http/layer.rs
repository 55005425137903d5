//! The layer, and the service that it makes.

use std::task::{Context, Poll};

use http::{Request, Response};
use http_body::Body;
use tower_layer::Layer;
use tower_service::Service;

use super::body::ResponseBody;
use super::exchange::Exchange;
use super::future::ResponseFuture;
use super::metrics::HttpMetrics;

/// Records every request; see [`HttpMetrics::layer`].
///
/// What it stands outside of counts: in axum that is everything before the call of `layer`.
#[derive(Debug, Clone)]
pub struct HttpMetricsLayer {
    metrics: HttpMetrics,
}

impl HttpMetricsLayer {
    pub(super) fn new(metrics: HttpMetrics) -> Self {
        Self { metrics }
    }
}

impl<S> Layer<S> for HttpMetricsLayer {
    type Service = HttpMetricsService<S>;

    fn layer(&self, inner: S) -> Self::Service {
        HttpMetricsService { inner, metrics: self.metrics.clone() }
    }
}

/// A service whose requests are recorded. It takes the requests that the inner one takes, and wraps the
/// bodies of its responses.
#[derive(Debug, Clone)]
pub struct HttpMetricsService<S> {
    inner: S,
    metrics: HttpMetrics,
}

impl<S, RequestBody, AnswerBody> Service<Request<RequestBody>> for HttpMetricsService<S>
where
    S: Service<Request<RequestBody>, Response = Response<AnswerBody>>,
    RequestBody: Body,
    AnswerBody: Body,
{
    type Response = Response<ResponseBody<AnswerBody>>;
    type Error = S::Error;
    type Future = ResponseFuture<S::Future>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request<RequestBody>) -> Self::Future {
        let mut exchange = Exchange::begin(&self.metrics, &request);
        let inner = exchange.watch(|| self.inner.call(request));
        ResponseFuture::new(inner, exchange)
    }
}
