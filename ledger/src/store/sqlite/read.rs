//! What is read.

use std::path::Path;

use pratiko_domain::event::{Kind, PaymentOutcome};
use pratiko_domain::plan::PlanSlot;
use pratiko_domain::revenue::Counted;
use pratiko_domain::time::{Quarter, Timestamp};
use rusqlite::{Connection, OptionalExtension, Row};

use super::values::Exact;
use super::{amounts, audit};
use crate::store::{Dictionary, Loaded, PartyNumber, PaymentRow, Statistics, Total, UsageRow, UserRow};

pub(super) fn load(connection: &Connection, payments_from: Quarter) -> rusqlite::Result<Loaded> {
    let totals = collect(connection, "SELECT family, first, second, third, value FROM totals", |row| {
        let key = [row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?];
        Ok((Total::of_key(key), row.get::<_, Exact>(4)?.0))
    })?;
    let payments = format!(
        "SELECT quarter, outcome, attempts, first_attempts FROM payments WHERE quarter >= {}",
        payments_from.0
    );
    let payments = collect(connection, &payments, |row| {
        let outcome = PaymentOutcome::ALL.get(row.get::<_, usize>(1)?).copied();
        let (quarter, attempts, first_attempts) = (Quarter(row.get(0)?), row.get(2)?, row.get(3)?);
        Ok(outcome.map(|outcome| PaymentRow { quarter, outcome, attempts, first_attempts }))
    })?;
    Ok(Loaded {
        sources: names(connection, Dictionary::Source)?,
        plans: names(connection, Dictionary::Plan)?,
        models: names(connection, Dictionary::Model)?,
        prices: names(connection, Dictionary::Price)?,
        rates: amounts::rates(connection)?,
        totals: totals.into_iter().filter_map(|(total, value)| Some((total?, value))).collect(),
        payments: payments.into_iter().flatten().collect(),
        users: collect(
            connection,
            "SELECT number, customer, customer_at, plan, plan_at FROM users",
            |row| {
                let instant = |column| {
                    row.get::<_, Option<i64>>(column).map(|micros| micros.map(Timestamp::from_micros))
                };
                Ok(UserRow {
                    user: row.get(0)?,
                    payer: instant(2)?.zip(row.get(1)?),
                    stated_plan: instant(4)?.zip(row.get::<_, Option<u16>>(3)?.map(PlanSlot)),
                })
            },
        )?,
        customers: collect(connection, "SELECT * FROM customers", |row| Ok((row.get(0)?, count_of(row)?)))?,
        erased: audit::erased(connection)?,
        reconciliations: audit::reconciliations(connection)?,
    })
}

fn count_of(row: &Row<'_>) -> rusqlite::Result<Counted> {
    Ok(Counted {
        churned: row.get(1)?,
        trials_started: row.get(2)?,
        trials_converted: row.get(3)?,
        trials_expired: row.get(4)?,
        trials_cancelled: row.get(5)?,
    })
}

pub(super) fn counted(connection: &Connection, customers: &[PartyNumber]) -> rusqlite::Result<Vec<Counted>> {
    let mut find = connection.prepare_cached("SELECT * FROM customers WHERE number = ?1")?;
    let one = |customer| Ok(find.query_row([customer], count_of).optional()?.unwrap_or_default());
    customers.iter().map(one).collect()
}

pub(super) fn names(connection: &Connection, dictionary: Dictionary) -> rusqlite::Result<Vec<(u32, String)>> {
    let query =
        format!("SELECT number, text FROM names WHERE dictionary = {} ORDER BY number", dictionary as i64);
    collect(connection, &query, |row| Ok((row.get(0)?, row.get(1)?)))
}

pub(super) fn collect<T>(
    connection: &Connection,
    query: &str,
    read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
) -> rusqlite::Result<Vec<T>> {
    connection.prepare(query)?.query_map([], read)?.collect()
}

pub(super) fn each_party(
    connection: &Connection,
    visit: &mut dyn FnMut(PartyNumber, &str),
) -> rusqlite::Result<()> {
    let mut statement = connection.prepare("SELECT number, id FROM parties")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        visit(row.get(0)?, row.get_ref(1)?.as_str()?);
    }
    Ok(())
}

pub(super) fn usage(
    connection: &Connection,
    user: Option<PartyNumber>,
    from: Quarter,
    until: Quarter,
    visit: &mut dyn FnMut(UsageRow),
) -> rusqlite::Result<()> {
    // Merged hours lie in a window only after the clock was wrong; they count from their beginning.
    const HOURS: &str = "SELECT hour * 4, user, llm, other, activity FROM user_usage_hours
                         WHERE hour >= ?1 AND hour < ?2";
    const QUARTERS: &str = "SELECT quarter, user, llm, other, activity FROM user_usage
                            WHERE quarter >= ?1 AND quarter < ?2";
    let first_hour = |quarter: Quarter| Quarter(quarter.0.saturating_add(3)).hour().0;
    let of_user = user.map_or_else(String::new, |user| format!(" AND user = {user}"));
    for (query, bounds) in [(HOURS, [first_hour(from), first_hour(until)]), (QUARTERS, [from.0, until.0])] {
        let mut statement = connection.prepare_cached(&format!("{query}{of_user}"))?;
        let mut rows = statement.query(bounds)?;
        while let Some(row) = rows.next()? {
            visit(UsageRow {
                quarter: Quarter(row.get(0)?),
                user: row.get(1)?,
                llm: row.get::<_, Exact>(2)?.into(),
                other: row.get::<_, Exact>(3)?.into(),
                activity: row.get(4)?,
            });
        }
    }
    Ok(())
}

pub(super) fn kind(number: usize) -> Option<Kind> {
    Kind::ALL.get(number).copied()
}

pub(super) fn statistics(connection: &Connection, path: &Path) -> rusqlite::Result<Statistics> {
    let number = |query: &str| connection.query_row(query, [], |row| row.get::<_, Option<i64>>(0));
    let instant = |query: &str| Ok::<_, rusqlite::Error>(number(query)?.map(Timestamp::from_micros));
    Ok(Statistics {
        // Events are never deleted, so the last one's number is how many there are.
        events: number("SELECT max(seq) FROM events")?.unwrap_or(0) as u64,
        adjustments: number("SELECT max(seq) FROM adjustments")?.unwrap_or(0) as u64,
        parties: number("SELECT max(number) FROM parties")?.unwrap_or(0) as u64,
        size_bytes: size_bytes(path),
        first_event: instant("SELECT max(first) FROM span")?,
        last_event: instant("SELECT max(last) FROM span")?,
        last_recorded: instant("SELECT (SELECT recorded_at FROM events ORDER BY seq DESC LIMIT 1)")?,
    })
}

pub(super) fn size_bytes(path: &Path) -> u64 {
    let size = |suffix: &str| {
        let mut name = path.as_os_str().to_owned();
        name.push(suffix);
        std::fs::metadata(name).map_or(0, |file| file.len())
    };
    size("") + size("-wal")
}
