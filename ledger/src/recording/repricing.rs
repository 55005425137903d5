//! Calls priced again, because prices were missing or wrong when they were recorded.
//!
//! Only what a price made is made anew. A cost that an event carries stays, and so does one whose price
//! nobody knows any more. A rate that converted an amount converts what comes in its place: rates never
//! convert history again.

use std::collections::BTreeMap;

use pratiko_domain::currency::Rates;
use pratiko_domain::event::{Body, LlmUsage};
use pratiko_domain::money::Money;
use pratiko_domain::pricing::Pattern;
use pratiko_domain::time::{Quarter, Timestamp};

use super::adjusting::{Correction, known_rates};
use super::amount::Amount;
use super::recorder::Recorder;
use crate::cloudevents::decode_body;
use crate::settings::{Pricing, Settings};
use crate::store::{AdjustmentReason, Amounts, Store, StoreError, StoredAmount};

/// So many events are looked at before somebody is told.
const EVENTS_AT_ONCE: usize = 5_000;

/// Which calls are to be priced again.
#[derive(Debug, Clone)]
pub struct Calls {
    /// Those that happened from this instant on.
    pub from: Timestamp,
    /// Those that happened before this instant.
    pub until: Timestamp,
    /// Those to models of this name or pattern.
    pub model: Option<Pattern>,
}

/// What pricing calls again changes, or would change.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Repricing {
    /// How many calls were looked at.
    pub calls: u64,
    /// How many of them carry a cost themselves, or used nothing.
    pub told: u64,
    /// How many cost what they cost before.
    pub unchanged: u64,
    /// How many have no price now, by model; what they cost before stays.
    pub unpriced: BTreeMap<String, u64>,
    /// What changes, by model and prices.
    pub changes: BTreeMap<PriceChange, Changed>,
}

/// One price in the place of another.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct PriceChange {
    /// Provider and model, as the events have them.
    pub model: String,
    /// The id of the price before; none for calls that were unpriced.
    pub before: Option<String>,
    /// The id of the price now.
    pub after: String,
}

/// How much a change of price comes to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Changed {
    /// How many calls have the new price.
    pub calls: u64,
    /// What they cost before, where that was known.
    pub before: Money,
    /// What they cost now, where there is a rate.
    pub after: Money,
    /// How many wait for a reference rate.
    pub without_rate: u64,
}

impl Repricing {
    /// All changes together.
    pub fn total(&self) -> Changed {
        self.changes.values().fold(Changed::default(), |sum, change| Changed {
            calls: sum.calls + change.calls,
            before: sum.before + change.before,
            after: sum.after + change.after,
            without_rate: sum.without_rate + change.without_rate,
        })
    }
}

/// What becomes of one call.
enum Outcome {
    Told,
    Unpriced,
    Unchanged,
    Changed(Amount),
}

fn outcome(before: &StoredAmount, usage: &LlmUsage, pricing: &dyn Pricing, rates: &Rates) -> Outcome {
    let carries_a_cost = usage.cost_eur.is_some() || (usage.cost.is_some() && usage.currency.is_some());
    if carries_a_cost {
        return Outcome::Told;
    }
    let mut now = Amount::priced(usage, before.time, pricing, rates);
    let (Some(origin), Some(_)) = (&mut now.origin, &now.price) else {
        return if now.is_known() { Outcome::Told } else { Outcome::Unpriced };
    };
    if let Some(known) = before.origin.as_ref().filter(|known| known.currency == origin.currency) {
        if known.amount == origin.amount {
            return Outcome::Unchanged;
        }
        let same_day = known.rate_day.and_then(|day| Some((day, rates.of_day(&known.currency, day)?)));
        if let Some((day, rate)) = same_day {
            (now.euro, origin.rate_day) = (Some(rate.euro(origin.amount)), Some(day));
        }
    }
    if now.euro.is_some_and(|euro| euro.to_stored().is_none()) {
        return Outcome::Unpriced;
    }
    Outcome::Changed(now)
}

impl Calls {
    fn amounts(&self) -> Amounts {
        Amounts::OfCalls(self.from, self.until)
    }

    /// The call, if it is one of these.
    fn usage_of(&self, amount: &StoredAmount) -> Option<LlmUsage> {
        let Ok(Body::LlmUsage(usage)) = decode_body(amount.kind, &amount.data) else { return None };
        let is_meant = self.model.as_ref().is_none_or(|model| {
            model.matches(&usage.model) || model.matches(&format!("{}/{}", usage.provider, usage.model))
        });
        is_meant.then_some(usage)
    }
}

/// What pricing `calls` again would change; nothing is changed. `tell` hears how far it has come.
pub fn plan_repricing(
    store: &mut dyn Store,
    settings: &Settings,
    calls: &Calls,
    mut tell: impl FnMut(u64),
) -> Result<Repricing, StoreError> {
    let loaded = store.load(Quarter(i64::MAX))?;
    let rates = known_rates(&loaded.rates);
    let prices: BTreeMap<u32, String> = loaded.prices.into_iter().collect();
    let mut repricing = Repricing::default();
    let mut after = 0;
    loop {
        let amounts = store.amounts(calls.amounts(), after, EVENTS_AT_ONCE)?;
        let Some(last) = amounts.last() else { return Ok(repricing) };
        after = last.event;
        for before in &amounts {
            let Some(usage) = calls.usage_of(before) else { continue };
            repricing.calls += 1;
            let model = || format!("{}/{}", usage.provider, usage.model);
            match outcome(before, &usage, &*settings.pricing, &rates) {
                Outcome::Told => repricing.told += 1,
                Outcome::Unchanged => repricing.unchanged += 1,
                Outcome::Unpriced => *repricing.unpriced.entry(model()).or_default() += 1,
                Outcome::Changed(amount) => {
                    let number = before.origin.as_ref().and_then(|origin| origin.price);
                    let change = PriceChange {
                        model: model(),
                        before: number.and_then(|number| prices.get(&number).cloned()),
                        after: amount.price.unwrap_or_default(),
                    };
                    let sum = repricing.changes.entry(change).or_default();
                    sum.calls += 1;
                    sum.before += before.euro.unwrap_or_default();
                    sum.after += amount.euro.unwrap_or_default();
                    sum.without_rate += u64::from(amount.euro.is_none());
                }
            }
        }
        tell(repricing.calls);
    }
}

impl Recorder {
    /// Prices calls again: their amounts and everything that was added up from them change by the
    /// difference, and what they were is kept. Returns how many were changed.
    pub fn reprice(&mut self, calls: &Calls, now: Timestamp) -> Result<u64, StoreError> {
        let now = self.settle(now)?;
        let decide = |recorder: &mut Self, before: StoredAmount| {
            let Some(usage) = calls.usage_of(&before) else { return Ok(None) };
            let Outcome::Changed(amount) =
                outcome(&before, &usage, &*recorder.settings.pricing, &recorder.rates)
            else {
                return Ok(None);
            };
            let Amount { euro, origin, .. } = recorder.number_price(amount)?;
            Ok(Some(Correction { before, euro, origin }))
        };
        self.correct_all(calls.amounts(), AdjustmentReason::Repriced, now, decide)
    }
}
