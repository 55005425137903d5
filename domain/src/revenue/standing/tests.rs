use super::*;
use crate::event::{InvoiceStatus, SubscriptionItem};
use crate::revenue::testing::{
    BASIC, PRO, Rome, any_customer, any_instant, any_invoices, any_rates, any_states, customer, day, invoice,
    item, percent_off, standing, state,
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
