//! All that one call to a model records, through handles that were made before: its outcome, three
//! classes of tokens, its cost, its duration, and its input and output into the distributions.

use std::array::from_fn;
use std::hint::black_box;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use opentelemetry::metrics::{BoundCounter, BoundHistogram};
use prometheus_client::metrics::counter::Counter as ClientCounter;
use prometheus_client::metrics::histogram::Histogram as ClientHistogram;

use crate::group::{Case, Group};
use crate::labels::{Outcome, TokenType};
use crate::limits::{Buckets, Sharded, add};
use crate::ours;
use crate::peers::{OpenTelemetry, global_metrics, prometheus_histogram};

/// Of a call's duration in OpenTelemetry's semantic conventions, in seconds.
pub const DURATION_BOUNDS: [f64; 14] =
    [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92];

/// Of a call's tokens there.
pub const TOKEN_BOUNDS: [f64; 14] = [
    1.0,
    4.0,
    16.0,
    64.0,
    256.0,
    1024.0,
    4096.0,
    16_384.0,
    65_536.0,
    262_144.0,
    1_048_576.0,
    4_194_304.0,
    16_777_216.0,
    67_108_864.0,
];

/// What is known of a call when it has ended.
#[derive(Debug, Clone, Copy)]
pub struct Call {
    pub outcome: Outcome,
    /// Tokens: input that was not cached, output, input from the cache.
    pub input: u64,
    pub output: u64,
    pub cache_read: u64,
    /// In 10⁻⁹ of a unit.
    pub cost: u64,
    pub duration: Duration,
}

impl Call {
    pub fn seconds(&self) -> f64 {
        self.duration.as_secs_f64()
    }

    /// The cost as the peers take it.
    pub fn amount(&self) -> f64 {
        self.cost as f64 / 1e9
    }
}

/// A call that has just ended.
pub fn call() -> Call {
    black_box(Call {
        outcome: Outcome::Success,
        input: 1_841,
        output: 402,
        cache_read: 1_024,
        cost: 9_450_300,
        duration: Duration::from_micros(2_345_678),
    })
}

pub fn group() -> Group {
    let cases = [limits(), ours::llm_call::cases(), ours::recorder::cases(), peers()];
    let title = "One call to a model, bound (8 records)";
    let goals = ours::llm_call::goals().into_iter().chain(ours::recorder::goals()).collect();
    Group::new(title, cases.into_iter().flatten(), goals)
}

/// A cell for everything, and nothing else.
struct Cells {
    requests: [AtomicU64; 4],
    tokens: [AtomicU64; 3],
    cost: AtomicU64,
    duration: Buckets,
    input: Buckets,
    output: Buckets,
}

impl Cells {
    fn new() -> Self {
        Self {
            requests: from_fn(|_| AtomicU64::new(0)),
            tokens: from_fn(|_| AtomicU64::new(0)),
            cost: AtomicU64::new(0),
            duration: Buckets::new(),
            input: Buckets::new(),
            output: Buckets::new(),
        }
    }

    fn record(&self, call: &Call) {
        let [duration, input, output] = black_box([8, 6, 5]);
        add(&self.requests[call.outcome as usize], 1);
        add(&self.tokens[0], call.input);
        add(&self.tokens[1], call.output);
        add(&self.tokens[2], call.cache_read);
        add(&self.cost, call.cost);
        self.duration.add(duration, call.duration.as_nanos() as u64);
        self.input.add(input, call.input);
        self.output.add(output, call.output);
    }
}

pub fn limits() -> Vec<Case> {
    let one = Arc::new(Cells::new());
    let sharded = Sharded::new(Cells::new);
    vec![
        Case::limit("limit: 11 additions", move |_| black_box(&one).record(&call())),
        Case::limit("limit: 11 additions, cells for each thread", move |_| {
            black_box(&sharded).mine().record(&call());
        }),
    ]
}

fn peers() -> Vec<Case> {
    let (prometheus, client, metrics, opentelemetry) =
        (Prometheus::new(), Client::new(), Metrics::new(), Bound::new());
    let upkeep = global_metrics();
    vec![
        Case::peer("prometheus handles", move |_| black_box(&prometheus).record(&call())),
        Case::peer("prometheus-client handles", move |_| black_box(&client).record(&call())),
        Case::peer("metrics handles (without its upkeep)", move |_| black_box(&metrics).record(&call()))
            .settled_by(|| upkeep.run_upkeep()),
        Case::peer("opentelemetry bound", move |_| black_box(&opentelemetry).record(&call())),
    ]
}

struct Prometheus {
    requests: [prometheus::IntCounter; 4],
    tokens: [prometheus::IntCounter; 3],
    cost: prometheus::Counter,
    duration: prometheus::Histogram,
    usage: [prometheus::Histogram; 2],
}

impl Prometheus {
    fn new() -> Self {
        let counter = || prometheus::IntCounter::new("a_total", "A.").expect("the name is valid");
        Self {
            requests: from_fn(|_| counter()),
            tokens: from_fn(|_| counter()),
            cost: prometheus::Counter::new("a_total", "A.").expect("the name is valid"),
            duration: prometheus_histogram("a_seconds", &DURATION_BOUNDS),
            usage: from_fn(|_| prometheus_histogram("a_tokens", &TOKEN_BOUNDS)),
        }
    }

    fn record(&self, call: &Call) {
        self.requests[call.outcome as usize].inc();
        self.tokens[0].inc_by(call.input);
        self.tokens[1].inc_by(call.output);
        self.tokens[2].inc_by(call.cache_read);
        self.cost.inc_by(call.amount());
        self.duration.observe(call.seconds());
        self.usage[0].observe(call.input as f64);
        self.usage[1].observe(call.output as f64);
    }
}

struct Client {
    requests: [ClientCounter; 4],
    tokens: [ClientCounter; 3],
    cost: ClientCounter<f64, AtomicU64>,
    duration: ClientHistogram,
    usage: [ClientHistogram; 2],
}

impl Client {
    fn new() -> Self {
        Self {
            requests: from_fn(|_| ClientCounter::default()),
            tokens: from_fn(|_| ClientCounter::default()),
            cost: ClientCounter::default(),
            duration: ClientHistogram::new(DURATION_BOUNDS),
            usage: from_fn(|_| ClientHistogram::new(TOKEN_BOUNDS)),
        }
    }

    fn record(&self, call: &Call) {
        self.requests[call.outcome as usize].inc();
        self.tokens[0].inc_by(call.input);
        self.tokens[1].inc_by(call.output);
        self.tokens[2].inc_by(call.cache_read);
        self.cost.inc_by(call.amount());
        self.duration.observe(call.seconds());
        self.usage[0].observe(call.input as f64);
        self.usage[1].observe(call.output as f64);
    }
}

struct Metrics {
    requests: [metrics::Counter; 4],
    tokens: [metrics::Counter; 3],
    cost: metrics::Gauge,
    duration: metrics::Histogram,
    usage: [metrics::Histogram; 2],
}

impl Metrics {
    fn new() -> Self {
        global_metrics();
        Self {
            requests: Outcome::ALL.map(|outcome| metrics::counter!("llm_total", "outcome" => outcome.text())),
            tokens: ["input", "output", "cache_read"]
                .map(|class| metrics::counter!("tokens_total", "type" => class)),
            cost: metrics::gauge!("llm_cost_eur"),
            duration: metrics::histogram!("llm_duration_seconds"),
            usage: ["input", "output"].map(|class| metrics::histogram!("llm_token_usage", "type" => class)),
        }
    }

    fn record(&self, call: &Call) {
        self.requests[call.outcome as usize].increment(1);
        self.tokens[0].increment(call.input);
        self.tokens[1].increment(call.output);
        self.tokens[2].increment(call.cache_read);
        self.cost.increment(call.amount());
        self.duration.record(call.seconds());
        self.usage[0].record(call.input as f64);
        self.usage[1].record(call.output as f64);
    }
}

struct Bound {
    requests: [BoundCounter<u64>; 4],
    tokens: [BoundCounter<u64>; 3],
    cost: BoundCounter<f64>,
    duration: BoundHistogram<f64>,
    usage: [BoundHistogram<u64>; 2],
}

impl Bound {
    fn new() -> Self {
        let meter = OpenTelemetry::meter();
        let label = |name: &'static str, value: &'static str| [opentelemetry::KeyValue::new(name, value)];
        let (requests, tokens) = (meter.u64_counter("llm").build(), meter.u64_counter("llm.tokens").build());
        let duration = meter.f64_histogram("llm.duration").with_boundaries(DURATION_BOUNDS.to_vec()).build();
        let usage = meter.u64_histogram("llm.usage").with_boundaries(TOKEN_BOUNDS.to_vec()).build();
        Self {
            requests: Outcome::ALL.map(|outcome| requests.bind(&label("outcome", outcome.text()))),
            tokens: TokenType::ALL.map(|class| tokens.bind(&label("type", class.text()))),
            cost: meter.f64_counter("llm.cost").build().bind(&[]),
            duration: duration.bind(&[]),
            usage: ["input", "output"].map(|class| usage.bind(&label("type", class))),
        }
    }

    fn record(&self, call: &Call) {
        self.requests[call.outcome as usize].add(1);
        self.tokens[0].add(call.input);
        self.tokens[1].add(call.output);
        self.tokens[2].add(call.cache_read);
        self.cost.add(call.amount());
        self.duration.record(call.seconds());
        self.usage[0].record(call.input);
        self.usage[1].record(call.output);
    }
}
