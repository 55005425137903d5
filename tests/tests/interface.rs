//! The HTTP interface is as `docs/openapi.json` describes it.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::Arc;

use pratiko_domain::time::Clock;
use pratiko_exporter::cli::Invocation;
use pratiko_exporter::config::{self, Environment, Schema};
use pratiko_exporter::daemon::Daemon;
use pratiko_metrics::SystemClock;
use pratiko_tests::events_page::{SECTIONS, docs, example};
use pratiko_tests::json_schema::misfit;
use pratiko_tests::openapi::description;
use pratiko_tests::temp::TempDir;
use serde_json::{Value, json};

/// The routes in the source of the router: method and path.
fn routes(source: &str) -> BTreeSet<(String, String)> {
    let route = |(text, after): (&str, &str)| {
        let path = text.trim().trim_matches('"');
        let path = if path == "&metrics_path" { "/metrics" } else { path };
        (after.trim().split('(').next().unwrap_or_default().to_owned(), path.to_owned())
    };
    source.split(".route(").skip(1).filter_map(|rest| rest.split_once(',')).map(route).collect()
}

fn described(description: &Value) -> BTreeSet<(String, String)> {
    let paths = description["paths"].as_object().unwrap();
    let of_path = |(path, item): (&String, &Value)| {
        let methods: Vec<String> = item.as_object().unwrap().keys().cloned().collect();
        let path = path.clone();
        methods.into_iter().map(move |method| (method, path.clone()))
    };
    paths.iter().flat_map(of_path).collect()
}

#[test]
fn every_route_of_the_router_is_described_and_no_other() {
    let router = docs().join("../exporter/src/app/mod.rs");
    let routes = routes(&std::fs::read_to_string(router).unwrap());
    assert_eq!(routes, described(&description().unwrap()));
    assert!(routes.contains(&("post".to_owned(), "/api/v1/events".to_owned())));
}

#[test]
fn every_reference_of_the_description_leads_somewhere() {
    let description = description().unwrap();
    let text = description.to_string();
    let references: BTreeSet<&str> =
        text.split("\"$ref\":\"#").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    assert!(references.len() > 20, "only {references:?}");
    for reference in references {
        assert!(description.pointer(reference).is_some(), "{reference}");
    }
}

const ADMIN_TOKEN: &str = "of-an-administrator";

/// A daemon on a port of its own, with an empty ledger.
struct Running {
    address: SocketAddr,
    token: String,
    runtime: tokio::runtime::Runtime,
    stop: tokio::sync::oneshot::Sender<()>,
    served: tokio::task::JoinHandle<std::io::Result<()>>,
    _directory: TempDir,
}

impl Running {
    fn start() -> Self {
        let directory = TempDir::new();
        let schema = Schema::of_this_exporter();
        let ledger = format!("--ledger.path={}", directory.path().display());
        let admin_token = directory.path().join("admin-token");
        std::fs::write(&admin_token, ADMIN_TOKEN).unwrap();
        let arguments = [
            "pratiko-exporter",
            "--web.listen-address=127.0.0.1:0",
            &ledger,
            "--collector.business",
            &format!("--auth.admin.token-files={}", admin_token.display()),
        ];
        let flags = Invocation::parse(&schema, arguments).unwrap().flags;
        let config = config::load(&schema, &flags, &Environment::default()).unwrap().config;
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
        let entered = runtime.enter();
        let daemon = Daemon::start(&config, Arc::new(SystemClock)).unwrap();
        drop(entered);
        let address = daemon.addresses()[0];
        let token = std::fs::read_to_string(directory.path().join("ingest-token")).unwrap();
        let served = runtime.spawn(daemon.serve(async { drop(stopped.await) }));
        Self { address, token: token.trim().to_owned(), runtime, stop, served, _directory: directory }
    }

    /// Asks, and checks the answer against the description; its status and body.
    fn ask(
        &self,
        method: &str,
        path: &str,
        query: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> (u16, Value) {
        let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
        let url = format!("http://{}{}{query}", self.address, path.replace("{id}", "usr_17"));
        let mut request = ureq::http::Request::builder().method(&*method.to_uppercase()).uri(url);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let mut answer = agent.run(request.body(body.to_owned()).unwrap()).unwrap();
        let status = answer.status().as_u16();
        let content_type = answer.headers()["content-type"].to_str().unwrap().to_owned();
        let text = answer.body_mut().read_to_string().unwrap();
        let body = if content_type == "application/json" {
            serde_json::from_str(&text).unwrap()
        } else {
            text.into()
        };

        let description = description().unwrap();
        let of_path = &description["paths"][path][method]["responses"][status.to_string()];
        let response = of_path["$ref"]
            .as_str()
            .map_or(Some(of_path), |reference| description.pointer(reference.trim_start_matches('#')));
        let content = &response.unwrap()["content"][&content_type];
        assert!(content.is_object(), "{method} {path}: {status} {content_type} is not described");
        assert_eq!(misfit(&body, &content["schema"], &description), None, "{method} {path}: {status} {body}");
        (status, body)
    }

    fn stop(self) {
        self.stop.send(()).unwrap();
        self.runtime.block_on(self.served).unwrap().unwrap();
    }
}

#[test]
fn the_daemon_answers_as_described() {
    let daemon = Running::start();
    let get = |path: &str, query: &str| daemon.ask("get", path, query, &[], "");
    for path in ["/", "/metrics", "/health", "/-/healthy", "/-/ready", "/api/v1/openapi.json"] {
        assert_eq!(get(path, "").0, 200, "{path}");
    }
    assert_eq!(get("/metrics", "?collect[]=nonsense").0, 400);

    let bearer = format!("Bearer {}", daemon.token);
    let post = |content_type: &str, body: &str| {
        let headers = [("authorization", bearer.as_str()), ("content-type", content_type)];
        daemon.ask("post", "/api/v1/events", "", &headers, body)
    };
    let now = SystemClock.now().to_string();
    let events: Vec<Value> = SECTIONS
        .iter()
        .flat_map(|section| section.examples)
        .map(|name| {
            let mut event: Value = serde_json::from_str(&example(name).unwrap()).unwrap();
            event["time"] = now.clone().into();
            event
        })
        .collect();
    let (status, recorded) = post("application/json", &Value::from(events.clone()).to_string());
    assert_eq!((status, &recorded["accepted"]), (200, &json!(events.len())), "{recorded}");
    let again = post("application/cloudevents+json", &events[0].to_string());
    assert_eq!(again, (200, json!({ "accepted": 0, "duplicates": 1, "rejected": [] })));
    assert_eq!(post("application/json", "{}").0, 400, "rejected");
    assert_eq!(post("application/json", "nonsense").0, 400, "malformed");
    assert_eq!(post("text/plain", "{}").0, 415);
    assert_eq!(daemon.ask("post", "/api/v1/events", "", &[], "{}").0, 401);

    // The figures follow within seconds; until then the answer says that there are none.
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(20);
    loop {
        let (status, summary) = get("/api/v1/summary", "");
        if status == 200 && summary["events"] == events.len() {
            break;
        }
        assert!(std::time::Instant::now() < deadline, "{summary}");
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    administrators_are_answered_as_described(&daemon);
    daemon.stop();
}

fn administrators_are_answered_as_described(daemon: &Running) {
    let bearer = format!("Bearer {ADMIN_TOKEN}");
    let ask = |method: &str, path: &str, query: &str, body: &str| {
        daemon.ask(method, path, query, &[("authorization", bearer.as_str())], body).0
    };
    let (user, costs) = ("/api/v1/users/{id}", "/api/v1/users/{id}/costs");
    assert_eq!(daemon.ask("get", "/api/v1/users", "", &[], "").0, 401);
    assert_eq!(ask("get", "/api/v1/users", "?top=5", ""), 200);
    assert_eq!(ask("get", "/api/v1/users", "?top=all", ""), 400);
    assert_eq!(ask("get", user, "", ""), 200);
    assert_eq!(ask("get", costs, "?window=7d&by=quarter", ""), 200);
    assert_eq!(ask("get", costs, "?window=2d", ""), 400);
    let month = &SystemClock.now().to_string()[..7];
    let invoice =
        |provider: &str| json!({ "provider": provider, "month": month, "invoice": "1" }).to_string();
    let reconciliations = "/api/v1/reconciliations";
    assert_eq!(ask("post", reconciliations, "", &invoice("openai")), 200);
    assert_eq!(ask("post", reconciliations, "", &invoice("nobody")), 422);
    assert_eq!(ask("post", reconciliations, "", "{}"), 400);
    assert_eq!(ask("delete", user, "", ""), 200);
    assert_eq!((ask("get", user, "", ""), ask("get", costs, "", "")), (404, 404));
    assert_eq!(ask("get", "/api/v1/audit", "?limit=3", ""), 200);
}
