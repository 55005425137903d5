//! Why a call has no price.

use super::{ServiceTier, Span, TokenClass};
use crate::event::Invalid;

/// Why the cost of a call cannot be computed. Such a call has no cost; it is never free.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unpriced {
    /// No price list has the provider.
    #[error("no price list has the provider {0}; add it, or give its name to a known one with `names:`")]
    UnknownProvider(String),
    /// No price list has the model.
    #[error(
        "no price list has the model {model} of {provider}; add it, or give its name to a known one with `names:`"
    )]
    UnknownModel {
        /// The provider, as price lists call it.
        provider: String,
        /// The model.
        model: String,
    },
    /// The model has prices, but none for that time.
    #[error("the model {model} of {provider} has no price for that time; its known prices hold {}", told(.holds))]
    NotInEffect {
        /// The provider, as price lists call it.
        provider: String,
        /// The model, as price lists call it.
        model: String,
        /// When it has prices.
        holds: Vec<Span>,
    },
    /// The service tier is not one of an answer.
    #[error(
        "`{0}` is no service tier; known are standard, batch, flex, priority and fast, as the answer says it"
    )]
    UnknownTier(String),
    /// The model has no prices for its service tier.
    #[error("{price} has no prices for the service tier {}", .tier.name())]
    TierWithoutPrice {
        /// The price that was found.
        price: String,
        /// The tier.
        tier: ServiceTier,
    },
    /// Something was used that has no price.
    #[error("{price} has no price for {}, of which {count} were used", .class.name())]
    ClassWithoutPrice {
        /// The price that was found.
        price: String,
        /// What has none.
        class: TokenClass,
        /// How many of it were used.
        count: u64,
    },
    /// It was answered, nothing is told of what was used, and its price is by what was used.
    #[error("{price} is a price for tokens, and a successful call told of none")]
    NothingTold {
        /// The price that was found.
        price: String,
    },
    /// The tokens contradict each other.
    #[error(transparent)]
    Contradictory(#[from] Invalid),
}

fn told(spans: &[Span]) -> String {
    let spans: Vec<String> = spans.iter().map(ToString::to_string).collect();
    spans.join(", ")
}
