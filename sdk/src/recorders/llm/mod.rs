//! Calls to language models.

mod call;
mod calls;
mod families;
mod models;

pub use call::LlmCall;
pub use calls::{LlmCalls, LlmRecord};

use std::sync::Arc;

use super::facts::Facts;
use crate::registry::Source;
use families::{GenAi, Totals};
use models::Models;

/// All calls to language models.
#[derive(Debug)]
pub(super) struct Llm {
    gen_ai: GenAi,
    /// Without a ledger elsewhere.
    totals: Option<Totals>,
    models: Models,
    facts: Facts,
}

impl Llm {
    pub fn new(facts: Facts) -> Self {
        let totals = facts.are_kept_here().then(Totals::new);
        Self { gen_ai: GenAi::new(), totals, models: Models::default(), facts }
    }

    pub fn sources(&self) -> Vec<Arc<dyn Source>> {
        let totals = self.totals.iter().flat_map(Totals::sources);
        self.gen_ai.sources().into_iter().chain(totals).collect()
    }

    pub fn calls(&self, provider: &str, model: &str, plan: &str, operation: &str) -> LlmCalls {
        LlmCalls::bind(self, provider, model, plan, operation)
    }
}
