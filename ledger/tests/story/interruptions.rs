//! Reading that is interrupted.

use pratiko_domain::time::Quarter;
use pratiko_ledger::store::{Store, StoreError};

use crate::stores::Database;

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
