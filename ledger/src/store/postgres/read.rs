//! What is read.

use std::collections::HashMap;

use postgres::{Error, Row};
use pratiko_domain::currency::{DailyRates, Rate};
use pratiko_domain::event::PaymentOutcome;
use pratiko_domain::plan::PlanSlot;
use pratiko_domain::revenue::Counted;
use pratiko_domain::time::Quarter;

use super::audit;
use super::session::Session;
use super::values::{Day, Euro, Instant, Whole};
use crate::store::{Dictionary, Loaded, PartyNumber, PaymentRow, Statistics, Total, UsageRow, UserRow};

pub(super) fn load(session: &mut Session, payments_from: Quarter) -> Result<Loaded, Error> {
    let mut loaded = Loaded {
        erased: audit::erased(session)?,
        reconciliations: audit::reconciliations(session)?,
        ..Loaded::default()
    };
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

/// Users' roll-ups, or those of one user.
pub(super) fn usage(
    session: &mut Session,
    user: Option<PartyNumber>,
    from: Quarter,
    until: Quarter,
    visit: &mut dyn FnMut(UsageRow),
) -> Result<(), Error> {
    let user = user.map(|user| user as i32);
    // Merged hours lie in a window only after the clock was wrong; they count from their beginning.
    let first_hour = |quarter: Quarter| bound(Quarter(quarter.0.saturating_add(3)).hour().0);
    session.each(
        "SELECT hour * 4, user_number, llm, other, activity FROM user_usage_hours
         WHERE hour >= $1 AND hour < $2 AND ($3::int IS NULL OR user_number = $3)",
        &[&first_hour(from), &first_hour(until), &user],
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
        "SELECT quarter, users, llm, other, activity FROM user_usage
         WHERE quarter >= $1 AND quarter < $2 AND ($3::int IS NULL OR $3 = ANY(users))",
        &[&bound(from.0), &bound(until.0), &user],
        &mut |row| {
            let quarter = Quarter(row.get::<_, i32>(0).into());
            let users: Vec<i32> = row.get(1);
            let (llm, other): (Vec<Euro>, Vec<Euro>) = (row.get(2), row.get(3));
            let activity: Vec<i32> = row.get(4);
            for (((number, llm), other), activity) in users.into_iter().zip(llm).zip(other).zip(activity) {
                if user.is_none_or(|user| user == number) {
                    let (user, activity) = (number as u32, activity as u64);
                    visit(UsageRow { quarter, user, llm: llm.0, other: other.0, activity });
                }
            }
            Ok(())
        },
    )
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
