//! One call to a model, its labels looked up: as enums, and as texts.

use std::hint::black_box;
use std::time::Duration;

use pratiko_domain::money::Money;
use pratiko_metrics::{Buckets, Counter, Definition, Family, Histogram, Labels, Registry};

use crate::cases::llm_call::{Call, DURATION_BOUNDS, TOKEN_BOUNDS, call};
use crate::cases::llm_call_labels::{Who, everybody, who};
use crate::group::{Case, Goal};
use crate::labels::{Model, Outcome, Plan, Provider, TokenType};

const ENUMS: &str = "pratiko, enums";
const TEXTS: &str = "pratiko, provider and model as texts (capped)";

pratiko_metrics::labels! {
    struct Requests { provider: Provider, model: Model, outcome: Outcome }
}
pratiko_metrics::labels! {
    struct Tokens { provider: Provider, model: Model, token_type: TokenType }
}
pratiko_metrics::labels! {
    struct Cost { provider: Provider, model: Model, plan: Plan }
}
pratiko_metrics::labels! {
    struct Served { provider: Provider, model: Model }
}
pratiko_metrics::labels! {
    struct RequestsTexts<'a> { provider: &'a str, model: &'a str, outcome: Outcome }
}
pratiko_metrics::labels! {
    struct TokensTexts<'a> { provider: &'a str, model: &'a str, token_type: TokenType }
}
pratiko_metrics::labels! {
    struct CostTexts<'a> { provider: &'a str, model: &'a str, plan: Plan }
}
pratiko_metrics::labels! {
    struct ServedTexts<'a> { provider: &'a str, model: &'a str }
}

struct Families<R: Labels, T: Labels, C: Labels, S: Labels> {
    requests: Family<Counter, R>,
    tokens: Family<Counter, T>,
    cost: Family<Counter<Money>, C>,
    duration: Family<Histogram<Duration>, S>,
    usage: Family<Histogram<u64>, T>,
}

type ByEnums = Families<Requests, Tokens, Cost, Served>;
type ByTexts =
    Families<RequestsTexts<'static>, TokensTexts<'static>, CostTexts<'static>, ServedTexts<'static>>;

impl<R, T, C, S> Families<R, T, C, S>
where
    R: Labels<Set = R> + 'static,
    T: Labels<Set = T> + 'static,
    C: Labels<Set = C> + 'static,
    S: Labels<Set = S> + 'static,
{
    fn new() -> Self {
        Self::register(&Registry::new()).expect("the names are valid")
    }

    fn register(registry: &Registry) -> Result<Self, Box<dyn std::error::Error>> {
        let definition = |name| Definition::new(name, "A.");
        Ok(Self {
            requests: registry.counters(definition("requests_total"))?,
            tokens: registry.counters(definition("tokens_total"))?,
            cost: registry.counters(definition("cost_eur_total"))?,
            duration: registry.histograms(definition("duration_seconds"), Buckets::new(&DURATION_BOUNDS)?)?,
            usage: registry.histograms(definition("token_usage"), Buckets::new(&TOKEN_BOUNDS)?)?,
        })
    }
}

impl ByEnums {
    fn record(&self, (provider, model, plan): Who, call: &Call) {
        let tokens = |token_type| Tokens { provider, model, token_type };
        self.requests.with(&Requests { provider, model, outcome: call.outcome }).increment();
        self.tokens.with(&tokens(TokenType::Input)).add(call.input);
        self.tokens.with(&tokens(TokenType::Output)).add(call.output);
        self.tokens.with(&tokens(TokenType::CacheRead)).add(call.cache_read);
        self.cost.with(&Cost { provider, model, plan }).add(Money::from_nanos(call.cost.into()));
        self.duration.with(&Served { provider, model }).record(call.duration);
        self.usage.with(&tokens(TokenType::Input)).record(call.input);
        self.usage.with(&tokens(TokenType::Output)).record(call.output);
    }
}

impl ByTexts {
    fn record(&self, (provider, model, plan): Who, call: &Call) {
        let (provider, model) = (provider.text(), model.text());
        let tokens = |token_type| TokensTexts { provider, model, token_type };
        self.requests.with(&RequestsTexts { provider, model, outcome: call.outcome }).increment();
        self.tokens.with(&tokens(TokenType::Input)).add(call.input);
        self.tokens.with(&tokens(TokenType::Output)).add(call.output);
        self.tokens.with(&tokens(TokenType::CacheRead)).add(call.cache_read);
        self.cost.with(&CostTexts { provider, model, plan }).add(Money::from_nanos(call.cost.into()));
        self.duration.with(&ServedTexts { provider, model }).record(call.duration);
        self.usage.with(&tokens(TokenType::Input)).record(call.input);
        self.usage.with(&tokens(TokenType::Output)).record(call.output);
    }
}

pub fn cases() -> Vec<Case> {
    let (by_enums, by_texts) = (ByEnums::new(), ByTexts::new());
    for who in everybody() {
        by_texts.record(who, &call());
    }
    vec![
        Case::ours(ENUMS, move |_| black_box(&by_enums).record(who(), &call())),
        Case::ours(TEXTS, move |_| black_box(&by_texts).record(who(), &call())),
    ]
}

pub fn goals() -> Vec<Goal> {
    [ENUMS, TEXTS]
        .into_iter()
        .flat_map(|contender| [1, 2].map(|threads| Goal::BelowEveryPeer { contender, threads }))
        .collect()
}
