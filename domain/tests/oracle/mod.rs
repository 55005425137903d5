//! Revenue and its movements, worked out the long way from the raw states.
//!
//! Every question looks through all states of a customer; rates are looked for day by day; every
//! midnight of a window revalues every subscription, whether or not a rate is new. Nothing is the
//! remainder of anything else.

pub mod company;

use std::collections::{BTreeMap, BTreeSet};

use pratiko_domain::event::{Interval, SubscriptionStatus, UsageType};
use pratiko_domain::money::Money;
use pratiko_domain::plan::PlanSlot;
use pratiko_domain::revenue::{MovementKind, SubscriptionState};
use pratiko_domain::time::{Date, Timestamp, Zone};

use company::Company;

pub struct Oracle<'a> {
    company: &'a Company,
}

/// Nano-euro by plan.
type Amounts = BTreeMap<PlanSlot, i128>;

impl<'a> Oracle<'a> {
    pub fn new(company: &'a Company) -> Self {
        Self { company }
    }

    /// Monthly recurring revenue by plan at an instant.
    pub fn revenue(&self, at: Timestamp) -> BTreeMap<PlanSlot, Money> {
        let mut sums = Amounts::new();
        for states in &self.company.customers {
            for id in ids(states) {
                add(
                    &mut sums,
                    &self.value(in_force(states, id, at), at, self.day(at)).unwrap_or_default(),
                    1,
                );
            }
        }
        money(sums)
    }

    /// Every movement after `from` and up to `until`, summed by plan and kind.
    pub fn movements(&self, from: Timestamp, until: Timestamp) -> BTreeMap<(PlanSlot, MovementKind), Money> {
        let mut sums: BTreeMap<(PlanSlot, MovementKind), i128> = BTreeMap::new();
        for states in &self.company.customers {
            for (kind, parts) in self.customer_movements(states, from, until) {
                for (plan, nanos) in parts {
                    *sums.entry((plan, kind)).or_default() += nanos;
                }
            }
        }
        let money = sums.into_iter().map(|(key, nanos)| (key, Money::from_nanos(nanos)));
        money.filter(|(_, amount)| !amount.is_zero()).collect()
    }

    fn customer_movements(
        &self,
        states: &[SubscriptionState],
        from: Timestamp,
        until: Timestamp,
    ) -> Vec<(MovementKind, Amounts)> {
        let mut movements = Vec::new();
        let mut instants = changes(states);
        let first = self.day(from).days_since_epoch();
        let last = self.day(until).days_since_epoch();
        let midnights: BTreeSet<Timestamp> =
            (first..=last).map(|day| self.midnight(Date::from_days_since_epoch(day))).collect();
        instants.extend(&midnights);
        for at in instants.range(..=until).copied().filter(|at| *at > from) {
            let just_before = Timestamp::from_micros(at.micros() - 1);
            let today = self.day(at);
            let (mut fx, mut opening) = (Amounts::new(), Amounts::new());
            let (mut before, mut after) = (Amounts::new(), Amounts::new());
            let mut began_earlier = false;
            for id in ids(states) {
                let held = in_force(states, id, just_before);
                let old = self.value(held, just_before, self.day(just_before));
                let revalued = self.value(held, just_before, today);
                match (&old, &revalued) {
                    (Some(old), Some(revalued)) => {
                        add(&mut fx, revalued, 1);
                        add(&mut fx, old, -1);
                    }
                    (None, Some(revalued)) => add(&mut opening, revalued, 1),
                    _ => {}
                }
                let new = self.value(in_force(states, id, at), at, today).unwrap_or_default();
                let first = states
                    .iter()
                    .filter(|state| state.change.id == id)
                    .min_by_key(|state| (state.change.effective_at, state.change.version, &state.event_id))
                    .map(|state| &state.change);
                began_earlier |= !new.is_empty()
                    && first.is_some_and(|first| {
                        first.effective_at == at && first.started_at.is_some_and(|start| start < at)
                    });
                add(&mut before, &revalued.unwrap_or_default(), 1);
                add(&mut after, &new, 1);
            }
            movements.push((MovementKind::ExchangeRate, fx));
            movements.push((MovementKind::Opening, opening));
            let (paid, pays) = (before.values().sum::<i128>(), after.values().sum::<i128>());
            let kind = if paid == 0 && pays > 0 && self.has_paid_before(states, at) {
                MovementKind::Reactivation
            } else if pays > paid && began_earlier {
                MovementKind::Opening
            } else if paid == 0 {
                MovementKind::New
            } else if pays == 0 {
                MovementKind::Churn
            } else if pays >= paid {
                MovementKind::Expansion
            } else {
                MovementKind::Contraction
            };
            add(&mut after, &before, -1);
            movements.push((kind, after));
        }
        movements
    }

    /// Whether a customer was worth something in euro at any time before an instant.
    fn has_paid_before(&self, states: &[SubscriptionState], at: Timestamp) -> bool {
        let mut instants = changes(states);
        // It may have been so only from the first midnight on at which there was a rate.
        let first = instants.first().map_or(0, |first| self.day(*first).days_since_epoch());
        let days = first..=self.day(at).days_since_epoch();
        instants.extend(days.map(|day| self.midnight(Date::from_days_since_epoch(day))));
        instants.into_iter().filter(|instant| *instant < at).any(|instant| {
            let just_before = Timestamp::from_micros(instant.micros() - 1);
            let was_worth = |id: &str, seen_at| {
                // At midnight, what is there gets its rate before it may go.
                let value = self.value(in_force(states, id, seen_at), seen_at, self.day(instant));
                value.is_some_and(|value| !value.is_empty())
            };
            ids(states).into_iter().any(|id| was_worth(id, instant) || was_worth(id, just_before))
        })
    }

    fn day(&self, at: Timestamp) -> Date {
        self.company.zone.date_of(at)
    }

    fn midnight(&self, day: Date) -> Timestamp {
        self.company.zone.start_of_day(day)
    }

    /// What a state is worth in euro at an instant, at the rate of a day; `None` without a rate.
    fn value(&self, state: Option<&SubscriptionState>, at: Timestamp, day: Date) -> Option<Amounts> {
        let exact = worth(state, at);
        let currency = state.map_or("EUR", |state| &state.change.items[0].currency);
        if exact.is_empty() || currency == "EUR" {
            return Some(
                exact.into_iter().map(|(plan, femtos)| (plan, half_even(femtos, 1_000_000))).collect(),
            );
        }
        let midnight_utc_day = self.midnight(day).utc_date().days_since_epoch();
        // Back from the day before, one day at a time.
        let rate = (company::FIRST_DAY - 40..midnight_utc_day)
            .rev()
            .find_map(|day| self.company.rates.of_day(currency, Date::from_days_since_epoch(day)))?;
        let euro = |femtos: i128| half_even(femtos * 1000, i128::from(rate.nanos())).max(1);
        Some(exact.into_iter().map(|(plan, femtos)| (plan, euro(femtos))).collect())
    }
}

/// What a state is worth a month in its own currency, in 10⁻¹⁵, by plan; nothing unless it earns.
fn worth(state: Option<&SubscriptionState>, at: Timestamp) -> Amounts {
    let mut sums = Amounts::new();
    let Some(SubscriptionState { change, plans, .. }) = state else { return sums };
    let earns = [SubscriptionStatus::Active, SubscriptionStatus::PastDue].contains(&change.status);
    if !earns || change.cancel_at.is_some_and(|end| end <= at) {
        return sums;
    }
    let month = |femtos: i128, interval: Interval, count: u32| {
        let (times, parts) = match interval {
            Interval::Day => (365, 12),
            Interval::Week => (52, 12),
            Interval::Month => (1, 1),
            Interval::Year => (1, 12),
        };
        half_even(femtos * times, parts * i128::from(count))
    };
    for (item, plan) in change.items.iter().zip(plans) {
        if item.usage_type == UsageType::Licensed {
            let femtos = item.unit_amount.nanos() * i128::from(item.quantity) * 1_000_000;
            *sums.entry(*plan).or_default() += month(femtos, item.interval, item.interval_count);
        }
    }
    for discount in change.discounts.iter().filter(|discount| discount.ends_at.is_none_or(|end| at < end)) {
        if let Some(percent) = discount.percent_off {
            for femtos in sums.values_mut() {
                *femtos = half_even(*femtos * percent.left(), 100_000_000_000);
            }
        }
        // The company gives amounts off only where there is one plan to bear them.
        if let (Some(off), Some(femtos)) = (discount.amount_off, sums.values_mut().next()) {
            let item = change.items.iter().find(|item| item.usage_type == UsageType::Licensed).unwrap();
            let off = month(off.nanos() * 1_000_000, item.interval, item.interval_count);
            *femtos = (*femtos - off).max(0);
        }
    }
    sums.retain(|_, femtos| half_even(*femtos, 1_000_000) != 0);
    sums
}

/// The subscriptions that states are of.
pub fn ids(states: &[SubscriptionState]) -> BTreeSet<&str> {
    states.iter().map(|state| state.change.id.as_str()).collect()
}

/// The last state of a subscription that began by an instant.
fn in_force<'a>(states: &'a [SubscriptionState], id: &str, at: Timestamp) -> Option<&'a SubscriptionState> {
    let begun = states.iter().filter(|state| state.change.id == id && state.change.effective_at <= at);
    begun.max_by_key(|state| (state.change.effective_at, state.change.version, &state.event_id))
}

/// Every instant at which anything could change.
fn changes(states: &[SubscriptionState]) -> BTreeSet<Timestamp> {
    let mut instants = BTreeSet::new();
    for SubscriptionState { change, .. } in states {
        instants.insert(change.effective_at);
        instants.extend(change.cancel_at);
        instants.extend(change.discounts.iter().filter_map(|discount| discount.ends_at));
    }
    instants
}

fn add(sums: &mut Amounts, amounts: &Amounts, times: i128) {
    for (plan, nanos) in amounts {
        *sums.entry(*plan).or_default() += nanos * times;
    }
    sums.retain(|_, nanos| *nanos != 0);
}

fn money(sums: Amounts) -> BTreeMap<PlanSlot, Money> {
    sums.into_iter().map(|(plan, nanos)| (plan, Money::from_nanos(nanos))).collect()
}

/// A quotient of two numbers that are not negative, to the nearest whole, or to the even one of two.
fn half_even(dividend: i128, divisor: i128) -> i128 {
    let below = dividend / divisor;
    let twice_the_rest = 2 * (dividend - below * divisor);
    below + i128::from(twice_the_rest > divisor || (twice_the_rest == divisor && below % 2 == 1))
}
