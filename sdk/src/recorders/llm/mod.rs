//! Calls to language models.

mod call;
mod calls;
mod families;
mod models;
mod words;

pub use call::LlmCall;
pub use calls::{LlmCalls, LlmRecord};

use std::sync::Arc;

use super::facts::Facts;
use crate::registry::Source;
use families::{GenAi, Totals};
use models::{Models, OTHER};
use words::Words;

const MOST_ERROR_TYPES: u32 = 50;
const MOST_OPERATIONS: u32 = 20;

/// All calls to language models.
#[derive(Debug)]
pub(super) struct Llm {
    gen_ai: GenAi,
    /// Without a ledger elsewhere.
    totals: Option<Totals>,
    models: Models,
    /// Words that the application chooses. A message in their place must not drive out everything else.
    error_types: Arc<Words>,
    operations: Words,
    facts: Facts,
}

impl Llm {
    pub fn new(facts: Facts) -> Self {
        let totals = facts.are_kept_here().then(Totals::new);
        Self {
            gen_ai: GenAi::new(),
            totals,
            models: Models::default(),
            error_types: Arc::new(Words::new(MOST_ERROR_TYPES, "_OTHER")),
            operations: Words::new(MOST_OPERATIONS, OTHER),
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
}
