//! The calls to one model, for users of one plan.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use pratiko_domain::event::{
    DisjointTokens, LONGEST_NAME_BYTES, LlmOutcome, LlmUsage, TokenConvention, TokenUsage, is_name,
};
use pratiko_domain::money::Money;
use pratiko_domain::plan::PlanSlot;
use pratiko_domain::time::Timestamp;

use super::Llm;
use super::call::LlmCall;
use super::families::{BoundTotals, DurationLabels, GenAi, ModelLabels, TokenDirection, TokenLabels, Totals};
use super::first_seen::{FirstSeen, OTHER};
use crate::cells::{Counter, Histogram};
use crate::exposition::TraceId;
use crate::recorders::facts::{Facts, LlmFact, PlanName};

/// Says in `error_type` that nobody waited for the end.
const ABANDONED: &str = "abandoned";
/// OpenTelemetry's word for an error that has no name of its own.
const OTHER_ERROR: &str = "_OTHER";
/// The plan of calls without a user.
const UNATTRIBUTED: &str = PlanSlot::RESERVED[PlanSlot::UNATTRIBUTED.0 as usize];

/// The calls to one model, for users of one plan. Made by [`Metrics::llm`](crate::Metrics::llm); a
/// clone is the same.
///
/// Everything that a call changes is looked up when this is made, so that recording one takes a
/// fraction of a microsecond. Keep it where the model is called.
#[derive(Debug, Clone)]
pub struct LlmCalls(Arc<Bound>);

#[derive(Debug)]
struct Bound {
    provider: Box<str>,
    model: Box<str>,
    operation: Box<str>,
    plan: PlanName,
    /// As on the page, which may be `other`.
    shown: (Box<str>, Box<str>),
    families: GenAi,
    error_types: Arc<FirstSeen<1>>,
    succeeded: Histogram<Duration>,
    first_chunk: Histogram<Duration>,
    input: Histogram<u64>,
    output: Histogram<u64>,
    totals: Option<(Totals, BoundTotals)>,
    /// The cost of calls without a user, once there is any.
    unattributed: OnceLock<Counter<Money>>,
    facts: Facts,
}

/// What is known of one call when it is over.
///
/// ```
/// use std::time::Duration;
/// use pratiko_metrics::domain::event::TokenUsage;
/// use pratiko_metrics::{LlmRecord, Metrics, Registry};
///
/// let metrics = Metrics::expose(&Registry::new(), Default::default())?;
/// let calls = metrics.llm("openai", "gpt-5", "pro");
/// calls.record(&LlmRecord {
///     user: Some("user-17"),
///     duration: Duration::from_millis(1800),
///     tokens: TokenUsage { input: 1200, output: 250, ..TokenUsage::default() },
///     cost_eur: Some("0.0041".parse()?),
///     ..LlmRecord::default()
/// });
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, Default)]
pub struct LlmRecord<'a> {
    /// For whom the call was made: an id of yours, which appears in no label and no log. Without one
    /// the cost is `unattributed`.
    pub user: Option<&'a str>,
    /// Who pays, if that is not the user.
    pub customer: Option<&'a str>,
    /// How it ended.
    pub outcome: LlmOutcome,
    /// What went wrong, in one word out of few: `timeout`, `429`. Empty for a success. The first 50
    /// words of a process keep themselves, later ones are `_OTHER`.
    pub error_type: &'a str,
    /// How long it took, to the last byte.
    pub duration: Duration,
    /// When the first piece of a streamed answer came, from the beginning of the call.
    pub first_chunk: Option<Duration>,
    /// What the provider says that was used. An input that is less than its cached part is taken as one
    /// that excludes it.
    pub tokens: TokenUsage,
    /// How the provider counts cached tokens.
    pub convention: TokenConvention,
    /// The tier of service that the provider's answer names: `batch`, `flex`, `priority`. The exporter
    /// prices by it what is shipped without a cost.
    pub service_tier: Option<&'a str>,
    /// What it cost, in euro. Without it a call is priced by the exporter where it is shipped to one, and
    /// here counted as unpriced, never as free, unless it failed before it used tokens.
    pub cost_eur: Option<Money>,
    /// The trace that it was part of, which becomes the example of its bucket.
    pub trace: Option<TraceId>,
}

impl LlmCalls {
    pub(super) fn bind(llm: &Llm, provider: &str, model: &str, plan: &str, operation: &str) -> Self {
        // What no event could name is not named here either.
        let named = |text: &'static str, name| if is_name(name) { name } else { text };
        let (provider, model) = (named(OTHER, provider), named(OTHER, model));
        let plan = if plan.is_empty() { plan } else { named(OTHER, plan) };
        let operation = if llm.operations.admits([operation]) { operation } else { OTHER };
        let families = llm.gen_ai.clone();
        let (shown_provider, shown_model) = if llm.models.admits([provider, model]) {
            (provider, model)
        } else {
            families.durations.count_folded();
            (OTHER, OTHER)
        };
        let plan = llm.facts.plan(plan);
        let labels = ModelLabels {
            gen_ai_operation_name: operation,
            gen_ai_provider_name: shown_provider,
            gen_ai_request_model: shown_model,
        };
        let tokens = |gen_ai_token_type| {
            let ModelLabels { gen_ai_operation_name, gen_ai_provider_name, gen_ai_request_model } = labels;
            let labels = TokenLabels {
                gen_ai_operation_name,
                gen_ai_provider_name,
                gen_ai_request_model,
                gen_ai_token_type,
            };
            families.tokens.with(&labels).clone()
        };
        Self(Arc::new(Bound {
            succeeded: families.durations.with(&duration_labels(&labels, "")).clone(),
            first_chunk: families.first_chunks.with(&labels).clone(),
            input: tokens(TokenDirection::Input),
            output: tokens(TokenDirection::Output),
            totals: llm
                .totals
                .as_ref()
                .map(|totals| (totals.clone(), totals.bind(shown_provider, shown_model, plan.shown()))),
            provider: provider.into(),
            model: model.into(),
            operation: operation.into(),
            shown: (shown_provider.into(), shown_model.into()),
            plan,
            unattributed: OnceLock::new(),
            families,
            error_types: Arc::clone(&llm.error_types),
            facts: llm.facts.clone(),
        }))
    }

    /// Begins a call. Its guard records it as abandoned if it is dropped before it is said how it
    /// ended: the caller went away, a timeout struck, the task panicked.
    pub fn start<'a>(&self) -> LlmCall<'a> {
        LlmCall::new(self.clone())
    }

    /// Records a call that is over. What is told of it and cannot be, such as a negative cost or an
    /// empty user, is left out and counted as refused; the rest is recorded.
    pub fn record(&self, call: &LlmRecord<'_>) {
        let bound = &*self.0;
        let call = &bound.made_sense_of(call);
        bound.record_duration(call);
        if let Some(first_chunk) = call.first_chunk {
            bound.first_chunk.record(first_chunk);
        }
        bound.record_tokens(&call.tokens.disjoint(call.convention).unwrap_or_default());
        bound.count(call, None);
    }

    /// Counts a call that was told as an event: nobody has timed it here.
    pub(super) fn count(&self, call: &LlmRecord<'_>, at: Timestamp) {
        self.0.count(call, Some(at));
    }
}

impl Bound {
    /// Counts a call in the totals and in the figures.
    fn count(&self, call: &LlmRecord<'_>, at: Option<Timestamp>) {
        let tokens = call.tokens.disjoint(call.convention).unwrap_or_default();
        let cost_nothing = tokens.is_empty() && call.outcome != LlmOutcome::Success;
        let cost = call.cost_eur.or_else(|| cost_nothing.then_some(Money::ZERO));
        let fact = LlmFact { user: call.user, customer: call.customer, plan: &self.plan, cost, at };
        let plan = self.facts.llm(&fact, || self.usage(call));
        if let Some((families, totals)) = &self.totals {
            totals.record(call.outcome, &tokens);
            match cost {
                Some(cost) if plan == self.plan.shown() => totals.cost.add(cost),
                Some(cost) => self.cost_under(plan, families).add(cost),
                None => totals.unpriced.increment(),
            }
        }
    }

    /// The call without what an event could not say either: with a ledger elsewhere it would be lost
    /// as a whole.
    fn made_sense_of<'a>(&self, call: &LlmRecord<'a>) -> LlmRecord<'a> {
        let (tokens, convention) = call.tokens.consistent(call.convention);
        let can_be_kept = |cost: &Money| !cost.is_negative() && cost.to_stored().is_some();
        let can_be_an_id = |id: &&str| !id.is_empty() && id.len() <= LONGEST_NAME_BYTES;
        let sound = LlmRecord {
            user: call.user.filter(can_be_an_id),
            customer: call.customer.filter(can_be_an_id),
            cost_eur: call.cost_eur.filter(can_be_kept),
            tokens,
            convention,
            ..*call
        };
        if (sound.user, sound.customer, sound.cost_eur) != (call.user, call.customer, call.cost_eur) {
            self.succeeded.refuse();
        }
        sound
    }

    /// What calls cost under another plan than they were bound for: that of the user's subscription,
    /// `internal`, or, without a user, `unattributed`.
    fn cost_under<'a>(&'a self, plan: &'a str, families: &'a Totals) -> &'a Counter<Money> {
        let (provider, model) = &self.shown;
        if plan == UNATTRIBUTED {
            return self.unattributed.get_or_init(|| families.cost(provider, model, plan).clone());
        }
        families.cost(provider, model, plan)
    }

    fn record_duration(&self, call: &LlmRecord<'_>) {
        let error_type = match call.outcome {
            LlmOutcome::Success => None,
            LlmOutcome::Abandoned => Some(ABANDONED),
            LlmOutcome::Error if self.error_types.admits([call.error_type]) => Some(call.error_type),
            LlmOutcome::Error => Some(OTHER_ERROR),
        };
        let durations = error_type.map_or(&self.succeeded, |error_type| {
            let labels = ModelLabels {
                gen_ai_operation_name: &self.operation,
                gen_ai_provider_name: &self.shown.0,
                gen_ai_request_model: &self.shown.1,
            };
            self.families.durations.with(&duration_labels(&labels, error_type))
        });
        match call.trace {
            Some(trace) => durations.record_with_trace(call.duration, trace),
            None => durations.record(call.duration),
        }
    }

    fn record_tokens(&self, tokens: &DisjointTokens) {
        let input = tokens.input.saturating_add(tokens.cache_read).saturating_add(tokens.cache_write);
        if input > 0 {
            self.input.record(input);
        }
        if tokens.output > 0 {
            self.output.record(tokens.output);
        }
    }

    /// The call as an event.
    fn usage(&self, call: &LlmRecord<'_>) -> LlmUsage {
        LlmUsage {
            customer: call.customer.filter(|id| is_name(id)).map(str::to_owned),
            plan: self.plan.named().map(str::to_owned),
            provider: self.provider.to_string(),
            model: self.model.to_string(),
            operation: Some(self.operation.to_string()),
            outcome: call.outcome,
            tokens: call.tokens,
            convention: call.convention,
            service_tier: call.service_tier.filter(|tier| is_name(tier)).map(str::to_owned),
            cost_eur: call.cost_eur,
            cost: None,
            currency: None,
        }
    }
}

impl BoundTotals {
    fn record(&self, outcome: LlmOutcome, tokens: &DisjointTokens) {
        self.requests[outcome as usize].increment();
        for (counter, (_, count)) in self.tokens.iter().zip(tokens.by_type()) {
            if count > 0 {
                counter.add(count);
            }
        }
    }
}

fn duration_labels<'a>(labels: &ModelLabels<'a>, error_type: &'a str) -> DurationLabels<'a> {
    let ModelLabels { gen_ai_operation_name, gen_ai_provider_name, gen_ai_request_model } = *labels;
    DurationLabels { gen_ai_operation_name, gen_ai_provider_name, gen_ai_request_model, error_type }
}
