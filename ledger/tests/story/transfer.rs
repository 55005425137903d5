//! Events out of a ledger and into another.

use pratiko_domain::event::Kind;
use pratiko_domain::time::Timestamp;
use pratiko_ledger::recording::Verdict;
use pratiko_ledger::transfer::{self, Imported, MOST_PROBLEMS, TransferError};
use serde_json::{Value, json};

use crate::random::export;
use crate::world::{World, at, event, start, subscription, usage, usage_with};

fn import(world: &mut World, lines: &str) -> Imported {
    let now = world.now;
    let recorder = world.recorder();
    let record = |events| recorder.record(events, true, now).map_err(TransferError::from);
    transfer::import(lines.as_bytes(), now, record, |_| {}).unwrap()
}

#[test]
fn a_line_is_the_event_as_it_came() {
    let mut world = World::plain();
    let data = json!({ "cost_eur": "0.01", "customer": "acme", "plan": "pro" });
    world.accept(vec![
        usage_with("0197f7b0-0000-7000-8000-000000000001", start(), Some("anna"), &data),
        subscription("2", start(), "acme", "pro", "10", "active"),
    ]);
    let lines = String::from_utf8(export(&mut world)).unwrap();
    let lines: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 2);
    assert_eq!(lines[0]["id"], "0197f7b0-0000-7000-8000-000000000001");
    assert_eq!((&lines[0]["source"], &lines[0]["subject"]), (&json!("test"), &json!("anna")));
    assert_eq!(lines[0]["data"]["customer"], "acme");
    assert_eq!((&lines[1]["subject"], &lines[1]["data"]["customer"]), (&Value::Null, &json!("acme")));
}

#[test]
fn an_export_is_of_a_time_and_of_kinds() {
    let mut world = World::plain();
    world.accept(vec![
        usage("1", at("2026-03-01T00:00:00Z"), "anna", "1"),
        usage("2", at("2026-03-02T00:00:00Z"), "anna", "1"),
        event("3", "user.active", at("2026-03-02T00:00:00Z"), Some("anna"), &json!({})),
        usage("4", at("2026-03-03T00:00:00Z"), "anna", "1"),
    ]);
    let mut ids = |from, until, kinds: &[Kind]| {
        let mut lines = Vec::new();
        let count = transfer::export(&mut world.store(), from, until, kinds, &mut lines).unwrap();
        let lines = String::from_utf8(lines).unwrap();
        let id = |line: &str| serde_json::from_str::<Value>(line).unwrap()["id"].as_str().unwrap().to_owned();
        let ids: Vec<String> = lines.lines().map(id).collect();
        assert_eq!(count, ids.len() as u64);
        ids.concat()
    };
    let (from, until) = (at("2026-03-02T00:00:00Z"), at("2026-03-03T00:00:00Z"));
    assert_eq!(ids(from, until, &[]), "23");
    assert_eq!(ids(Timestamp::MIN, Timestamp::MAX, &[Kind::LlmUsage]), "124");
}

#[test]
fn a_bad_line_stops_nothing_and_is_named() {
    let mut world = World::plain();
    world.accept((0..3).map(|number| usage(&number.to_string(), start(), "anna", "1")).collect());
    let good = String::from_utf8(export(&mut world)).unwrap();
    let conflict = good.lines().next().unwrap().replace("\"cost_eur\":\"1\"", "\"cost_eur\":\"2\"");
    let mut other = World::plain();
    let lines = format!("{good}\n{{\n{conflict}\r\n[]\n{}", good.trim_end());
    let imported = import(&mut other, &lines);
    assert_eq!((imported.lines, imported.accepted, imported.duplicates, imported.rejected), (10, 3, 3, 3));
    let problems: Vec<(u64, &str)> =
        imported.problems.iter().map(|problem| (problem.line, &problem.reason[..5])).collect();
    assert_eq!(problems, [(5, "not J"), (6, "id: w"), (7, "an ar")]);
}

#[test]
fn an_import_can_be_run_again_after_a_failure() {
    let mut world = World::plain();
    let events = |from: u32, until: u32| {
        (from..until).map(|number| usage(&number.to_string(), start(), "anna", "1")).collect()
    };
    world.accept(events(0, 2500));
    let lines = export(&mut world);
    let mut other = World::plain();
    let (now, mut groups, mut told) = (other.now, 0, Vec::new());
    let recorder = other.recorder();
    let failing = |events| {
        groups += 1;
        if groups == 2 {
            Err(TransferError::Lines(std::io::ErrorKind::TimedOut.into()))
        } else {
            Ok(recorder.record(events, true, now)?)
        }
    };
    transfer::import(&*lines, now, failing, |imported| told.push(imported.accepted)).unwrap_err();
    assert_eq!(told, [1000]);
    let imported = import(&mut other, std::str::from_utf8(&lines).unwrap());
    assert_eq!((imported.accepted, imported.duplicates), (1500, 1000));
    assert_eq!(other.record(events(0, 1)), [Verdict::Duplicate]);
}

#[test]
fn only_the_first_problems_are_kept() {
    let mut world = World::plain();
    let lines = "{}\n".repeat(5000);
    let imported = import(&mut world, &lines);
    assert_eq!((imported.lines, imported.rejected, imported.problems.len()), (5000, 5000, MOST_PROBLEMS));
    assert_eq!(imported.problems[MOST_PROBLEMS - 1].line, MOST_PROBLEMS as u64);
}

#[test]
fn an_export_into_a_full_disk_says_so() {
    struct Full;
    impl std::io::Write for Full {
        fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
            Err(std::io::ErrorKind::StorageFull.into())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let mut world = World::plain();
    world.accept(vec![usage("1", start(), "anna", "1")]);
    let result = transfer::export(&mut world.store(), Timestamp::MIN, Timestamp::MAX, &[], &mut Full);
    assert!(
        matches!(result, Err(TransferError::Lines(error)) if error.kind() == std::io::ErrorKind::StorageFull)
    );
}
