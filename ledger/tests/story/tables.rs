//! Reading an application's tables.

use std::time::Duration;

use pratiko_ledger::sources::{Database as Tables, RowKind, SqlQuery};

use crate::stores::{Database, server};

#[test]
fn a_query_does_not_pay_for_the_time_that_recording_takes() {
    let database = Database::new();
    let timeout = Duration::from_secs(2);
    let query = SqlQuery {
        name: "calls".to_owned(),
        kind: RowKind::Usage,
        sql: "SELECT id FROM generate_series(1, 5000) AS id".to_owned(),
        watermark: "id".to_owned(),
        lookback: Duration::from_secs(1),
        timeout,
    };
    let mut connection = Tables::new(server().url(database.name())).connect().unwrap();
    let mut rows = 0;
    let read = connection.read_new(&query, None, |page| {
        rows += page.rows.len();
        std::thread::sleep(timeout);
        Ok(())
    });
    read.unwrap();
    assert_eq!(rows, 5000);
}
