//! How one customer stands.

use std::time::Duration;

use crate::event::{Interval, SubscriptionStatus};
use crate::money::Money;
use crate::plan::PlanSlot;
use crate::time::Timestamp;

use super::foreign::{ForeignRevenue, difference};
use super::history::{CustomerHistory, SubscriptionHistory};
use super::invoice::{InvoiceOutcome, invoice_outcome};
use super::movement::{Movement, Moves, RateEffect, add_up, moves, opening, rate_effects, revenue_at};
use super::policy::RevenuePolicy;
use super::recurring::PlanAmounts;
use super::renewal::{next_renewal, renewals_within};
use super::trial::{Trial, trial};
use super::valuation::Valuation;

/// One subscription as it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SubscriptionStanding {
    /// The plan of its first item.
    pub plan: PlanSlot,
    /// Its status.
    pub status: SubscriptionStatus,
    /// Its billing interval.
    pub interval: Interval,
}

/// How one customer stands at an instant: a function of what is known of it, and of the time.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Standing {
    /// Monthly recurring revenue by plan.
    pub revenue: PlanAmounts,
    /// The part of it that is not set to end.
    pub committed: PlanAmounts,
    /// Its subscriptions.
    pub subscriptions: Vec<SubscriptionStanding>,
    /// What those of them that earn in other currencies than the euro are worth a month.
    pub foreign: Vec<ForeignRevenue>,
    /// How many of them earn in a currency without a reference rate.
    pub unconverted: usize,
    /// Whether a subscription is or was in another currency than the euro: whatever rates become known,
    /// this has to be worked out anew.
    pub is_foreign: bool,
    /// The plan that its users are on: that of the subscription in force which is worth most.
    pub plan: Option<PlanSlot>,
    /// The same over time, in order: from when on it is which. Before the first there is none.
    pub plans: Vec<(Timestamp, Option<PlanSlot>)>,
    /// Every movement of its revenue but those that rates made.
    pub movements: Vec<Movement>,
    /// What rates did to its revenue in the last 33 days.
    pub rate_effects: Vec<RateEffect>,
    /// Its trials.
    pub trials: Vec<Trial>,
    /// When its subscriptions fell due in the last day and a bit.
    pub renewals: Vec<Timestamp>,
    /// Its invoices that were decided in the last 31 days: when, and whether they were paid in time.
    pub invoices: Vec<(Timestamp, bool)>,
    /// The next instant at which any of this changes by time alone, rates apart.
    pub next_change: Option<Timestamp>,
    /// The midnight at which what is in other currencies is next valued anew, which
    /// [`Standing::revalue`] can do without the history.
    pub next_revaluation: Option<Timestamp>,
}

/// Renewals are looked back for as long as the longest window over them may reach.
const RENEWALS_LOOK_BACK: Duration = Duration::from_secs(25 * 3600);

/// Decided invoices are looked back for as long as the longest window over them may reach.
const INVOICES_LOOK_BACK: Duration = Duration::from_secs(31 * 86_400);

/// Effects of rates are looked back for as long as the longest window over movements may reach: there is
/// one for every working day.
const RATES_LOOK_BACK: Duration = Duration::from_secs(33 * 86_400);

/// No window over movements or trials reaches back further.
const LOOK_BACK: Duration = Duration::from_secs(62 * 86_400);

impl Standing {
    /// How the customer with this history stands at `now`.
    pub fn of(
        history: &CustomerHistory,
        now: Timestamp,
        policy: RevenuePolicy,
        valuation: Valuation<'_>,
    ) -> Self {
        let Moves { movements, rate_effects } = moves(history, now.minus(RATES_LOOK_BACK), now, valuation);
        let mut standing = Self {
            revenue: revenue_at(history, now, valuation),
            movements,
            rate_effects,
            plans: plans(history, valuation),
            is_foreign: history.is_foreign(),
            ..Self::default()
        };
        standing.plan = standing.plan_at(now);
        let mut next_changes: Vec<Timestamp> = Vec::new();
        let mut committed = Vec::new();
        for subscription in &history.subscriptions {
            next_changes.extend(subscription.changes().filter(|at| *at > now));
            next_changes.extend(next_renewal(subscription, now));
            standing.renewals.extend(renewals_within(subscription, now.minus(RENEWALS_LOOK_BACK), now));
            if let Some((trial, next)) = trial(history, subscription, policy.dunning, now) {
                standing.trials.push(trial);
                next_changes.extend(next);
            }
            let Some(subscription_standing) = subscription_standing(subscription, now) else { continue };
            let worth = subscription.worth_at(now);
            let euro = worth.in_euro(now, valuation);
            if euro.is_none() {
                standing.unconverted += 1;
            }
            let is_committed =
                subscription.state_at(now).is_some_and(|state| state.change.cancel_at.is_none());
            if is_committed {
                committed.extend(euro.iter().flatten().copied());
            }
            if worth.is_foreign() {
                standing.foreign.push(ForeignRevenue::new(worth, euro, is_committed));
            }
            standing.subscriptions.push(subscription_standing);
        }
        for invoice in &history.invoices {
            let (at, is_paid) = match invoice_outcome(invoice, policy.dunning, now) {
                InvoiceOutcome::Ignored => continue,
                InvoiceOutcome::Undecided { until } => {
                    next_changes.push(until);
                    continue;
                }
                InvoiceOutcome::Paid { at } => (at, true),
                InvoiceOutcome::Failed { at } => (at, false),
            };
            if at >= now.minus(INVOICES_LOOK_BACK) {
                standing.invoices.push((at, is_paid));
            }
        }
        standing.next_revaluation = standing.midnight_after(now, valuation);
        standing.committed = add_up(committed.into_iter());
        standing.next_change = next_changes.into_iter().min();
        standing
    }

    /// Values what is in other currencies at the rates of the day that begins at `midnight`. Nothing else
    /// may have changed since it was worked out; one that has been valued at a later midnight stays.
    pub fn revalue(&mut self, midnight: Timestamp, valuation: Valuation<'_>) {
        if self.next_revaluation.is_none_or(|next| midnight < next) {
            return;
        }
        // First, so that what comes takes the place of what goes.
        let horizon = midnight.minus(RATES_LOOK_BACK);
        self.rate_effects.retain(|effect| effect.at > horizon);
        let from_nothing = self.revenue.is_empty();
        let (mut revenue, mut committed) = (PlanAmounts::new(), PlanAmounts::new());
        let mut appeared = PlanAmounts::new();
        for foreign in &mut self.foreign {
            let Some(now) = foreign.valued_at(midnight, valuation) else { continue };
            if let Some(before) = &foreign.euro {
                self.rate_effects.extend(rate_effects(midnight, before, &now));
            } else {
                self.unconverted -= 1;
                appeared.extend_from_slice(&now);
            }
            let change = difference(foreign.euro.as_ref(), &now);
            if foreign.is_committed {
                committed.extend_from_slice(&change);
            }
            revenue.extend(change);
            foreign.euro = Some(now);
        }
        self.movements.extend(opening(midnight, appeared, from_nothing));
        self.revenue = add_up(self.revenue.drain(..).chain(revenue));
        self.committed = add_up(self.committed.drain(..).chain(committed));
        self.next_revaluation = self.midnight_after(midnight, valuation);
    }

    /// When it next has to be valued anew: never without revenue in other currencies.
    fn midnight_after(&self, at: Timestamp, valuation: Valuation<'_>) -> Option<Timestamp> {
        (!self.foreign.is_empty()).then(|| valuation.next_midnight(at))
    }

    /// The next instant at which any of it changes by time alone.
    pub fn due(&self) -> Option<Timestamp> {
        self.next_change.into_iter().chain(self.next_revaluation).min()
    }

    /// The plan that its users were on at an instant, by what is known now.
    pub fn plan_at(&self, at: Timestamp) -> Option<PlanSlot> {
        let count = self.plans.partition_point(|(from, _)| *from <= at);
        self.plans[..count].last().and_then(|(_, plan)| *plan)
    }

    /// Forgets the movements and trials that no window which ends at `now` or later reaches.
    pub fn forget_old(&mut self, now: Timestamp) {
        let horizon = now.minus(LOOK_BACK);
        self.movements.retain(|movement| movement.at >= horizon);
        self.trials.retain(|trial| trial.ended_at.is_none_or(|at| at >= horizon));
    }

    /// Whether it has recurring revenue.
    pub fn pays(&self) -> bool {
        !self.revenue.is_empty()
    }

    /// Whether a subscription is in the given status.
    pub fn has(&self, status: SubscriptionStatus) -> bool {
        self.subscriptions.iter().any(|subscription| subscription.status == status)
    }
}

/// The plan of the subscription in force that is worth most.
fn plan_at(history: &CustomerHistory, at: Timestamp, valuation: Valuation<'_>) -> Option<PlanSlot> {
    let ranked = history.subscriptions.iter().filter_map(|subscription| {
        let standing = subscription_standing(subscription, at)?;
        let worth = subscription.revenue_at(at, valuation).unwrap_or_default();
        let total = worth.iter().map(|(_, amount)| *amount).sum::<Money>();
        Some((rank(standing.status)?, total, std::cmp::Reverse(subscription.id()), standing.plan))
    });
    ranked.max().map(|(.., plan)| plan)
}

/// That plan at every instant at which it changes. Rates alone bring nobody onto another plan: of
/// several subscriptions, what each was worth at the last change of one of them decides.
fn plans(history: &CustomerHistory, valuation: Valuation<'_>) -> Vec<(Timestamp, Option<PlanSlot>)> {
    let mut instants: Vec<Timestamp> =
        history.subscriptions.iter().flat_map(SubscriptionHistory::changes).collect();
    instants.sort_unstable();
    instants.dedup();
    let mut plans: Vec<(Timestamp, Option<PlanSlot>)> =
        instants.into_iter().map(|at| (at, plan_at(history, at, valuation))).collect();
    plans.dedup_by_key(|(_, plan)| *plan);
    plans
}

/// Which subscription says what plan a customer is on: one that is paid for before one on trial,
/// before one that is suspended. An ended one says nothing.
fn rank(status: SubscriptionStatus) -> Option<u8> {
    match status {
        SubscriptionStatus::Active | SubscriptionStatus::PastDue => Some(3),
        SubscriptionStatus::Trialing => Some(2),
        SubscriptionStatus::Unpaid | SubscriptionStatus::Paused => Some(1),
        SubscriptionStatus::Incomplete | SubscriptionStatus::Canceled => None,
    }
}

fn subscription_standing(subscription: &SubscriptionHistory, now: Timestamp) -> Option<SubscriptionStanding> {
    let state = subscription.state_at(now)?;
    let status = subscription.status_at(now)?;
    let plan = state.plans.first().copied().unwrap_or(PlanSlot::NONE);
    let interval = state.change.items.first().map_or(Interval::Month, |item| item.interval);
    Some(SubscriptionStanding { plan, status, interval })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::{InvoiceStatus, SubscriptionItem};
    use crate::revenue::testing::{
        BASIC, PRO, Rome, any_customer, any_instant, any_invoices, any_rates, any_states, customer, day,
        invoice, item, percent_off, standing, state,
    };
    use crate::time::{UtcZone, Zone};
    use SubscriptionStatus::{Active, Canceled, Incomplete, PastDue, Paused, Trialing, Unpaid};
    use proptest::prelude::*;

    fn euro(amount: i64) -> Money {
        Money::from_units(amount)
    }

    #[test]
    fn only_active_and_past_due_subscriptions_are_revenue() {
        for status in SubscriptionStatus::ALL {
            let one = customer([state("sub_1", day(1)).costs(BASIC, 25).is(status)]);
            let expected = if [Active, PastDue].contains(&status) { vec![(BASIC, euro(25))] } else { vec![] };
            assert_eq!(standing(&one, day(2)).revenue, expected, "{status:?}");
        }
    }

    #[test]
    fn what_is_set_to_end_is_revenue_until_then_and_committed_no_more() {
        let history = customer([
            state("sub_1", day(1)).costs(BASIC, 25).ends(day(20)),
            state("sub_2", day(1)).costs(BASIC, 10).costs(PRO, 60),
        ]);
        let now = standing(&history, day(19));
        assert_eq!(now.revenue, [(BASIC, euro(35)), (PRO, euro(60))]);
        assert_eq!(now.committed, [(BASIC, euro(10)), (PRO, euro(60))]);
        assert_eq!(now.next_change, Some(day(20)));
        let later = standing(&history, day(20));
        assert_eq!(later.revenue, later.committed);
        assert!(later.has(Canceled));
    }

    #[test]
    fn a_customer_is_on_the_plan_that_is_paid_for_and_worth_most() {
        let plan = |states: Vec<crate::revenue::SubscriptionState>| standing(&customer(states), day(2)).plan;
        let cheap = state("sub_1", day(1)).costs(BASIC, 25);
        let dear = state("sub_2", day(1)).costs(PRO, 60);
        assert_eq!(plan(vec![cheap.clone(), dear.clone()]), Some(PRO));
        assert_eq!(plan(vec![cheap.clone(), dear.clone().is(Trialing)]), Some(BASIC));
        assert_eq!(plan(vec![cheap.clone().is(Paused), dear.clone().is(Trialing)]), Some(PRO));
        assert_eq!(plan(vec![cheap.clone().is(Unpaid), dear.clone().is(Incomplete)]), Some(BASIC));
        assert_eq!(plan(vec![cheap.is(Canceled), dear.is(Incomplete)]), None);
    }

    #[test]
    fn a_currency_without_a_rate_is_counted_and_worth_nothing_known() {
        let dollars = SubscriptionItem { currency: "USD".into(), ..item(2500, 1, Interval::Month) };
        let history =
            customer([state("sub_1", day(1)).with(PRO, dollars), state("sub_2", day(1)).costs(BASIC, 10)]);
        let now = standing(&history, day(2));
        assert_eq!((now.unconverted, now.revenue), (1, vec![(BASIC, euro(10))]));
    }

    #[test]
    fn the_next_change_is_the_first_thing_that_time_brings() {
        let discount = crate::event::Discount { ends_at: Some(day(9)), ..percent_off(50) };
        let subscriptions = vec![state("sub_1", day(1)).costs(BASIC, 25).discount(discount)];
        let history = CustomerHistory::new(subscriptions, vec![("evt_1".into(), invoice("in_1", day(1)))]);
        assert_eq!(standing(&history, day(1)).next_change, Some(day(9)), "the discount ends");
        assert_eq!(standing(&history, day(9)).next_change, Some(day(15)), "dunning ends");
        assert_eq!(standing(&history, day(15)).next_change, Some(day(32)), "the next month falls due");
        assert_eq!(standing(&CustomerHistory::default(), day(1)).next_change, None);
    }

    #[test]
    fn decided_invoices_are_looked_back_for_and_void_ones_are_not() {
        let events = [
            invoice("in_1", day(1)).paid(day(2)),
            invoice("in_2", day(3)),
            invoice("in_3", day(20)),
            invoice("in_4", day(3)).becomes(InvoiceStatus::Void, day(4)),
        ];
        let invoices = events.into_iter().map(|invoice| (invoice.id.clone(), invoice)).collect();
        let history = CustomerHistory::new(vec![], invoices);
        assert_eq!(standing(&history, day(30)).invoices, [(day(2), true), (day(17), false)]);
        assert_eq!(standing(&history, day(34)).invoices, [(day(17), false), (day(34), false)]);
    }

    #[test]
    fn renewals_are_looked_back_for_a_day_and_an_hour() {
        let history = customer([state("sub_1", day(1)).costs(BASIC, 25)]);
        assert_eq!(standing(&history, day(31)).renewals, []);
        assert_eq!(standing(&history, day(33)).renewals, [day(32)]);
        assert_eq!(standing(&history, day(34)).renewals, []);
    }

    /// What of `standing` must still hold at `later`, if nothing happens until then.
    fn aged(mut standing: Standing, later: Timestamp) -> Standing {
        standing.renewals.retain(|at| *at > later.minus(RENEWALS_LOOK_BACK));
        standing.invoices.retain(|(at, _)| *at >= later.minus(INVOICES_LOOK_BACK));
        standing
    }

    proptest! {
        #[test]
        fn revaluing_is_working_it_out_anew(
            history in any_customer(),
            rates in any_rates(),
            in_rome in any::<bool>(),
            one in any_instant(),
            other in any_instant(),
        ) {
            let zone: &dyn Zone = if in_rome { &Rome } else { &UtcZone };
            let valuation = Valuation { rates: &rates, zone };
            let (start, end) = (one.min(other), one.max(other));
            let mut standing = Standing::of(&history, start, RevenuePolicy::default(), valuation);
            // Until something else changes.
            let unchanged = standing.next_change.map_or(end, |at| Timestamp::from_micros(at.micros() - 1));
            let end = end.min(unchanged);
            while let Some(midnight) = standing.next_revaluation.filter(|midnight| *midnight <= end) {
                standing.revalue(midnight, valuation);
            }
            let anew = Standing::of(&history, end, RevenuePolicy::default(), valuation);
            // Nobody asks for what moved before that.
            let horizon = end.minus(RATES_LOOK_BACK);
            let recent = |standing: &Standing| -> Vec<Movement> {
                standing.movements.iter().filter(|movement| movement.at > horizon).cloned().collect()
            };
            let told = |standing: &Standing| (
                (standing.revenue.clone(), standing.committed.clone(), standing.foreign.clone()),
                (standing.unconverted, recent(standing), standing.plan),
                (standing.next_change, standing.next_revaluation, standing.due()),
            );
            prop_assert_eq!(told(&standing), told(&anew));
            standing.rate_effects.retain(|effect| effect.at > horizon);
            let order = |effect: &RateEffect| (effect.at, effect.plan, effect.amount);
            let sorted = |mut effects: Vec<RateEffect>| { effects.sort_by_key(order); effects };
            prop_assert_eq!(sorted(standing.rate_effects), sorted(anew.rate_effects));
        }

        #[test]
        fn a_standing_does_not_depend_on_the_order_of_arrival(
            (states, shuffled) in any_states().prop_flat_map(|all| (Just(all.clone()), Just(all).prop_shuffle())),
            (invoices, mixed) in any_invoices().prop_flat_map(|all| (Just(all.clone()), Just(all).prop_shuffle())),
            now in any_instant(),
        ) {
            let in_order = standing(&CustomerHistory::new(states, invoices), now);
            prop_assert_eq!(in_order, standing(&CustomerHistory::new(shuffled, mixed), now));
        }

        #[test]
        fn committed_revenue_is_a_part_of_revenue(history in any_customer(), now in any_instant()) {
            let now = standing(&history, now);
            for (plan, committed) in &now.committed {
                let revenue = now.revenue.iter().find(|(known, _)| known == plan).map(|(_, revenue)| *revenue);
                prop_assert!(Some(*committed) <= revenue, "{:?}: {:?} of {:?}", plan, committed, revenue);
            }
        }

        #[test]
        fn movements_that_happened_stay_as_they_were(
            history in any_customer(),
            one in any_instant(),
            other in any_instant(),
        ) {
            let (now, later) = (one.min(other), one.max(other));
            let mut movements = standing(&history, later).movements;
            movements.retain(|movement| movement.at <= now);
            prop_assert_eq!(movements, standing(&history, now).movements);
        }

        #[test]
        fn states_that_begin_later_leave_what_happened_as_it_was(
            states in any_states(),
            one in any_instant(),
            other in any_instant(),
        ) {
            let (now, later) = (one.min(other), one.max(other));
            let known = states.iter().filter(|state| state.change.effective_at <= now).cloned();
            let before = standing(&customer(known), now);
            let mut after = standing(&customer(states), later).movements;
            after.retain(|movement| movement.at <= now);
            prop_assert_eq!(before.movements, after);
        }

        #[test]
        fn nothing_happens_before_the_next_change(
            history in any_customer(),
            now in any_instant(),
            wait in 0_u64..100 * 86_400,
        ) {
            let before = standing(&history, now);
            let last_instant = before.due().map_or(Timestamp::MAX, |at| Timestamp::from_micros(at.micros() - 1));
            for later in [now.plus(Duration::from_secs(wait)).min(last_instant), last_instant.min(day(800))] {
                if later > now {
                    prop_assert_eq!(standing(&history, later), aged(before.clone(), later), "at {}", later);
                }
            }
        }
    }
}
