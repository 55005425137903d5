//! What is recorded of requests to an application of axum.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::routing::get;
use http::{Request, StatusCode};
use pratiko_metrics::exposition::Format;
use pratiko_metrics::http::{HttpMetrics, HttpSettings, Route};
use pratiko_metrics::{Buckets, Registry};
use tokio::io::AsyncReadExt;
use tokio::sync::Barrier;
use tower::ServiceExt;

use crate::application::{ask, collect, router, send, start};
use crate::reading::{active, all_requests, eventually, of_route, requests, sample};

const FIRST_BYTE: &str = "pratiko_http_first_byte_duration_seconds";

#[tokio::test]
async fn the_route_is_the_template_and_never_the_path() {
    let registry = Registry::new();
    let address = start(&registry).await;
    for path in ["/chats/1", "/chats/2", "/wp-login.php?user=1", "/.env", "/chats/1/2", "/nested/7"] {
        ask(address, &format!("GET {path} HTTP/1.1"), "").await;
    }
    ask(address, "GET /named HTTP/1.1", "").await;
    assert_eq!(requests(&registry, ["GET", "/chats/{chat}", "200", ""]), 2.0);
    assert_eq!(requests(&registry, ["GET", "unmatched", "404", ""]), 3.0);
    assert_eq!(requests(&registry, ["GET", "unmatched", "200", ""]), 1.0, "what is behind a nested service");
    assert_eq!(requests(&registry, ["GET", "/by-name", "200", ""]), 1.0);
    assert_eq!(all_requests(&registry), (7.0, 4));
}

#[tokio::test]
async fn methods_that_clients_invent_are_one() {
    let registry = Registry::new();
    let address = start(&registry).await;
    for method in ["BREW", "PROPFIND", "get"] {
        let answer = ask(address, &format!("{method} /chats/1 HTTP/1.1"), "").await;
        assert!(answer.starts_with("HTTP/1.1 405"), "{answer}");
    }
    assert_eq!(requests(&registry, ["_OTHER", "/chats/{chat}", "405", ""]), 3.0);
    assert_eq!(all_requests(&registry), (3.0, 1));
    assert_eq!(active(&registry), 0.0);
}

#[tokio::test]
async fn a_stream_counts_as_a_whole_and_its_first_byte_apart() {
    let registry = Registry::new();
    let address = start(&registry).await;
    let answer = ask(address, "GET /events HTTP/1.1", "").await;
    assert_eq!(answer.matches("data: hello").count(), 3);
    let series = "{http_request_method=\"GET\",http_route=\"/events\",http_response_status_code=\"200\",error_type=\"\"}";
    let whole = sample(&registry, &format!("http_server_request_duration_seconds_sum{series}")).unwrap();
    let first = of_route(&registry, &format!("{FIRST_BYTE}_sum"), "GET", "/events").unwrap();
    assert!(whole >= 0.3, "the third tick is 300 ms after the first byte, and it took {whole}");
    assert!(first <= whole - 0.25, "{first} of {whole}");
    let bytes = of_route(&registry, "http_server_response_body_size_bytes_sum", "GET", "/events");
    assert_eq!(bytes, Some(3.0 * 13.0));
}

#[tokio::test]
async fn only_streams_have_a_first_byte() {
    let registry = Registry::new();
    let address = start(&registry).await;
    for path in ["/chats/1", "/export", "/teapot"] {
        ask(address, &format!("GET {path} HTTP/1.1"), "").await;
    }
    let count = |route| of_route(&registry, &format!("{FIRST_BYTE}_count"), "GET", route);
    assert_eq!([count("/chats/{chat}"), count("/export"), count("/teapot")], [None, Some(1.0), None]);
}

#[tokio::test]
async fn a_panic_is_recorded_and_goes_on() {
    let registry = Registry::new();
    let address = start(&registry).await;
    assert_eq!(ask(address, "GET /panic HTTP/1.1", "").await, "", "nothing has caught it");
    eventually("a panic is recorded", || requests(&registry, ["GET", "/panic", "", "panic"]) == 1.0).await;
    assert_eq!(active(&registry), 0.0);
    let sizes = of_route(&registry, "http_server_response_body_size_bytes_count", "GET", "/panic");
    assert_eq!(sizes, None, "there was no answer");
}

#[tokio::test]
async fn only_the_servers_faults_are_errors() {
    let registry = Registry::new();
    let address = start(&registry).await;
    ask(address, "GET /teapot HTTP/1.1", "").await;
    ask(address, "GET /broken HTTP/1.1", "").await;
    assert_eq!(requests(&registry, ["GET", "/teapot", "418", ""]), 1.0);
    assert_eq!(requests(&registry, ["GET", "/broken", "502", "502"]), 1.0);
}

#[tokio::test]
async fn a_client_that_goes_away_in_the_middle_is_recorded_as_that() {
    let registry = Registry::new();
    let address = start(&registry).await;
    let mut stream = send(address, "GET /for-ever HTTP/1.1", "").await;
    let mut some = [0; 64];
    stream.read_exact(&mut some).await.unwrap();
    assert_eq!((active(&registry), all_requests(&registry).0), (1.0, 0.0));
    drop(stream);
    let cancelled = || requests(&registry, ["GET", "/for-ever", "200", "cancelled"]) == 1.0;
    eventually("the client has gone", cancelled).await;
    assert_eq!(active(&registry), 0.0);
}

#[tokio::test]
async fn a_client_that_goes_away_before_the_answer_is_recorded_too() {
    let registry = Registry::new();
    let address = start(&registry).await;
    let stream = send(address, "GET /never HTTP/1.1", "").await;
    eventually("the request has come", || active(&registry) == 1.0).await;
    drop(stream);
    eventually("it has gone", || requests(&registry, ["GET", "/never", "", "cancelled"]) == 1.0).await;
    assert_eq!(active(&registry), 0.0);
}

#[tokio::test]
async fn head_is_complete_without_a_body() {
    let registry = Registry::new();
    let address = start(&registry).await;
    let answer = ask(address, "HEAD /chats/1 HTTP/1.1", "").await;
    assert!(answer.to_lowercase().contains("content-length: 6\r\n"), "{answer}");
    ask(address, "HEAD /events HTTP/1.1", "").await;
    assert_eq!(requests(&registry, ["HEAD", "/chats/{chat}", "200", ""]), 1.0);
    assert_eq!(requests(&registry, ["HEAD", "/events", "200", ""]), 1.0);
    let bytes = of_route(&registry, "http_server_response_body_size_bytes_sum", "HEAD", "/chats/{chat}");
    assert_eq!(bytes, Some(0.0));
    assert_eq!(of_route(&registry, &format!("{FIRST_BYTE}_count"), "HEAD", "/events"), None);
}

#[tokio::test]
async fn bodies_are_measured_both_ways() {
    let registry = Registry::new();
    let address = start(&registry).await;
    for body in ["0123456789", "01234", ""] {
        ask(address, "POST /echo HTTP/1.1", body).await;
    }
    let of_echo = |name: &str| of_route(&registry, &format!("http_server_{name}"), "POST", "/echo");
    assert_eq!(of_echo("request_body_size_bytes_sum"), Some(15.0));
    assert_eq!(of_echo("request_body_size_bytes_count"), Some(2.0), "the third had no body");
    assert_eq!(of_echo("response_body_size_bytes_sum"), Some(15.0));
    assert_eq!(of_echo("response_body_size_bytes_count"), Some(3.0));
}

#[tokio::test]
async fn whoever_announces_an_impossible_body_does_not_spoil_the_sum() {
    let registry = Registry::new();
    let address = start(&registry).await;
    let answer = ask(address, "GET /chats/1 HTTP/1.1\r\nContent-Length: 9223372036854775807", "").await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    let bytes = of_route(&registry, "http_server_request_body_size_bytes_sum", "GET", "/chats/{chat}");
    assert_eq!(bytes, None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_thousand_requests_at_once_are_all_counted_and_none_stays() {
    const REQUESTS: usize = 1000;
    let registry = Registry::new();
    let (all_in, all_out) = (Arc::new(Barrier::new(REQUESTS + 1)), Arc::new(Barrier::new(REQUESTS + 1)));
    let barriers = (Arc::clone(&all_in), Arc::clone(&all_out));
    let handler = async move || {
        barriers.0.wait().await;
        barriers.1.wait().await;
        "Hello!"
    };
    let requests_metrics = HttpMetrics::register(&registry).unwrap();
    let app: Router = Router::new().route("/", get(handler)).layer(requests_metrics.layer());
    let tasks: Vec<_> = (0..REQUESTS)
        .map(|_| {
            let app = app.clone();
            tokio::spawn(
                async move { collect(app.oneshot(Request::new(Body::empty())).await.unwrap()).await },
            )
        })
        .collect();
    all_in.wait().await;
    assert_eq!(active(&registry), 1000.0);
    all_out.wait().await;
    for task in tasks {
        assert_eq!(task.await.unwrap(), b"Hello!");
    }
    assert_eq!(active(&registry), 0.0);
    assert_eq!(requests(&registry, ["GET", "/", "200", ""]), 1000.0);
}

#[tokio::test]
async fn a_sampled_trace_is_an_example_in_openmetrics_alone() {
    const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
    let registry = Registry::new();
    let app = router(&registry);
    let ask = async |path: &str, trace: &str, flags: &str| {
        let traceparent = format!("00-{trace}-00f067aa0ba902b7-{flags}");
        let request = Request::get(path).header("traceparent", traceparent).body(Body::empty()).unwrap();
        let response = app.clone().oneshot(request).await.unwrap();
        assert_eq!(response.status(), StatusCode::OK);
        collect(response).await;
    };
    ask("/chats/1", "00000000000000000000000000000001", "00").await;
    ask("/export", TRACE, "01").await;
    let page = registry.text(Format::OpenMetrics);
    let with_trace: Vec<&str> = page.lines().filter(|line| line.contains("# {trace_id=")).collect();
    assert_eq!(with_trace.len(), 2, "{with_trace:?}");
    assert!(
        with_trace.iter().all(|line| line.contains(TRACE) && line.contains("_bucket{")),
        "{with_trace:?}"
    );
    assert!(with_trace.iter().any(|line| line.starts_with(FIRST_BYTE)), "{with_trace:?}");
    assert!(!registry.text(Format::Text).contains("trace_id"));
}

#[tokio::test]
async fn past_the_cap_routes_are_other() {
    let registry = Registry::new();
    let settings =
        HttpSettings::default().with_most_series(2).with_durations(Buckets::new(&[1.0, 5.0]).unwrap());
    let metrics = HttpMetrics::register_with(&registry, &settings).unwrap();
    let app: Router = Router::new()
        .fallback(async |request: axum::extract::Request| {
            let path: Arc<str> = request.uri().path().into();
            // A mistake: a path is no route.
            axum::Extension(Route::from(path))
        })
        .layer(metrics.layer());
    for number in 0..20 {
        let request = Request::get(format!("/{number}")).body(Body::empty()).unwrap();
        collect(app.clone().oneshot(request).await.unwrap()).await;
    }
    assert_eq!(all_requests(&registry), (20.0, 3));
    assert_eq!(requests(&registry, ["GET", "other", "200", ""]), 18.0, "the status stays");
    assert_eq!(active(&registry), 0.0);
}

#[test]
fn the_families_are_registered_once() {
    let registry = Registry::new();
    assert!(HttpMetrics::register(&registry).is_ok());
    let error = HttpMetrics::register(&registry).unwrap_err().to_string();
    assert!(error.contains("is taken"), "{error}");
}
