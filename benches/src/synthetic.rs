//! A ledger of a million users and thirty million events, made by the databases themselves: recording so
//! many one after the other would take much longer than what is measured with them.
//!
//! Each user makes a call a day for thirty days, all of them evenly over the day. The rows are those
//! that recording makes, in groups of about ten thousand events.

use std::path::Path;

use pratiko_ledger::store::sqlite::{FILE_NAME, SqliteStore};
use rusqlite::Connection;

use crate::Result;
use crate::events::now;

const USERS: u64 = 1_000_000;
const DAYS: i64 = 30;
const QUARTERS_A_DAY: i64 = 96;

/// The quarter-hours of the last thirty days, up to the one in progress, without it.
fn quarters() -> std::ops::Range<i64> {
    let now = now().quarter().0;
    now - DAYS * QUARTERS_A_DAY..now
}

/// Numbers a million users.
pub const USERS_OF_POSTGRES: &str = "INSERT INTO pratiko.parties (id)
    SELECT 'user-' || lpad(n::text, 7, '0') FROM generate_series(0, 999999) AS n";

/// The statements that fill the ledger of a new database.
pub fn postgres() -> Vec<String> {
    let mut statements = vec![
        USERS_OF_POSTGRES.to_owned(),
        "INSERT INTO pratiko.names VALUES (0, 0, 'bench'), (1, 0, 'none'), (2, 0, E'other\\nother'), (2, 1, E'openai\\ngpt')"
            .to_owned(),
    ];
    let quarters = quarters();
    let (first, last) = (quarters.start, quarters.end - 1);
    statements.push(format!(
        "INSERT INTO pratiko.user_usage
         SELECT quarter, quarter - {first} + 1, array_agg(number), array_agg(0.001::numeric), array_agg(0::numeric),
                array_agg(1)
         FROM generate_series({first}, {last}) AS quarter,
              generate_series((quarter - {first}) % 96 + 1, {USERS}, 96) AS number GROUP BY quarter"
    ));
    statements.push(format!(
        "INSERT INTO pratiko.totals VALUES (0, 1, 0, 0, 0, {cost}), (1, 1, 0, 0, 0, {events});
         INSERT INTO pratiko.counters VALUES (0, {events}, now() - interval '30 days', now(), now());
         SELECT setval('pratiko.group_numbers', 100000)",
        events = USERS as i64 * DAYS,
        cost = USERS as i64 * DAYS * 1_000_000,
    ));
    // Event by event, a day at a time, as the tables of events are in every month.
    let day = |days: i64| (quarters.end - days * QUARTERS_A_DAY) * 900;
    for days in (1..=DAYS).rev() {
        statements.push(month_of(day(days)));
        statements.push(month_of(day(days - 1)));
        let from = day(days);
        let first = (DAYS - days) * USERS as i64 + (1 << 20);
        statements.push(format!(
            "WITH new AS (
                 SELECT {first} + number AS seq, gen_random_uuid()::text AS id, number,
                        to_timestamp({from} + number % 96 * 900 + number % 900) AS time
                 FROM generate_series(1, {USERS}) AS number),
             identified AS (INSERT INTO pratiko.identities SELECT 0, id, seq, number, 0, hashint8(seq) FROM new)
             INSERT INTO pratiko.events (seq, source, id, kind, time, recorded_at, user_number, customer, plan, euro, data)
             SELECT seq, 0, id, 0, time, time, number, 0, 0, 0.001,
                    '{{\"provider\":\"openai\",\"model\":\"gpt\",\"tokens\":{{\"input\":1200,\"output\":300}},\"cost_eur\":\"0.001\"}}'
             FROM new"
        ));
    }
    statements.push("VACUUM ANALYZE".to_owned());
    statements
}

/// Makes the partition of the month that an instant (seconds since 1970) lies in.
fn month_of(at: i64) -> String {
    format!(
        "DO $$ DECLARE first date := date_trunc('month', to_timestamp({at}) AT TIME ZONE 'UTC');
                       next date := first + interval '1 month'; BEGIN
             EXECUTE format('CREATE TABLE IF NOT EXISTS pratiko.events_%s PARTITION OF pratiko.events FOR VALUES FROM (%L) TO (%L)',
                            to_char(first, 'YYYY_MM'), first || ' 00:00:00+00', next || ' 00:00:00+00');
         END $$"
    )
}

/// Fills the ledger of a new directory.
pub fn fill_sqlite(directory: &Path) -> Result<()> {
    drop(SqliteStore::open(directory)?);
    let mut connection = Connection::open(directory.join(FILE_NAME))?;
    connection.execute_batch("PRAGMA synchronous = OFF; PRAGMA cache_size = -400000")?;
    let quarters = quarters();
    let (first, last) = (quarters.start, quarters.end - 1);
    let transaction = connection.transaction()?;
    transaction.execute_batch(&format!(
        "WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < {USERS})
         INSERT INTO parties (number, id) SELECT n, printf('user-%07d', n) FROM n;
         INSERT INTO names VALUES (0, 'bench', 0), (1, 'none', 0), (2, 'other' || char(10) || 'other', 0),
                                  (2, 'openai' || char(10) || 'gpt', 1);
         WITH RECURSIVE quarter(quarter) AS (SELECT {first} UNION ALL SELECT quarter + 1 FROM quarter WHERE quarter < {last}),
              step(step) AS (SELECT 0 UNION ALL SELECT step + 1 FROM step WHERE step <= {USERS} / 96)
         INSERT INTO user_usage
         SELECT quarter, quarter - {first} + 1, number, 1000000, 0, 1
         FROM (SELECT quarter, (quarter - {first}) % 96 + 96 * step AS number FROM quarter CROSS JOIN step)
         WHERE number BETWEEN 1 AND {USERS} ORDER BY quarter, number;
         INSERT INTO totals VALUES (0, 1, 0, 0, {cost}), (1, 1, 0, 0, {events});
         INSERT INTO span VALUES ({first} * 900000000, {last} * 900000000);",
        events = USERS as i64 * DAYS,
        cost = USERS as i64 * DAYS * 1_000_000,
    ))?;
    transaction.commit()?;
    // In the order of their time, as is advised: with random ids this takes most of an hour.
    for day in 0..DAYS {
        let from = (first + day * QUARTERS_A_DAY) * 900;
        connection.execute(
            &format!(
                "INSERT INTO events (source, id, kind, time, recorded_at, user, customer, plan, euro, data)
                 SELECT 0, CAST(printf('%016d', {day} * {USERS} + number) AS BLOB), 0, ({from} + number % 96 * 900) * 1000000, ({from} + number % 96 * 900) * 1000000,
                        number, 0, 0, 1000000,
                        '{{\"provider\":\"openai\",\"model\":\"gpt\",\"tokens\":{{\"input\":1200,\"output\":300}},\"cost_eur\":\"0.001\"}}'
                 FROM parties"
            ),
            [],
        )?;
    }
    Ok(())
}
