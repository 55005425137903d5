//! A gateway in front of a language model: it streams the provider's answers on and says what each call
//! cost, for users of which plan, and how it ended, also when the client goes away in the middle.
//!
//! The provider is a fake in the same process: it streams words for two seconds, tells its tokens at
//! the end, and refuses every fifth request with 429.
//!
//! ```sh
//! cargo run -p pratiko_examples --bin llm_gateway      # or with a port of your choice behind it
//! curl -N http://127.0.0.1:9464/chat -H 'x-user: ada' -H 'x-plan: pro' -d 'Why is the sky blue?'
//! curl -N http://127.0.0.1:9464/chat -H 'x-user: ada' -H 'x-plan: pro' -d 'Why is the sky blue?'      # a hit of the cache
//! curl -N http://127.0.0.1:9464/chat -H 'x-user: bob' -d 'And why is grass green?' --max-time 1      # goes away
//! curl http://127.0.0.1:9464/chat -d 'Who am I?'      # 401
//! curl http://127.0.0.1:9464/metrics
//! ```

mod fake_provider;
mod price;
mod relay;

use std::collections::HashMap;
use std::error::Error;
use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::header::{CONTENT_TYPE, RETRY_AFTER};
use axum::http::{HeaderMap, Method, Request, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use bytes::Bytes;
use hyper::body::Incoming;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::{Client, Error as ClientError};
use hyper_util::rt::TokioExecutor;
use pratiko_metrics::domain::event::TokenUsage;
use pratiko_metrics::exposition::TraceId;
use pratiko_metrics::http::{HttpMetrics, router};
use pratiko_metrics::{AccountSettings, Cache, LlmCalls, Metrics, Registry};

use relay::Relay;

const PROVIDER: &str = "openai";
const MODEL: &str = "gpt-5-mini";

struct Gateway {
    metrics: Metrics,
    /// The calls of each plan: what they are recorded under is looked up once, here.
    free: LlmCalls,
    pro: LlmCalls,
    cache: Cache,
    answers: Mutex<HashMap<String, Bytes>>,
    provider: Uri,
    client: Client<HttpConnector, Body>,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let port: u16 = std::env::args().nth(1).map_or(Ok(9464), |port| port.parse())?;
    let registry = Registry::new();
    let requests = HttpMetrics::register(&registry)?;
    let metrics = Metrics::expose(&registry, AccountSettings::default())?;

    let gateway = Gateway {
        free: metrics.llm(PROVIDER, MODEL, "free"),
        pro: metrics.llm(PROVIDER, MODEL, "pro"),
        cache: metrics.cache("answers"),
        answers: Mutex::default(),
        provider: fake_provider::start().await?,
        client: Client::builder(TokioExecutor::new()).build_http(),
        metrics,
    };
    let app = Router::new().route("/chat", post(chat)).with_state(Arc::new(gateway)).layer(requests.layer());
    let app = router(registry).merge(app);

    let listener = tokio::net::TcpListener::bind(("127.0.0.1", port)).await?;
    println!("http://{}/metrics", listener.local_addr()?);
    Ok(axum::serve(listener, app).await?)
}

async fn chat(State(gateway): State<Arc<Gateway>>, headers: HeaderMap, prompt: String) -> Response {
    let header = |name| headers.get(name).and_then(|value| value.to_str().ok());
    // Stands for your authentication.
    let Some(user) = header("x-user") else {
        gateway.metrics.auth_failure("no_user");
        return StatusCode::UNAUTHORIZED.into_response();
    };
    gateway.metrics.auth_success();
    if let Some(answer) = gateway.cache.found(gateway.cached(&prompt)) {
        return stream(answer.into());
    }

    // Of what clients send nothing becomes a label as it is: there are two plans, whatever they say.
    let calls = if header("x-plan") == Some("pro") { &gateway.pro } else { &gateway.free };
    let mut call = calls.start();
    call.user(user.to_owned());
    if let Some(trace) = header("traceparent").and_then(TraceId::of_traceparent) {
        call.trace(trace);
    }

    let Ok(answer) = gateway.ask(&prompt).await else {
        call.fail("connection");
        gateway.metrics.error("provider", "unreachable");
        return StatusCode::BAD_GATEWAY.into_response();
    };
    if answer.status() != StatusCode::OK {
        call.fail(answer.status().as_str());
        gateway.metrics.error("provider", "refused");
        return (StatusCode::SERVICE_UNAVAILABLE, [(RETRY_AFTER, "1")]).into_response();
    }
    // What was sent is paid for, whoever waits for the answer: an estimate until the provider tells.
    let estimate = TokenUsage { input: prompt.len().div_ceil(4) as u64, ..TokenUsage::default() };
    call.tokens(estimate).cost_eur(price::in_euro(&estimate));
    stream(Relay::new(gateway, prompt, answer.into_body(), call).into_body())
}

impl Gateway {
    async fn ask(&self, prompt: &str) -> Result<Response<Incoming>, ClientError> {
        let mut request = Request::new(Body::from(prompt.to_owned()));
        *request.method_mut() = Method::POST;
        request.uri_mut().clone_from(&self.provider);
        self.client.request(request).await
    }

    fn cached(&self, prompt: &str) -> Option<Bytes> {
        self.answers.lock().unwrap_or_else(PoisonError::into_inner).get(prompt).cloned()
    }

    fn keep(&self, prompt: String, answer: Bytes) {
        self.answers.lock().unwrap_or_else(PoisonError::into_inner).insert(prompt, answer);
    }
}

fn stream(body: Body) -> Response {
    ([(CONTENT_TYPE, "text/event-stream")], body).into_response()
}
