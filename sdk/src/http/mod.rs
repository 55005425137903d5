//! HTTP: what requests to an application took, and the page that a scrape reads.
//!
//! | feature | what it brings |
//! |---|---|
//! | `tower` | [`HttpMetrics`], a layer for whatever is built on tower: axum, tonic, services of hyper |
//! | `axum-0-8` | axum's matched routes, and [`router`], which serves `/metrics` and `/health` |
//! | `server` | [`MetricsService`] for hyper, and [`serve`], a server on a thread of its own |
//!
//! None is on by default, and none needs another to be useful: an application without an HTTP server
//! of its own takes `server`, one that speaks axum takes `axum-0-8`.
#![cfg_attr(
    feature = "axum-0-8",
    doc = r#"
```
use axum::{Router, routing::get};
use pratiko_metrics::Registry;
use pratiko_metrics::http::{HttpMetrics, router};

let registry = Registry::new();
let requests = HttpMetrics::register(&registry)?;
let app: Router = Router::new()
    .route("/chats/{chat}", get(async || "Hello!"))
    .layer(requests.layer());
let app = router(registry).merge(app);
# Ok::<(), pratiko_metrics::RegisterError>(())
```
"#
)]
#![cfg_attr(
    feature = "server",
    doc = r#"
```
use pratiko_metrics::Registry;

let registry = Registry::new();
let server = pratiko_metrics::serve(registry, "127.0.0.1:0")?;
println!("metrics are at http://{}/metrics", server.local_addr());
# Ok::<(), std::io::Error>(())
```
"#
)]

#[cfg(feature = "tower")]
mod body;
#[cfg(any(feature = "axum-0-8", feature = "server"))]
mod endpoints;
#[cfg(feature = "tower")]
mod exchange;
#[cfg(feature = "tower")]
mod future;
#[cfg(feature = "tower")]
mod grpc;
#[cfg(any(feature = "axum-0-8", feature = "server"))]
mod health;
#[cfg(feature = "tower")]
mod labels;
#[cfg(feature = "tower")]
mod layer;
#[cfg(feature = "tower")]
mod metrics;
#[cfg(feature = "tower")]
mod response;
#[cfg(feature = "tower")]
mod route;
#[cfg(feature = "axum-0-8")]
mod router;
#[cfg(feature = "server")]
mod server;

#[cfg(feature = "tower")]
pub use body::ResponseBody;
#[cfg(any(feature = "axum-0-8", feature = "server"))]
pub use endpoints::MetricsService;
#[cfg(feature = "tower")]
pub use future::ResponseFuture;
#[cfg(feature = "tower")]
pub use layer::{HttpMetricsLayer, HttpMetricsService};
#[cfg(feature = "tower")]
pub use metrics::{HttpMetrics, HttpSettings};
#[cfg(feature = "tower")]
pub use response::Delivery;
#[cfg(feature = "tower")]
pub use route::Route;
#[cfg(feature = "axum-0-8")]
pub use router::{metrics_router, router};
#[cfg(feature = "server")]
pub use server::{Server, serve};
