//! What is read.

use std::collections::HashMap;

use postgres::{Error, Row};
use pratiko_domain::currency::{DailyRates, Rate};
use pratiko_domain::event::{Kind, PaymentOutcome};
use pratiko_domain::plan::PlanSlot;
use pratiko_domain::revenue::Counted;
use pratiko_domain::time::{Quarter, Timestamp};

use super::session::Session;
use super::values::{Day, Euro, Femtos, Instant, Whole};
use crate::store::{
    Amounts, Dictionary, Loaded, Origin, PartyNumber, PaymentRow, Statistics, StoreError, StoredAmount,
    StoredEvent, Total, UsageRow, UserRow,
};

pub(super) fn load(session: &mut Session, payments_from: Quarter) -> Result<Loaded, Error> {
    let mut loaded = Loaded::default();
    session.each("SELECT dictionary, number, text FROM names ORDER BY number", &[], &mut |row| {
        let list = match row.get::<_, i16>(0) {
            0 => &mut loaded.sources,
            1 => &mut loaded.plans,
            2 => &mut loaded.models,
            _ => &mut loaded.prices,
        };
        list.push((row.get::<_, i32>(1) as u32, row.get(2)));
        Ok(())
    })?;
    session.each("SELECT day, currency, rate FROM rates ORDER BY day, currency", &[], &mut |row| {
        let (day, Euro(rate)) = (row.get::<_, Day>(0).0, row.get(2));
        // None other was stored.
        let rate = i64::try_from(rate.nanos()).ok().and_then(|nanos| Rate::from_nanos(nanos).ok());
        let Some(rate) = rate.map(|rate| (row.get(1), rate)) else { return Ok(()) };
        match loaded.rates.last_mut().filter(|last| last.day == day) {
            Some(last) => last.rates.push(rate),
            None => loaded.rates.push(DailyRates { day, rates: vec![rate] }),
        }
        Ok(())
    })?;
    session.each(
        "SELECT family::bigint, first, second, third, sum(value) FROM totals GROUP BY family, first, second, third",
        &[],
        &mut |row| {
            let total = Total::of_key([row.get(0), row.get(1), row.get(2), row.get(3)]);
            loaded.totals.extend(total.map(|total| (total, row.get::<_, Whole>(4).0)));
            Ok(())
        },
    )?;
    session.each(
        "SELECT quarter, outcome, sum(attempts)::bigint, sum(first_attempts)::bigint FROM payments
         WHERE quarter >= $1 GROUP BY quarter, outcome",
        &[&bound(payments_from.0)],
        &mut |row| {
            let outcome = PaymentOutcome::ALL.get(row.get::<_, i16>(1) as usize).copied();
            loaded.payments.extend(outcome.map(|outcome| PaymentRow {
                quarter: Quarter(row.get::<_, i32>(0).into()),
                outcome,
                attempts: row.get::<_, i64>(2) as u64,
                first_attempts: row.get::<_, i64>(3) as u64,
            }));
            Ok(())
        },
    )?;
    session.each("SELECT number, customer, customer_at, plan, plan_at FROM users", &[], &mut |row| {
        let at = |column| row.get::<_, Option<Instant>>(column).map(|instant| instant.0);
        loaded.users.push(UserRow {
            user: row.get::<_, i32>(0) as u32,
            payer: at(2).zip(row.get::<_, Option<i32>>(1).map(|customer| customer as u32)),
            stated_plan: at(4).zip(row.get::<_, Option<i16>>(3).map(|plan| PlanSlot(plan as u16))),
        });
        Ok(())
    })?;
    session.each(
        "SELECT number, churned, trials_started, trials_converted, trials_expired, trials_cancelled FROM customers",
        &[],
        &mut |row| {
            loaded.customers.push((row.get::<_, i32>(0) as u32, count_of(row)));
            Ok(())
        },
    )?;
    Ok(loaded)
}

/// A bound on a column of quarter-hours, of which there are fewer than the type has.
fn bound(quarter: i64) -> i32 {
    i32::try_from(quarter).unwrap_or(if quarter < 0 { i32::MIN } else { i32::MAX })
}

fn count_of(row: &Row) -> Counted {
    let count = |column| row.get::<_, i32>(column) as u32;
    Counted {
        churned: count(1),
        trials_started: count(2),
        trials_converted: count(3),
        trials_expired: count(4),
        trials_cancelled: count(5),
    }
}

/// What of these customers has been counted; `hold` keeps others from counting.
pub(super) fn counted(
    session: &mut Session,
    customers: &[PartyNumber],
    hold: bool,
) -> Result<Vec<Counted>, Error> {
    const READ: &str =
        "SELECT number, churned, trials_started, trials_converted, trials_expired, trials_cancelled
                        FROM customers WHERE number = ANY($1)";
    // A row to lock there must be; both statements take them in the same order.
    const MAKE: &str = "INSERT INTO customers (number) SELECT number FROM unnest($1::int[]) AS number
                        ORDER BY number ON CONFLICT DO NOTHING";
    const HOLD: &str =
        "SELECT number, churned, trials_started, trials_converted, trials_expired, trials_cancelled
                        FROM customers WHERE number = ANY($1) ORDER BY number FOR UPDATE";
    let numbers: Vec<i32> = customers.iter().map(|customer| *customer as i32).collect();
    if hold {
        session.execute(MAKE, &[&numbers])?;
    }
    let rows = session.query(if hold { HOLD } else { READ }, &[&numbers])?;
    let counted: HashMap<u32, Counted> =
        rows.iter().map(|row| (row.get::<_, i32>(0) as u32, count_of(row))).collect();
    Ok(customers.iter().map(|customer| counted.get(customer).copied().unwrap_or_default()).collect())
}

pub(super) fn each_party(
    session: &mut Session,
    visit: &mut dyn FnMut(PartyNumber, &str),
) -> Result<(), Error> {
    session.each("SELECT number, id FROM parties", &[], &mut |row| {
        visit(row.get::<_, i32>(0) as u32, row.get(1));
        Ok(())
    })
}

pub(super) fn usage(
    session: &mut Session,
    from: Quarter,
    until: Quarter,
    visit: &mut dyn FnMut(UsageRow),
) -> Result<(), Error> {
    // Merged hours lie in a window only after the clock was wrong; they count from their beginning.
    let first_hour = |quarter: Quarter| bound(Quarter(quarter.0.saturating_add(3)).hour().0);
    session.each(
        "SELECT hour * 4, user_number, llm, other, activity FROM user_usage_hours WHERE hour >= $1 AND hour < $2",
        &[&first_hour(from), &first_hour(until)],
        &mut |row| {
            visit(UsageRow {
                quarter: Quarter(row.get::<_, i32>(0).into()),
                user: row.get::<_, i32>(1) as u32,
                llm: row.get::<_, Euro>(2).0,
                other: row.get::<_, Euro>(3).0,
                activity: row.get::<_, i64>(4) as u64,
            });
            Ok(())
        },
    )?;
    session.each(
        "SELECT quarter, users, llm, other, activity FROM user_usage WHERE quarter >= $1 AND quarter < $2",
        &[&bound(from.0), &bound(until.0)],
        &mut |row| {
            let quarter = Quarter(row.get::<_, i32>(0).into());
            let users: Vec<i32> = row.get(1);
            let (llm, other): (Vec<Euro>, Vec<Euro>) = (row.get(2), row.get(3));
            let activity: Vec<i32> = row.get(4);
            for (((user, llm), other), activity) in users.into_iter().zip(llm).zip(other).zip(activity) {
                let (user, activity) = (user as u32, activity as u64);
                visit(UsageRow { quarter, user, llm: llm.0, other: other.0, activity });
            }
            Ok(())
        },
    )
}

pub(super) fn customer_events(
    session: &mut Session,
    customers: Option<&[PartyNumber]>,
    visit: &mut dyn FnMut(StoredEvent),
) -> Result<(), Error> {
    // The condition on the kind is the partial index's own.
    const SOME: &str = "SELECT id, kind, time, customer, data::text, text FROM events
                        JOIN names ON dictionary = 0 AND number = source
                        WHERE kind IN (4, 6) AND customer = ANY($1) ORDER BY customer, seq";
    const ALL: &str = "SELECT id, kind, time, customer, data::text, text FROM events
                       JOIN names ON dictionary = 0 AND number = source
                       WHERE kind IN (4, 6) ORDER BY customer, seq";
    let mut one = |row: &Row| {
        let Some(kind) = kind(row.get(1)) else { return Ok(()) };
        visit(StoredEvent {
            source: row.get(5),
            id: row.get(0),
            kind,
            time: row.get::<_, Instant>(2).0,
            user: None,
            customer: row.get::<_, i32>(3) as u32,
            customer_id: None,
            data: row.get(4),
        });
        Ok(())
    };
    match customers {
        Some(customers) => {
            let numbers: Vec<i32> = customers.iter().map(|customer| *customer as i32).collect();
            session.each(SOME, &[&numbers], &mut one)
        }
        None => session.each(ALL, &[], &mut one),
    }
}

fn kind(number: i16) -> Option<Kind> {
    Kind::ALL.get(usize::try_from(number).ok()?).copied()
}

/// Events in the order of recording. What stopped it beside the server is left in `stopped`.
pub(super) fn events(
    session: &mut Session,
    from: Timestamp,
    until: Timestamp,
    stopped: &mut Option<StoreError>,
    visit: &mut dyn FnMut(StoredEvent) -> Result<(), StoreError>,
) -> Result<(), Error> {
    session.each(
        "SELECT names.text, events.id, kind, time, users.id, customer, customers.id, data::text
         FROM events
         JOIN names ON dictionary = 0 AND names.number = source
         LEFT JOIN parties AS users ON users.number = user_number
         LEFT JOIN parties AS customers ON customers.number = customer
         WHERE time >= $1 AND time < $2 ORDER BY seq",
        &[&Instant(from), &Instant(until)],
        &mut |row| {
            let Some(kind) = kind(row.get(2)).filter(|_| stopped.is_none()) else { return Ok(()) };
            *stopped = visit(StoredEvent {
                source: row.get(0),
                id: row.get(1),
                kind,
                time: row.get::<_, Instant>(3).0,
                user: row.get(4),
                customer: row.get::<_, i32>(5) as u32,
                customer_id: row.get(6),
                data: row.get(7),
            })
            .err();
            Ok(())
        },
    )
}

pub(super) fn amounts(
    session: &mut Session,
    which: Amounts,
    after: u64,
    most: usize,
) -> Result<Vec<StoredAmount>, Error> {
    const WAITING: &str = "SELECT seq, kind, time, user_number, plan, euro, amount, currency, price, rate_day, data::text
                           FROM events WHERE euro IS NULL AND currency IS NOT NULL AND seq > $1 ORDER BY seq LIMIT $2";
    const CALLS: &str = "SELECT seq, kind, time, user_number, plan, euro, amount, currency, price, rate_day, data::text
                         FROM events WHERE kind = 0 AND seq > $1 AND time >= $3 AND time < $4 ORDER BY seq LIMIT $2";
    let (after, most) = (after as i64, most as i64);
    let rows = match which {
        Amounts::WithoutEuro => session.query(WAITING, &[&after, &most])?,
        Amounts::OfCalls(from, until) => {
            session.query(CALLS, &[&after, &most, &Instant(from), &Instant(until)])?
        }
    };
    Ok(rows.iter().filter_map(amount).collect())
}

fn amount(row: &Row) -> Option<StoredAmount> {
    let (amount, currency): (Option<Femtos>, Option<String>) = (row.get(6), row.get(7));
    let price = row.get::<_, Option<i32>>(8).map(|price| price as u32);
    let rate_day = row.get::<_, Option<Day>>(9).map(|day| day.0);
    let origin =
        amount.zip(currency).map(|(amount, currency)| Origin { amount: amount.0, currency, price, rate_day });
    Some(StoredAmount {
        event: row.get::<_, i64>(0) as u64,
        kind: kind(row.get(1))?,
        time: row.get::<_, Instant>(2).0,
        user: row.get::<_, i32>(3) as u32,
        plan: PlanSlot(row.get::<_, i16>(4) as u16),
        euro: row.get::<_, Option<Euro>>(5).map(|euro| euro.0),
        origin,
        data: row.get(10),
    })
}

pub(super) fn statistics(session: &mut Session) -> Result<Statistics, Error> {
    let rows = session.query(
        "SELECT (SELECT coalesce(sum(events), 0)::bigint FROM counters),
                (SELECT count(*) FROM adjustments), (SELECT count(*) FROM parties),
                (SELECT min(first_event) FROM counters), (SELECT max(last_event) FROM counters),
                (SELECT max(last_recorded) FROM counters)",
        &[],
    )?;
    let size_bytes = size_bytes(session)?;
    let Some(row) = rows.first() else { return Ok(Statistics::default()) };
    let number = |column| row.get::<_, i64>(column) as u64;
    let instant = |column| row.get::<_, Option<Instant>>(column).map(|instant| instant.0);
    Ok(Statistics {
        events: number(0),
        adjustments: number(1),
        parties: number(2),
        size_bytes,
        first_event: instant(3),
        last_event: instant(4),
        last_recorded: instant(5),
    })
}

pub(super) fn size_bytes(session: &mut Session) -> Result<u64, Error> {
    let rows = session.query(
        "SELECT coalesce(sum(pg_total_relation_size(oid)), 0)::bigint FROM pg_class
         WHERE relnamespace = 'pratiko'::regnamespace AND relkind = 'r'",
        &[],
    )?;
    Ok(rows.first().map_or(0, |row| row.get::<_, i64>(0) as u64))
}

/// The dictionaries, by their numbers in the table.
pub(super) const DICTIONARIES: [Dictionary; 4] =
    [Dictionary::Source, Dictionary::Plan, Dictionary::Model, Dictionary::Price];
