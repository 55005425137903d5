//! Calls to language models.

mod call;
mod calls;
mod families;
mod first_seen;

pub use call::LlmCall;
pub use calls::{LlmCalls, LlmRecord};

use std::sync::Arc;

use pratiko_domain::event::{Body, Event};

use super::facts::Facts;
use crate::registry::Source;
use families::{GenAi, Totals};
use first_seen::FirstSeen;

/// What is asked of a model unless something else is said.
pub(super) const CHAT: &str = "chat";

/// As in the ledger.
const MOST_MODELS: u32 = 200;
const MOST_ERROR_TYPES: u32 = 50;
const MOST_OPERATIONS: u32 = 20;

/// All calls to language models.
#[derive(Debug)]
pub(super) struct Llm {
    gen_ai: GenAi,
    /// Without a ledger elsewhere.
    totals: Option<Totals>,
    /// Pairs of provider and model.
    models: FirstSeen<2>,
    /// Words that the application chooses. A message in their place must not drive out everything else.
    error_types: Arc<FirstSeen<1>>,
    operations: FirstSeen<1>,
    facts: Facts,
}

impl Llm {
    pub fn new(facts: Facts) -> Self {
        let totals = facts.are_kept_here().then(Totals::new);
        Self {
            gen_ai: GenAi::new(),
            totals,
            models: FirstSeen::new(MOST_MODELS),
            error_types: Arc::new(FirstSeen::new(MOST_ERROR_TYPES)),
            operations: FirstSeen::new(MOST_OPERATIONS),
            facts,
        }
    }

    pub fn sources(&self) -> Vec<Arc<dyn Source>> {
        let totals = self.totals.iter().flat_map(Totals::sources);
        self.gen_ai.sources().into_iter().chain(totals).collect()
    }

    pub fn calls(&self, provider: &str, model: &str, plan: &str, operation: &str) -> LlmCalls {
        LlmCalls::bind(self, provider, model, plan, operation)
    }

    /// Counts a call that is told as an event.
    pub fn count(&self, event: &Event) {
        let Body::LlmUsage(usage) = &event.body else { return };
        let operation = usage.operation.as_deref().unwrap_or(CHAT);
        let plan = usage.plan.as_deref().unwrap_or_default();
        let call = LlmRecord {
            user: event.subject.as_deref(),
            customer: usage.customer.as_deref(),
            outcome: usage.outcome,
            tokens: usage.tokens,
            convention: usage.convention,
            cost_eur: usage.cost_eur,
            ..LlmRecord::default()
        };
        self.calls(&usage.provider, &usage.model, plan, operation).count(&call, event.time);
    }
}
