//! An application that has a registry of the `prometheus` crate already, with a counter and its process
//! metrics, and serves it itself: one line adds ours to its page.
//!
//! ```sh
//! cargo run -p pratiko_examples --bin with_prometheus      # or with a port of your choice behind it
//! curl http://127.0.0.1:9464/search
//! curl http://127.0.0.1:9464/metrics
//! ```

use axum::Router;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use pratiko_metrics::{AccountSettings, Metrics};
use prometheus::process_collector::ProcessCollector;
use prometheus::{Encoder, IntCounter, TextEncoder};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let port: u16 = std::env::args().nth(1).map_or(Ok(9464), |port| port.parse())?;

    // What was there before.
    let page = prometheus::Registry::new();
    let searches = IntCounter::new("searches_total", "Searches made.")?;
    page.register(Box::new(searches.clone()))?;
    page.register(Box::new(ProcessCollector::for_self()))?;

    // What is new. The last line comes when everything of ours is registered.
    let registry = pratiko_metrics::Registry::new();
    let metrics = Metrics::expose(&registry, AccountSettings::default())?;
    page.register(Box::new(registry.collector()))?;

    let search = metrics.operation("search");
    let results = metrics.cache("results");
    let searched = async move || {
        searches.inc();
        // The first search of all finds nothing in the cache.
        results.found((searches.get() > 1).then_some(()));
        search.start().succeed();
    };
    let app =
        Router::new().route("/search", get(searched)).route("/metrics", get(async move || answer(&page)));

    let listener = tokio::net::TcpListener::bind(("127.0.0.1", port)).await?;
    println!("http://{}/metrics", listener.local_addr()?);
    Ok(axum::serve(listener, app).await?)
}

/// As it was before.
fn answer(page: &prometheus::Registry) -> Response {
    let mut text = Vec::new();
    match TextEncoder::new().encode(&page.gather(), &mut text) {
        Ok(()) => ([(CONTENT_TYPE, prometheus::TEXT_FORMAT)], text).into_response(),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
    }
}
