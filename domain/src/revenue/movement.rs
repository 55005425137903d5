//! How a customer's recurring revenue changes.

use crate::event::SubscriptionStatus;
use crate::money::Money;
use crate::plan::PlanSlot;
use crate::time::Timestamp;

use super::history::CustomerHistory;
use super::recurring::PlanAmounts;

/// Why revenue changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MovementKind {
    /// It was there before anything was known.
    Opening,
    /// A customer pays for the first time.
    New,
    /// A customer pays more.
    Expansion,
    /// A customer who had left pays again.
    Reactivation,
    /// A customer pays less.
    Contraction,
    /// A customer pays no more.
    Churn,
    /// The rates of exchange changed.
    ExchangeRate,
}

impl MovementKind {
    /// Every kind, in the order of the identity that they fulfil.
    pub const ALL: [Self; 7] = [
        Self::Opening,
        Self::New,
        Self::Expansion,
        Self::Reactivation,
        Self::Contraction,
        Self::Churn,
        Self::ExchangeRate,
    ];

    /// Its label value.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Opening => "opening",
            Self::New => "new",
            Self::Expansion => "expansion",
            Self::Reactivation => "reactivation",
            Self::Contraction => "contraction",
            Self::Churn => "churn",
            Self::ExchangeRate => "fx",
        }
    }

    /// Whether its amount is subtracted in
    /// `end = start + opening + new + expansion + reactivation − contraction − churn + fx`.
    pub const fn is_loss(self) -> bool {
        matches!(self, Self::Contraction | Self::Churn)
    }
}

/// Why a customer left.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ChurnReason {
    /// By choice.
    Voluntary,
    /// Because payments failed.
    Involuntary,
}

impl ChurnReason {
    /// Its label value.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Voluntary => "voluntary",
            Self::Involuntary => "involuntary",
        }
    }
}

/// One change of a customer's recurring revenue. All that happens at one instant is one movement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Movement {
    /// When.
    pub at: Timestamp,
    /// What it was for the customer as a whole.
    pub kind: MovementKind,
    /// Why, for churn.
    pub reason: Option<ChurnReason>,
    /// The plan with the largest part of it.
    pub plan: PlanSlot,
    /// Revenue after less revenue before, by plan. A change of plan has a part in both.
    pub parts: PlanAmounts,
}

impl Movement {
    /// Revenue after less revenue before.
    pub fn total(&self) -> Money {
        self.parts.iter().map(|(_, amount)| *amount).sum()
    }
}

/// Every movement of a customer up to and at the instant `until`, in order.
pub(super) fn movements(history: &CustomerHistory, until: Timestamp) -> Vec<Movement> {
    let mut instants: Vec<Timestamp> =
        history.subscriptions.iter().flat_map(super::history::SubscriptionHistory::changes).collect();
    instants.retain(|at| *at <= until);
    instants.sort_unstable();
    instants.dedup();

    let mut movements = Vec::new();
    let mut before = PlanAmounts::new();
    let mut has_paid = false;
    for at in instants {
        let after = revenue_at(history, at);
        if after != before {
            movements.push(movement(history, at, &before, &after, has_paid));
        }
        has_paid |= !after.is_empty();
        before = after;
    }
    movements
}

/// A customer's revenue by plan, sorted by plan. Subscriptions without a rate are left out.
pub(super) fn revenue_at(history: &CustomerHistory, at: Timestamp) -> PlanAmounts {
    add_up(history.subscriptions.iter().filter_map(|subscription| subscription.revenue_at(at)).flatten())
}

pub(super) fn add_up(amounts: impl Iterator<Item = (PlanSlot, Money)>) -> PlanAmounts {
    let mut sums = PlanAmounts::new();
    for (plan, amount) in amounts {
        match sums.binary_search_by_key(&plan, |(known, _)| *known) {
            Ok(position) => sums[position].1 += amount,
            Err(position) => sums.insert(position, (plan, amount)),
        }
    }
    sums.retain(|(_, amount)| !amount.is_zero());
    sums
}

fn movement(
    history: &CustomerHistory,
    at: Timestamp,
    before: &PlanAmounts,
    after: &PlanAmounts,
    has_paid: bool,
) -> Movement {
    let losses = before.iter().map(|(plan, amount)| (*plan, -*amount));
    let parts = add_up(losses.chain(after.iter().copied()));
    let sum = |amounts: &PlanAmounts| amounts.iter().map(|(_, amount)| *amount).sum::<Money>();
    let grows = sum(after) > sum(before);
    let kind = match (before.is_empty(), after.is_empty()) {
        (true, _) if has_paid => MovementKind::Reactivation,
        _ if grows && began_earlier(history, at) => MovementKind::Opening,
        (true, _) => MovementKind::New,
        (_, true) => MovementKind::Churn,
        _ if sum(after) >= sum(before) => MovementKind::Expansion,
        _ => MovementKind::Contraction,
    };
    let reason = (kind == MovementKind::Churn).then(|| churn_reason(history, at));
    let largest = |amounts: &PlanAmounts| {
        amounts.iter().max_by_key(|(plan, amount)| (*amount, std::cmp::Reverse(*plan))).map(|(plan, _)| *plan)
    };
    let plan = largest(after).or_else(|| largest(before)).unwrap_or(PlanSlot::NONE);
    Movement { at, kind, reason, plan, parts }
}

/// Whether something that earns from this instant on is known to have begun before its first known
/// state, which is this one.
fn began_earlier(history: &CustomerHistory, at: Timestamp) -> bool {
    history.subscriptions.iter().any(|subscription| {
        let first = &subscription.first().change;
        first.effective_at == at
            && first.started_at.is_some_and(|start| start < at)
            && subscription.revenue_at(at).is_some_and(|revenue| !revenue.is_empty())
    })
}

/// Involuntary if a part of what was lost was past due, or is now given up as unpaid.
fn churn_reason(history: &CustomerHistory, at: Timestamp) -> ChurnReason {
    let just_before = Timestamp::from_micros(at.micros() - 1);
    let because_of_payments = history.subscriptions.iter().any(|subscription| {
        let earned = subscription.revenue_at(just_before).is_some_and(|revenue| !revenue.is_empty());
        earned
            && (subscription.status_at(just_before) == Some(SubscriptionStatus::PastDue)
                || subscription.status_at(at) == Some(SubscriptionStatus::Unpaid))
    });
    if because_of_payments { ChurnReason::Involuntary } else { ChurnReason::Voluntary }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Discount;
    use crate::revenue::testing::{
        BASIC, PRO, any_customer, any_instant, customer, day, percent_off, standing, state, told,
    };
    use SubscriptionStatus::{Active, Canceled, PastDue, Paused, Trialing, Unpaid};
    use proptest::prelude::*;

    fn movements_of(states: Vec<crate::revenue::SubscriptionState>) -> Vec<String> {
        told(&movements(&customer(states), day(365)))
    }

    #[test]
    fn a_customer_comes_grows_shrinks_leaves_and_comes_back() {
        let life = vec![
            state("sub_1", day(1)).costs(BASIC, 25),
            state("sub_1", day(10)).costs(BASIC, 40),
            state("sub_1", day(20)).costs(BASIC, 30),
            state("sub_1", day(30)).costs(BASIC, 30).is(Canceled),
            state("sub_2", day(40)).costs(PRO, 50),
        ];
        assert_eq!(
            movements_of(life),
            [
                "1 new: basic 25",
                "10 expansion: basic 15",
                "20 contraction: basic -10",
                "30 churn: basic -30",
                "40 reactivation: pro 50",
            ]
        );
    }

    #[test]
    fn a_change_of_plan_has_a_part_in_both() {
        let upgrade = vec![state("sub_1", day(1)).costs(BASIC, 25), state("sub_1", day(2)).costs(PRO, 60)];
        assert_eq!(movements_of(upgrade), ["1 new: basic 25", "2 expansion: basic -25, pro 60"]);
        let downgrade = vec![state("sub_1", day(1)).costs(PRO, 60), state("sub_1", day(2)).costs(BASIC, 25)];
        assert_eq!(movements_of(downgrade), ["1 new: pro 60", "2 contraction: basic 25, pro -60"]);
    }

    #[test]
    fn cancelling_one_of_two_subscriptions_is_contraction_and_the_last_is_churn() {
        let two = vec![
            state("sub_1", day(1)).costs(BASIC, 25),
            state("sub_2", day(1)).costs(PRO, 10),
            state("sub_1", day(2)).costs(BASIC, 25).is(Canceled),
            state("sub_2", day(3)).costs(PRO, 10).is(Canceled),
        ];
        assert_eq!(
            movements_of(two),
            ["1 new: basic 25, pro 10", "2 contraction: basic -25", "3 churn: pro -10"]
        );
    }

    #[test]
    fn one_subscription_that_takes_over_from_another_at_once_is_no_departure() {
        let replaced = vec![
            state("sub_1", day(1)).costs(BASIC, 25),
            state("sub_1", day(5)).costs(BASIC, 25).is(Canceled),
            state("sub_2", day(5)).costs(BASIC, 25),
        ];
        assert_eq!(movements_of(replaced), ["1 new: basic 25"]);
    }

    #[test]
    fn time_alone_moves_revenue_when_a_discount_or_the_subscription_ends() {
        let half = Discount { ends_at: Some(day(10)), ..percent_off(50) };
        let ending = vec![state("sub_1", day(1)).costs(BASIC, 30).discount(half).ends(day(20))];
        assert_eq!(
            movements_of(ending),
            ["1 new: basic 15", "10 expansion: basic 15", "20 churn: basic -30"]
        );
    }

    #[test]
    fn a_trial_and_a_free_plan_are_no_movement_until_they_are_paid_for() {
        let tried = vec![
            state("sub_0", day(1)).costs(BASIC, 0),
            state("sub_1", day(1)).costs(BASIC, 25).is(Trialing),
            state("sub_1", day(15)).costs(BASIC, 25),
            state("sub_1", day(45)).costs(BASIC, 25).is(PastDue),
            state("sub_1", day(50)).costs(BASIC, 25).is(Active),
            state("sub_1", day(60)).costs(BASIC, 25).is(Paused),
            state("sub_1", day(70)).costs(BASIC, 25),
        ];
        assert_eq!(
            movements_of(tried),
            ["15 new: basic 25", "60 churn: basic -25", "70 reactivation: basic 25"]
        );
    }

    #[test]
    fn what_began_before_it_was_known_is_opening() {
        let known_late = state("sub_1", day(10)).costs(BASIC, 25).started(day(1));
        assert_eq!(movements_of(vec![known_late.clone()]), ["10 opening: basic 25"]);

        let second = state("sub_2", day(20)).costs(PRO, 10).started(day(2));
        assert_eq!(movements_of(vec![known_late, second]), ["10 opening: basic 25", "20 opening: pro 10"]);

        let known_at_once = state("sub_1", day(10)).costs(BASIC, 25).started(day(10));
        assert_eq!(movements_of(vec![known_at_once]), ["10 new: basic 25"]);

        let other_is_on_trial = vec![
            state("sub_1", day(10)).costs(BASIC, 25),
            state("sub_2", day(10)).costs(PRO, 60).is(Trialing).started(day(1)),
        ];
        assert_eq!(movements_of(other_is_on_trial), ["10 new: basic 25"]);
    }

    #[test]
    fn who_leaves_over_failed_payments_leaves_involuntarily() {
        let reason = |states: Vec<crate::revenue::SubscriptionState>| {
            movements(&customer(states), day(365)).last().and_then(|movement| movement.reason)
        };
        let paid = state("sub_1", day(1)).costs(BASIC, 25);
        let past_due = state("sub_1", day(31)).costs(BASIC, 25).is(PastDue);
        let end = |status| state("sub_1", day(45)).costs(BASIC, 25).is(status);
        assert_eq!(reason(vec![paid.clone(), end(Canceled)]), Some(ChurnReason::Voluntary));
        assert_eq!(reason(vec![paid.clone(), end(Unpaid)]), Some(ChurnReason::Involuntary));
        assert_eq!(reason(vec![paid.clone(), past_due, end(Canceled)]), Some(ChurnReason::Involuntary));

        // A second subscription with a payment past due that was worth nothing is not what was lost.
        let free = state("sub_2", day(31)).costs(BASIC, 0).is(PastDue);
        assert_eq!(reason(vec![paid, free, end(Canceled)]), Some(ChurnReason::Voluntary));
    }

    #[test]
    fn the_plan_of_a_movement_is_the_one_that_matters_most_after_it_or_before_it() {
        let history = customer(vec![
            state("sub_1", day(1)).costs(BASIC, 25).costs(PRO, 60),
            state("sub_1", day(2)).costs(BASIC, 25).costs(PRO, 60).is(Canceled),
        ]);
        let plans: Vec<_> = movements(&history, day(9)).iter().map(|movement| movement.plan).collect();
        assert_eq!(plans, [PRO, PRO]);
    }

    proptest! {
        #[test]
        fn movements_explain_every_difference(
            history in any_customer(),
            one in any_instant(),
            other in any_instant(),
        ) {
            let (start, end) = (one.min(other), one.max(other));
            let known = movements(&history, end);
            let within = known.iter().filter(|movement| start < movement.at);
            let parts = within.flat_map(|movement| movement.parts.iter().copied());
            let expected = add_up(revenue_at(&history, start).into_iter().chain(parts));
            prop_assert_eq!(&expected, &revenue_at(&history, end));
            prop_assert_eq!(expected, standing(&history, end).revenue);
        }

        #[test]
        fn kinds_follow_one_another_as_a_customer_can(history in any_customer()) {
            let mut pays = false;
            let mut has_paid = false;
            for movement in movements(&history, day(365)) {
                let total = movement.total();
                match movement.kind {
                    MovementKind::New => prop_assert!(!pays && !has_paid && total.is_positive()),
                    MovementKind::Opening => prop_assert!((pays || !has_paid) && total.is_positive()),
                    MovementKind::Reactivation => prop_assert!(!pays && has_paid && total.is_positive()),
                    MovementKind::Expansion => prop_assert!(pays && !total.is_negative()),
                    MovementKind::Contraction => prop_assert!(pays && total.is_negative()),
                    MovementKind::Churn => prop_assert!(pays && total.is_negative()),
                    MovementKind::ExchangeRate => prop_assert!(false, "no rates are known"),
                }
                prop_assert_eq!(movement.reason.is_some(), movement.kind == MovementKind::Churn);
                pays = movement.kind != MovementKind::Churn;
                has_paid = true;
            }
        }
    }
}
