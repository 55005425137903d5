//! A price per million, exact.

use std::num::NonZeroU64;

use super::TokenClass;
use crate::money::Money;

/// The highest price that is believed: a million units of the currency per million tokens.
const HIGHEST: u64 = 1_000_000 * 1_000_000_000;

/// A price in 10⁻⁹ currency units per million tokens; for [`TokenClass::Request`], in 10⁻⁹ units
/// per request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Price {
    // One more than it is, so that a class without a price, which most are, takes no room of its own.
    nanos_and_one: NonZeroU64,
}

/// An amount is not a price.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PriceError {
    /// A price below zero.
    #[error("a price is not below zero")]
    Negative,
    /// More than anyone asks for, which is rather a price in the wrong unit.
    #[error("a price above 1000000 is not believed; prices are per million tokens")]
    TooHigh,
    /// A price times a factor is not a whole number of 10⁻⁹.
    #[error("times this factor the price would have more than nine decimals; write the prices themselves")]
    TooFine,
}

impl Price {
    /// The price of `amount` per million tokens.
    pub fn per_million(amount: Money) -> Result<Self, PriceError> {
        if amount.is_negative() {
            return Err(PriceError::Negative);
        }
        match u64::try_from(amount.nanos()) {
            Ok(nanos) if nanos <= HIGHEST => {
                Ok(Self { nanos_and_one: NonZeroU64::MIN.saturating_add(nanos) })
            }
            _ => Err(PriceError::TooHigh),
        }
    }

    /// The price in 10⁻⁹ of the currency's unit.
    pub const fn nanos(self) -> u64 {
        self.nanos_and_one.get() - 1
    }

    /// The price as an amount.
    pub const fn amount(self) -> Money {
        Money::from_nanos(self.nanos() as i128)
    }

    /// The price times `factor`, if that is exact.
    pub fn times(self, factor: Money) -> Result<Self, PriceError> {
        let product = i128::from(self.nanos()).checked_mul(factor.nanos()).ok_or(PriceError::TooHigh)?;
        if product % crate::money::NANOS_PER_UNIT != 0 {
            return Err(PriceError::TooFine);
        }
        Self::per_million(Money::from_nanos(product / crate::money::NANOS_PER_UNIT))
    }
}

/// The prices of the classes that have one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ClassPrices([Option<Price>; TokenClass::ALL.len()]);

impl ClassPrices {
    /// The price of `class`.
    pub const fn get(&self, class: TokenClass) -> Option<Price> {
        self.0[class as usize]
    }

    /// Sets the price of `class`.
    pub const fn set(&mut self, class: TokenClass, price: Price) {
        self.0[class as usize] = Some(price);
    }

    /// The classes that have a price, with it.
    pub fn iter(&self) -> impl Iterator<Item = (TokenClass, Price)> + '_ {
        TokenClass::ALL.into_iter().filter_map(|class| Some((class, self.get(class)?)))
    }

    /// Whether no class has a price.
    pub fn is_empty(&self) -> bool {
        self.0.iter().all(Option::is_none)
    }

    /// All prices times `factor`, if that is exact.
    pub fn times(&self, factor: Money) -> Result<Self, PriceError> {
        let mut scaled = Self::default();
        for (class, price) in self.iter() {
            scaled.set(class, price.times(factor)?);
        }
        Ok(scaled)
    }
}
