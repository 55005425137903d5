//! Plans: their slots, their names, and whose they are.

use pratiko_domain::money::Money;
use pratiko_domain::plan::{CostLimits, MOST_PLANS, PlanSlot};
use pratiko_domain::time::Window;
use pratiko_ledger::Settings;
use pratiko_ledger::settings::PlanSettings;
use pratiko_ledger::store::Total;
use serde_json::json;

use crate::world::{World, at, cost, slot, start, subscription, subscription_with, usage, usage_with};

fn on_plan(id: &str, user: &str, plan: &str) -> pratiko_domain::event::Event {
    usage_with(id, start(), Some(user), &json!({ "cost_eur": "1", "plan": plan }))
}

#[test]
fn slots_are_permanent_and_the_twenty_first_plan_is_other() {
    let mut world = World::plain();
    let call = |number: usize| {
        on_plan(&format!("{number}"), &format!("user-{number}"), &format!("plan-{}", number % 22))
    };
    world.accept((0..22).map(call).collect());
    world.reopen();
    world.accept((22..44).map(call).collect());
    let snapshot = world.snapshot();
    for number in 0..MOST_PLANS {
        let slot = slot(&snapshot, &format!("plan-{number}"));
        assert_eq!(usize::from(slot.0), PlanSlot::RESERVED.len() + number);
        assert_eq!(cost(&snapshot, slot, Window::Hour), "2");
    }
    assert_eq!(cost(&snapshot, PlanSlot::OTHER, Window::Hour), "4");
    assert_eq!(world.total(Total::FoldedPlans), 4);
}

#[test]
fn configured_plans_go_by_their_aliases_and_prices_and_any_other_name_is_other() {
    let plan = |name: &str, alias: &str, price: &str, limit: i64| PlanSettings {
        name: name.to_owned(),
        aliases: vec![alias.to_owned()],
        prices: vec![price.to_owned()],
        limits: Some(CostLimits { target: Money::from_units(limit), alert: Money::from_units(limit + 1) }),
    };
    let plans = vec![plan("basic", "Basic", "price_b", 1), plan("pro", "Professional", "price_p", 5)];
    let mut world = World::with_settings(Settings { plans, ..Settings::default() });
    let item = json!({ "items": [{ "price": "price_p", "unit_amount": "20", "interval": "month" }] });
    world.accept(vec![
        on_plan("1", "anna", "Basic"),
        on_plan("2", "ben", "professional"),
        subscription_with("3", start(), "carl", "", "", "active", &item),
        usage("4", start(), "carl", "7"),
    ]);
    for _ in 0..2 {
        let snapshot = world.snapshot();
        let (basic, pro) = (slot(&snapshot, "basic"), slot(&snapshot, "pro"));
        assert_eq!((basic, pro), (PlanSlot(4), PlanSlot(5)));
        assert_eq!(cost(&snapshot, basic, Window::Hour), "1");
        assert_eq!(cost(&snapshot, PlanSlot::OTHER, Window::Hour), "1");
        assert_eq!(cost(&snapshot, pro, Window::Hour), "7");
        assert_eq!(snapshot.figures.revenue.mrr[&pro], Money::from_units(20));
        assert_eq!(snapshot.figures.costs.plans[5].over, [1, 1]);
        assert_eq!(world.total(Total::FoldedPlans), 1);
        world.reopen();
    }
}

#[test]
fn a_price_that_moves_to_another_plan_changes_no_history() {
    let plan = |name: &str, prices: &[&str]| PlanSettings {
        name: name.to_owned(),
        prices: prices.iter().map(|price| (*price).to_owned()).collect(),
        ..PlanSettings::default()
    };
    let settings = |plans| Settings { plans, ..Settings::default() };
    let mut world = World::with_settings(settings(vec![plan("old", &["price_1"]), plan("new", &[])]));
    let item = json!({ "items": [{ "price": "price_1", "unit_amount": "20", "interval": "month" }] });
    world.accept(vec![subscription_with("1", start(), "carl", "", "", "active", &item)]);
    world.reopen_after(|world| {
        world.settings = settings(vec![plan("old", &[]), plan("new", &["price_1"])]).into();
    });
    let snapshot = world.snapshot();
    assert_eq!(snapshot.figures.revenue.mrr[&slot(&snapshot, "old")], Money::from_units(20));
}

#[test]
fn a_reserved_name_is_no_plan() {
    let mut world = World::plain();
    let names = ["none", "other", "internal", "unattributed"];
    world.accept(names.iter().map(|name| on_plan(name, name, name)).collect());
    let snapshot = world.snapshot();
    assert_eq!(cost(&snapshot, PlanSlot::OTHER, Window::Hour), "4");
    assert_eq!(world.total(Total::LlmCost(1, PlanSlot::OTHER)), 4_000_000_000);
}

#[test]
fn usage_is_on_the_plan_of_a_subscription_that_the_same_group_tells_of() {
    let mut world = World::plain();
    let of_acme =
        |id: &str| usage_with(id, start(), Some("anna"), &json!({ "cost_eur": "1", "customer": "acme" }));
    world.accept(vec![
        of_acme("before"),
        subscription("sub", at("2026-03-01T00:00:00Z"), "acme", "pro", "10", "active"),
        of_acme("after"),
        // Anna's customer is known from here on.
        usage("again", start(), "anna", "1"),
    ]);
    let pro = slot(&world.snapshot(), "pro");
    assert_eq!(world.total(Total::LlmCost(1, PlanSlot::NONE)), 1_000_000_000);
    assert_eq!(world.total(Total::LlmCost(1, pro)), 2_000_000_000);
    // In the windows everything is on the plan that the user is on now.
    assert_eq!(cost(&world.snapshot(), pro, Window::Hour), "3");
}

#[test]
fn usage_is_on_the_plan_of_its_own_time() {
    let mut world = World::plain();
    world.accept(vec![
        subscription("1", at("2026-02-20T00:00:00Z"), "anna", "basic", "10", "active"),
        subscription("2", at("2026-03-05T00:00:00Z"), "anna", "pro", "20", "active"),
    ]);
    world.accept(vec![
        usage("late", at("2026-03-01T00:00:00Z"), "anna", "1"),
        usage("now", start(), "anna", "2"),
    ]);
    let snapshot = world.snapshot();
    let (basic, pro) = (slot(&snapshot, "basic"), slot(&snapshot, "pro"));
    assert_eq!(world.total(Total::LlmCost(1, basic)), 1_000_000_000);
    assert_eq!(world.total(Total::LlmCost(1, pro)), 2_000_000_000);
    assert_eq!(cost(&snapshot, pro, Window::Days30), "3");
    assert_eq!(cost(&snapshot, basic, Window::Days30), "0");
}

#[test]
fn the_seats_of_a_customer_share_what_it_pays() {
    let mut world = World::plain();
    let seat = |user: &str, amount: &str| {
        usage_with(user, start(), Some(user), &json!({ "cost_eur": amount, "customer": "acme" }))
    };
    world.accept(vec![
        subscription("sub", start(), "acme", "team", "10", "active"),
        seat("anna", "6"),
        seat("ben", "4"),
    ]);
    let snapshot = world.snapshot();
    let team = &snapshot.figures.costs.plans[usize::from(slot(&snapshot, "team").0)];
    assert_eq!((team.active[2], team.below_cost), (2, 1));
    assert_eq!(team.per_user().unwrap().to_string(), "5");
}

#[test]
fn a_users_plan_is_the_latest_that_was_named_whatever_the_order_of_arrival() {
    let mut world = World::plain();
    let named = |id: &str, time: &str, plan: &str| {
        usage_with(id, at(time), Some("anna"), &json!({ "cost_eur": "1", "plan": plan }))
    };
    world.accept(vec![named("2", "2026-03-09T00:00:00Z", "pro")]);
    world.accept(vec![named("4", "2026-03-10T11:00:00Z", "pro")]);
    world.reopen();
    world.accept(vec![named("3", "2026-03-09T12:00:00Z", "basic")]);
    let snapshot = world.snapshot();
    assert_eq!(cost(&snapshot, slot(&snapshot, "pro"), Window::Days30), "3");
}
