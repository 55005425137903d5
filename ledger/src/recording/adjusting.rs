//! What events are worth, told anew: when a reference rate becomes known that amounts have waited
//! for, and when somebody asks for calls to be priced again.
//!
//! The event stays what it was. Its amount in euro and everything that was added up from it change by
//! the difference, and what it was before stays on record. Totals that never fall do not fall here
//! either: what they would fall by is a total of its own.

use pratiko_domain::currency::{DailyRates, Rates};
use pratiko_domain::event::Body;
use pratiko_domain::money::Money;
use pratiko_domain::time::Timestamp;

use super::amount::Amount;
use super::merge::Merge;
use super::recorder::Recorder;
use super::write::Written;
use crate::cloudevents::decode_body;
use crate::store::{
    Adjustment, AdjustmentReason, Amounts, CorrectedTotal, Origin, StoreError, StoredAmount, Total,
};

/// So many events are changed in one transaction.
const EVENTS_AT_ONCE: usize = 5_000;

/// What became of reference rates that were told.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RatesAdded {
    /// How many were not known before.
    pub new: usize,
    /// What contradicts known rates, which stay as they are.
    pub conflicts: Vec<String>,
    /// How many amounts had waited for them and are converted now.
    pub converted: u64,
}

/// An event's amount as it shall be.
pub(super) struct Correction {
    pub before: StoredAmount,
    pub euro: Option<Money>,
    pub origin: Option<Origin>,
}

/// The rates that a store holds.
pub(crate) fn known_rates(days: &[DailyRates]) -> Rates {
    let mut rates = Rates::default();
    add_known(&mut rates, days);
    rates
}

fn add_known(rates: &mut Rates, days: &[DailyRates]) {
    for DailyRates { day, rates: of_day } in days {
        for (currency, rate) in of_day {
            // A store keeps one rate for a day and currency.
            let _ = rates.insert(*day, currency, *rate);
        }
    }
}

impl Recorder {
    /// Rates are durable: they count from now on, and what should have been valued at them already is due.
    pub(super) fn learn(&mut self, days: &[DailyRates], now: Timestamp) {
        add_known(&mut self.rates, days);
        let zone = &self.settings.zone;
        let midnight = zone.start_of_day(zone.date_of(now));
        if days.iter().any(|of_day| of_day.day < midnight.utc_date()) {
            self.figures.customers.rates_came_late();
        }
    }

    /// Keeps reference rates, and converts what has waited for them. A known rate is never replaced:
    /// amounts may have been converted at it.
    pub fn add_rates(&mut self, days: &[DailyRates], now: Timestamp) -> Result<RatesAdded, StoreError> {
        let now = self.settle(now)?;
        let mut added = RatesAdded::default();
        let mut rates = self.rates.clone();
        let mut new_days = Vec::new();
        for DailyRates { day, rates: of_day } in days {
            let mut new = Vec::new();
            for (currency, rate) in of_day {
                match rates.insert(*day, currency, *rate) {
                    Ok(true) => new.push((currency.clone(), *rate)),
                    Ok(false) => {}
                    Err(conflict) => added.conflicts.push(conflict.to_string()),
                }
            }
            added.new += new.len();
            if !new.is_empty() {
                new_days.push(DailyRates { day: *day, rates: new });
            }
        }
        if added.new > 0 {
            self.store.begin()?;
            self.written(now, |_| {
                let mut merge = Merge::default();
                merge.rates(&new_days);
                Ok(Written { merge, events: 0, reviews: Vec::new(), result: () })
            })?;
            self.learn(&new_days, now);
        }
        added.converted = self.convert_what_waits(now)?;
        Ok(added)
    }

    fn convert_what_waits(&mut self, now: Timestamp) -> Result<u64, StoreError> {
        let convert = |recorder: &mut Self, before: StoredAmount| {
            let converted = before.origin.as_ref().and_then(|origin| {
                let (euro, origin) = Amount::once_converted(origin, before.time, &recorder.rates)?;
                Some((Some(euro), Some(origin)))
            });
            Ok(converted.map(|(euro, origin)| Correction { before, euro, origin }))
        };
        self.correct_all(Amounts::WithoutEuro, AdjustmentReason::RateKnown, now, convert)
    }

    /// Changes the amounts of events as `decide` says, some events in each transaction. Returns how many
    /// were changed.
    pub(super) fn correct_all(
        &mut self,
        which: Amounts,
        reason: AdjustmentReason,
        now: Timestamp,
        decide: impl Fn(&mut Self, StoredAmount) -> Result<Option<Correction>, StoreError>,
    ) -> Result<u64, StoreError> {
        let mut changed = 0;
        let mut after = 0;
        loop {
            self.store.begin()?;
            let (last, more) = self.written(now, |recorder| {
                // Read in the transaction that changes them: another writer may be about to, too.
                let amounts = recorder.store.amounts(which, after, EVENTS_AT_ONCE)?;
                let last = amounts.last().map(|amount| amount.event);
                let mut merge = Merge::default();
                let mut count = 0;
                for amount in amounts {
                    if let Some(correction) = decide(recorder, amount)? {
                        count += 1;
                        recorder.correct(correction, reason, now, &mut merge)?;
                    }
                }
                Ok(Written { merge, events: 0, reviews: Vec::new(), result: (last, count) })
            })?;
            changed += more;
            match last {
                Some(last) => after = last,
                None => return Ok(changed),
            }
        }
    }

    fn correct(
        &mut self,
        correction: Correction,
        reason: AdjustmentReason,
        now: Timestamp,
        merge: &mut Merge,
    ) -> Result<(), StoreError> {
        self.add_difference(&correction, merge)?;
        let Correction { before, euro, origin } = correction;
        merge.adjustment(Adjustment { event: before.event, at: now, reason, euro, origin });
        Ok(())
    }

    /// What was added up from an event, by how much its amount differs.
    fn add_difference(&mut self, correction: &Correction, merge: &mut Merge) -> Result<(), StoreError> {
        let Correction { before, euro, .. } = correction;
        let difference = euro.unwrap_or_default() - before.euro.unwrap_or_default();
        let quarter = before.time.quarter();
        let Ok(body) = decode_body(before.kind, &before.data) else {
            tracing::error!(kind = before.kind.name(), "a stored event cannot be read and stays as it is");
            return Ok(());
        };
        match &body {
            Body::LlmUsage(_) => {
                count_waiting(correction, merge);
                let model = self.model_of(&body)?;
                merge.usage(quarter, before.user, difference, Money::ZERO, false);
                merge.plan_cost(quarter, before.plan, difference, Money::ZERO);
                if difference.is_negative() {
                    merge.total(Total::Corrections(CorrectedTotal::LlmCost), -difference.nanos());
                } else {
                    merge.total(Total::LlmCost(model, before.plan), difference.nanos());
                }
            }
            Body::OtherCost(_) => {
                merge.usage(quarter, before.user, Money::ZERO, difference, false);
                merge.plan_cost(quarter, before.plan, Money::ZERO, difference);
            }
            // Amounts of these change once: when a rate becomes known.
            Body::PaymentAttempt(attempt) if attempt.counts() => {
                count_waiting(correction, merge);
                merge.total(Total::PaymentAmount(attempt.method, attempt.outcome), difference.nanos());
            }
            Body::Refund(_) => {
                count_waiting(correction, merge);
                merge.total(Total::Refunds, difference.nanos());
            }
            _ => {}
        }
        Ok(())
    }
}

/// Counts an amount that got its rate, or that has a price for the first time and has no rate.
fn count_waiting(correction: &Correction, merge: &mut Merge) {
    let Correction { before, euro, origin } = correction;
    let waited = before.origin.is_some() && before.euro.is_none();
    let waits = origin.is_some() && euro.is_none();
    match (waited, waits) {
        (true, false) => merge.total(Total::Converted, 1),
        (false, true) => merge.total(Total::Unconverted, 1),
        _ => {}
    }
}
