//! Several recorders on one ledger, each with a connection of its own: what one records, the others
//! show, and nothing is counted twice.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use pratiko_domain::event::Event;
use pratiko_domain::plan::PlanSlot;
use pratiko_domain::time::{Timestamp, Window};
use pratiko_ledger::Settings;
use pratiko_ledger::figures::Snapshot;
use pratiko_ledger::recording::{Recorder, Verdict};
use pratiko_ledger::settings::InternalParties;
use pratiko_ledger::store::{EventFilter, Total};
use serde_json::json;

use crate::stores::Database;
use crate::world::{cost, event, start, subscription, total_of, usage, usage_with};

fn settings() -> Arc<Settings> {
    let internal = InternalParties::new(["staff-*".to_owned()]);
    Arc::new(Settings { internal, ..Settings::default() })
}

fn recorder(database: &Database) -> Recorder {
    Recorder::open(Box::new(database.open()), settings(), start()).unwrap()
}

fn record(recorder: &mut Recorder, events: Vec<Event>) {
    let verdicts = recorder.record(events, true, start()).unwrap();
    assert!(verdicts.iter().all(|verdict| *verdict == Verdict::Accepted), "{verdicts:?}");
}

/// What all of them say, which must be the same as what one says that reads everything anew.
fn agreed(recorders: &mut [Recorder], database: &Database, now: Timestamp) -> Snapshot {
    // What one counts at this moment, the next ones hear of.
    for recorder in recorders.iter_mut() {
        recorder.refresh(now).unwrap();
    }
    let said = recorders.iter_mut().map(|recorder| recorder.refresh(now).unwrap());
    let said: Vec<Snapshot> = said.collect();
    let mut anew = Recorder::open(Box::new(database.open()), settings(), now).unwrap();
    let anew = anew.refresh(now).unwrap();
    for one in &said {
        assert_eq!(*one, anew, "two recorders say something else");
    }
    anew
}

#[test]
fn what_one_records_the_others_show() {
    let database = Database::new();
    let mut two = [recorder(&database), recorder(&database)];
    record(&mut two[0], vec![usage("1", start(), "anna", "1"), usage("2", start(), "staff-1", "5")]);
    let plan = json!({ "cost_eur": "2", "plan": "new-plan", "customer": "acme", "model": "new-model" });
    record(&mut two[1], vec![usage_with("3", start(), Some("ben"), &plan)]);
    let paid = json!({ "method": "card", "outcome": "succeeded", "amount": "10", "currency": "EUR" });
    record(&mut two[0], vec![event("4", "payment.attempt", start(), None, &paid)]);
    let snapshot = agreed(&mut two, &database, start());
    assert_eq!(snapshot.events, 4);
    assert_eq!(cost(&snapshot, PlanSlot::INTERNAL, Window::Day), "5");
    // Also of what is recorded again elsewhere.
    let again = two[1].record(vec![usage("1", start(), "anna", "1")], true, start()).unwrap();
    assert_eq!(again, [Verdict::Duplicate]);
    let other = two[1].record(vec![usage("1", start(), "anna", "2")], true, start()).unwrap();
    assert!(matches!(other[..], [Verdict::Rejected(_)]));
    let later = start().plus(Duration::from_secs(2 * 3600));
    record(&mut two[1], vec![usage("5", start(), "anna", "1")]);
    let snapshot = agreed(&mut two, &database, later);
    assert_eq!(cost(&snapshot, PlanSlot::NONE, Window::Hour), "0");
    assert_eq!(cost(&snapshot, PlanSlot::NONE, Window::Day), "2");
    assert!(database.open().verify().unwrap().is_good());
}

#[test]
fn a_plan_is_that_of_a_subscription_that_another_recorded() {
    let database = Database::new();
    let mut two = [recorder(&database), recorder(&database)];
    record(&mut two[0], vec![subscription("1", start(), "acme", "pro", "10", "active")]);
    let of_acme = usage_with("2", start(), Some("anna"), &json!({ "cost_eur": "1", "customer": "acme" }));
    record(&mut two[1], vec![of_acme]);
    let snapshot = agreed(&mut two, &database, start());
    let pro = crate::world::slot(&snapshot, "pro");
    assert_eq!(cost(&snapshot, pro, Window::Day), "1");
}

#[test]
fn what_time_changes_is_counted_once() {
    let database = Database::new();
    let mut three = [recorder(&database), recorder(&database), recorder(&database)];
    for number in 0..5 {
        let customer = format!("customer-{number}");
        let trial = subscription(&format!("trial-{number}"), start(), &customer, "pro", "10", "trialing");
        let after = start().plus(Duration::from_secs(60));
        let active = subscription(&format!("active-{number}"), after, &customer, "pro", "10", "active");
        record(&mut three[number % 3], vec![trial]);
        record(&mut three[(number + 1) % 3], vec![active]);
    }
    agreed(&mut three, &database, start().plus(Duration::from_secs(120)));
    // The dunning window has passed without a payment: all trials have ended, at one moment.
    let later = start().plus(Duration::from_secs(20 * 86_400));
    std::thread::scope(|scope| {
        for recorder in &mut three {
            scope.spawn(move || recorder.refresh(later).unwrap());
        }
    });
    let snapshot = agreed(&mut three, &database, later);
    let trials: i128 =
        snapshot.totals.iter().filter(|(total, _)| matches!(total, Total::Trials(..))).map(|(_, n)| *n).sum();
    assert_eq!(trials, 10, "{:?}", snapshot.totals);
}

#[test]
fn three_that_record_the_same_at_once_count_it_once() {
    let database = Database::new();
    let mut three: Vec<Recorder> = (0..3).map(|_| recorder(&database)).collect();
    let accepted = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for (position, recorder) in three.iter_mut().enumerate() {
            let accepted = &accepted;
            scope.spawn(move || {
                for round in 0..20 {
                    let number = |index: usize| (index * 7 + position * 3) % 40 + round * 20;
                    let events = (0..40).map(number).map(|number| {
                        let user = format!("user-{}", number % 50);
                        match number % 10 {
                            0 => subscription(&format!("s-{number}"), start(), &user, "pro", "10", "active"),
                            1 => {
                                let data = json!({ "id": format!("dp-{number}"), "customer": user, "status": "open", "amount": "1" });
                                event(&format!("d-{number}"), "dispute", start(), None, &data)
                            }
                            2 => {
                                let data = json!({ "plan": "pro", "customer": format!("c-{}", number % 7), "cost_eur": "1" });
                                usage_with(&format!("p-{number}"), start(), Some(&user), &data)
                            }
                            _ => usage(&format!("u-{number}"), start(), &user, "0.001"),
                        }
                    });
                    let verdicts = recorder.record(events.collect(), true, start()).unwrap();
                    let new = verdicts.iter().filter(|verdict| **verdict == Verdict::Accepted).count();
                    assert!(verdicts.iter().all(|verdict| !matches!(verdict, Verdict::Rejected(_))), "{verdicts:?}");
                    accepted.fetch_add(new, Ordering::Relaxed);
                    if round % 4 == position {
                        recorder.refresh(start()).unwrap();
                    }
                }
            });
        }
    });
    let distinct = 40 + 19 * 20;
    assert_eq!(accepted.load(Ordering::Relaxed), distinct);
    let snapshot = agreed(&mut three, &database, start());
    assert_eq!(snapshot.events, distinct as u64);
    assert_eq!(total_of(&snapshot, Total::Disputes), distinct as i128 / 10);
    let verification = database.open().verify().unwrap();
    assert!(verification.is_good(), "{verification:?}");
}

#[test]
fn ten_that_start_at_once_make_one_ledger() {
    let database = Database::new();
    database.sql("DROP SCHEMA IF EXISTS pratiko CASCADE");
    let identities: Vec<String> = std::thread::scope(|scope| {
        let starting: Vec<_> =
            (0..10).map(|_| scope.spawn(|| recorder(&database).refresh(start()).unwrap().ledger)).collect();
        starting.into_iter().map(|one| one.join().unwrap()).collect()
    });
    assert!(identities.iter().all(|identity| *identity == identities[0]), "{identities:?}");
}

/// Lets the second of two record an event of Anna's, with her id in its own, and the first forget her while
/// that one waits for a table that is locked. Her id must be nowhere then.
fn forgotten_while_another_records(locked: &str, more: &serde_json::Value) {
    let database = Database::new();
    let mut two = [recorder(&database), recorder(&database)];
    // Both have her at hand.
    record(&mut two[0], vec![usage("1", start(), "anna", "1")]);
    record(&mut two[1], vec![usage("2", start(), "anna", "2")]);
    let [one, other] = &mut two;
    let mut locking = database.client();
    let mut lock = locking.transaction().unwrap();
    lock.batch_execute(&format!("LOCK TABLE pratiko.{locked} IN SHARE MODE")).unwrap();
    std::thread::scope(|scope| {
        let recording = scope.spawn(|| {
            record(other, vec![usage_with("call/anna/3", start(), Some("anna"), more)]);
        });
        database.wait_for("SELECT EXISTS (SELECT FROM pg_locks WHERE relation IS NOT NULL AND NOT granted)");
        let erasing = scope.spawn(|| assert!(one.erase("anna", start()).unwrap().is_some()));
        while !erasing.is_finished()
            && !database
                .holds("SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted)")
        {
            std::thread::sleep(Duration::from_millis(10));
        }
        lock.rollback().unwrap();
        recording.join().unwrap();
        erasing.join().unwrap();
    });
    let again = two[1].record(vec![usage_with("call/anna/3", start(), Some("anna"), more)], true, start());
    assert_eq!(again.unwrap(), [Verdict::Duplicate]);
    assert_eq!(agreed(&mut two, &database, start()).events, 3);
    let mut found = Vec::new();
    two[1].store().each_party(&mut |_, id| found.push(id.to_owned())).unwrap();
    let every = EventFilter::default();
    two[1]
        .store()
        .events(&every, &mut |event| {
            found.push(format!("{event:?}"));
            Ok(())
        })
        .unwrap();
    assert!(!found.iter().any(|text| text.contains("anna")), "{found:?}");
    assert!(database.open().verify().unwrap().is_good());
}

#[test]
fn an_event_on_its_way_when_its_user_is_forgotten_leaves_no_id() {
    forgotten_while_another_records("identities", &json!({ "cost_eur": "4" }));
}

#[test]
fn an_event_that_was_made_ready_before_its_user_was_forgotten_leaves_no_id() {
    // A new name is numbered before the event's transaction begins.
    forgotten_while_another_records("names", &json!({ "cost_eur": "4", "plan": "new", "customer": "anna" }));
}

#[test]
fn whom_one_forgets_the_others_forget() {
    let database = Database::new();
    let mut two = [recorder(&database), recorder(&database)];
    record(&mut two[0], vec![usage("1", start(), "anna", "1")]);
    // Both have her at hand.
    record(&mut two[1], vec![usage("2", start(), "anna", "2")]);
    assert!(two[0].erase("anna", start()).unwrap().is_some());
    record(&mut two[1], vec![usage("3", start(), "anna", "4")]);
    let again = two[1].record(vec![usage("1", start(), "anna", "1")], true, start()).unwrap();
    assert_eq!(again, [Verdict::Duplicate]);
    agreed(&mut two, &database, start());
    let mut ids = Vec::new();
    two[1].store().each_party(&mut |_, id| ids.push(id.to_owned())).unwrap();
    assert!(ids.iter().all(|id| id.starts_with("erased:")), "{ids:?}");
    assert_eq!(two[0].forgotten(), two[1].forgotten());
}

#[test]
fn one_that_was_restarted_knows_no_other_plan_than_its_peers() {
    let database = Database::new();
    let mut two = [recorder(&database), recorder(&database)];
    let hours_ago = |hours: u64| start().minus(Duration::from_secs(hours * 3600));
    let of_plan = |id: &str, hours: u64, plan: &str, customer: &str| {
        let more = json!({ "cost_eur": "1", "plan": plan, "customer": customer });
        usage_with(id, hours_ago(hours), Some("anna"), &more)
    };
    // That the plan is the same still is not stored that day.
    record(&mut two[0], vec![of_plan("1", 3, "pro", "acme")]);
    record(&mut two[0], vec![of_plan("2", 1, "pro", "acme")]);
    agreed(&mut two[1..], &database, start());
    two[0] = recorder(&database);
    record(&mut two[0], vec![of_plan("3", 2, "basic", "other")]);
    agreed(&mut two, &database, start());
    let rows: String = database
        .client()
        .query_one("SELECT names.text FROM pratiko.users JOIN pratiko.names ON dictionary = 1 AND names.number = plan", &[])
        .unwrap()
        .get(0);
    assert_eq!(rows, "pro");
}

#[test]
fn what_rows_held_that_an_erasure_changed_is_freed() {
    let database = Database::new();
    let mut one = recorder(&database);
    record(&mut one, vec![usage("call/anna/1", start(), "anna", "1")]);
    assert!(one.erase("anna", start()).unwrap().unwrap().is_scrubbed);
    for table in ["parties", "events_2026_03", "identities_%"] {
        let query =
            format!("SELECT sum(vacuum_count) > 0 FROM pg_stat_user_tables WHERE relname LIKE '{table}'");
        database.wait_for(&query);
    }
}
