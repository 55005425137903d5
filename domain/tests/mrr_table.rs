//! How each case counts as monthly recurring revenue: one test for each row of the table in which the
//! definitions of the known systems differ, by our default. Refunds never enter the history that
//! revenue is made of; that they leave it alone is shown on a whole ledger.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on ends")]

use pratiko_domain::currency::Rates;
use pratiko_domain::event::{
    Discount, Interval, Invoice, InvoiceStatus, Percent, SubscriptionChanged, SubscriptionItem,
    SubscriptionStatus, UsageType,
};
use pratiko_domain::money::Money;
use pratiko_domain::plan::PlanSlot;
use pratiko_domain::revenue::{
    CustomerHistory, MovementKind, RevenuePolicy, RevenueSummary, Standing, SubscriptionState, TrialOutcome,
    Valuation,
};
use pratiko_domain::time::{Date, Timestamp, UtcZone};

use SubscriptionStatus::{Active, Canceled, Incomplete, PastDue, Paused, Trialing, Unpaid};

const PRO: PlanSlot = PlanSlot::FIRST;

/// Noon of a day of 2026, counted from 1 January.
fn day(number: i64) -> Timestamp {
    Timestamp::from_seconds(1_767_225_600 + (number - 1) * 86_400 + 43_200)
}

fn calendar_day(number: i64) -> Date {
    day(number).utc_date()
}

fn price(amount: &str, interval: Interval) -> SubscriptionItem {
    SubscriptionItem::new("pro", amount.parse().unwrap(), interval)
}

fn monthly(amount: &str) -> SubscriptionItem {
    price(amount, Interval::Month)
}

fn state(id: &str, item: SubscriptionItem, status: SubscriptionStatus, from: i64) -> SubscriptionChanged {
    SubscriptionChanged::new(id, "cus_1", item, status, day(from))
}

/// A customer with these states, and invoices.
fn billed(changes: Vec<SubscriptionChanged>, invoices: Vec<Invoice>) -> CustomerHistory {
    let states = changes.into_iter().enumerate().map(|(number, change)| SubscriptionState {
        event_id: format!("evt_{number}"),
        plans: vec![PRO; change.items.len()],
        change,
    });
    let invoices = invoices.into_iter().map(|invoice| (invoice.id.clone(), invoice)).collect();
    CustomerHistory::new(states.collect(), invoices)
}

fn customer(changes: Vec<SubscriptionChanged>) -> CustomerHistory {
    billed(changes, Vec::new())
}

fn standing(history: &CustomerHistory, now: i64) -> Standing {
    Standing::of(
        history,
        day(now),
        RevenuePolicy::default(),
        Valuation { rates: &Rates::none(), zone: &UtcZone },
    )
}

fn summary(history: &CustomerHistory, now: i64) -> RevenueSummary {
    RevenueSummary::of([standing(history, now)].iter(), day(now), &UtcZone)
}

fn mrr(changes: Vec<SubscriptionChanged>, now: i64) -> String {
    summary(&customer(changes), now).total_mrr().to_string()
}

/// The kinds and totals of all movements, with the day of each.
fn movements(changes: Vec<SubscriptionChanged>) -> Vec<String> {
    let told = standing(&customer(changes), 365).movements;
    let day_of = |at: Timestamp| at.since(day(1)).as_secs() / 86_400 + 1;
    told.iter().map(|one| format!("{} {} {}", day_of(one.at), one.kind.name(), one.total())).collect()
}

#[test]
fn base_is_what_is_active_or_past_due_normalised_to_a_month() {
    let counts = |status| mrr(vec![state("sub_1", monthly("25"), status, 1)], 2) == "25";
    let counting: Vec<_> = SubscriptionStatus::ALL.into_iter().filter(|status| counts(*status)).collect();
    assert_eq!(counting, [Active, PastDue]);
}

#[test]
fn annual_is_a_twelfth_and_weeks_and_days_are_a_twelfth_of_52_and_365() {
    let worth = |item| mrr(vec![state("sub_1", item, Active, 1)], 2);
    assert_eq!(worth(price("300", Interval::Year)), "25");
    assert_eq!(worth(price("599", Interval::Year)), "49.916666667");
    assert_eq!(worth(price("6", Interval::Week)), "26");
    assert_eq!(worth(price("1.2", Interval::Day)), "36.5");
    assert_eq!(worth(SubscriptionItem { interval_count: 3, ..monthly("75") }), "25");
}

#[test]
fn trial_is_left_out_and_shown_apart() {
    let trial = customer(vec![state("sub_1", monthly("25"), Trialing, 1)]);
    let figures = summary(&trial, 5);
    assert_eq!((figures.total_mrr(), figures.paying, figures.trialing), (Money::ZERO, 0, 1));
    assert_eq!(standing(&trial, 5).trials[0].outcome, TrialOutcome::Undecided);
    let paid = vec![state("sub_1", monthly("25"), Trialing, 1), state("sub_1", monthly("25"), Active, 8)];
    assert_eq!(movements(paid), ["8 new 25"]);
}

#[test]
fn coupon_counts_while_it_is_active() {
    let mut discounted = state("sub_1", monthly("40"), Active, 1);
    discounted.discounts =
        vec![Discount { percent_off: Some(Percent::new(25)), amount_off: None, ends_at: Some(day(32)) }];
    assert_eq!(mrr(vec![discounted.clone()], 31), "30");
    assert_eq!(mrr(vec![discounted.clone()], 32), "40");
    assert_eq!(movements(vec![discounted]), ["1 new 30", "32 expansion 10"]);
}

#[test]
fn past_due_counts_and_is_shown_apart() {
    let late = vec![state("sub_1", monthly("25"), Active, 1), state("sub_1", monthly("25"), PastDue, 32)];
    let figures = summary(&customer(late.clone()), 33);
    assert_eq!((figures.total_mrr(), figures.paying, figures.past_due), (Money::from_units(25), 1, 1));
    assert_eq!(movements(late), ["1 new 25"]);
}

#[test]
fn unpaid_and_cancelled_are_out() {
    for end in [Unpaid, Canceled] {
        let ended = vec![state("sub_1", monthly("25"), Active, 1), state("sub_1", monthly("25"), end, 40)];
        assert_eq!(movements(ended), ["1 new 25", "40 churn -25"], "{end:?}");
    }
    assert_eq!(mrr(vec![state("sub_1", monthly("25"), Incomplete, 1)], 2), "0");
}

#[test]
fn cancelled_at_the_end_of_its_period_counts_until_then_and_is_committed_no_more() {
    let mut ending = state("sub_1", monthly("25"), Active, 10);
    ending.cancel_at = Some(day(32));
    let history = customer(vec![state("sub_1", monthly("25"), Active, 1), ending]);
    let committed = |now| summary(&history, now).committed_mrr.values().copied().sum::<Money>();
    assert_eq!(
        (summary(&history, 9).total_mrr(), committed(9)),
        (Money::from_units(25), Money::from_units(25))
    );
    assert_eq!((summary(&history, 31).total_mrr(), committed(31)), (Money::from_units(25), Money::ZERO));
    assert_eq!(summary(&history, 32).total_mrr(), Money::ZERO);
}

#[test]
fn paused_is_out_and_has_a_status_of_its_own() {
    let paused = vec![state("sub_1", monthly("25"), Active, 1), state("sub_1", monthly("25"), Paused, 10)];
    let figures = summary(&customer(paused), 11);
    assert_eq!(figures.total_mrr(), Money::ZERO);
    assert_eq!(figures.subscriptions[&(PRO, Paused, Interval::Month)], 1);
}

#[test]
fn metered_is_left_out() {
    let mut subscription = state("sub_1", monthly("25"), Active, 1);
    subscription.items.push(SubscriptionItem { usage_type: UsageType::Metered, ..monthly("400") });
    assert_eq!(mrr(vec![subscription], 2), "25");
}

/// Amounts of items exclude tax by definition; an invoice, which is over more, changes nothing.
#[test]
fn tax_is_left_out() {
    let with_tax = invoice("in_1", "30.50");
    let history = billed(vec![state("sub_1", monthly("25"), Active, 1)], vec![with_tax]);
    assert_eq!(summary(&history, 2).total_mrr(), Money::from_units(25));
}

#[test]
fn seats_are_quantity_times_price_and_more_of_them_are_expansion() {
    let seats =
        |quantity, from| state("sub_1", SubscriptionItem { quantity, ..monthly("12.50") }, Active, from);
    assert_eq!(
        movements(vec![seats(4, 1), seats(6, 10), seats(5, 20)]),
        ["1 new 50", "10 expansion 25", "20 contraction -12.5"]
    );
}

/// The net change of the price, when it changes, whatever is invoiced for the days in between.
#[test]
fn proration_is_ignored() {
    let upgraded = vec![state("sub_1", monthly("25"), Active, 1), state("sub_1", monthly("60"), Active, 16)];
    let prorated = invoice("in_1", "17.50");
    let history = billed(upgraded.clone(), vec![prorated]);
    assert_eq!(summary(&history, 16).total_mrr(), Money::from_units(60));
    assert_eq!(movements(upgraded), ["1 new 25", "16 expansion 35"]);
}

#[test]
fn other_currencies_count_at_the_rate_of_the_day_and_rates_are_a_movement_of_their_own() {
    let mut rates = Rates::default();
    rates.insert(calendar_day(1), "USD", "1.25".parse().unwrap()).unwrap();
    rates.insert(calendar_day(10), "USD", "1.6".parse().unwrap()).unwrap();
    let dollars = |amount: &str| SubscriptionItem { currency: "USD".into(), ..monthly(amount) };
    let history = customer(vec![
        state("sub_1", dollars("100"), Active, 5),
        state("sub_1", dollars("120"), Active, 20),
        state("sub_2", monthly("25"), Active, 6),
    ]);
    let stands = |now| {
        let valuation = Valuation { rates: &rates, zone: &UtcZone };
        Standing::of(&history, day(now), RevenuePolicy::default(), valuation)
    };
    let worth = |now| stands(now).revenue.iter().map(|(_, amount)| *amount).sum::<Money>().to_string();
    // The rate of day 10 counts from midnight on.
    assert_eq!([worth(5), worth(10), worth(11), worth(20)], ["80", "105", "87.5", "100"]);
    let standing = stands(21);
    let told: Vec<_> =
        standing.movements.iter().map(|one| (one.kind, one.total().to_string(), one.at)).collect();
    let effects: Vec<_> =
        standing.rate_effects.iter().map(|effect| (effect.amount.to_string(), effect.at)).collect();
    let midnight = Timestamp::from_date(calendar_day(11));
    assert_eq!(effects, [("-17.5".to_owned(), midnight)]);
    let expected = [
        (MovementKind::New, "80", day(5)),
        (MovementKind::Expansion, "25", day(6)),
        (MovementKind::Expansion, "12.5", day(20)),
    ];
    assert_eq!(told, expected.map(|(kind, total, at)| (kind, total.to_owned(), at)));
}

#[test]
fn who_cancels_one_of_several_contracts_and_who_cancels_the_last_has_left() {
    let ended = |id: &str, from| state(id, monthly("10"), Canceled, from);
    assert_eq!(
        movements(vec![
            state("sub_1", monthly("10"), Active, 1),
            state("sub_2", monthly("15"), Active, 2),
            ended("sub_1", 3),
            ended("sub_2", 4),
            state("sub_3", monthly("20"), Active, 90),
        ]),
        ["1 new 10", "2 expansion 15", "3 contraction -10", "4 churn -15", "90 reactivation 20"]
    );
}

fn invoice(id: &str, amount: &str) -> Invoice {
    Invoice {
        id: id.into(),
        customer: "cus_1".into(),
        subscription: Some("sub_1".into()),
        status: InvoiceStatus::Paid,
        amount: amount.parse().unwrap(),
        currency: "EUR".into(),
        issued_at: day(1),
        paid_at: Some(day(1)),
        effective_at: day(1),
        version: 0,
        live: true,
    }
}
