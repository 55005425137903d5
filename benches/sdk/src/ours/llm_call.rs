//! One call to a model through handles.

use std::hint::black_box;
use std::time::Duration;

use pratiko_domain::money::Money;
use pratiko_metrics::{Buckets, Counter, Definition, Family, Histogram, Registry};

use crate::cases::llm_call::{Call, DURATION_BOUNDS, TOKEN_BOUNDS, call};
use crate::group::{Case, Goal};
use crate::labels::{Outcome, TokenType};

const BOUND: &str = "pratiko handles";

pratiko_metrics::labels! {
    struct ByOutcome { outcome: Outcome }
}
pratiko_metrics::labels! {
    struct ByTokenType { token_type: TokenType }
}

struct Handles {
    requests: Family<Counter, ByOutcome>,
    tokens: [Counter; 3],
    cost: Counter<Money>,
    duration: Histogram<Duration>,
    usage: [Histogram<u64>; 2],
}

impl Handles {
    fn new() -> Self {
        Self::register(&Registry::new()).expect("the names are valid")
    }

    fn register(registry: &Registry) -> Result<Self, Box<dyn std::error::Error>> {
        let tokens = registry.counters::<u64, ByTokenType>(Definition::new("tokens_total", "A."))?;
        let usage = registry.histograms::<u64, ByTokenType>(
            Definition::new("token_usage", "A."),
            Buckets::new(&TOKEN_BOUNDS)?,
        )?;
        let durations = Buckets::new(&DURATION_BOUNDS)?;
        Ok(Self {
            requests: registry.counters(Definition::new("requests_total", "A."))?,
            tokens: TokenType::ALL.map(|token_type| tokens.with(&ByTokenType { token_type }).clone()),
            cost: registry.counter(Definition::new("cost_eur_total", "A."))?,
            duration: registry.histogram(Definition::new("duration_seconds", "A."), durations)?,
            usage: [TokenType::Input, TokenType::Output]
                .map(|token_type| usage.with(&ByTokenType { token_type }).clone()),
        })
    }

    fn record(&self, call: &Call) {
        self.requests.with(&ByOutcome { outcome: call.outcome }).increment();
        self.tokens[0].add(call.input);
        self.tokens[1].add(call.output);
        self.tokens[2].add(call.cache_read);
        self.cost.add(Money::from_nanos(call.cost.into()));
        self.duration.record(call.duration);
        self.usage[0].record(call.input);
        self.usage[1].record(call.output);
    }
}

pub fn cases() -> Vec<Case> {
    let handles = Handles::new();
    vec![Case::ours(BOUND, move |_| black_box(&handles).record(&call()))]
}

pub fn goals() -> Vec<Goal> {
    vec![
        Goal::Nanoseconds { contender: BOUND, threads: 1, at_most: 150.0 },
        Goal::BelowEveryPeer { contender: BOUND, threads: 2 },
    ]
}
