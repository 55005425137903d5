//! Price lists over each other.

use std::collections::HashMap;

use super::{Call, PriceList, Priced, Unpriced};
use crate::event::LlmUsage;
use crate::time::Timestamp;

/// Price lists over each other: where an upper one has a price for a model at a time, the lower ones
/// are not asked.
#[derive(Debug, Clone, Default)]
pub struct PriceTable {
    /// The uppermost first.
    pub(super) lists: Vec<PriceList>,
    /// From each name of a provider to the one that price ids carry.
    pub(super) providers: HashMap<String, String>,
}

impl PriceTable {
    /// A table of `lists`, the uppermost first.
    ///
    /// All lists share the names of providers: one may call `gcp.gemini` what a lower one knows as
    /// `google`, and add names to it.
    pub fn new(lists: Vec<PriceList>) -> Self {
        let mut providers = HashMap::new();
        for list in lists.iter().rev() {
            for provider in &list.providers {
                let called: String =
                    providers.get(&provider.name).cloned().unwrap_or_else(|| provider.name.clone());
                for name in std::iter::once(&provider.name).chain(&provider.names) {
                    providers.insert(name.clone(), called.clone());
                }
            }
        }
        Self { lists, providers }
    }

    /// What `call` costs at the time `at` of the call.
    pub fn price(&self, call: &Call<'_>, at: Timestamp) -> Result<Priced, Unpriced> {
        Ok(self.quote(call, at)?.priced())
    }

    /// What the call that an event tells costs.
    pub fn price_usage(&self, usage: &LlmUsage, at: Timestamp) -> Result<Priced, Unpriced> {
        self.price(&Call::try_from(usage)?, at)
    }

    /// All names of providers, in lower case and in no order.
    pub fn provider_names(&self) -> impl Iterator<Item = &str> {
        self.providers.keys().map(String::as_str)
    }

    /// Its lists, the uppermost first.
    pub fn lists(&self) -> &[PriceList] {
        &self.lists
    }
}
