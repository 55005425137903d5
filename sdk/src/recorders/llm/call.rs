//! A call on its way.

use std::borrow::Cow;
use std::time::{Duration, Instant};

use pratiko_domain::event::{LlmOutcome, TokenConvention, TokenUsage};
use pratiko_domain::money::Money;

use super::calls::{LlmCalls, LlmRecord};
use crate::exposition::TraceId;

/// A call to a language model on its way. Made by [`LlmCalls::start`].
///
/// Tell it what becomes known, and in the end how it went. If it is dropped before (the client went
/// away in the middle of a stream, a timeout, a panic), it is recorded as abandoned, with the tokens
/// and the cost that it was told of.
///
/// ```
/// use pratiko_metrics::domain::event::TokenUsage;
/// use pratiko_metrics::{Metrics, Registry};
///
/// let registry = Registry::new();
/// let metrics = Metrics::expose(&registry, Default::default())?;
/// let calls = metrics.llm("openai", "gpt-5", "pro");
///
/// let mut call = calls.start();
/// call.user("user-17");
/// // … the first piece of the answer arrives, then the others …
/// call.first_chunk();
/// call.tokens(TokenUsage { input: 1200, output: 250, ..TokenUsage::default() });
/// call.cost_eur("0.0041".parse()?);
/// call.succeed();
///
/// let requests = [("provider", "openai"), ("model", "gpt-5"), ("outcome", "success")];
/// # let text = registry.text(pratiko_metrics::exposition::Format::Text);
/// # assert!(text.contains("pratiko_llm_requests_total{provider=\"openai\",model=\"gpt-5\",outcome=\"success\"} 1\n"));
/// # let _ = requests;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
#[must_use = "a call that is dropped at once is recorded as abandoned"]
pub struct LlmCall<'a> {
    calls: LlmCalls,
    started: Instant,
    user: Option<Cow<'a, str>>,
    customer: Option<Cow<'a, str>>,
    first_chunk: Option<Duration>,
    tokens: TokenUsage,
    convention: TokenConvention,
    service_tier: Option<Cow<'a, str>>,
    cost_eur: Option<Money>,
    trace: Option<TraceId>,
    is_over: bool,
}

impl<'a> LlmCall<'a> {
    pub(super) fn new(calls: LlmCalls) -> Self {
        Self {
            calls,
            started: Instant::now(),
            user: None,
            customer: None,
            first_chunk: None,
            tokens: TokenUsage::default(),
            convention: TokenConvention::default(),
            service_tier: None,
            cost_eur: None,
            trace: None,
            is_over: false,
        }
    }

    /// For whom it is made: an id of yours, which appears in no label and no log.
    pub fn user(&mut self, user: impl Into<Cow<'a, str>>) -> &mut Self {
        self.user = Some(user.into());
        self
    }

    /// Who pays, if that is not the user.
    pub fn customer(&mut self, customer: impl Into<Cow<'a, str>>) -> &mut Self {
        self.customer = Some(customer.into());
        self
    }

    /// The trace that it is part of, which becomes the example of its bucket.
    pub fn trace(&mut self, trace: TraceId) -> &mut Self {
        self.trace = Some(trace);
        self
    }

    /// The first piece of a streamed answer is there. Further calls change nothing.
    pub fn first_chunk(&mut self) -> &mut Self {
        self.first_chunk.get_or_insert_with(|| self.started.elapsed());
        self
    }

    /// What the provider says that was used, where its input includes cached tokens (OpenAI, Google).
    pub fn tokens(&mut self, tokens: TokenUsage) -> &mut Self {
        (self.tokens, self.convention) = (tokens, TokenConvention::Inclusive);
        self
    }

    /// What the provider says that was used, where its input excludes cached tokens (Anthropic).
    pub fn tokens_without_cached(&mut self, tokens: TokenUsage) -> &mut Self {
        (self.tokens, self.convention) = (tokens, TokenConvention::Exclusive);
        self
    }

    /// The tier of service that the provider's answer names: `batch`, `flex`, `priority`. The exporter
    /// prices by it what is shipped without a cost.
    pub fn service_tier(&mut self, tier: impl Into<Cow<'a, str>>) -> &mut Self {
        self.service_tier = Some(tier.into());
        self
    }

    /// What it cost, in euro. Without it, or if it is negative, a call is priced by the exporter where it is
    /// shipped to one, and here counted as unpriced, never as free, unless it failed before it used tokens.
    pub fn cost_eur(&mut self, cost: Money) -> &mut Self {
        self.cost_eur = Some(cost);
        self
    }

    /// Records that it succeeded.
    pub fn succeed(mut self) {
        self.record(LlmOutcome::Success, "");
    }

    /// Records that it failed, with one word out of few for why: `timeout`, `429`.
    pub fn fail(mut self, error_type: &str) {
        self.record(LlmOutcome::Error, error_type);
    }

    fn record(&mut self, outcome: LlmOutcome, error_type: &str) {
        self.is_over = true;
        self.calls.record(&LlmRecord {
            user: self.user.as_deref(),
            customer: self.customer.as_deref(),
            outcome,
            error_type,
            duration: self.started.elapsed(),
            first_chunk: self.first_chunk,
            tokens: self.tokens,
            convention: self.convention,
            service_tier: self.service_tier.as_deref(),
            cost_eur: self.cost_eur,
            trace: self.trace,
        });
    }
}

impl Drop for LlmCall<'_> {
    fn drop(&mut self) {
        if !self.is_over {
            self.record(LlmOutcome::Abandoned, "");
        }
    }
}
