//! A cost that was computed, before it is rounded.

use crate::currency::FEMTOS_PER_NANO;
use crate::money::Money;

/// An amount in 10⁻¹⁵ currency units: a whole number of tokens times a price of 10⁻⁹ units per
/// million tokens is always one, so nothing is rounded until the amount is converted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Exact(i128);

impl Exact {
    /// How many of its parts are one 10⁻⁹ of a unit, the grain of [`Money`].
    pub const PER_NANO: i128 = FEMTOS_PER_NANO;

    /// An amount from 10⁻¹⁵ of a unit.
    pub const fn from_femtos(femtos: i128) -> Self {
        Self(femtos)
    }

    /// The amount in 10⁻¹⁵ of a unit.
    pub const fn femtos(self) -> i128 {
        self.0
    }

    /// The amount rounded to 10⁻⁹ of a unit, half to even.
    pub fn rounded(self) -> Money {
        Money::from_nanos(self.0).scaled(1, Self::PER_NANO)
    }
}

impl From<Money> for Exact {
    fn from(amount: Money) -> Self {
        Self(amount.nanos().saturating_mul(Self::PER_NANO))
    }
}

/// What a call costs, in the currency of its price.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Priced {
    /// The amount, not rounded: convert this one, and round then.
    pub exact: Exact,
    /// The currency, by ISO 4217.
    pub currency: String,
    /// Which price it was: `openai/gpt-5@2025-08-07#batch`.
    pub price: String,
}

impl Priced {
    /// The amount in its own currency, rounded half to even.
    pub fn amount(&self) -> Money {
        self.exact.rounded()
    }
}
