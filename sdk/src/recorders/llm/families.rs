//! The families of calls to language models.

use std::sync::Arc;
use std::time::Duration;

use pratiko_domain::event::{DisjointTokens, LlmOutcome};
use pratiko_domain::money::Money;

use crate::catalogue::{
    GEN_AI_CLIENT_OPERATION_DURATION_SECONDS, GEN_AI_CLIENT_OPERATION_TIME_TO_FIRST_CHUNK_SECONDS,
    GEN_AI_CLIENT_TOKEN_USAGE, LLM_COST_EUR_TOTAL, LLM_REQUESTS_TOTAL, LLM_TOKENS_TOTAL,
    LLM_UNPRICED_REQUESTS_TOTAL,
};
use crate::cells::{Buckets, Counter, Histogram};
use crate::registry::{Definition, Source};
use crate::series::Family;

crate::label_values! {
    pub(super) enum TokenDirection { Input = "input", Output = "output" }
}
crate::labels! {
    pub(super) struct DurationLabels<'a> {
        gen_ai_operation_name: &'a str,
        gen_ai_provider_name: &'a str,
        gen_ai_request_model: &'a str,
        error_type: &'a str,
    }
}
crate::labels! {
    pub(super) struct ModelLabels<'a> {
        gen_ai_operation_name: &'a str,
        gen_ai_provider_name: &'a str,
        gen_ai_request_model: &'a str,
    }
}
crate::labels! {
    pub(super) struct TokenLabels<'a> {
        gen_ai_operation_name: &'a str,
        gen_ai_provider_name: &'a str,
        gen_ai_request_model: &'a str,
        gen_ai_token_type: TokenDirection,
    }
}
crate::labels! {
    struct CostLabels<'a> { provider: &'a str, model: &'a str, plan: &'a str }
}
crate::labels! {
    struct RequestLabels<'a> { provider: &'a str, model: &'a str, outcome: &'a str }
}
crate::labels! {
    struct TokenTypeLabels<'a> { provider: &'a str, model: &'a str, token_type: &'a str }
}
crate::labels! {
    struct PairLabels<'a> { provider: &'a str, model: &'a str }
}

/// What every application says of its calls, whatever it does with their cost.
#[derive(Debug, Clone)]
pub(super) struct GenAi {
    pub durations: Family<Histogram<Duration>, DurationLabels<'static>>,
    pub first_chunks: Family<Histogram<Duration>, ModelLabels<'static>>,
    pub tokens: Family<Histogram<u64>, TokenLabels<'static>>,
}

impl GenAi {
    pub fn new() -> Self {
        let durations = Buckets::llm_durations().with_exemplars();
        let definition = Definition::from;
        Self {
            durations: Family::new(definition(&GEN_AI_CLIENT_OPERATION_DURATION_SECONDS), durations.clone()),
            first_chunks: Family::new(
                definition(&GEN_AI_CLIENT_OPERATION_TIME_TO_FIRST_CHUNK_SECONDS),
                Buckets::first_chunk_durations(),
            ),
            tokens: Family::new(definition(&GEN_AI_CLIENT_TOKEN_USAGE), Buckets::llm_tokens()),
        }
    }

    pub fn sources(&self) -> [Arc<dyn Source>; 3] {
        [self.durations.source(), self.first_chunks.source(), self.tokens.source()]
    }
}

/// Totals that the ledger keeps where there is one: an application that ships has none of them.
#[derive(Debug, Clone)]
pub(super) struct Totals {
    cost: Family<Counter<Money>, CostLabels<'static>>,
    requests: Family<Counter, RequestLabels<'static>>,
    tokens: Family<Counter, TokenTypeLabels<'static>>,
    unpriced: Family<Counter, PairLabels<'static>>,
}

/// The totals of one provider, model and plan.
#[derive(Debug, Clone)]
pub(super) struct BoundTotals {
    pub cost: Counter<Money>,
    /// By [`LlmOutcome`].
    pub requests: [Counter; 3],
    /// In the order of [`DisjointTokens::by_type`].
    pub tokens: [Counter; 6],
    pub unpriced: Counter,
}

impl Totals {
    pub fn new() -> Self {
        Self {
            cost: Family::new((&LLM_COST_EUR_TOTAL).into(), ()),
            requests: Family::new((&LLM_REQUESTS_TOTAL).into(), ()),
            tokens: Family::new((&LLM_TOKENS_TOTAL).into(), ()),
            unpriced: Family::new((&LLM_UNPRICED_REQUESTS_TOTAL).into(), ()),
        }
    }

    pub fn sources(&self) -> [Arc<dyn Source>; 4] {
        [self.cost.source(), self.requests.source(), self.tokens.source(), self.unpriced.source()]
    }

    /// What the calls to a model cost under a plan.
    pub fn cost<'a>(&'a self, provider: &'a str, model: &'a str, plan: &'a str) -> &'a Counter<Money> {
        self.cost.with(&CostLabels { provider, model, plan })
    }

    /// The totals of a model, all of them at zero from now on.
    pub fn bind(&self, provider: &str, model: &str, plan: &str) -> BoundTotals {
        let outcomes = [LlmOutcome::Success, LlmOutcome::Error, LlmOutcome::Abandoned];
        BoundTotals {
            cost: self.cost(provider, model, plan).clone(),
            requests: outcomes.map(|outcome| {
                self.requests.with(&RequestLabels { provider, model, outcome: outcome.name() }).clone()
            }),
            tokens: DisjointTokens::default().by_type().map(|(token_type, _)| {
                self.tokens.with(&TokenTypeLabels { provider, model, token_type }).clone()
            }),
            unpriced: self.unpriced.with(&PairLabels { provider, model }).clone(),
        }
    }
}
