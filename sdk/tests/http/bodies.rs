//! Bodies of every kind, without a server: what a server would do is done here step by step.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::future::Ready;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::{HeaderMap, Request, Response, StatusCode};
use http_body_util::{BodyExt, Empty};
use hyper::body::{Body, Frame, SizeHint};
use pratiko_metrics::Registry;
use pratiko_metrics::http::{Delivery, HttpMetrics, ResponseBody, Route};
use tower::{ServiceBuilder, ServiceExt, service_fn};

use crate::reading::{active, all_requests, of_route, requests};

/// What a body does when it is asked.
enum Step {
    Data(&'static str),
    Trailers(&'static [(&'static str, &'static str)]),
    Error,
    Panic,
}

struct Script {
    steps: VecDeque<Step>,
    says_when_it_ends: bool,
}

fn script(steps: impl IntoIterator<Item = Step>) -> Script {
    Script { steps: steps.into_iter().collect(), says_when_it_ends: false }
}

impl Body for Script {
    type Data = Bytes;
    type Error = &'static str;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, &'static str>>> {
        Poll::Ready(self.steps.pop_front().map(|step| match step {
            Step::Data(text) => Ok(Frame::data(Bytes::from_static(text.as_bytes()))),
            Step::Trailers(pairs) => Ok(Frame::trailers(headers(pairs))),
            Step::Error => Err("the disk is gone"),
            Step::Panic => panic!("as told"),
        }))
    }

    fn is_end_stream(&self) -> bool {
        self.says_when_it_ends && self.steps.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        let mut hint = SizeHint::new();
        hint.set_lower(self.steps.len() as u64);
        hint
    }
}

fn headers(pairs: &'static [(&'static str, &'static str)]) -> HeaderMap {
    pairs.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect()
}

/// What the layer makes of a response.
async fn pass<B: Body>(registry: &Registry, response: Response<B>) -> Response<ResponseBody<B>> {
    pass_for("GET", registry, response).await
}

async fn pass_for<B: Body>(
    method: &str,
    registry: &Registry,
    response: Response<B>,
) -> Response<ResponseBody<B>> {
    let metrics = HttpMetrics::register(registry).unwrap();
    let mut response = Some(response);
    let service = ServiceBuilder::new().layer(metrics.layer()).service(service_fn(|_| {
        let response = response.take().unwrap();
        async { Ok::<_, Infallible>(response) }
    }));
    let mut request = Request::new(Empty::<Bytes>::new());
    *request.method_mut() = method.parse().unwrap();
    request.extensions_mut().insert(Route::from("/it"));
    service.oneshot(request).await.unwrap()
}

fn response<B>(headers: &'static [(&'static str, &'static str)], body: B) -> Response<B> {
    let mut response = Response::new(body);
    *response.headers_mut() = self::headers(headers);
    response
}

fn ended(registry: &Registry, status: &str, error: &str) -> bool {
    requests(registry, ["GET", "/it", status, error]) == 1.0
        && all_requests(registry) == (1.0, 1)
        && active(registry) == 0.0
}

fn first_bytes(registry: &Registry) -> Option<f64> {
    of_route(registry, "pratiko_http_first_byte_duration_seconds_count", "GET", "/it")
}

#[tokio::test]
async fn a_body_passes_unchanged_with_its_trailers() {
    let registry = Registry::new();
    let steps = [Step::Data("ab"), Step::Data("c"), Step::Trailers(&[("checksum", "1")])];
    let body = pass(&registry, response(&[], script(steps))).await.into_body();
    assert_eq!(body.size_hint().lower(), 3);
    assert!(!body.is_end_stream());
    assert_eq!(active(&registry), 1.0);
    let collected = body.collect().await.unwrap();
    assert_eq!(collected.trailers().unwrap()["checksum"], "1");
    assert_eq!(collected.to_bytes(), "abc");
    assert!(ended(&registry, "200", ""));
}

#[tokio::test]
async fn a_body_that_nobody_asks_for_is_complete_with_the_head() {
    for status in [StatusCode::SWITCHING_PROTOCOLS, StatusCode::NO_CONTENT, StatusCode::NOT_MODIFIED] {
        let registry = Registry::new();
        let mut upgrade = response(&[], script([Step::Data("never sent")]));
        *upgrade.status_mut() = status;
        let answer = pass(&registry, upgrade).await;
        assert!(ended(&registry, status.as_str(), ""), "{status}");
        drop(answer);
        assert!(ended(&registry, status.as_str(), ""), "{status} is recorded once");
    }
    for (method, headers) in [("HEAD", &[("content-length", "10")]), ("CONNECT", &[("x", "y")])] {
        let registry = Registry::new();
        let _answer =
            pass_for(method, &registry, response(headers, script([Step::Data("0123456789")]))).await;
        assert_eq!(requests(&registry, [method, "/it", "200", ""]), 1.0, "{method}");
    }
    let registry = Registry::new();
    let _answer = pass(&registry, Response::new(Empty::<Bytes>::new())).await;
    assert!(ended(&registry, "200", ""));
}

#[tokio::test]
async fn the_last_byte_is_recognised_in_whatever_way_it_shows() {
    // A server asks no further when the body says that it has ended, or when all that was announced is there.
    let says_so =
        response(&[], Script { says_when_it_ends: true, ..script([Step::Data("ab"), Step::Data("c")]) });
    let announced = response(&[("content-length", "3")], script([Step::Data("ab"), Step::Data("c")]));
    for answer in [says_so, announced] {
        let registry = Registry::new();
        let mut body = pass(&registry, answer).await.into_body();
        body.frame().await.unwrap().unwrap();
        assert_eq!(active(&registry), 1.0);
        body.frame().await.unwrap().unwrap();
        assert!(ended(&registry, "200", ""));
        drop(body);
        assert!(ended(&registry, "200", ""));
    }
}

#[tokio::test]
async fn a_body_that_is_dropped_early_was_cancelled() {
    let registry = Registry::new();
    let answer = response(&[("content-length", "3")], script([Step::Data("ab"), Step::Data("c")]));
    let mut body = pass(&registry, answer).await.into_body();
    body.frame().await.unwrap().unwrap();
    drop(body);
    assert!(ended(&registry, "200", "cancelled"));
    let bytes = of_route(&registry, "http_server_response_body_size_bytes_sum", "GET", "/it");
    assert_eq!(bytes, Some(2.0));
}

#[tokio::test]
async fn a_body_that_breaks_off_or_panics_is_an_error() {
    let registry = Registry::new();
    let body = pass(&registry, response(&[], script([Step::Data("ab"), Step::Error]))).await.into_body();
    assert!(body.collect().await.is_err());
    assert!(ended(&registry, "200", "body_error"));

    let registry = Registry::new();
    let body = pass(&registry, response(&[], script([Step::Data("ab"), Step::Panic]))).await.into_body();
    assert!(tokio::spawn(body.collect()).await.unwrap_err().is_panic());
    assert!(ended(&registry, "200", "panic"));
}

#[tokio::test]
async fn a_service_without_an_answer_is_an_error() {
    let registry = Registry::new();
    let metrics = HttpMetrics::register(&registry).unwrap();
    let service = ServiceBuilder::new()
        .layer(metrics.layer())
        .service(service_fn(async |_: Request<Empty<Bytes>>| Err::<Response<Script>, _>("no connection")));
    assert_eq!(service.oneshot(Request::default()).await.err(), Some("no connection"));
    assert_eq!(requests(&registry, ["GET", "unmatched", "", "service_error"]), 1.0);
    assert_eq!(active(&registry), 0.0);
}

#[tokio::test]
async fn a_panic_before_the_first_await_is_one_too() {
    let registry = Registry::new();
    let metrics = HttpMetrics::register(&registry).unwrap();
    let panics =
        |_: Request<Empty<Bytes>>| -> Ready<Result<Response<Script>, Infallible>> { panic!("as told") };
    let service = ServiceBuilder::new().layer(metrics.layer()).service(service_fn(panics));
    let call = async { drop(service.oneshot(Request::default()).await) };
    assert!(tokio::spawn(call).await.unwrap_err().is_panic());
    assert_eq!(requests(&registry, ["GET", "unmatched", "", "panic"]), 1.0);
    assert_eq!(active(&registry), 0.0);
}

#[tokio::test]
async fn grpc_tells_its_errors_in_trailers_or_in_the_head() {
    const GRPC: (&str, &str) = ("content-type", "application/grpc+proto");
    for (status, error) in [("0", ""), ("3", ""), ("5", ""), ("13", "INTERNAL"), ("14", "UNAVAILABLE")] {
        let trailers: &[_] = Box::leak(Box::new([("grpc-status", status)]));
        let registry = Registry::new();
        let body = script([Step::Data("message"), Step::Trailers(trailers)]);
        let answer = pass(&registry, response(&[GRPC], body)).await;
        answer.into_body().collect().await.unwrap();
        assert!(ended(&registry, "200", error), "{status} in trailers");
        assert_eq!(first_bytes(&registry), None, "one message is no stream");

        let head: &[_] = Box::leak(Box::new([GRPC, ("grpc-status", status)]));
        let registry = Registry::new();
        let _answer = pass(&registry, response(head, Empty::<Bytes>::new())).await;
        assert!(ended(&registry, "200", error), "{status} in the head");
    }
}

#[tokio::test]
async fn what_is_streamed_shows_or_is_said() {
    let is_streamed = async |headers, said: Option<Delivery>| {
        let registry = Registry::new();
        let mut answer = response(headers, script([Step::Data(""), Step::Data("ab"), Step::Data("c")]));
        if let Some(said) = said {
            answer.extensions_mut().insert(said);
        }
        pass(&registry, answer).await.into_body().collect().await.unwrap();
        first_bytes(&registry) == Some(1.0)
    };
    assert!(is_streamed(&[], None).await, "of unknown length");
    assert!(is_streamed(&[("content-type", "Text/Event-Stream; charset=utf-8")], None).await);
    assert!(
        is_streamed(&[("content-type", "application/x-ndjson"), ("content-encoding", "gzip")], None).await
    );
    assert!(is_streamed(&[("content-length", "3")], Some(Delivery::Streamed)).await);
    assert!(!is_streamed(&[("content-length", "3")], None).await);
    assert!(!is_streamed(&[("content-encoding", "gzip")], None).await);
    assert!(!is_streamed(&[("content-type", "text/event-stream")], Some(Delivery::Whole)).await);
}
