//! What events are worth in euro, and where that comes from.

use pratiko_domain::currency::{EURO, FEMTOS_PER_NANO, Rates};
use pratiko_domain::event::{Body, DisjointTokens, LlmOutcome, LlmUsage};
use pratiko_domain::money::Money;
use pratiko_domain::time::Timestamp;

use crate::settings::Pricing;
use crate::store::Origin;

/// What an event is worth.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Amount {
    /// In euro, if that is known.
    pub euro: Option<Money>,
    /// Where it comes from, if the event did not tell it in euro.
    pub origin: Option<Origin>,
    /// The id of the price that made it, which `origin` knows by its number once it has one.
    pub price: Option<String>,
}

impl Amount {
    /// Whether anything is known of it, in whatever currency.
    pub fn is_known(&self) -> bool {
        self.euro.is_some() || self.origin.is_some()
    }

    /// What an event is worth; nothing where no cost and no price is known.
    pub fn of(body: &Body, at: Timestamp, pricing: &dyn Pricing, rates: &Rates) -> Self {
        match body {
            Body::LlmUsage(usage) => Self::of_call(usage, at, pricing, rates),
            Body::OtherCost(cost) => Self::told(cost.cost_eur, EURO, at, rates),
            Body::PaymentAttempt(attempt) => Self::told(attempt.amount, &attempt.currency, at, rates),
            Body::Refund(refund) => Self::told(refund.amount, &refund.currency, at, rates),
            _ => Self::default(),
        }
    }

    /// A cost that the event carries wins. A call that failed before it used tokens cost nothing.
    fn of_call(usage: &LlmUsage, at: Timestamp, pricing: &dyn Pricing, rates: &Rates) -> Self {
        if let Some(cost) = usage.cost_eur {
            return Self::told(cost, EURO, at, rates);
        }
        if let (Some(cost), Some(currency)) = (usage.cost, &usage.currency) {
            return Self::told(cost, currency, at, rates);
        }
        Self::priced(usage, at, pricing, rates)
    }

    /// What a call cost by a price table.
    pub fn priced(usage: &LlmUsage, at: Timestamp, pricing: &dyn Pricing, rates: &Rates) -> Self {
        let used_nothing = usage.disjoint_tokens().is_ok_and(DisjointTokens::is_empty);
        if used_nothing && usage.outcome != LlmOutcome::Success {
            return Self { euro: Some(Money::ZERO), ..Self::default() };
        }
        let Some(priced) = pricing.price(usage, at) else { return Self::default() };
        let price = Some(priced.price);
        Self::converted(priced.exact.femtos(), priced.currency, price, at, rates)
    }

    fn told(amount: Money, currency: &str, at: Timestamp, rates: &Rates) -> Self {
        if currency == EURO {
            return Self { euro: Some(amount), ..Self::default() };
        }
        let femtos = amount.nanos().saturating_mul(FEMTOS_PER_NANO);
        Self::converted(femtos, currency.to_owned(), None, at, rates)
    }

    fn converted(
        femtos: i128,
        currency: String,
        price: Option<String>,
        at: Timestamp,
        rates: &Rates,
    ) -> Self {
        let converted = rates.convert(femtos, &currency, at);
        let euro = converted.map(|converted| converted.euro);
        // More than can be stored is a mistake in a price, and no cost.
        if euro.is_some_and(|euro| euro.to_stored().is_none()) {
            return Self::default();
        }
        let rate_day = converted.and_then(|converted| converted.rate_day);
        Self { euro, origin: Some(Origin { amount: femtos, currency, price: None, rate_day }), price }
    }

    /// What a stored amount that waited for a rate is worth now; `None` if it still waits.
    pub fn once_converted(origin: &Origin, at: Timestamp, rates: &Rates) -> Option<(Money, Origin)> {
        let converted = rates.convert(origin.amount, &origin.currency, at)?;
        converted.euro.to_stored()?;
        Some((converted.euro, Origin { rate_day: converted.rate_day, ..origin.clone() }))
    }
}
