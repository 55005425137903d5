//! What only the SQLite store does.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use pratiko_ledger::recording::{Recorder, Verdict};
use pratiko_ledger::store::sqlite::{FILE_NAME, SqliteStore};
use pratiko_ledger::store::{Store, StoreError};
use pratiko_ledger::{Ledger, LedgerStatus, RecordError, Settings};
use rusqlite::Connection;

use crate::directory::Directory;
use crate::handle::{clock, events, wait};
use crate::world::{at, event, start, subscription, usage, usage_with};

fn recorder(directory: &Directory) -> Recorder {
    let store = SqliteStore::open(directory.path()).unwrap();
    Recorder::open(Box::new(store), Arc::new(Settings::default()), start()).unwrap()
}

fn some_events() -> Vec<pratiko_domain::event::Event> {
    let most = "9223372036.854775807";
    vec![
        usage("1", start(), "anna", most),
        usage("2", start(), "anna", most),
        usage("3", at("2026-01-01T10:20:00Z"), "ben", "3"),
        usage("4", at("2026-01-01T10:40:00Z"), "ben", "4"),
        usage_with("5", start(), None, &serde_json::json!({ "cost_eur": "5" })),
        usage_with("6", start(), Some("ben"), &serde_json::json!({})),
        event("7", "user.active", start(), Some("carl"), &serde_json::json!({})),
        subscription("8", start(), "anna", "pro", "10", "active"),
        event("9", "cost.other", start(), None, &serde_json::json!({ "category": "h", "cost_eur": "1" })),
    ]
}

#[test]
fn one_process_writes_and_any_number_read() {
    let directory = Directory::new();
    let missing = SqliteStore::open_to_read(&directory.path().join("nowhere"));
    assert!(matches!(missing, Err(StoreError::File { .. })));
    let mut first = recorder(&directory);
    first.record(some_events(), true, start()).unwrap();
    assert!(matches!(SqliteStore::open(directory.path()), Err(StoreError::InUse(_))));
    let mut reader = SqliteStore::open_to_read(directory.path()).unwrap();
    assert_eq!(reader.statistics().unwrap().events, 9);
    first.record(vec![usage("10", start(), "anna", "1")], true, start()).unwrap();
    assert_eq!(reader.statistics().unwrap().events, 10);
    assert!(
        reader.begin().is_err() || reader.name(pratiko_ledger::store::Dictionary::Plan, "x", 99).is_err()
    );
    let identity = reader.identity().to_owned();
    drop((first, reader));
    assert_eq!(SqliteStore::open(directory.path()).unwrap().identity(), identity);
    // Nobody writes any more: it can still be read.
    assert_eq!(SqliteStore::open_to_read(directory.path()).unwrap().statistics().unwrap().events, 10);
}

#[test]
fn a_good_ledger_verifies_before_and_after_hours_are_merged() {
    let directory = Directory::new();
    let mut recorder = recorder(&directory);
    recorder.record(some_events(), true, start()).unwrap();
    for _ in 0..3 {
        let verification = SqliteStore::open_to_read(directory.path()).unwrap().verify().unwrap();
        assert!(verification.is_good(), "{verification:?}");
        assert_eq!((verification.events, verification.cost.to_string()), (9, "18446744086.709551614".into()));
        recorder.store().begin().unwrap();
        recorder.store().maintain(start()).unwrap();
        recorder.store().commit().unwrap();
    }
    let merged: i64 = Connection::open(directory.path().join(FILE_NAME))
        .unwrap()
        .query_row("SELECT count(*) FROM user_usage_hours", [], |row| row.get(0))
        .unwrap();
    assert_eq!(merged, 1);
}

#[test]
fn a_rollup_that_was_tampered_with_is_found() {
    let tamperings = [
        "UPDATE user_usage SET llm = llm + 1 WHERE user = 2",
        "DELETE FROM user_usage WHERE user = 0",
        "UPDATE user_usage SET activity = activity + 1",
        "UPDATE plan_usage SET other = 7",
        // What one user loses, another gains.
        "UPDATE user_usage SET user = 99 WHERE user = (SELECT number FROM parties WHERE id = 'anna')",
        "UPDATE plan_usage SET plan = 9 WHERE plan = 0",
        "UPDATE events SET euro = 1 WHERE euro = 3000000000",
        "DELETE FROM events WHERE seq = 3",
    ];
    for tampering in tamperings {
        let directory = Directory::new();
        recorder(&directory).record(some_events(), true, start()).unwrap();
        let changed =
            Connection::open(directory.path().join(FILE_NAME)).unwrap().execute(tampering, []).unwrap();
        let verification = SqliteStore::open_to_read(directory.path()).unwrap().verify().unwrap();
        assert!(changed > 0 && !verification.is_good(), "{tampering}: {verification:?}");
    }
}

#[test]
fn a_file_of_somebody_else_is_refused_and_left_alone() {
    let directory = Directory::new();
    let path = directory.path().join(FILE_NAME);
    Connection::open(&path)
        .unwrap()
        .execute_batch("CREATE TABLE theirs (x); INSERT INTO theirs VALUES (1)")
        .unwrap();
    let before = std::fs::read(&path).unwrap();
    assert!(matches!(SqliteStore::open(directory.path()), Err(StoreError::Foreign(_))));
    assert!(matches!(SqliteStore::open_to_read(directory.path()), Err(StoreError::Foreign(_))));
    assert_eq!(std::fs::read(&path).unwrap(), before);
    std::fs::write(
        &path,
        "not a database, but long enough to be looked at as one by what reads it".repeat(20),
    )
    .unwrap();
    assert!(SqliteStore::open(directory.path()).is_err());
}

#[test]
fn a_ledger_of_a_later_program_is_refused() {
    let directory = Directory::new();
    drop(recorder(&directory));
    let connection = Connection::open(directory.path().join(FILE_NAME)).unwrap();
    connection.pragma_update(None, "user_version", 99).unwrap();
    for error in
        [SqliteStore::open(directory.path()).err(), SqliteStore::open_to_read(directory.path()).err()]
    {
        let error = error.unwrap().to_string();
        assert!(error.contains("version 99"), "{error}");
    }
}

#[test]
fn a_backup_is_of_one_moment_while_the_ledger_is_written() {
    let directory = Directory::new();
    let mut recorder = recorder(&directory);
    recorder.record(some_events(), true, start()).unwrap();
    let done = Arc::new(AtomicBool::new(false));
    let writer_done = Arc::clone(&done);
    let writer = std::thread::spawn(move || {
        let mut number = 100;
        while !writer_done.load(Ordering::Relaxed) {
            let event = usage(&number.to_string(), start(), "anna", "1");
            recorder.record(vec![event], false, start()).unwrap();
            number += 1;
        }
        recorder
    });
    for number in 0..5 {
        let backup = Directory::new();
        let reader = SqliteStore::open_to_read(directory.path()).unwrap();
        let destination = backup.path().join(FILE_NAME);
        reader.backup(&destination, |_, _| std::thread::sleep(std::time::Duration::from_millis(20))).unwrap();
        assert!(matches!(reader.backup(&destination, |_, _| {}), Err(StoreError::File { .. })));
        let files: Vec<_> = std::fs::read_dir(backup.path()).unwrap().collect();
        assert_eq!(files.len(), 1, "backup {number} left {files:?}");
        let mut copy = SqliteStore::open(backup.path()).unwrap();
        assert!(copy.verify().unwrap().is_good());
        assert!(copy.statistics().unwrap().events >= 9);
    }
    done.store(true, Ordering::Relaxed);
    writer.join().unwrap().record(vec![usage("last", start(), "anna", "1")], false, start()).unwrap();
}

#[test]
fn a_backup_that_fails_leaves_nothing() {
    let directory = Directory::new();
    drop(recorder(&directory));
    let reader = SqliteStore::open_to_read(directory.path()).unwrap();
    reader.backup(&directory.path().join("no/such/place.db"), |_, _| {}).unwrap_err();
    assert!(!directory.path().join("no").exists());
}

#[test]
fn a_ledger_that_is_in_use_is_opened_when_it_is_free() {
    let directory = Directory::new();
    let other = SqliteStore::open(directory.path()).unwrap();
    let path = directory.path().to_owned();
    let ledger = Ledger::start(move || Ok(Box::new(SqliteStore::open(&path)?)), Settings::default(), clock());
    wait(async {
        assert!(matches!(ledger.opened().await, LedgerStatus::Failed(_)));
        assert!(matches!(ledger.record(events(0, 1)).await, Err(RecordError::Closed(_))));
        drop(other);
        // Refused at once until it is open, and then recorded.
        let until = std::time::Instant::now() + std::time::Duration::from_secs(30);
        while ledger.status() != LedgerStatus::Open {
            assert!(std::time::Instant::now() < until, "never opened");
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
        assert_eq!(ledger.record(events(0, 1)).await.unwrap(), [Verdict::Accepted]);
    });
    assert_eq!(ledger.queued_events(), 0);
    ledger.close();
}
