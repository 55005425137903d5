//! All that one call to a model records, with its labels looked up each time, as a service does that
//! asks many models.

use std::hint::black_box;
use std::sync::atomic::AtomicU64;

use opentelemetry::KeyValue;
use opentelemetry::metrics::{Counter as OtelCounter, Histogram as OtelHistogram};
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::Histogram;

use super::llm_call::{Call, DURATION_BOUNDS, TOKEN_BOUNDS, call, limits};
use crate::group::{Case, Group};
use crate::labels::{Model, Outcome, Plan, Provider, TokenType};
use crate::ours;
use crate::peers::{OpenTelemetry, global_metrics, prometheus_counters};

/// Who was asked, for whom.
pub type Who = (Provider, Model, Plan);

pub fn who() -> Who {
    black_box((Provider::Anthropic, Model::Large, Plan::Pro))
}

/// All that can be, so that the tables have their size.
pub fn everybody() -> impl Iterator<Item = Who> {
    Provider::ALL
        .into_iter()
        .flat_map(|provider| Model::ALL.map(|model| (provider, model)))
        .flat_map(|(provider, model)| Plan::ALL.map(|plan| (provider, model, plan)))
}

pub fn group() -> Group {
    let cases = [limits(), ours::llm_call_labels::cases(), peers()];
    let title = "One call to a model, labels looked up (8 records)";
    Group::new(title, cases.into_iter().flatten(), ours::llm_call_labels::goals())
}

fn peers() -> Vec<Case> {
    let (prometheus, client, opentelemetry) = (Prometheus::new(), Client::default(), Otel::new());
    let upkeep = global_metrics();
    for who in everybody() {
        prometheus.record(who, &call());
        client.record(who, &call());
        record_metrics(who, &call());
        opentelemetry.record(who, &call());
    }
    vec![
        Case::peer("prometheus with_label_values", move |_| black_box(&prometheus).record(who(), &call())),
        Case::peer("prometheus-client, enums", move |_| black_box(&client).record(who(), &call())),
        Case::peer("metrics macros, &'static str (without its upkeep)", |_| record_metrics(who(), &call()))
            .settled_by(|| upkeep.run_upkeep()),
        Case::peer("opentelemetry, &'static str", move |_| black_box(&opentelemetry).record(who(), &call())),
    ]
}

struct Prometheus {
    requests: prometheus::IntCounterVec,
    tokens: prometheus::IntCounterVec,
    cost: prometheus::CounterVec,
    duration: prometheus::HistogramVec,
    usage: prometheus::HistogramVec,
}

impl Prometheus {
    fn new() -> Self {
        let histograms = |bounds: [f64; 14], labels| {
            let options = prometheus::HistogramOpts::new("a", "A.").buckets(bounds.to_vec());
            prometheus::HistogramVec::new(options, labels).expect("the names are valid")
        };
        let cost = prometheus::Opts::new("a_total", "A.");
        Self {
            requests: prometheus_counters("a_total", &["provider", "model", "outcome"]),
            tokens: prometheus_counters("a_total", &["provider", "model", "type"]),
            cost: prometheus::CounterVec::new(cost, &["provider", "model", "plan"])
                .expect("the names are valid"),
            duration: histograms(DURATION_BOUNDS, &["provider", "model"]),
            usage: histograms(TOKEN_BOUNDS, &["provider", "model", "type"]),
        }
    }

    fn record(&self, (provider, model, plan): Who, call: &Call) {
        let (provider, model) = (provider.text(), model.text());
        let tokens = |class: TokenType| self.tokens.with_label_values(&[provider, model, class.text()]);
        let usage = |class: TokenType| self.usage.with_label_values(&[provider, model, class.text()]);
        self.requests.with_label_values(&[provider, model, call.outcome.text()]).inc();
        tokens(TokenType::Input).inc_by(call.input);
        tokens(TokenType::Output).inc_by(call.output);
        tokens(TokenType::CacheRead).inc_by(call.cache_read);
        self.cost.with_label_values(&[provider, model, plan.text()]).inc_by(call.amount());
        self.duration.with_label_values(&[provider, model]).observe(call.seconds());
        usage(TokenType::Input).observe(call.input as f64);
        usage(TokenType::Output).observe(call.output as f64);
    }
}

/// Labels of prometheus-client: who served, and one more.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Requests {
    provider: Provider,
    model: Model,
    outcome: Outcome,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Tokens {
    provider: Provider,
    model: Model,
    class: TokenType,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Cost {
    provider: Provider,
    model: Model,
    plan: Plan,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Served {
    provider: Provider,
    model: Model,
}

struct Client {
    requests: Family<Requests, Counter>,
    tokens: Family<Tokens, Counter>,
    cost: Family<Cost, Counter<f64, AtomicU64>>,
    duration: Family<Served, Histogram>,
    usage: Family<Tokens, Histogram>,
}

impl Default for Client {
    fn default() -> Self {
        Self {
            requests: Family::default(),
            tokens: Family::default(),
            cost: Family::default(),
            duration: Family::new_with_constructor(|| Histogram::new(DURATION_BOUNDS)),
            usage: Family::new_with_constructor(|| Histogram::new(TOKEN_BOUNDS)),
        }
    }
}

impl Client {
    fn record(&self, (provider, model, plan): Who, call: &Call) {
        let tokens = |class| Tokens { provider, model, class };
        self.requests.get_or_create(&Requests { provider, model, outcome: call.outcome }).inc();
        self.tokens.get_or_create(&tokens(TokenType::Input)).inc_by(call.input);
        self.tokens.get_or_create(&tokens(TokenType::Output)).inc_by(call.output);
        self.tokens.get_or_create(&tokens(TokenType::CacheRead)).inc_by(call.cache_read);
        self.cost.get_or_create(&Cost { provider, model, plan }).inc_by(call.amount());
        self.duration.get_or_create(&Served { provider, model }).observe(call.seconds());
        self.usage.get_or_create(&tokens(TokenType::Input)).observe(call.input as f64);
        self.usage.get_or_create(&tokens(TokenType::Output)).observe(call.output as f64);
    }
}

fn record_metrics((provider, model, plan): Who, call: &Call) {
    let (provider, model, plan) = (provider.text(), model.text(), plan.text());
    let tokens = |class: TokenType, count| {
        metrics::counter!("call_tokens_total", "provider" => provider, "model" => model, "type" => class.text())
            .increment(count);
    };
    let usage = |class: TokenType, count: u64| {
        metrics::histogram!("call_token_usage", "provider" => provider, "model" => model, "type" => class.text())
            .record(count as f64);
    };
    let outcome = call.outcome.text();
    metrics::counter!("call_total", "provider" => provider, "model" => model, "outcome" => outcome)
        .increment(1);
    tokens(TokenType::Input, call.input);
    tokens(TokenType::Output, call.output);
    tokens(TokenType::CacheRead, call.cache_read);
    metrics::gauge!("call_cost_eur", "provider" => provider, "model" => model, "plan" => plan)
        .increment(call.amount());
    metrics::histogram!("call_duration_seconds", "provider" => provider, "model" => model)
        .record(call.seconds());
    usage(TokenType::Input, call.input);
    usage(TokenType::Output, call.output);
}

struct Otel {
    requests: OtelCounter<u64>,
    tokens: OtelCounter<u64>,
    cost: OtelCounter<f64>,
    duration: OtelHistogram<f64>,
    usage: OtelHistogram<u64>,
}

impl Otel {
    fn new() -> Self {
        let meter = OpenTelemetry::meter();
        Self {
            requests: meter.u64_counter("call").build(),
            tokens: meter.u64_counter("call.tokens").build(),
            cost: meter.f64_counter("call.cost").build(),
            duration: meter.f64_histogram("call.duration").with_boundaries(DURATION_BOUNDS.to_vec()).build(),
            usage: meter.u64_histogram("call.usage").with_boundaries(TOKEN_BOUNDS.to_vec()).build(),
        }
    }

    fn record(&self, (provider, model, plan): Who, call: &Call) {
        let served = || [KeyValue::new("provider", provider.text()), KeyValue::new("model", model.text())];
        let with = |name: &'static str, value: &'static str| {
            let [provider, model] = served();
            [provider, model, KeyValue::new(name, value)]
        };
        self.requests.add(1, &with("outcome", call.outcome.text()));
        self.tokens.add(call.input, &with("type", TokenType::Input.text()));
        self.tokens.add(call.output, &with("type", TokenType::Output.text()));
        self.tokens.add(call.cache_read, &with("type", TokenType::CacheRead.text()));
        self.cost.add(call.amount(), &with("plan", plan.text()));
        self.duration.record(call.seconds(), &served());
        self.usage.record(call.input, &with("type", TokenType::Input.text()));
        self.usage.record(call.output, &with("type", TokenType::Output.text()));
    }
}
