use super::*;
use crate::event::{Discount, Interval, SubscriptionItem, SubscriptionStatus};
use crate::revenue::testing::{
    BASIC, PRO, Rome, any_customer, any_instant, any_rates, at, customer, day, dollars, item, movements,
    percent_off, state, told,
};
use crate::revenue::{RevenuePolicy, Standing, SubscriptionState, Valuation};
use crate::time::{UtcZone, Zone};
use SubscriptionStatus::{Active, Canceled, PastDue, Paused, Trialing, Unpaid};
use proptest::prelude::*;

fn movements_of(states: Vec<SubscriptionState>) -> Vec<String> {
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
    assert_eq!(movements_of(ending), ["1 new: basic 15", "10 expansion: basic 15", "20 churn: basic -30"]);
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
    assert_eq!(movements_of(tried), ["15 new: basic 25", "60 churn: basic -25", "70 reactivation: basic 25"]);
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
    let reason = |states: Vec<SubscriptionState>| {
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

fn in_dollars(euro: i64) -> SubscriptionItem {
    SubscriptionItem { currency: "USD".into(), ..item(euro * 100, 1, Interval::Month) }
}

/// What moved revenue in March 2026 at the rates of [`dollars`], with the instant of each: at one instant
/// rates come first.
fn in_march(states: Vec<SubscriptionState>, zone: &dyn Zone) -> Vec<String> {
    let rates = dollars();
    let Moves { movements, rate_effects } =
        moves(&customer(states), Timestamp::MIN, at("2026-03-31"), Valuation { rates: &rates, zone });
    let effects = rate_effects.iter().map(|effect| (effect.at, "fx", effect.amount));
    let movements = movements.iter().map(|movement| (movement.at, movement.kind.name(), movement.total()));
    let mut all: Vec<_> = effects.chain(movements).collect();
    all.sort_by_key(|(at, ..)| *at);
    all.iter().map(|(at, kind, amount)| format!("{at} {kind} {amount}")).collect()
}

#[test]
fn rates_move_what_is_there_at_midnight_and_changes_move_at_the_rate_of_their_day() {
    let states = vec![
        state("sub_1", at("2026-03-06T09:00:00Z")).with(PRO, in_dollars(100)),
        state("sub_1", at("2026-03-07T09:00:00Z")).with(PRO, in_dollars(160)),
        state("sub_1", at("2026-03-10T09:00:00Z")).with(PRO, in_dollars(160)).is(Canceled),
    ];
    let in_utc = [
        "2026-03-06T09:00:00Z new 80",
        "2026-03-07T00:00:00Z fx -17.5",
        "2026-03-07T09:00:00Z expansion 37.5",
        "2026-03-10T00:00:00Z fx -20",
        "2026-03-10T09:00:00Z churn -80",
    ];
    assert_eq!(in_march(states.clone(), &UtcZone), in_utc);
    // In Rome the rate of the 5th counts from the midnight that begins the 7th.
    let in_rome = [
        "2026-03-06T23:00:00Z opening 80",
        "2026-03-07T09:00:00Z expansion 48",
        "2026-03-07T23:00:00Z fx -28",
        "2026-03-10T09:00:00Z churn -100",
    ];
    assert_eq!(in_march(states, &Rome), in_rome);
}

#[test]
fn at_midnight_what_is_there_is_revalued_before_it_changes() {
    let midnight = at("2026-03-07");
    let grown = vec![
        state("sub_1", at("2026-03-06")).with(PRO, in_dollars(100)),
        state("sub_1", midnight).with(PRO, in_dollars(160)),
        state("sub_2", midnight).with(BASIC, in_dollars(16)),
    ];
    let told = in_march(grown.clone(), &UtcZone);
    assert_eq!(
        told[..3],
        [
            "2026-03-06T00:00:00Z new 80",
            "2026-03-07T00:00:00Z fx -17.5",
            "2026-03-07T00:00:00Z expansion 47.5"
        ]
    );
    let gone = vec![grown[0].clone(), grown[1].clone().is(Canceled)];
    assert_eq!(
        in_march(gone, &UtcZone)[1..],
        ["2026-03-07T00:00:00Z fx -17.5", "2026-03-07T00:00:00Z churn -62.5"]
    );
}

#[test]
fn what_was_there_before_its_first_rate_is_opening() {
    let early = vec![
        state("sub_1", at("2026-03-01")).with(PRO, in_dollars(100)),
        state("sub_2", at("2026-03-02")).costs(BASIC, 10),
    ];
    assert_eq!(
        in_march(early, &UtcZone)[..3],
        ["2026-03-02T00:00:00Z new 10", "2026-03-06T00:00:00Z opening 80", "2026-03-07T00:00:00Z fx -17.5"]
    );
}

#[test]
fn before_the_horizon_rates_move_nothing_and_after_it_as_much_as_they_do() {
    let history = customer(vec![state("sub_1", at("2026-03-06")).with(PRO, in_dollars(100))]);
    let rates = dollars();
    let valuation = Valuation { rates: &rates, zone: &UtcZone };
    let within = |horizon: &str| {
        let moves = moves(&history, at(horizon), at("2026-03-31"), valuation);
        assert_eq!(
            moves.movements.iter().map(|movement| movement.total().to_string()).collect::<String>(),
            "80"
        );
        moves.rate_effects.iter().map(|effect| effect.amount.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(within("2026-03-01"), ["-17.5", "-12.5"]);
    assert_eq!(within("2026-03-07"), ["-12.5"]);
    assert_eq!(within("2026-03-09"), ["-12.5"]);
    assert!(within("2026-03-10").is_empty());
}

proptest! {
    #[test]
    fn movements_explain_every_difference(
        history in any_customer(),
        rates in any_rates(),
        in_rome in any::<bool>(),
        one in any_instant(),
        other in any_instant(),
    ) {
        let (start, end) = (one.min(other), one.max(other));
        let zone: &dyn Zone = if in_rome { &Rome } else { &UtcZone };
        let valuation = Valuation { rates: &rates, zone };
        for horizon in [Timestamp::MIN, start] {
            let known = moves(&history, horizon, end, valuation);
            let movements = known.movements.iter().filter(|movement| start < movement.at);
            let effects = known.rate_effects.iter().filter(|effect| start < effect.at);
            let parts = movements
                .flat_map(|movement| movement.parts.iter().copied())
                .chain(effects.map(|effect| (effect.plan, effect.amount)));
            let expected = add_up(revenue_at(&history, start, valuation).into_iter().chain(parts));
            prop_assert_eq!(&expected, &revenue_at(&history, end, valuation));
            let standing = Standing::of(&history, end, RevenuePolicy::default(), valuation);
            prop_assert_eq!(expected, standing.revenue);
        }
    }

    #[test]
    fn kinds_follow_one_another_as_a_customer_can(history in any_customer(), rates in any_rates()) {
        let mut pays = false;
        let mut has_paid = false;
        let valuation = Valuation { rates: &rates, zone: &UtcZone };
        let Moves { movements, rate_effects } = moves(&history, Timestamp::MIN, day(365), valuation);
        prop_assert!(rate_effects.is_empty() || !rates.is_empty());
        for movement in movements {
            let total = movement.total();
            match movement.kind {
                MovementKind::New => prop_assert!(!pays && !has_paid && total.is_positive()),
                MovementKind::Opening => prop_assert!(total.is_positive()),
                MovementKind::Reactivation => prop_assert!(!pays && has_paid && total.is_positive()),
                MovementKind::Expansion => prop_assert!(pays && !total.is_negative()),
                MovementKind::Contraction => prop_assert!(pays && total.is_negative()),
                MovementKind::Churn => prop_assert!(pays && total.is_negative()),
                MovementKind::ExchangeRate => prop_assert!(false, "these are kept apart"),

            }
            prop_assert!(movement.kind == MovementKind::Opening || movement.from_nothing != pays);
            prop_assert_eq!(movement.reason.is_some(), movement.kind == MovementKind::Churn);
            pays = movement.kind != MovementKind::Churn;
            has_paid = true;
        }
    }

    #[test]
    fn who_pays_in_euro_is_not_concerned_by_rates(history in any_customer(), rates in any_rates()) {
        let euro_only = !history.is_foreign();
        let with = moves(&history, Timestamp::MIN, day(365), Valuation { rates: &rates, zone: &UtcZone });
        let without = moves(&history, Timestamp::MIN, day(365), crate::revenue::testing::euro_only());
        prop_assert!(!euro_only || with == without);
    }
}
