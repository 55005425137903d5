//! What is recorded, and what is not.

use pratiko_domain::event::LlmOutcome;
use pratiko_domain::plan::PlanSlot;
use pratiko_domain::time::Window;
use pratiko_ledger::Settings;
use pratiko_ledger::recording::Verdict;
use pratiko_ledger::settings::InternalParties;
use pratiko_ledger::store::{Store, Total};
use serde_json::json;

use crate::world::{World, at, cost, event, slot, start, subscription, usage, usage_with};

#[test]
fn an_event_counts_once_within_a_group_across_groups_and_after_reopening() {
    let mut world = World::plain();
    let one = || usage("1", start(), "anna", "0.5");
    assert_eq!(world.record(vec![one(), one()]), [Verdict::Accepted, Verdict::Duplicate]);
    assert_eq!(world.record(vec![one()]), [Verdict::Duplicate]);
    world.reopen();
    assert_eq!(world.record(vec![one()]), [Verdict::Duplicate]);
    let mut elsewhere = one();
    elsewhere.source = "another".to_owned();
    assert_eq!(world.record(vec![elsewhere]), [Verdict::Accepted]);
    let snapshot = world.snapshot();
    assert_eq!(snapshot.events, 2);
    assert_eq!(cost(&snapshot, PlanSlot::NONE, Window::Hour), "1");
    assert_eq!(world.total(Total::LlmRequests(1, LlmOutcome::Success)), 2);
}

#[test]
fn an_event_that_is_sent_again_without_a_time_of_its_own_is_still_the_same() {
    let mut world = World::plain();
    world.accept(vec![usage("1", start(), "anna", "0.5")]);
    let later = usage("1", at("2026-03-10T12:00:01Z"), "anna", "0.5");
    assert_eq!(world.record(vec![later]), [Verdict::Duplicate]);
}

#[test]
fn an_id_that_comes_with_another_content_is_rejected_and_changes_nothing() {
    let mut world = World::plain();
    world.accept(vec![usage("1", start(), "anna", "0.5")]);
    let others = vec![
        usage("1", start(), "anna", "0.6"),
        usage("1", start(), "ben", "0.5"),
        event("1", "user.active", start(), Some("anna"), &json!({})),
        usage_with("1", start(), Some("anna"), &json!({ "cost_eur": "0.5", "customer": "acme" })),
    ];
    for verdict in world.record(others) {
        assert!(matches!(&verdict, Verdict::Rejected(reason) if reason.starts_with("id: ")), "{verdict:?}");
    }
    let snapshot = world.snapshot();
    assert_eq!((snapshot.events, cost(&snapshot, PlanSlot::NONE, Window::Hour)), (1, "0.5".to_owned()));
    assert_eq!(snapshot.figures.costs.plans[0].active, [1, 1, 1]);
}

#[test]
fn what_is_too_old_or_too_far_in_the_future_is_rejected_and_an_import_takes_any_age() {
    let mut world = World::plain();
    let old = usage("old", at("2026-02-03T11:59:59Z"), "anna", "1");
    let verdicts = world.record(vec![
        old.clone(),
        usage("late", at("2026-02-03T12:00:00Z"), "anna", "1"),
        usage("early", at("2026-03-10T12:05:00Z"), "anna", "1"),
        usage("future", at("2026-03-10T12:05:01Z"), "anna", "1"),
    ]);
    let accepted: Vec<bool> = verdicts.iter().map(|verdict| *verdict == Verdict::Accepted).collect();
    assert_eq!(accepted, [false, true, true, false]);
    world.accept(vec![old]);
    assert_eq!(world.snapshot().events, 3);
}

#[test]
fn sums_leave_sixty_four_bits_and_stay_exact() {
    let mut world = World::plain();
    let most = "9223372036.854775807";
    world.accept((0..5).map(|number| usage(&number.to_string(), start(), "anna", most)).collect());
    world.accept(vec![usage("more", start(), "anna", "0.000000001")]);
    for _ in 0..2 {
        let snapshot = world.snapshot();
        assert_eq!(cost(&snapshot, PlanSlot::NONE, Window::Days30), "46116860184.273879036");
        assert_eq!(world.total(Total::LlmCost(1, PlanSlot::NONE)), 5 * i128::from(i64::MAX) + 1);
        world.reopen();
    }
}

#[test]
fn a_call_without_a_known_price_is_counted_as_such_and_never_as_free() {
    let mut world = World::plain();
    world.accept(vec![
        usage_with("unpriced", start(), Some("anna"), &json!({})),
        usage_with("untold", start(), Some("anna"), &json!({ "tokens": {} })),
        usage_with("nothing", start(), Some("anna"), &json!({ "tokens": {}, "outcome": "error" })),
    ]);
    assert_eq!(world.total(Total::LlmUnpriced(1)), 2);
    assert_eq!(world.total(Total::LlmCost(1, PlanSlot::NONE)), 0);
    assert_eq!(world.total(Total::LlmRequests(1, LlmOutcome::Error)), 1);
}

#[test]
fn a_dispute_counts_once_however_often_it_changes() {
    let mut world = World::plain();
    let dispute = |id: &str, status: &str| {
        let data = json!({ "id": "dp_1", "customer": "acme", "status": status, "amount": "10" });
        event(id, "dispute", start(), None, &data)
    };
    world.accept(vec![dispute("a", "open"), dispute("b", "lost")]);
    assert_eq!(world.total(Total::Disputes), 1);
    world.reopen();
    world.accept(vec![dispute("c", "won")]);
    assert_eq!(world.total(Total::Disputes), 1);
}

#[test]
fn usage_without_a_user_counts_in_totals_only() {
    let mut world = World::plain();
    world.accept(vec![
        usage_with("1", start(), None, &json!({ "cost_eur": "3", "plan": "pro" })),
        event("2", "cost.other", start(), None, &json!({ "category": "hosting", "cost_eur": "4" })),
    ]);
    let snapshot = world.snapshot();
    assert_eq!(cost(&snapshot, PlanSlot::UNATTRIBUTED, Window::Day), "7");
    assert_eq!(snapshot.figures.costs.overall, None);
    assert!(snapshot.figures.costs.plans.iter().all(|plan| plan.active == [0; 3]));
    assert_eq!(world.total(Total::LlmCost(1, PlanSlot::UNATTRIBUTED)), 3_000_000_000);
}

#[test]
fn internal_users_and_the_users_of_internal_customers_are_apart() {
    let internal = InternalParties::new(["test-*".to_owned(), "boss".to_owned(), "own-company".to_owned()]);
    let mut world = World::with_settings(Settings { internal, ..Settings::default() });
    let of_company = json!({ "cost_eur": "4", "customer": "own-company" });
    world.accept(vec![
        usage("1", start(), "test-7", "1"),
        usage("2", start(), "boss", "2"),
        usage("3", start(), "bossy", "8"),
        usage_with("4", start(), Some("carl"), &of_company),
        subscription("5", start(), "own-company", "pro", "99", "active"),
        event("6", "user.registered", start(), Some("test-8"), &json!({ "plan": "pro" })),
    ]);
    for _ in 0..2 {
        let snapshot = world.snapshot();
        assert_eq!(cost(&snapshot, PlanSlot::INTERNAL, Window::Day), "7");
        assert_eq!(cost(&snapshot, PlanSlot::NONE, Window::Day), "8");
        assert_eq!(snapshot.figures.costs.overall.unwrap().max.to_string(), "8");
        assert_eq!(
            (snapshot.figures.revenue.paying, snapshot.figures.revenue.total_mrr().to_string()),
            (0, "0".into())
        );
        assert_eq!(world.total(Total::Signups(PlanSlot::INTERNAL)), 1);
        world.reopen();
    }
}

#[test]
fn models_past_the_cap_are_other_and_counted() {
    let mut world = World::with_settings(Settings { most_models: 2, ..Settings::default() });
    let call = |id: usize| {
        let data = json!({ "model": format!("m{}", id % 4), "cost_eur": "1" });
        usage_with(&id.to_string(), start(), Some("anna"), &data)
    };
    world.accept((0..4).map(call).collect());
    world.reopen();
    world.accept((4..8).map(call).collect());
    let snapshot = world.snapshot();
    let names: Vec<&str> = snapshot.models.iter().map(|(_, model)| model.as_str()).collect();
    assert_eq!(names, ["other", "m0", "m1"]);
    assert_eq!(world.total(Total::LlmRequests(0, LlmOutcome::Success)), 4);
    assert_eq!(world.total(Total::FoldedModels), 4);
}

#[test]
fn statistics_say_how_much_there_is() {
    let mut world = World::plain();
    assert_eq!(world.store().statistics().unwrap().first_event, None);
    let (first, last) = (at("2026-03-01T00:00:00Z"), at("2026-03-09T00:00:00Z"));
    world.accept(vec![usage("1", last, "anna", "1"), usage("2", first, "ben", "1")]);
    world.accept(vec![usage("3", at("2026-03-05T00:00:00Z"), "anna", "1")]);
    let statistics = world.store().statistics().unwrap();
    assert_eq!((statistics.events, statistics.parties), (3, 2));
    assert_eq!((statistics.first_event, statistics.last_event), (Some(first), Some(last)));
    assert_eq!(statistics.last_recorded, Some(start()));
    assert!(statistics.size_bytes > 0);
}

#[test]
fn a_plan_that_an_event_names_is_seen() {
    let mut world = World::plain();
    world.accept(vec![usage_with("1", start(), Some("anna"), &json!({ "cost_eur": "1", "plan": "pro" }))]);
    let snapshot = world.snapshot();
    assert_eq!(slot(&snapshot, "pro"), PlanSlot::FIRST);
    assert_eq!(cost(&snapshot, PlanSlot::FIRST, Window::Hour), "1");
}
