//! A ledger copied out of its file and into PostgreSQL is the same ledger.

use std::sync::Arc;

use pratiko_domain::currency::DailyRates;
use pratiko_domain::time::Date;
use pratiko_ledger::Settings;
use pratiko_ledger::recording::{Deed, Recorder, Verdict};
use pratiko_ledger::store::sqlite::SqliteStore;
use pratiko_ledger::store::{Store, StoreError, copy};
use serde_json::json;

use crate::stores::Database;
use crate::world::{at, event, start, subscription, usage, usage_with};

#[test]
fn a_copy_says_what_was_copied_and_goes_on_from_there() {
    let directory = std::env::temp_dir().join(format!("pratiko-copy-{}", std::process::id()));
    let settings = Arc::new(Settings::default());
    let open = || SqliteStore::open(&directory).unwrap();
    let mut recorder = Recorder::open(Box::new(open()), Arc::clone(&settings), start()).unwrap();
    let strange = "back\\slash \"quote\" é ☃";
    let of_acme = json!({ "cost_eur": "9223372036.854775807", "customer": "acme", "plan": strange });
    let dollars = json!({ "cost": "1.10", "currency": "USD" });
    let dispute = json!({ "id": "dp-1", "customer": "acme", "status": "open", "amount": "1" });
    let paid = json!({ "method": "card", "outcome": "succeeded", "amount": "10", "currency": "EUR" });
    let events = vec![
        usage("01970d3c-4f5e-7abc-8def-0123456789ab", start(), strange, "1"),
        usage_with("2", start(), Some("anna"), &of_acme),
        usage_with("3", start(), Some("anna"), &of_acme),
        usage("4", at("2026-01-01T10:20:00Z"), "ben", "3"),
        usage("5", at("1998-05-01T00:00:00Z"), "ben", "4"),
        usage_with("6", start(), None, &dollars),
        subscription("7", at("2026-02-01T00:00:00Z"), "acme", "pro", "10", "trialing"),
        subscription("8", at("2026-02-02T00:00:00Z"), "acme", "pro", "10", "active"),
        event("9", "dispute", start(), None, &dispute),
        event("10", "payment.attempt", start(), None, &paid),
    ];
    recorder.record(events.clone(), true, start()).unwrap();
    let rate = vec![("USD".to_owned(), "1.1".parse().unwrap())];
    let day = Date { year: 2026, month: 3, day: 9 };
    recorder.add_rates(&[DailyRates { day, rates: rate }], start()).unwrap();
    recorder.store().keep_note("cursor", "a\tb\nc").unwrap();
    for _ in 0..3 {
        recorder.store().begin().unwrap();
        recorder.store().maintain(start()).unwrap();
        recorder.store().commit().unwrap();
    }
    let deed = |action: &str| Deed {
        actor: "command".to_owned(),
        action: action.to_owned(),
        person: Some("zoe".to_owned()),
        result: "done".to_owned(),
    };
    recorder.audit(&deed("of what is copied"), start()).unwrap();
    let before = recorder.refresh(start()).unwrap();
    drop(recorder);

    let database = Database::new();
    // A daemon has had it open, and must no longer have.
    let mut opened = Recorder::open(Box::new(database.open()), Arc::clone(&settings), start()).unwrap();
    opened.audit(&deed("of what was there"), start()).unwrap();
    database.sql("INSERT INTO pratiko.disputes VALUES ('dp-1')");
    let (mut from, mut told) = (open(), Vec::new());
    let refused = copy(&mut from, &mut database.open(), |_, _| {}).unwrap_err().to_string();
    assert!(refused.contains("another process has this database open"), "{refused}");
    drop(opened);
    let copied = copy(&mut from, &mut database.open(), |done, all| told.push((done, all))).unwrap();
    assert_eq!((copied.events, told.last().map(|(done, all)| done == all)), (10, Some(true)));
    let mut store = database.open();
    assert_eq!(store.note("cursor").unwrap().as_deref(), Some("a\tb\nc"));
    let audit = store.audit(u64::MAX, 10).unwrap();
    assert!(matches!(&audit[..], [(_, entry)] if entry.action == "of what is copied"), "{audit:?}");
    for forbidden in ["TRUNCATE", "DELETE FROM"] {
        let refused = database.client().batch_execute(&format!("{forbidden} pratiko.audit"));
        let refused = refused.unwrap_err().as_db_error().unwrap().message().to_owned();
        assert!(refused.contains("only ever added to"), "{forbidden}: {refused}");
    }
    let again = copy(&mut from, &mut store, |_, _| {});
    assert!(matches!(again, Err(StoreError::Foreign(_))), "{again:?}");

    let mut recorder = Recorder::open(Box::new(store), settings, start()).unwrap();
    assert_eq!(recorder.refresh(start()).unwrap(), before);
    let verdicts = recorder.record(events, true, start()).unwrap();
    assert!(verdicts.iter().all(|verdict| *verdict == Verdict::Duplicate), "{verdicts:?}");
    let more = vec![usage("11", start(), "anna", "1"), usage("12", start(), "new", "1")];
    assert_eq!(recorder.record(more, true, start()).unwrap(), [Verdict::Accepted, Verdict::Accepted]);
    assert!(database.open().verify().unwrap().is_good());
    drop(from);
    std::fs::remove_dir_all(directory).unwrap();
}
