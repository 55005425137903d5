//! What fails leaves store and figures as they were, and agreeing.

use std::sync::Arc;
use std::time::Duration;

use pratiko_domain::event::Event;
use pratiko_domain::plan::PlanSlot;
use pratiko_domain::time::Window;
use pratiko_ledger::Settings;
use pratiko_ledger::recording::{Recorder, Verdict};
use pratiko_ledger::store::Store;
use serde_json::json;

use crate::failing::{Failing, Orders, Point};
use crate::stores;
use crate::world::{Shared, cost, start, subscription, usage, usage_with};

fn events(suffix: &str) -> Vec<Event> {
    let data =
        json!({ "cost_eur": "1", "customer": format!("acme-{suffix}"), "plan": format!("plan-{suffix}") });
    vec![
        usage_with(&format!("1-{suffix}"), start(), Some(&format!("new-{suffix}")), &data),
        usage(&format!("2-{suffix}"), start(), "anna", "1"),
        subscription(&format!("3-{suffix}"), start(), "anna", "pro", "10", "active"),
    ]
}

#[test]
fn a_group_that_fails_anywhere_leaves_no_trace_and_succeeds_when_it_is_sent_again() {
    let points =
        [Point::Begin, Point::Parties, Point::Insert, Point::CustomerEvents, Point::Add, Point::Commit];
    for again in [None, Some(Point::Load), Some(Point::Usage)] {
        for point in points {
            let stores = stores::new();
            let shared = Shared::new(stores().unwrap());
            let orders = Orders::default();
            let store = Failing { inner: shared.clone(), orders: Arc::clone(&orders) };
            let settings = Arc::new(Settings::default());
            let mut recorder = Recorder::open(Box::new(store), Arc::clone(&settings), start()).unwrap();
            recorder.record(events("first"), false, start()).unwrap();
            let before = recorder.refresh(start()).unwrap();

            orders.lock().unwrap().push(point);
            let error = recorder.record(events("second"), false, start()).unwrap_err();
            assert!(error.to_string().contains(&format!("{point:?}")), "{error}");
            if let Some(again) = again.filter(|_| point != Point::Begin && !shared.keeps_numbers()) {
                // What puts the figures right, where that must be done, fails too.
                orders.lock().unwrap().push(again);
                recorder.refresh(start()).unwrap_err();
            }
            let mut after = recorder.refresh(start()).unwrap();
            // A plan may keep its number though nothing is recorded of it.
            after.figures.costs.plans.truncate(before.figures.costs.plans.len());
            assert_eq!(after, before, "after a failure at {point:?}");

            let verdicts = recorder.record(events("second"), false, start()).unwrap();
            assert_eq!(verdicts, [Verdict::Accepted, Verdict::Accepted, Verdict::Accepted]);
            let kept = recorder.refresh(start()).unwrap();
            let mut anew = Recorder::open(Box::new(shared), settings, start()).unwrap();
            assert_eq!(kept, anew.refresh(start()).unwrap(), "after a failure at {point:?}");
            assert_eq!(kept.events, 6);
        }
    }
}

#[test]
fn windows_that_could_not_move_on_are_put_right() {
    let stores = stores::new();
    let shared = Shared::new(stores().unwrap());
    let orders = Orders::default();
    let store = Failing { inner: shared, orders: Arc::clone(&orders) };
    let mut recorder = Recorder::open(Box::new(store), Arc::default(), start()).unwrap();
    recorder.record(vec![usage("1", start(), "anna", "1")], false, start()).unwrap();
    let later = start().plus(Duration::from_secs(2 * 3600));
    orders.lock().unwrap().push(Point::Usage);
    recorder.refresh(later).unwrap_err();
    let snapshot = recorder.refresh(later).unwrap();
    let costs = Window::ALL.map(|window| cost(&snapshot, PlanSlot::NONE, window));
    assert_eq!(costs, ["0", "1", "1", "1", "1"]);
}

#[test]
fn what_time_changed_is_not_lost_when_it_cannot_be_stored() {
    let stores = stores::new();
    let shared = Shared::new(stores().unwrap());
    let orders = Orders::default();
    let store = Failing { inner: shared.clone(), orders: Arc::clone(&orders) };
    let settings = Arc::new(Settings::default());
    let mut recorder = Recorder::open(Box::new(store), Arc::clone(&settings), start()).unwrap();
    let trial = [
        subscription("1", start(), "acme", "pro", "10", "trialing"),
        subscription("2", start().plus(Duration::from_secs(60)), "acme", "pro", "10", "active"),
    ];
    recorder.record(trial.to_vec(), false, start()).unwrap();
    recorder.refresh(start()).unwrap();
    let later = start().plus(Duration::from_secs(20 * 86_400));
    for point in [Point::Begin, Point::Add, Point::Commit] {
        orders.lock().unwrap().push(point);
        recorder.refresh(later).unwrap_err();
    }
    let kept = recorder.refresh(later).unwrap();
    assert_eq!(kept.totals.iter().filter(|(_, value)| *value == 1).count(), 2, "{:?}", kept.totals);
    let mut anew = Recorder::open(Box::new(shared), settings, later).unwrap();
    assert_eq!(kept, anew.refresh(later).unwrap());
}
