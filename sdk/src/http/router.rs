//! `/metrics` and `/health` for applications that speak axum.

use axum::body::Body;
use axum::extract::Request;
use axum::routing::{MethodRouter, any};

use super::endpoints::MetricsService;

/// A router with `/metrics` and `/health`, to which the application's own is added, after its state and
/// its layers: `router(registry).merge(app)`.
///
/// In this order: of two routers axum keeps the second one's answer to what no route matches, and the
/// application's is the one that its layers see.
///
/// Takes a [`Registry`](crate::Registry), or a [`MetricsService`] with checks. Revenue is nobody else's
/// business: on a public address put these two behind a credential, or take
/// [`serve`](crate::serve) (feature `server`) and an address of their own.
///
/// ```
/// use axum::{Router, routing::get};
/// use pratiko_metrics::Registry;
/// use pratiko_metrics::http::{MetricsService, router};
///
/// let service = MetricsService::new(Registry::new()).with_check("database", || Ok(()));
/// let app: Router = Router::new().route("/", get(async || "Hello!"));
/// let app = router(service).merge(app);
/// ```
pub fn router(service: impl Into<MetricsService>) -> axum::Router {
    let service = service.into();
    metrics_router(service.clone()).route("/health", answer(service))
}

/// A router with `/metrics` alone, for an application that has a `/health` of its own: axum panics where
/// two routers that are merged have the same route.
///
/// ```
/// use axum::{Router, routing::get};
/// use pratiko_metrics::Registry;
/// use pratiko_metrics::http::metrics_router;
///
/// let app: Router = Router::new().route("/health", get(async || "fine"));
/// let app = metrics_router(Registry::new()).merge(app);
/// ```
pub fn metrics_router(service: impl Into<MetricsService>) -> axum::Router {
    axum::Router::new().route("/metrics", answer(service.into()))
}

fn answer(service: MetricsService) -> MethodRouter {
    any(async move |request: Request| {
        service.answer(request.method(), request.uri().path(), request.headers()).map(Body::from)
    })
}
