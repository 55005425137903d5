//! Reading and upkeep that are interrupted.

use pratiko_domain::time::Quarter;
use pratiko_ledger::store::{Store, StoreError};

use crate::stores::Database;
use crate::world::start;

/// More than lies between the server and us at any time.
const ROWS: usize = 300_000;

#[test]
fn rows_that_were_read_before_an_interruption_are_not_read_again() {
    let database = Database::new();
    let mut store = database.open();
    database.sql(&format!(
        "INSERT INTO pratiko.user_usage_hours SELECT hour, 1, 1, 0, 1 FROM generate_series(1, {ROWS}) AS hour"
    ));
    let mut rows = 0;
    let read = store.usage_of(1, Quarter(0), Quarter(i64::MAX), &mut |_| {
        if rows == 0 {
            database.disconnect();
        }
        rows += 1;
    });
    assert!(matches!(read, Err(StoreError::Interrupted(_))), "{read:?}");
    assert!((1..ROWS).contains(&rows), "{rows}");
    // A connection that was lost before is made again.
    let mut rows = 0;
    database.disconnect();
    store.usage_of(1, Quarter(0), Quarter(i64::MAX), &mut |_| rows += 1).unwrap();
    assert_eq!(rows, ROWS);
}

#[test]
fn old_groups_go_though_old_roll_ups_cannot_be_merged_and_those_are_merged_in_smaller_parts_then() {
    let database = Database::new();
    let mut store = database.open();
    database.sql(
        "INSERT INTO pratiko.groups (number, committed_at, writer, events, recorded_at, changes)
         VALUES (-1, now() - interval '2 hours', 0, 0, now(), '{}');
         INSERT INTO pratiko.user_usage SELECT quarter, 1, '{1}', '{1}', '{0}', '{1}' FROM generate_series(0, 95) AS quarter",
    );
    let mut maintain = || {
        store.begin().unwrap();
        let maintained = store.maintain(start());
        match maintained {
            Ok(()) => store.commit().unwrap(),
            Err(_) => store.rollback(),
        }
        maintained
    };
    let mut locking = database.client();
    let mut lock = locking.transaction().unwrap();
    lock.batch_execute("LOCK TABLE pratiko.user_usage IN SHARE MODE").unwrap();
    std::thread::scope(|scope| {
        let interrupted = scope.spawn(&mut maintain);
        let waits = "FROM pg_locks WHERE relation = 'pratiko.user_usage'::regclass AND NOT granted";
        database.wait_for(&format!("SELECT EXISTS (SELECT {waits})"));
        database.sql(&format!("SELECT pg_cancel_backend(pid) {waits}"));
        assert!(matches!(interrupted.join().unwrap(), Err(StoreError::Interrupted(_))));
    });
    lock.rollback().unwrap();
    assert!(database.holds("SELECT NOT EXISTS (SELECT FROM pratiko.groups WHERE number = -1)"));
    maintain().unwrap();
    assert!(database.holds("SELECT count(*) = 48 FROM pratiko.user_usage"));
    assert!(database.holds("SELECT count(*) = 12 FROM pratiko.user_usage_hours"));
}
