//! The families of requests.

use std::sync::Arc;
use std::time::Duration;

use super::labels::{MethodLabels, RequestLabels, RouteLabels};
use super::layer::HttpMetricsLayer;
use crate::catalogue::{
    HTTP_FIRST_BYTE_DURATION_SECONDS, HTTP_SERVER_ACTIVE_REQUESTS, HTTP_SERVER_REQUEST_BODY_SIZE_BYTES,
    HTTP_SERVER_REQUEST_DURATION_SECONDS, HTTP_SERVER_RESPONSE_BODY_SIZE_BYTES, Metric,
};
use crate::{Buckets, Definition, Family, Histogram, RegisterError, Registry, UpDownCounter};

/// What is recorded of every request, by a [layer](HttpMetrics::layer) of tower.
///
/// | family | labels |
/// |---|---|
/// | `http_server_request_duration_seconds` | method, route, status, type of error |
/// | `http_server_active_requests` | method |
/// | `http_server_request_body_size_bytes`, `http_server_response_body_size_bytes` | method, route |
/// | `pratiko_http_first_byte_duration_seconds` | method, route |
///
/// A duration ends with the last byte of the answer, whenever the handler returned. A request is
/// recorded exactly once, however it ends: with an answer, an error, a panic (which goes on), or a
/// client that went away. A sampled `traceparent` becomes the exemplar of its bucket.
///
/// A clone records into the same families. Recording allocates nothing but for a series that is new.
///
/// ```
/// use http::{Request, Response};
/// use pratiko_metrics::Registry;
/// use pratiko_metrics::exposition::Format;
/// use pratiko_metrics::http::{HttpMetrics, Route};
/// use tower::{ServiceBuilder, ServiceExt, service_fn};
///
/// # tokio::runtime::Runtime::new()?.block_on(async {
/// let registry = Registry::new();
/// let requests = HttpMetrics::register(&registry)?;
///
/// let service = ServiceBuilder::new().layer(requests.layer()).service(service_fn(
///     async |_request: Request<String>| {
///         let mut response = Response::new(String::from("Hello!"));
///         response.extensions_mut().insert(Route::from("/hello"));
///         Ok::<_, std::convert::Infallible>(response)
///     },
/// ));
/// let response = service.oneshot(Request::new(String::new())).await?;
/// # drop(http_body_util::BodyExt::collect(response).await);
///
/// let page = registry.text(Format::Text);
/// let series = r#"{http_request_method="GET",http_route="/hello",http_response_status_code="200",error_type=""}"#;
/// assert!(page.contains(&format!("http_server_request_duration_seconds_count{series} 1\n")));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct HttpMetrics {
    families: Arc<Families>,
}

#[derive(Debug)]
pub(super) struct Families {
    pub durations: Family<Histogram<Duration>, RequestLabels<'static>>,
    pub first_bytes: Family<Histogram<Duration>, RouteLabels<'static>>,
    pub request_sizes: Family<Histogram<u64>, RouteLabels<'static>>,
    pub response_sizes: Family<Histogram<u64>, RouteLabels<'static>>,
    pub active: Family<UpDownCounter, MethodLabels>,
}

/// What can be chosen.
#[derive(Debug, Clone)]
pub struct HttpSettings {
    most_series: u32,
    durations: Buckets,
}

impl Default for HttpSettings {
    fn default() -> Self {
        Self { most_series: 2_000, durations: Buckets::http_durations() }
    }
}

impl HttpSettings {
    /// The most series of each family, 2,000 unless told otherwise. Past them routes are `other`.
    #[must_use]
    pub fn with_most_series(self, most_series: u32) -> Self {
        Self { most_series, ..self }
    }

    /// The buckets of durations, [`Buckets::http_durations`] unless told otherwise. Without a bound at
    /// exactly 5 s the promise of 5 s cannot be read from them.
    #[must_use]
    pub fn with_durations(self, durations: Buckets) -> Self {
        Self { durations, ..self }
    }
}

impl HttpMetrics {
    /// Registers the families, once for a registry; clones go to whoever else needs them.
    pub fn register(registry: &Registry) -> Result<Self, RegisterError> {
        Self::register_with(registry, &HttpSettings::default())
    }

    /// The same with settings.
    pub fn register_with(registry: &Registry, settings: &HttpSettings) -> Result<Self, RegisterError> {
        let definition =
            |metric: &'static Metric| Definition::from(metric).with_most_series(settings.most_series);
        let durations = settings.durations.with_exemplars();
        let families = Families {
            durations: Family::new(definition(&HTTP_SERVER_REQUEST_DURATION_SECONDS), durations.clone()),
            first_bytes: Family::new(definition(&HTTP_FIRST_BYTE_DURATION_SECONDS), durations),
            request_sizes: Family::new(
                definition(&HTTP_SERVER_REQUEST_BODY_SIZE_BYTES),
                Buckets::body_sizes(),
            ),
            response_sizes: Family::new(
                definition(&HTTP_SERVER_RESPONSE_BODY_SIZE_BYTES),
                Buckets::body_sizes(),
            ),
            active: Family::new(definition(&HTTP_SERVER_ACTIVE_REQUESTS), ()).start_at_zero(|_| true),
        };
        registry.register_all([
            families.durations.source(),
            families.active.source(),
            families.request_sizes.source(),
            families.response_sizes.source(),
            families.first_bytes.source(),
        ])?;
        Ok(Self { families: Arc::new(families) })
    }

    /// A layer that records every request that passes through it.
    pub fn layer(&self) -> HttpMetricsLayer {
        HttpMetricsLayer::new(self.clone())
    }

    pub(super) fn families(&self) -> &Arc<Families> {
        &self.families
    }
}
