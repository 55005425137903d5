//! The events behind figures: their sum is the figure, whatever it is of.

use pratiko_domain::currency::DailyRates;
use pratiko_domain::money::Money;
use pratiko_domain::time::{Timestamp, Window};
use pratiko_ledger::Settings;
use pratiko_ledger::explain::{ExplainError, Explained, Figure, Question, Row, explain};
use pratiko_ledger::settings::InternalParties;
use pratiko_ledger::store::Total;
use serde_json::json;

use crate::world::{World, at, cost, event, slot, start, subscription, subscription_with, usage, usage_with};

fn question(figure: Figure) -> Question {
    Question { figure, at: None, window: Window::Days30, plans: Vec::new() }
}

/// What is behind a figure, which has to be what the ledger says.
fn explained(world: &mut World, question: &Question) -> (Explained, Vec<Row>) {
    let mut rows = Vec::new();
    let (settings, now) = (world.settings.clone(), world.now);
    let result = explain(&mut world.store(), &settings, question, now, &mut |row| rows.push(row));
    let explained = result.unwrap();
    assert!(explained.agrees(), "{explained:?} {rows:#?}");
    let sums = explained.parts.values().map(|(_, sum)| *sum).sum::<Money>();
    assert_eq!(rows.iter().map(|row| row.amount).sum::<Money>(), sums);
    (explained, rows)
}

fn ids(rows: &[Row]) -> Vec<&str> {
    rows.iter().map(|row| row.id.as_str()).collect()
}

/// Customers who came, grew, left and tried; users who cost something; payments of every sort.
fn company() -> World {
    let internal = InternalParties::new(["staff-*".to_owned()]);
    let mut world = World::with_settings(Settings { internal, ..Settings::default() });
    let day = |day: i64| Timestamp::from_micros(start().micros() - (40 - day) * 86_400_000_000);
    let paid = |outcome: &str, amount: &str, currency: &str| json!({ "customer": "acme", "method": "card", "outcome": outcome, "amount": amount, "currency": currency });
    let trial = json!({ "id": "sub-2" });
    world.accept(vec![
        subscription("acme-1", day(1), "acme", "pro", "100", "active"),
        subscription("acme-2", day(20), "acme", "pro", "150", "active"),
        subscription_with("acme-3", day(5), "acme", "basic", "30", "trialing", &trial),
        subscription_with("acme-4", day(19), "acme", "basic", "30", "active", &trial),
        subscription("berta-1", day(2), "berta", "basic", "25", "active"),
        subscription("berta-2", day(30), "berta", "basic", "25", "canceled"),
        subscription("staff-1", day(2), "staff-1", "pro", "1000", "active"),
        usage_with("call-1", day(12), Some("anna"), &json!({ "cost_eur": "0.25", "customer": "acme" })),
        usage_with("call-2", day(39), Some("anna"), &json!({ "cost_eur": "0.5" })),
        usage_with("call-3", day(39), Some("carl"), &json!({ "cost_eur": "2", "plan": "basic" })),
        usage_with("call-4", day(39), Some("carl"), &json!({})),
        usage("call-5", day(39), "staff-2", "7"),
        usage_with("call-6", day(39), None, &json!({ "cost_eur": "3" })),
        event(
            "cost-1",
            "cost.other",
            day(39),
            Some("anna"),
            &json!({ "category": "search", "cost_eur": "1" }),
        ),
        event("active-1", "user.active", day(38), Some("dora"), &json!({ "plan": "basic" })),
        event("paid-1", "payment.attempt", day(20), None, &paid("succeeded", "100", "EUR")),
        event("paid-2", "payment.attempt", day(38), None, &paid("failed", "100", "USD")),
        event("paid-3", "payment.attempt", day(38), None, &paid("blocked", "100", "EUR")),
        event("refund-1", "refund", day(21), None, &json!({ "amount": "12.5" })),
        event("refund-2", "refund", day(39), None, &json!({ "amount": "1", "currency": "USD" })),
    ]);
    world
}

#[test]
fn recurring_revenue_is_the_states_in_force() {
    let mut world = company();
    let (explained_now, rows) = explained(&mut world, &question(Figure::Mrr));
    let snapshot = world.snapshot();
    assert_eq!(explained_now.of_rows, Some(snapshot.figures.revenue.total_mrr().to_string()));
    assert_eq!(ids(&rows), ["acme-4", "acme-2"]);
    let basic = Question { plans: vec!["basic".to_owned()], ..question(Figure::Mrr) };
    let (of_basic, rows) = explained(&mut world, &basic);
    assert_eq!((of_basic.of_rows.as_deref(), rows.len()), (Some("30"), 1));
    assert_eq!(rows[0].plan, "basic");
    // Before the change, the trial's end and the departure.
    let then = Question { at: Some(at("2026-02-10T12:00:00Z")), ..question(Figure::Mrr) };
    let (of_then, rows) = explained(&mut world, &then);
    assert_eq!((of_then.of_rows.as_deref(), ids(&rows)), (Some("125"), vec!["acme-1", "berta-1"]));
}

#[test]
fn costs_are_the_calls_of_the_users_who_are_on_a_plan_now() {
    let mut world = company();
    let snapshot = world.snapshot();
    for window in Window::ALL {
        let (all, _) = explained(&mut world, &Question { window, ..question(Figure::Cost) });
        let expected: Money = snapshot.figures.costs.plans.iter().map(|plan| plan.total(window)).sum();
        assert_eq!(all.of_rows, Some(expected.to_string()), "{window:?}");
    }
    for (plan, expected) in [
        ("pro", vec!["call-1", "call-2", "cost-1"]),
        ("basic", vec!["call-3", "call-4"]),
        ("internal", vec!["call-5"]),
        ("unattributed", vec!["call-6"]),
    ] {
        let plans = vec![plan.to_owned()];
        let (of_plan, rows) = explained(&mut world, &Question { plans, ..question(Figure::Cost) });
        assert_eq!(ids(&rows), expected, "{plan}");
        let reserved = ["none", "other", "internal", "unattributed"].iter().position(|name| *name == plan);
        let slot = reserved.map_or_else(
            || slot(&snapshot, plan),
            |reserved| pratiko_domain::plan::PlanSlot(reserved as u16),
        );
        assert_eq!(of_plan.of_rows, Some(cost(&snapshot, slot, Window::Days30)), "{plan}");
    }
    let (of_basic, _) =
        explained(&mut world, &Question { plans: vec!["basic".to_owned()], ..question(Figure::Cost) });
    assert_eq!(of_basic.parts["not counted"].0, 1, "a call without a price is shown, and adds nothing");
}

#[test]
fn costs_of_the_past_are_those_of_the_plans_of_then() {
    let mut world = company();
    let then = at("2026-03-09T13:00:00Z");
    world.accept(vec![usage_with(
        "later",
        start(),
        Some("carl"),
        &json!({ "cost_eur": "9", "plan": "pro" }),
    )]);
    let basic = Question { plans: vec!["basic".to_owned()], at: Some(then), ..question(Figure::Cost) };
    let (of_then, rows) = explained(&mut world, &basic);
    assert_eq!((of_then.of_rows.as_deref(), ids(&rows)), (Some("2"), vec!["call-3", "call-4"]));
    assert!(of_then.of_ledger.is_some(), "roll-ups say it too, on the hour");
    let (now, rows) = explained(&mut world, &Question { at: None, ..basic.clone() });
    assert_eq!((now.of_rows.as_deref(), rows.len()), (Some("0"), 0));
    let between = Question { at: Some(at("2026-03-09T13:07:00Z")), ..basic };
    assert_eq!(explained(&mut world, &between).0.of_ledger, None);
}

#[test]
fn active_users_are_told_by_their_last_activity() {
    let mut world = company();
    let snapshot = world.snapshot();
    let (active, rows) = explained(&mut world, &question(Figure::ActiveUsers));
    let expected: u64 = snapshot.figures.costs.plans.iter().map(|plan| plan.active[2]).sum();
    assert_eq!((active.of_rows, expected), (Some("3".to_owned()), 3));
    assert_eq!(ids(&rows), ["call-2", "call-4", "active-1"]);
    let pro = Question { plans: vec!["pro".to_owned()], ..question(Figure::ActiveUsers) };
    assert_eq!(ids(&explained(&mut world, &pro).1), ["call-2"]);
}

#[test]
fn ratios_are_what_their_rows_are_counted_into() {
    let mut world = company();
    let revenue = world.snapshot().figures.revenue;
    let (churn, rows) = explained(&mut world, &question(Figure::Churn));
    assert_eq!(churn.of_rows, revenue.churn_ratio().map(|ratio| ratio.to_string()));
    let left: Vec<&Row> = rows.iter().filter(|row| row.part == "left").collect();
    assert_eq!((left.len(), left[0].id.as_str(), churn.parts["pays"].0), (1, "berta-2", 1));

    let (trials, rows) = explained(&mut world, &question(Figure::Trials));
    assert_eq!(trials.of_rows, revenue.trial_conversion_ratio().map(|ratio| ratio.to_string()));
    assert_eq!((rows.len(), rows[0].part, rows[0].id.as_str()), (1, "not converted", "acme-4"));

    let (payments, rows) = explained(&mut world, &question(Figure::Payments));
    assert_eq!(payments.of_rows.as_deref(), Some("0.5"));
    assert_eq!((ids(&rows), payments.parts.len()), (vec!["paid-1", "paid-2", "paid-3"], 3));
    let day = Question { window: Window::Hour, ..question(Figure::Payments) };
    assert_eq!(explained(&mut world, &day).0.of_rows, None, "nothing was paid in the last hour");
}

#[test]
fn refunds_are_all_there_were_and_wait_for_their_rates() {
    let mut world = company();
    let (before, rows) = explained(&mut world, &question(Figure::Refunds));
    assert_eq!((before.of_rows.as_deref(), ids(&rows)), (Some("12.5"), vec!["refund-1", "refund-2"]));
    let rates = vec![("USD".to_owned(), "1.25".parse().unwrap())];
    let day = "2026-03-06".parse().unwrap();
    let now = world.now;
    world.recorder().add_rates(&[DailyRates { day, rates }], now).unwrap();
    let (after, _) = explained(&mut world, &question(Figure::Refunds));
    assert_eq!(after.of_rows.as_deref(), Some("13.3"));
    assert_eq!(world.total(Total::Refunds), 13_300_000_000);
}

#[test]
fn what_makes_no_sense_is_refused() {
    let mut world = company();
    let mut ask = |question: Question| {
        let settings = world.settings.clone();
        explain(&mut world.store(), &settings, &question, start(), &mut |_| {}).unwrap_err()
    };
    let plans = |name: &str| vec![name.to_owned()];
    assert!(matches!(
        ask(Question { plans: plans("gold"), ..question(Figure::Mrr) }),
        ExplainError::UnknownPlan(plan, known) if plan == "gold" && known.contains("pro")
    ));
    assert!(matches!(
        ask(Question { plans: plans("pro"), ..question(Figure::Churn) }),
        ExplainError::NoPlans(_)
    ));
    let month = Question { window: Window::MonthToDate, ..question(Figure::Payments) };
    assert!(ask(month).to_string().contains("payments is not there over month_to_date"));
}

#[test]
fn somebody_forgotten_is_still_a_row_without_a_name() {
    let mut world = company();
    let (_, before) = explained(&mut world, &question(Figure::Cost));
    let now = world.now;
    world.recorder().erase("anna", now).unwrap();
    let (_, after) = explained(&mut world, &question(Figure::Cost));
    assert_eq!(before, after);
}
