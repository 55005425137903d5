//! What is written, always within a transaction that the caller began.

use pratiko_domain::money::Money;
use pratiko_domain::time::{Date, Timestamp};
use rusqlite::{Connection, OptionalExtension, params};

use super::values::{EventId, Exact};
use super::{amounts, audit};
use crate::store::{Changes, Dictionary, Inserted, NewEvent, PartyNumber};

pub(super) fn parties(connection: &Connection, ids: &[&str]) -> rusqlite::Result<Vec<PartyNumber>> {
    let mut find = connection.prepare_cached("SELECT number FROM parties WHERE id = ?1")?;
    let mut add = connection.prepare_cached("INSERT INTO parties (id) VALUES (?1)")?;
    ids.iter()
        .map(|id| match find.query_row([id], |row| row.get(0)).optional()? {
            Some(number) => Ok(number),
            None => add.insert([id]).map(|number| number as PartyNumber),
        })
        .collect()
}

pub(super) fn name(
    connection: &Connection,
    dictionary: Dictionary,
    text: &str,
    most: usize,
) -> rusqlite::Result<Option<u32>> {
    let dictionary = dictionary as i64;
    let known = connection
        .prepare_cached("SELECT number FROM names WHERE dictionary = ?1 AND text = ?2")?
        .query_row(params![dictionary, text], |row| row.get(0))
        .optional()?;
    if known.is_some() {
        return Ok(known);
    }
    let count: usize = connection
        .prepare_cached("SELECT count(*) FROM names WHERE dictionary = ?1")?
        .query_row([dictionary], |row| row.get(0))?;
    if count >= most {
        return Ok(None);
    }
    connection
        .prepare_cached("INSERT INTO names (dictionary, text, number) VALUES (?1, ?2, ?3)")?
        .execute(params![dictionary, text, count])?;
    Ok(Some(count as u32))
}

pub(super) fn insert(connection: &Connection, events: &[NewEvent<'_>]) -> rusqlite::Result<Vec<Inserted>> {
    let mut insert = connection.prepare_cached(
        "INSERT INTO events (source, id, kind, time, recorded_at, user, customer, plan, data,
                             euro, amount, currency, price, rate_day)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14) ON CONFLICT DO NOTHING",
    )?;
    let inserted: Vec<Inserted> = events
        .iter()
        .map(|event| {
            let id = EventId::new(event.id);
            let added = insert.execute(params![
                event.source,
                id,
                event.kind as i64,
                event.time.micros(),
                event.recorded_at.micros(),
                event.user,
                event.customer,
                event.plan.0,
                event.data,
                event.euro.map(Exact::from),
                event.origin.map(|origin| Exact(origin.amount)),
                event.origin.map(|origin| &origin.currency),
                event.origin.and_then(|origin| origin.price),
                event.origin.and_then(|origin| origin.rate_day).map(Date::days_since_epoch),
            ])?;
            if added == 1 { Ok(Inserted::New) } else { compare(connection, &id, event) }
        })
        .collect::<rusqlite::Result<_>>()?;
    let new = events.iter().zip(&inserted).filter(|(_, inserted)| **inserted == Inserted::New);
    let times = new.map(|(event, _)| event.time.micros());
    if let Some((first, last)) =
        times.map(|time| (time, time)).reduce(|one, other| (one.0.min(other.0), one.1.max(other.1)))
    {
        widen_span(connection, first, last)?;
    }
    Ok(inserted)
}

fn widen_span(connection: &Connection, first: i64, last: i64) -> rusqlite::Result<()> {
    let is_known = connection
        .prepare_cached("UPDATE span SET first = min(first, ?1), last = max(last, ?2)")?
        .execute([first, last])?;
    if is_known == 0 {
        connection
            .prepare_cached("INSERT INTO span (first, last) VALUES (?1, ?2)")?
            .execute([first, last])?;
    }
    Ok(())
}

/// The time is left out: an event that does not say one happened when it arrived, and one that is
/// sent again arrives later.
fn compare(connection: &Connection, id: &EventId<'_>, event: &NewEvent<'_>) -> rusqlite::Result<Inserted> {
    let is_same: bool = connection
        .prepare_cached(
            "SELECT kind = ?3 AND data = ?6 AND (user = ?4 AND customer = ?5 OR ?7)
             FROM events WHERE source = ?1 AND id = ?2",
        )?
        .query_row(
            params![
                event.source,
                id,
                event.kind as i64,
                event.user,
                event.customer,
                event.data,
                event.is_of_forgotten
            ],
            |row| row.get(0),
        )?;
    Ok(if is_same { Inserted::Duplicate } else { Inserted::Conflict })
}

pub(super) fn add(connection: &Connection, changes: &Changes) -> rusqlite::Result<usize> {
    add_usage(connection, changes)?;
    add_plan_usage(connection, changes)?;
    add_states(connection, changes)?;
    amounts::add_rates(connection, &changes.rates)?;
    amounts::adjust(connection, &changes.adjustments)?;
    audit::erase(connection, &changes.erasures)?;
    audit::add_entries(connection, &changes.audit)?;
    audit::add_reconciliations(connection, &changes.reconciliations)?;
    let mut add =
        connection.prepare_cached("INSERT INTO disputes (id) VALUES (?1) ON CONFLICT DO NOTHING")?;
    changes.disputes.iter().map(|id| add.execute([id])).sum()
}

fn add_usage(connection: &Connection, changes: &Changes) -> rusqlite::Result<()> {
    let mut add = connection.prepare_cached(
        "INSERT INTO user_usage (quarter, part, user, llm, other, activity) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )?;
    for row in &changes.usage {
        let (llm, other) = (Exact::from(row.llm), Exact::from(row.other));
        add.execute(params![row.quarter.0, changes.part, row.user, llm, other, row.activity])?;
    }
    Ok(())
}

fn add_plan_usage(connection: &Connection, changes: &Changes) -> rusqlite::Result<()> {
    let mut find = connection
        .prepare_cached("SELECT llm, other, events FROM plan_usage WHERE quarter = ?1 AND plan = ?2")?;
    let mut set = connection.prepare_cached(
        "INSERT OR REPLACE INTO plan_usage (quarter, plan, llm, other, events) VALUES (?1, ?2, ?3, ?4, ?5)",
    )?;
    for (quarter, plan, llm, other, events) in &changes.plan_usage {
        let (old_llm, old_other, old_events) = find
            .query_row(params![quarter.0, plan.0], |row| {
                Ok((row.get::<_, Exact>(0)?, row.get::<_, Exact>(1)?, row.get::<_, u64>(2)?))
            })
            .optional()?
            .map_or((Money::ZERO, Money::ZERO, 0), |(llm, other, events)| (llm.into(), other.into(), events));
        let (llm, other) = (Exact::from(old_llm + *llm), Exact::from(old_other + *other));
        set.execute(params![quarter.0, plan.0, llm, other, old_events + events])?;
    }
    Ok(())
}

fn add_states(connection: &Connection, changes: &Changes) -> rusqlite::Result<()> {
    let mut find = connection.prepare_cached(
        "SELECT value FROM totals WHERE family = ?1 AND first = ?2 AND second = ?3 AND third = ?4",
    )?;
    let mut set = connection.prepare_cached(
        "INSERT OR REPLACE INTO totals (family, first, second, third, value) VALUES (?1, ?2, ?3, ?4, ?5)",
    )?;
    for (total, more) in &changes.totals {
        let [family, first, second, third] = total.key();
        let key = params![family, first, second, third];
        let old = find.query_row(key, |row| row.get::<_, Exact>(0)).optional()?.map_or(0, |exact| exact.0);
        set.execute(params![family, first, second, third, Exact(old.saturating_add(*more))])?;
    }
    let mut pay = connection.prepare_cached(
        "INSERT INTO payments (quarter, outcome, attempts, first_attempts) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT DO UPDATE SET attempts = attempts + excluded.attempts,
                                   first_attempts = first_attempts + excluded.first_attempts",
    )?;
    for row in &changes.payments {
        pay.execute(params![row.quarter.0, row.outcome as i64, row.attempts, row.first_attempts])?;
    }
    let mut user = connection.prepare_cached(
        "INSERT OR REPLACE INTO users (number, customer, customer_at, plan, plan_at) VALUES (?1, ?2, ?3, ?4, ?5)",
    )?;
    for row in &changes.users {
        let (customer_at, customer) = row.payer.unzip();
        let (plan_at, plan) = row.stated_plan.unzip();
        user.execute(params![
            row.user,
            customer,
            customer_at.map(Timestamp::micros),
            plan.map(|plan| plan.0),
            plan_at.map(Timestamp::micros)
        ])?;
    }
    let mut customer = connection.prepare_cached(
        "INSERT OR REPLACE INTO customers
             (number, churned, trials_started, trials_converted, trials_expired, trials_cancelled)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )?;
    for (number, counted) in &changes.customers {
        customer.execute(params![
            number,
            counted.churned,
            counted.trials_started,
            counted.trials_converted,
            counted.trials_expired,
            counted.trials_cancelled
        ])?;
    }
    Ok(())
}
