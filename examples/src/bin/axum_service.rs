//! A service that speaks axum: every request is timed under its route, a stream is held to the time to
//! its first byte, `/metrics` and `/health` are two routes more, and one counter is the service's own.
//!
//! ```sh
//! cargo run -p pratiko_examples --bin axum_service      # or with a port of your choice behind it
//! curl 'http://127.0.0.1:9464/greetings/ada?language=it'
//! curl -N http://127.0.0.1:9464/countdown
//! curl http://127.0.0.1:9464/metrics
//! curl http://127.0.0.1:9464/health
//! ```

use std::convert::Infallible;
use std::time::Duration;

use axum::Router;
use axum::extract::{Path, Query, State};
use axum::response::sse::{Event, Sse};
use axum::routing::get;
use futures_util::stream::{Stream, unfold};
use pratiko_metrics::http::{HttpMetrics, MetricsService, router};
use pratiko_metrics::{Counter, Definition, Family, Registry, label_values, labels};
use serde::Deserialize;

label_values! {
    /// What people are greeted in. A label takes these values and no other, whatever a request asks for.
    #[derive(Deserialize, Default)]
    #[serde(rename_all = "lowercase")]
    enum Language {
        #[default]
        #[serde(rename = "en")]
        English = "en",
        #[serde(rename = "it")]
        Italian = "it",
    }
}

labels! {
    struct Greeting {
        language: Language,
    }
}

#[derive(Clone)]
struct Service {
    greetings: Family<Counter, Greeting>,
}

#[derive(Deserialize)]
struct Wish {
    #[serde(default)]
    language: Language,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let port: u16 = std::env::args().nth(1).map_or(Ok(9464), |port| port.parse())?;
    let registry = Registry::new();
    let requests = HttpMetrics::register(&registry)?;
    let greetings = registry.counters(Definition::new("greetings_total", "People who were greeted."))?;
    let health = MetricsService::new(registry).with_check("database", || Ok(()));

    let app = Router::new()
        .route("/greetings/{name}", get(greet))
        .route("/countdown", get(countdown))
        .with_state(Service { greetings })
        .layer(requests.layer());
    // In this order, or axum answers what no route matches without the layer. Scrapes are not timed.
    let app = router(health).merge(app);

    let listener = tokio::net::TcpListener::bind(("127.0.0.1", port)).await?;
    println!("http://{}/metrics", listener.local_addr()?);
    Ok(axum::serve(listener, app).await?)
}

async fn greet(
    State(service): State<Service>,
    Path(name): Path<String>,
    Query(Wish { language }): Query<Wish>,
) -> String {
    service.greetings.with(&Greeting { language }).increment();
    match language {
        Language::English => format!("Hello, {name}!\n"),
        Language::Italian => format!("Ciao, {name}!\n"),
    }
}

/// Server-sent events. That it streams need not be said: its content type does.
async fn countdown() -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    Sse::new(unfold(3, async |left: u32| {
        tokio::time::sleep(Duration::from_millis(100)).await;
        let event = Event::default().data(left.to_string());
        (left > 0).then(|| (Ok(event), left - 1))
    }))
}
