//! The revenue figures of all customers together.

use std::collections::BTreeMap;

use crate::currency::EURO;
use crate::event::{Interval, SubscriptionStatus};
use crate::money::Money;
use crate::plan::PlanSlot;
use crate::time::{Timestamp, Window, Zone};

use super::movement::{Movement, MovementKind};
use super::movement_sums::MovementSums;
use super::retention::Retention;
use super::standing::Standing;
use super::trial::TrialOutcome;

/// The windows over which movements are summed.
pub const MOVEMENT_WINDOWS: [Window; 2] = [Window::Days30, Window::MonthToDate];

/// The revenue figures of all customers together.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RevenueSummary {
    /// Monthly recurring revenue, in euro, by plan.
    pub mrr: BTreeMap<PlanSlot, Money>,
    /// The part of it that is not set to end.
    pub committed_mrr: BTreeMap<PlanSlot, Money>,
    /// Movements by plan, kind and window, with the sign of the identity: losses are positive.
    pub movements: BTreeMap<(PlanSlot, MovementKind, Window), Money>,
    /// Subscriptions by plan, status and interval.
    pub subscriptions: BTreeMap<(PlanSlot, SubscriptionStatus, Interval), u64>,
    /// Monthly recurring revenue in the currencies that it comes in, each in its own.
    pub mrr_by_currency: BTreeMap<String, Money>,
    /// Subscriptions that earn in a currency without a reference rate.
    pub unconverted: u64,
    /// Customers with recurring revenue, past due included.
    pub paying: u64,
    /// The same, by the plan that they are on.
    pub paying_by_plan: BTreeMap<PlanSlot, u64>,
    /// Customers on trial that pay for nothing else.
    pub trialing: u64,
    /// Customers with a payment past due.
    pub past_due: u64,
    /// Customers that came to pay within 30 days: new, opening or back.
    pub gained: u64,
    /// Departures within 30 days.
    pub churned: u64,
    /// Trials that ended within 30 days.
    pub trials_ended: u64,
    /// Those of them that converted.
    pub trials_converted: u64,
    /// Subscriptions that fell due within 1 h and 1 d.
    pub renewals: BTreeMap<Window, u64>,
    /// Invoices paid within the dunning window, decided within 30 days.
    pub invoices_paid: u64,
    /// Invoices not paid within the dunning window, decided within 30 days.
    pub invoices_failed: u64,
    /// Retention over 30 days.
    pub retention: Retention,
}

impl RevenueSummary {
    /// The figures at `now`.
    pub fn of<'a>(standings: impl Iterator<Item = &'a Standing>, now: Timestamp, zone: &dyn Zone) -> Self {
        let mut summary = Self::default();
        let mut sums = MovementSums::default();
        let mut foreign_in_euro = Money::ZERO;
        let starts = MOVEMENT_WINDOWS.map(|window| (window, window.start(now, zone)));
        let days30 = Window::Days30.start(now, zone);
        let renewal_starts = [Window::Hour, Window::Day].map(|window| (window, window.start(now, zone)));
        summary.renewals = renewal_starts.iter().map(|(window, _)| (*window, 0)).collect();
        for standing in standings {
            summary.add_state(standing);
            for foreign in &standing.foreign {
                foreign_in_euro += foreign.euro().unwrap_or_default();
                match summary.mrr_by_currency.get_mut(foreign.currency()) {
                    Some(sum) => *sum += foreign.amount(),
                    None => {
                        summary.mrr_by_currency.insert(foreign.currency().to_owned(), foreign.amount());
                    }
                }
            }
            summary.add_movements(standing, &mut sums, &starts, days30);
            for trial in &standing.trials {
                if trial.ended_at.is_some_and(|at| days30 <= at && at <= now) {
                    summary.trials_ended += 1;
                    summary.trials_converted += u64::from(trial.outcome == TrialOutcome::Converted);
                }
            }
            for (_, is_paid) in standing.invoices.iter().filter(|(at, _)| days30 <= *at && *at <= now) {
                summary.invoices_paid += u64::from(*is_paid);
                summary.invoices_failed += u64::from(!is_paid);
            }
            for (window, start) in &renewal_starts {
                let due = standing.renewals.iter().filter(|at| *start <= **at && **at <= now).count();
                *summary.renewals.entry(*window).or_default() += due as u64;
            }
        }
        summary.movements = sums.into_map();
        let in_euro = summary.total_mrr() - foreign_in_euro;
        if !in_euro.is_zero() {
            summary.mrr_by_currency.insert(EURO.to_owned(), in_euro);
        }
        summary
    }

    fn add_state(&mut self, standing: &Standing) {
        for (plan, amount) in &standing.revenue {
            *self.mrr.entry(*plan).or_default() += *amount;
        }
        for (plan, amount) in &standing.committed {
            *self.committed_mrr.entry(*plan).or_default() += *amount;
        }
        for subscription in &standing.subscriptions {
            let key = (subscription.plan, subscription.status, subscription.interval);
            *self.subscriptions.entry(key).or_default() += 1;
        }
        self.unconverted += standing.unconverted as u64;
        if standing.pays() {
            self.paying += 1;
            *self.paying_by_plan.entry(standing.plan.unwrap_or(PlanSlot::NONE)).or_default() += 1;
        } else if standing.has(SubscriptionStatus::Trialing) {
            self.trialing += 1;
        }
        self.past_due += u64::from(standing.has(SubscriptionStatus::PastDue));
    }

    fn add_movements(
        &mut self,
        standing: &Standing,
        sums: &mut MovementSums,
        starts: &[(Window, Timestamp); MOVEMENT_WINDOWS.len()],
        days30: Timestamp,
    ) {
        for movement in &standing.movements {
            for (position, (_, from)) in starts.iter().enumerate() {
                if movement.at >= *from {
                    sums.add(position, movement);
                }
            }
            if movement.at >= days30 {
                self.gained += u64::from(movement.from_nothing);
                self.churned += u64::from(movement.kind == MovementKind::Churn);
            }
        }
        for effect in &standing.rate_effects {
            for (position, (_, from)) in starts.iter().enumerate() {
                if effect.at >= *from {
                    sums.add_rate_effect(position, effect);
                }
            }
        }
        let end: Money = standing.revenue.iter().map(|(_, amount)| *amount).sum();
        let moved = standing.movements.iter().filter(|movement| movement.at >= days30).map(Movement::total);
        let effects = standing.rate_effects.iter().filter(|effect| effect.at >= days30);
        let start = end - moved.chain(effects.map(|effect| effect.amount)).sum();
        self.retention.add(start, end);
    }

    /// Monthly recurring revenue of all plans.
    pub fn total_mrr(&self) -> Money {
        self.mrr.values().copied().sum()
    }

    /// Annual recurring revenue: 12 × MRR.
    pub fn arr(&self) -> Money {
        self.total_mrr() * 12
    }

    /// Subscriber churn over 30 days: those who left ÷ (those who paid at the start + those who came).
    /// `None` when there was nobody to leave.
    ///
    /// Source: Stripe's definition of the subscriber churn rate.
    pub fn churn_ratio(&self) -> Option<f64> {
        // Everybody who pays now, came, or left: start + gained = now + churned.
        let base = self.paying + self.churned;
        (base > 0).then(|| self.churned as f64 / base as f64)
    }

    /// Trials converted ÷ trials ended, over 30 days; `None` when none ended.
    ///
    /// Source: Stripe's definition of the trial conversion rate.
    pub fn trial_conversion_ratio(&self) -> Option<f64> {
        (self.trials_ended > 0).then(|| self.trials_converted as f64 / self.trials_ended as f64)
    }

    /// Average revenue per paying customer of a plan, rounded to 10⁻⁹; `None` without one.
    pub fn arpu(&self, plan: PlanSlot) -> Option<Money> {
        let customers = *self.paying_by_plan.get(&plan)?;
        let revenue = self.mrr.get(&plan).copied().unwrap_or_default();
        (customers > 0).then(|| revenue.divided_by(i128::from(customers)))
    }
}

/// What a customer brings until it leaves: ARPU ÷ churn; `None` when nobody leaves.
///
/// `churned` ÷ `base` is the churn ratio.
pub fn life_time_value(arpu: Money, summary: &RevenueSummary) -> Option<Money> {
    let base = summary.paying + summary.churned;
    (summary.churned > 0).then(|| arpu.scaled(i128::from(base), i128::from(summary.churned)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::revenue::testing::{
        BASIC, PRO, any_customer, any_instant, any_rates, at, customer, day, euro_only, invoice, item, state,
    };
    use crate::revenue::{CustomerHistory, RevenuePolicy, SubscriptionState, Valuation};
    use crate::time::UtcZone;
    use SubscriptionStatus::{Active, Canceled, PastDue, Trialing};
    use proptest::collection::vec;
    use proptest::prelude::*;

    fn summary(histories: &[CustomerHistory], now: Timestamp) -> RevenueSummary {
        summary_at(histories, now, euro_only())
    }

    fn summary_at(histories: &[CustomerHistory], now: Timestamp, valuation: Valuation<'_>) -> RevenueSummary {
        let stands = |history| Standing::of(history, now, RevenuePolicy::default(), valuation);
        let standings: Vec<Standing> = histories.iter().map(stands).collect();
        RevenueSummary::of(standings.iter(), now, &UtcZone)
    }

    fn customers(states: Vec<Vec<SubscriptionState>>) -> Vec<CustomerHistory> {
        states.into_iter().map(customer).collect()
    }

    fn euro(amount: i64) -> Money {
        Money::from_units(amount)
    }

    /// Four customers on 10 March: one since January, one who upgraded on 1 March, one who left on
    /// 20 February, one who came on 5 March.
    fn company() -> Vec<CustomerHistory> {
        let basic = |from: &str| state("sub_1", at(from)).costs(BASIC, 25);
        customers(vec![
            vec![basic("2026-01-01")],
            vec![basic("2026-01-05"), state("sub_1", at("2026-03-01")).costs(PRO, 60)],
            vec![basic("2026-01-10"), basic("2026-02-20").is(Canceled)],
            vec![basic("2026-03-05")],
        ])
    }

    #[test]
    fn revenue_is_summed_by_plan_and_twelve_of_it_make_a_year() {
        let summary = summary(&company(), at("2026-03-10"));
        assert_eq!(summary.mrr, BTreeMap::from([(BASIC, euro(50)), (PRO, euro(60))]));
        assert_eq!(summary.total_mrr(), euro(110));
        assert_eq!(summary.arr(), euro(1320));
        assert_eq!(summary.arpu(BASIC), Some(euro(25)));
        assert_eq!(summary.arpu(PRO), Some(euro(60)));
        assert_eq!(summary.arpu(PlanSlot::NONE), None);
    }

    #[test]
    fn movements_are_summed_by_plan_kind_and_window_and_losses_are_positive() {
        use MovementKind::{Churn, Expansion, New};
        use Window::{Days30, MonthToDate};
        let summary = summary(&company(), at("2026-03-10"));
        let expected = BTreeMap::from([
            ((BASIC, Expansion, Days30), euro(-25)),
            ((PRO, Expansion, Days30), euro(60)),
            ((BASIC, Churn, Days30), euro(25)),
            ((BASIC, New, Days30), euro(25)),
            ((BASIC, Expansion, MonthToDate), euro(-25)),
            ((PRO, Expansion, MonthToDate), euro(60)),
            ((BASIC, New, MonthToDate), euro(25)),
        ]);
        assert_eq!(summary.movements, expected);
    }

    #[test]
    fn churn_is_those_who_left_over_those_who_were_there_and_those_who_came() {
        let summary = summary(&company(), at("2026-03-10"));
        assert_eq!((summary.paying, summary.gained, summary.churned), (3, 1, 1));
        // Three were there 30 days ago, one came, one left.
        assert_eq!(summary.churn_ratio(), Some(0.25));
        assert_eq!(life_time_value(euro(25), &summary), Some(euro(100)));
    }

    #[test]
    fn a_life_time_is_unknown_while_nobody_leaves_and_churn_while_nobody_is_there() {
        let one = summary(&customers(vec![vec![state("sub_1", day(1)).costs(BASIC, 25)]]), day(60));
        assert_eq!((one.churn_ratio(), life_time_value(euro(25), &one)), (Some(0.0), None));
        let nobody = summary(&[], day(60));
        assert_eq!((nobody.churn_ratio(), nobody.trial_conversion_ratio()), (None, None));
        assert_eq!((nobody.retention.net_ratio(), nobody.retention.gross_ratio()), (None, None));
        assert_eq!(nobody.total_mrr(), Money::ZERO);
    }

    #[test]
    fn a_second_subscription_known_late_brings_revenue_and_no_customer() {
        let known_late = state("sub_2", day(50)).costs(PRO, 60).started(day(1));
        let histories = customers(vec![vec![state("sub_1", day(1)).costs(BASIC, 25), known_late]]);
        let summary = summary(&histories, day(60));
        assert_eq!(summary.movements[&(PRO, MovementKind::Opening, Window::Days30)], euro(60));
        assert_eq!((summary.gained, summary.paying, summary.churned), (0, 1, 0));
    }

    #[test]
    fn retention_compares_what_the_same_customers_paid_then_and_pay_now() {
        let summary = summary(&company(), at("2026-03-10"));
        // 25 + 25 + 25 then; 25 + 60 + 0 now, of which 25 + 25 are not more than then.
        let expected = Retention { start: euro(75), net: euro(85), gross: euro(50) };
        assert_eq!(summary.retention, expected);
        assert_eq!(summary.retention.gross_ratio(), Some(50.0 / 75.0));
        assert_eq!(summary.retention.net_ratio(), Some(85.0 / 75.0));
    }

    #[test]
    fn customers_are_counted_once_by_what_they_pay() {
        let paid = |id: &str| state(id, day(1)).costs(BASIC, 25);
        let summary = summary(
            &customers(vec![
                vec![paid("sub_1"), paid("sub_2").is(Trialing)],
                vec![paid("sub_1").is(Trialing)],
                vec![paid("sub_1").is(PastDue), paid("sub_2").is(PastDue)],
                vec![state("sub_1", day(1)).costs(BASIC, 0)],
            ]),
            day(5),
        );
        assert_eq!((summary.paying, summary.trialing, summary.past_due), (2, 1, 1));
        assert_eq!(summary.paying_by_plan, BTreeMap::from([(BASIC, 2)]));
        let count = |status| summary.subscriptions[&(BASIC, status, Interval::Month)];
        assert_eq!((count(Active), count(Trialing), count(PastDue)), (2, 2, 2));
    }

    #[test]
    fn a_subscription_is_counted_under_its_own_interval() {
        let yearly = state("sub_1", day(1)).with(PRO, item(30_000, 1, Interval::Year));
        let summary = summary(&customers(vec![vec![yearly]]), day(5));
        assert_eq!(summary.subscriptions, BTreeMap::from([((PRO, Active, Interval::Year), 1)]));
        assert_eq!(summary.total_mrr(), euro(25));
    }

    #[test]
    fn trials_invoices_and_renewals_are_counted_within_their_windows() {
        let tried = |id: &str, from: i64, until: i64| {
            [state(id, day(from)).costs(BASIC, 25).is(Trialing), state(id, day(until)).costs(BASIC, 25)]
        };
        let ended_long_ago = customer(tried("sub_1", 1, 10));
        let expired = customer(tried("sub_1", 20, 34));
        let converted = CustomerHistory::new(
            tried("sub_1", 20, 35).to_vec(),
            vec![("evt_1".into(), invoice("in_1", day(35)).paid(day(36)))],
        );
        let failed = CustomerHistory::new(vec![], vec![("evt_1".into(), invoice("in_1", day(30)))]);
        let now = day(63);
        let summary = summary(&[ended_long_ago, expired, converted, failed], now);
        assert_eq!((summary.trials_ended, summary.trials_converted), (2, 1));
        assert_eq!(summary.trial_conversion_ratio(), Some(0.5));
        assert_eq!((summary.invoices_paid, summary.invoices_failed), (1, 1));
        // 34 is 3 February: the month that began then ends on 3 March, which is 62.
        assert_eq!(summary.renewals, BTreeMap::from([(Window::Hour, 1), (Window::Day, 2)]));
    }

    proptest! {
        /// end = start + opening + new + expansion + reactivation − contraction − churn + fx.
        #[test]
        fn movements_explain_the_difference_of_every_plan(
            histories in vec(any_customer(), 1..5),
            rates in any_rates(),
            now in any_instant(),
        ) {
            let valuation = Valuation { rates: &rates, zone: &UtcZone };
            let end = summary_at(&histories, now, valuation);
            for window in MOVEMENT_WINDOWS {
                let just_before = Timestamp::from_micros(window.start(now, &UtcZone).micros() - 1);
                let mut expected = summary_at(&histories, just_before, valuation).mrr;
                for ((plan, kind, _), amount) in end.movements.iter().filter(|((_, _, of), _)| *of == window) {
                    let amount = if kind.is_loss() { -*amount } else { *amount };
                    *expected.entry(*plan).or_default() += amount;
                }
                expected.retain(|_, amount| !amount.is_zero());
                prop_assert_eq!(&expected, &end.mrr, "{:?}", window);
            }
        }

        #[test]
        fn who_is_there_was_there_or_came_and_did_not_leave(
            histories in vec(any_customer(), 1..5),
            rates in any_rates(),
            now in any_instant(),
        ) {
            let valuation = Valuation { rates: &rates, zone: &UtcZone };
            let end = summary_at(&histories, now, valuation);
            let just_before = Timestamp::from_micros(Window::Days30.start(now, &UtcZone).micros() - 1);
            let start = summary_at(&histories, just_before, valuation);
            prop_assert_eq!(start.paying + end.gained, end.paying + end.churned);
            prop_assert_eq!(start.total_mrr(), end.retention.start);
            prop_assert!(end.retention.gross <= end.retention.start.min(end.retention.net));
            prop_assert_eq!(end.paying, end.paying_by_plan.values().sum::<u64>());
        }
    }
}
