//! `/metrics` and `/health`.

use std::borrow::Cow;

use bytes::Bytes;
use http::header::{ACCEPT, ALLOW, CONTENT_LENGTH, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue, Method, Response, StatusCode};

use super::health::Health;
use crate::Registry;
use crate::exposition::Format;

const PLAIN: &str = "text/plain; charset=utf-8";

/// Answers `/metrics`, in the format that the client prefers, and `/health`: 200 and
/// `{"status":"ok"}`, or 503 while a check fails.
///
/// With feature `server` it is a service of hyper 1.
///
/// ```
/// use http::{HeaderMap, Method};
/// use pratiko_metrics::Registry;
/// use pratiko_metrics::http::MetricsService;
///
/// let service = MetricsService::new(Registry::new()).with_check("queue", || Err("4,031 jobs wait".into()));
/// let answer = service.answer(&Method::GET, "/health", &HeaderMap::new());
/// assert_eq!(answer.status(), 503);
/// assert_eq!(answer.body(), "{\"status\":\"failing\",\"checks\":{\"queue\":\"4,031 jobs wait\"}}\n");
/// ```
#[derive(Clone)]
pub struct MetricsService {
    registry: Registry,
    health: Health,
}

impl std::fmt::Debug for MetricsService {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MetricsService").field("registry", &self.registry).finish_non_exhaustive()
    }
}

impl From<Registry> for MetricsService {
    fn from(registry: Registry) -> Self {
        Self::new(registry)
    }
}

impl From<&Registry> for MetricsService {
    fn from(registry: &Registry) -> Self {
        Self::new(registry.clone())
    }
}

impl MetricsService {
    /// Serves what is registered here, now and later.
    pub fn new(registry: Registry) -> Self {
        Self { registry, health: Health::default() }
    }

    /// Adds a check to `/health`; it gives the reason why something is not well, which whoever asks gets
    /// to read. Checks run one after the other at every question, in the thread that answers: they look
    /// at what is known already and wait for nothing.
    #[must_use]
    pub fn with_check(
        mut self,
        name: impl Into<Cow<'static, str>>,
        check: impl Fn() -> Result<(), String> + Send + Sync + 'static,
    ) -> Self {
        self.health.add(name.into(), check);
        self
    }

    /// The answer to a request.
    pub fn answer(&self, method: &Method, path: &str, headers: &HeaderMap) -> Response<Bytes> {
        let is_known = matches!(path, "/metrics" | "/health");
        let is_read = matches!(*method, Method::GET | Method::HEAD);
        let mut response = match path {
            _ if is_known && !is_read => not_allowed(),
            "/metrics" => self.metrics(headers),
            "/health" => self.report(),
            _ => response(StatusCode::NOT_FOUND, PLAIN, "There are /metrics and /health.\n"),
        };
        if *method == Method::HEAD {
            // Not every server takes the body away and leaves its length.
            let length = response.body().len();
            response.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from(length));
            *response.body_mut() = Bytes::new();
        }
        response
    }

    fn metrics(&self, headers: &HeaderMap) -> Response<Bytes> {
        let accepted: Vec<&str> =
            headers.get_all(ACCEPT).iter().filter_map(|accept| accept.to_str().ok()).collect();
        let format = Format::from_accept(&accepted.join(","));
        response(StatusCode::OK, format.content_type(), self.registry.encode(format))
    }

    fn report(&self) -> Response<Bytes> {
        let (is_ok, json) = self.health.report();
        let status = if is_ok { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
        response(status, "application/json", json)
    }
}

fn not_allowed() -> Response<Bytes> {
    let mut response = response(StatusCode::METHOD_NOT_ALLOWED, PLAIN, "Only GET and HEAD.\n");
    response.headers_mut().insert(ALLOW, HeaderValue::from_static("GET, HEAD"));
    response
}

fn response(status: StatusCode, content_type: &'static str, body: impl Into<Bytes>) -> Response<Bytes> {
    let mut response = Response::new(body.into());
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Definition;

    fn service() -> MetricsService {
        let registry = Registry::new();
        registry.counter::<u64>(Definition::new("jobs_total", "Jobs done.")).unwrap().increment();
        MetricsService::new(registry)
    }

    fn content_type(response: &Response<Bytes>) -> &str {
        response.headers()[CONTENT_TYPE].to_str().unwrap()
    }

    #[test]
    fn the_client_chooses_the_format_also_in_several_headers() {
        let mut headers = HeaderMap::new();
        let text = service().answer(&Method::GET, "/metrics", &headers);
        assert_eq!(content_type(&text), Format::Text.content_type());
        assert!(!text.body().ends_with(b"# EOF\n"));
        headers.append(ACCEPT, HeaderValue::from_static("text/plain;q=0.5"));
        headers.append(ACCEPT, HeaderValue::from_static("application/openmetrics-text;version=1.0.0"));
        let open_metrics = service().answer(&Method::GET, "/metrics", &headers);
        assert_eq!(content_type(&open_metrics), Format::OpenMetrics.content_type());
        assert!(open_metrics.body().ends_with(b"jobs_total 1\n# EOF\n"));
    }

    #[test]
    fn only_reading_is_allowed_and_only_what_is_there() {
        let answer = |method, path| service().answer(&method, path, &HeaderMap::new());
        let refused = answer(Method::POST, "/metrics");
        assert_eq!(
            (refused.status(), &refused.headers()[ALLOW]),
            (StatusCode::METHOD_NOT_ALLOWED, &HeaderValue::from_static("GET, HEAD"))
        );
        assert_eq!(answer(Method::DELETE, "/health").status(), 405);
        assert_eq!(answer(Method::GET, "/").status(), 404);
        assert_eq!(answer(Method::POST, "/metrics/").status(), 404);
    }

    #[test]
    fn head_says_what_get_would() {
        let answer = |method| service().answer(&method, "/metrics", &HeaderMap::new());
        let (get, head) = (answer(Method::GET), answer(Method::HEAD));
        assert!(head.body().is_empty());
        assert_eq!(head.headers()[CONTENT_LENGTH], get.body().len().to_string().as_str());
        assert_eq!(content_type(&head), content_type(&get));
    }
}
