//! The router for axum.

use axum::Router;
use axum::body::Body;
use axum::routing::get;
use http::Request;
use http::header::{ACCEPT, CONTENT_LENGTH, CONTENT_TYPE};
use pratiko_metrics::Registry;
use pratiko_metrics::http::{HttpMetrics, MetricsService, router};
use tower::ServiceExt;

use crate::application::collect;

#[tokio::test]
async fn an_application_serves_its_own_page() {
    let registry = Registry::new();
    let requests = HttpMetrics::register(&registry).unwrap();
    let service = MetricsService::new(registry).with_check("queue", || Err("too long".into()));
    let app: Router = Router::new().route("/", get(async || "Hello!")).layer(requests.layer());
    let app = router(service).merge(app);
    let ask = async |method: &str, path: &str| {
        let request =
            Request::builder().method(method).uri(path).header(ACCEPT, "application/openmetrics-text");
        app.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap()
    };
    collect(ask("GET", "/").await).await;
    collect(ask("GET", "/nowhere").await).await;
    let page = ask("GET", "/metrics").await;
    assert!(page.headers()[CONTENT_TYPE].to_str().unwrap().starts_with("application/openmetrics-text"));
    let page = String::from_utf8(collect(page).await).unwrap();
    assert!(
        page.contains("http_route=\"/\"") && !page.contains("/metrics"),
        "scrapes are not the application's"
    );
    assert!(page.contains("http_route=\"unmatched\""), "what no route matches is");
    assert!(page.ends_with("# EOF\n"));

    let head = ask("HEAD", "/metrics").await;
    assert_ne!(head.headers()[CONTENT_LENGTH], "0");
    assert!(collect(head).await.is_empty());
    assert_eq!(ask("POST", "/metrics").await.status(), 405);
    assert_eq!(ask("GET", "/health").await.status(), 503);
}
