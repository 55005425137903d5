//! What a model costs for a time.

use std::sync::Arc;

use super::span::day;
use super::{ClassPrices, Hours, Price, PriceError, ServiceTier, TokenClass};
use crate::money::Money;
use crate::time::{Date, Timestamp};

/// The prices of one service tier, and other ones for long requests.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Tariff {
    prices: ClassPrices,
    /// By rising `above`.
    steps: Vec<Step>,
}

/// The prices of requests whose whole input is above a number of tokens. They hold for all tokens of
/// such a request, not only for those above: so do all providers that charge by length.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    /// A request is long when its input (cached, audio and images included) has more tokens than this.
    pub above: u64,
    /// All prices of such a request.
    pub prices: ClassPrices,
}

/// What is wrong with a tariff.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TariffError {
    /// No class has a price.
    #[error("there is no price in it")]
    Empty,
    /// Two steps begin at the same size.
    #[error("two groups of prices are for requests above {0} tokens")]
    SameStep(u64),
}

impl Tariff {
    /// One price for requests of every length.
    pub const fn flat(prices: ClassPrices) -> Self {
        Self { prices, steps: Vec::new() }
    }

    /// Prices that depend on the length of a request.
    pub fn new(prices: ClassPrices, mut steps: Vec<Step>) -> Result<Self, TariffError> {
        if prices.is_empty() || steps.iter().any(|step| step.prices.is_empty()) {
            return Err(TariffError::Empty);
        }
        steps.sort_by_key(|step| step.above);
        match steps.windows(2).find(|pair| pair[0].above == pair[1].above) {
            Some(pair) => Err(TariffError::SameStep(pair[0].above)),
            None => Ok(Self { prices, steps }),
        }
    }

    /// The prices of a request with `input` tokens of input, and the size above which they hold.
    pub fn prices_for(&self, input: u64) -> (&ClassPrices, Option<u64>) {
        match self.steps.iter().rev().find(|step| input > step.above) {
            Some(step) => (&step.prices, Some(step.above)),
            None => (&self.prices, None),
        }
    }

    /// The prices of requests of the usual length.
    pub const fn prices(&self) -> &ClassPrices {
        &self.prices
    }

    /// The prices of longer ones, by rising size.
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// All prices times `factor`, if that is exact.
    pub fn times(&self, factor: Money) -> Result<Self, PriceError> {
        let steps = self
            .steps
            .iter()
            .map(|step| Ok(Step { above: step.above, prices: step.prices.times(factor)? }))
            .collect::<Result<_, PriceError>>()?;
        Ok(Self { prices: self.prices.times(factor)?, steps })
    }

    /// The price of `class` for requests of the usual length.
    pub const fn price(&self, class: TokenClass) -> Option<Price> {
        self.prices.get(class)
    }
}

/// The tariffs of the service tiers that have one, which is one tier for most models.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Tariffs(Vec<(ServiceTier, Tariff)>);

impl Tariffs {
    /// The tariff of `tier`.
    pub fn get(&self, tier: ServiceTier) -> Option<&Tariff> {
        self.0.iter().find(|(other, _)| *other == tier).map(|(_, tariff)| tariff)
    }

    /// Sets the tariff of `tier`.
    pub fn set(&mut self, tier: ServiceTier, tariff: Tariff) {
        let position = self.0.partition_point(|(other, _)| *other < tier);
        if let Some((_, old)) = self.0.get_mut(position).filter(|(other, _)| *other == tier) {
            *old = tariff;
        } else {
            self.0.reserve_exact(1);
            self.0.insert(position, (tier, tariff));
        }
    }

    /// The tiers that have a tariff, with it, in their order.
    pub fn iter(&self) -> impl Iterator<Item = (ServiceTier, &Tariff)> {
        self.0.iter().map(|(tier, tariff)| (*tier, tariff))
    }
}

/// The prices of a model from one instant to another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PriceRow {
    /// From when on it holds; [`Timestamp::MIN`] for always.
    pub from: Timestamp,
    /// Until when, excluded; [`Timestamp::MAX`] for until the next row.
    pub until: Timestamp,
    /// The currency of all its prices, by ISO 4217.
    pub currency: Arc<str>,
    /// The usual prices, by service tier.
    pub tariffs: Tariffs,
    /// Prices at some hours, instead of all usual ones: the first whose hours contain the call.
    pub at_hours: Vec<(Vec<Hours>, Tariffs)>,
    /// Where the prices were published, which is one place for many rows.
    pub source: Option<Arc<str>>,
    /// The day on which somebody last read them there.
    pub checked: Option<Date>,
}

impl PriceRow {
    /// A row that always holds, with one tariff.
    pub fn new(currency: &str, standard: Tariff) -> Self {
        let mut tariffs = Tariffs::default();
        tariffs.set(ServiceTier::Standard, standard);
        Self {
            from: Timestamp::MIN,
            until: Timestamp::MAX,
            currency: currency.into(),
            tariffs,
            at_hours: Vec::new(),
            source: None,
            checked: None,
        }
    }

    /// Its id in a list of that name (none for the program's own): `own:openai/gpt-5@2025-08-07`.
    pub fn id(&self, list: Option<&str>, provider: &str, model: &str) -> String {
        let list = list.map(|name| format!("{name}:")).unwrap_or_default();
        let mut id = format!("{list}{provider}/{model}");
        if self.from != Timestamp::MIN {
            id.push('@');
            id.push_str(&day(self.from));
        }
        id
    }

    /// Whether it holds at `at`.
    pub fn holds(&self, at: Timestamp) -> bool {
        self.from <= at && (at < self.until || self.until == Timestamp::MAX)
    }

    /// The tariffs at `at`, and whether they are those of special hours.
    pub fn tariffs_at(&self, at: Timestamp) -> (&Tariffs, bool) {
        let special = self.at_hours.iter().find(|(hours, _)| hours.iter().any(|hours| hours.contain(at)));
        special.map_or((&self.tariffs, false), |(_, tariffs)| (tariffs, true))
    }
}
