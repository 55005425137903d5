//! One request on its way to being recorded.

use std::sync::Arc;
use std::time::Instant;

use http::header::CONTENT_LENGTH;
use http::{HeaderMap, HeaderName, Request, StatusCode};
use http_body::Body;

use super::labels::{Few, MethodLabels, RequestLabels, RequestMethod, RouteLabels};
use super::metrics::{Families, HttpMetrics};
use super::route::Route;
use crate::exposition::TraceId;

static TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");

/// No body is that long. Who announces more wants to spoil the sum.
const LONGEST_BODY: u64 = 1 << 40;

/// A request that is being answered. It is recorded when it is dropped, which happens exactly once
/// whatever becomes of it; until then it says how it has ended if nothing further is heard of it.
#[derive(Debug)]
pub(super) struct Exchange {
    families: Arc<Families>,
    pub method: RequestMethod,
    pub route: Route,
    trace: Option<TraceId>,
    began: Instant,
    request_bytes: Option<u64>,
    response_bytes: u64,
    pub status: Option<StatusCode>,
    outcome: Outcome,
}

/// How a request has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    /// With the last byte.
    Answered,
    /// With a status of gRPC that is the server's fault.
    Grpc(&'static str),
    /// The service had no answer.
    ServiceError,
    /// The body broke off.
    BodyError,
    /// Nobody waited for the rest.
    Cancelled,
    /// The application panicked.
    Panic,
}

impl Exchange {
    /// A request begins.
    pub fn begin<B: Body>(metrics: &HttpMetrics, request: &Request<B>) -> Self {
        let families = Arc::clone(metrics.families());
        let method = RequestMethod::from(request.method());
        families.active.with(&MethodLabels { http_request_method: method }).add(1);
        let traceparent = request.headers().get(&TRACEPARENT).and_then(|value| value.to_str().ok());
        Self {
            families,
            method,
            route: Route::of_request(request.extensions()),
            trace: traceparent.and_then(TraceId::of_traceparent),
            began: Instant::now(),
            request_bytes: length(request.headers(), request.body())
                .filter(|bytes| (1..=LONGEST_BODY).contains(bytes)),
            response_bytes: 0,
            status: None,
            outcome: Outcome::Cancelled,
        }
    }

    /// Lets the application do something, which may panic.
    pub fn watch<T>(&mut self, run: impl FnOnce() -> T) -> T {
        self.outcome = Outcome::Panic;
        let result = run();
        self.outcome = Outcome::Cancelled;
        result
    }

    /// So many bytes of the answer have been handed over; how many it is now.
    pub fn add_bytes(&mut self, bytes: usize) -> u64 {
        self.response_bytes = self.response_bytes.saturating_add(bytes as u64);
        self.response_bytes
    }

    /// The first byte of a streamed answer has been handed over.
    pub fn first_byte(&self) {
        let histogram = self.families.first_bytes.with(&self.route_labels());
        match self.trace {
            Some(trace) => histogram.record_with_trace(self.began.elapsed(), trace),
            None => histogram.record(self.began.elapsed()),
        }
    }

    /// The request has ended.
    pub fn end(mut self, outcome: Outcome) {
        self.outcome = outcome;
    }

    fn route_labels(&self) -> RouteLabels<'_> {
        RouteLabels { http_request_method: self.method, http_route: self.route.as_str() }
    }
}

impl Drop for Exchange {
    fn drop(&mut self) {
        let took = self.began.elapsed();
        let status = self.status.as_ref().map_or("", StatusCode::as_str);
        let error_type = match self.outcome {
            Outcome::Answered if self.status.is_some_and(|status| status.is_server_error()) => status,
            Outcome::Answered => "",
            Outcome::Grpc(status) => status,
            Outcome::ServiceError => "service_error",
            Outcome::BodyError => "body_error",
            Outcome::Cancelled => "cancelled",
            Outcome::Panic => "panic",
        };
        let durations = self.families.durations.with(&RequestLabels {
            http_request_method: self.method,
            http_route: self.route.as_str(),
            http_response_status_code: Few(status),
            error_type: Few(error_type),
        });
        match self.trace {
            Some(trace) => durations.record_with_trace(took, trace),
            None => durations.record(took),
        }
        if self.status.is_some() {
            let labels = self.route_labels();
            self.families.response_sizes.with(&labels).record(self.response_bytes);
            if let Some(bytes) = self.request_bytes {
                self.families.request_sizes.with(&labels).record(bytes);
            }
        }
        self.families.active.with(&MethodLabels { http_request_method: self.method }).add(-1);
    }
}

/// How long a body is, where that is known before it has come.
pub(super) fn length(headers: &HeaderMap, body: &impl Body) -> Option<u64> {
    body.size_hint().exact().or_else(|| headers.get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok())
}
