//! What the log has said of calls without a price.

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};

use pratiko_domain::event::LlmUsage;
use pratiko_domain::pricing::Unpriced;

/// Models' names come from senders: past so many, the log says no more.
const MOST: usize = 100;

/// What the log has said of calls without a price: of each model once.
#[derive(Debug, Default)]
pub(super) struct Told(Mutex<HashSet<(String, String, std::mem::Discriminant<Unpriced>)>>);

impl Told {
    /// Says why a call has no price, unless that was said.
    pub fn tell(&self, usage: &LlmUsage, reason: &Unpriced) {
        let mut told = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if told.len() >= MOST {
            return;
        }
        let key = (usage.provider.clone(), usage.model.clone(), std::mem::discriminant(reason));
        if told.insert(key) {
            tracing::warn!(provider = usage.provider, model = usage.model, "a call is unpriced: {reason}");
        }
    }

    /// Forgets it all: prices are other ones now.
    pub fn forget(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}
