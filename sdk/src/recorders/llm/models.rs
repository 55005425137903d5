//! Which models get series of their own.

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};

/// How many pairs of provider and model get series of their own, as in the ledger.
const MOST_PAIRS: usize = 200;
pub(super) const OTHER: &str = "other";

/// The pairs of provider and model that came first. Models are named by requests: without a cap
/// anybody who may name one could make series without end.
#[derive(Debug, Default)]
pub(super) struct Models(Mutex<HashSet<(String, String)>>);

impl Models {
    /// The names that this pair has on a page, and whether they are its own.
    pub fn admit<'a>(&self, provider: &'a str, model: &'a str) -> ((&'a str, &'a str), bool) {
        let mut pairs = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let pair = (provider.to_owned(), model.to_owned());
        if pairs.contains(&pair) || (pairs.len() < MOST_PAIRS && pairs.insert(pair)) {
            ((provider, model), true)
        } else {
            ((OTHER, OTHER), false)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_pairs_keep_their_names() {
        let models = Models::default();
        let names: Vec<String> = (0..MOST_PAIRS + 5).map(|number| format!("model-{number}")).collect();
        let own = names.iter().filter(|name| models.admit("openai", name).1).count();
        assert_eq!(own, MOST_PAIRS);
        assert_eq!(models.admit("openai", "model-7"), (("openai", "model-7"), true));
        assert_eq!(models.admit("openai", "model-204"), ((OTHER, OTHER), false));
    }
}
