//! The models that the product calls, and what a call looks like.

use pratiko_domain::event::{TokenConvention, TokenUsage};
use pratiko_domain::money::Money;

use super::random::Random;

/// A model, with a price in euro as the company's contract has it.
#[derive(Debug, PartialEq)]
pub struct Model {
    /// Who answers.
    pub provider: &'static str,
    /// The model asked for.
    pub name: &'static str,
    /// What is asked for.
    pub operation: &'static str,
    /// How the provider counts cached tokens.
    pub convention: TokenConvention,
    /// The part of the calls that goes here.
    share: f64,
    /// Tokens of an ordinary call: input, read from a cache, written to one, output.
    usual: [f64; 4],
    /// What one token of each costs, in 10⁻⁹ euro.
    nanos: [i128; 4],
    /// Seconds until an answer begins, and for each of its tokens.
    seconds: [f64; 2],
}

/// The models, the most used one first.
pub static MODELS: [Model; 4] = [
    Model {
        provider: "openai",
        name: "gpt-5-mini",
        operation: "chat",
        convention: TokenConvention::Inclusive,
        share: 0.45,
        usual: [3000.0, 1500.0, 0.0, 500.0],
        nanos: [230, 23, 0, 1840],
        seconds: [0.35, 0.0022],
    },
    Model {
        provider: "anthropic",
        name: "claude-sonnet-4-5",
        operation: "chat",
        convention: TokenConvention::Exclusive,
        share: 0.22,
        usual: [1200.0, 5000.0, 400.0, 600.0],
        nanos: [2760, 276, 3450, 13_800],
        seconds: [0.6, 0.0028],
    },
    Model {
        provider: "gcp.gemini",
        name: "gemini-2.5-flash",
        operation: "chat",
        convention: TokenConvention::Inclusive,
        share: 0.15,
        usual: [2500.0, 0.0, 0.0, 450.0],
        nanos: [276, 28, 0, 2300],
        seconds: [0.3, 0.0016],
    },
    Model {
        provider: "openai",
        name: "text-embedding-3-small",
        operation: "embeddings",
        convention: TokenConvention::Inclusive,
        share: 0.18,
        usual: [400.0, 0.0, 0.0, 0.0],
        nanos: [18, 0, 0, 0],
        seconds: [0.12, 0.0],
    },
];

/// The model that costs the most.
pub static DEAREST: &Model = &MODELS[1];

impl Model {
    /// One of them, each as often as it is called.
    pub fn any(random: &mut Random) -> &'static Self {
        let mut left = random.unit();
        let found = MODELS.iter().find(|model| {
            left -= model.share;
            left < 0.0
        });
        found.unwrap_or(&MODELS[0])
    }

    /// The tokens of some call, so many times as many as usual.
    pub fn tokens(&self, random: &mut Random, times: f64) -> TokenUsage {
        let size = random.skewed(times, 0.45);
        let [input, cache_read, cache_write, output] = self.usual.map(|usual| (usual * size) as u64);
        TokenUsage { input, cache_read, cache_write, output, ..TokenUsage::default() }
    }

    /// What so many tokens cost.
    pub fn cost(&self, tokens: TokenUsage) -> Money {
        let Ok(tokens) = tokens.disjoint(self.convention) else { return Money::ZERO };
        let counts = [tokens.input, tokens.cache_read, tokens.cache_write, tokens.output];
        let nanos = counts.into_iter().zip(self.nanos).map(|(count, nanos)| i128::from(count) * nanos);
        Money::from_nanos(nanos.sum())
    }

    /// How long an answer takes to begin and to end, in seconds.
    pub fn seconds(&self, random: &mut Random, tokens: TokenUsage) -> (f64, f64) {
        let [first, each] = self.seconds;
        let first = random.skewed(first, 0.3);
        (first, first + each * (tokens.output as f64).min(1500.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_call_goes_somewhere() {
        let shares: f64 = MODELS.iter().map(|model| model.share).sum();
        assert!((shares - 1.0).abs() < 1e-9);
        assert!(
            MODELS.iter().all(|model| model.cost(model.tokens(&mut Random::of(&[1]), 1.0)).is_positive())
        );
    }

    #[test]
    fn a_call_costs_what_its_tokens_cost() {
        let tokens = TokenUsage { input: 3000, cache_read: 1500, output: 500, ..TokenUsage::default() };
        assert_eq!(MODELS[0].cost(tokens).to_string(), "0.0012995");
    }
}
