//! What a group changes, within its transaction.

use postgres::Error;
use pratiko_domain::currency::DailyRates;
use pratiko_domain::time::Timestamp;

use super::audit;
use super::session::Session;
use super::values::{Day, Euro, Femtos, Instant, Whole};
use crate::store::{Adjustment, Changes};

/// Adds changes; each list of rows is one statement, and its rows are in the order of their keys.
/// Returns how many disputes were new.
pub(super) fn add(session: &mut Session, group: i64, changes: &Changes) -> Result<usize, Error> {
    if !changes.usage.is_empty() {
        add_usage(session, group, changes)?;
    }
    if !changes.plan_usage.is_empty() {
        add_plan_usage(session, changes)?;
    }
    if !changes.totals.is_empty() {
        add_totals(session, changes)?;
    }
    if !changes.payments.is_empty() {
        add_payments(session, changes)?;
    }
    if !changes.users.is_empty() {
        add_users(session, changes)?;
    }
    if !changes.customers.is_empty() {
        add_customers(session, changes)?;
    }
    if !changes.rates.is_empty() {
        add_rates(session, &changes.rates)?;
    }
    if !changes.adjustments.is_empty() {
        adjust(session, &changes.adjustments)?;
    }
    audit::erase(session, &changes.erasures)?;
    audit::add_entries(session, &changes.audit)?;
    audit::add_reconciliations(session, &changes.reconciliations)?;
    if changes.disputes.is_empty() {
        return Ok(0);
    }
    let disputes: Vec<&str> = changes.disputes.iter().map(String::as_str).collect();
    let new = session.execute(
        "INSERT INTO disputes (id) SELECT id FROM unnest($1::text[]) AS id ORDER BY id COLLATE \"C\"
         ON CONFLICT DO NOTHING",
        &[&disputes],
    )?;
    Ok(new as usize)
}

fn add_usage(session: &mut Session, group: i64, changes: &Changes) -> Result<(), Error> {
    let rows = &changes.usage;
    session.execute(
        "INSERT INTO user_usage (quarter, part, users, llm, other, activity)
         SELECT quarter, $1::bigint, array_agg(number), array_agg(llm), array_agg(other), array_agg(activity)
         FROM unnest($2::int[], $3::int[], $4::numeric[], $5::numeric[], $6::int[])
              AS new (quarter, number, llm, other, activity)
         GROUP BY quarter ORDER BY quarter
         ON CONFLICT (quarter, part) DO UPDATE SET
             users = user_usage.users || excluded.users, llm = user_usage.llm || excluded.llm,
             other = user_usage.other || excluded.other, activity = user_usage.activity || excluded.activity",
        &[
            &group,
            &rows.iter().map(|row| row.quarter.0 as i32).collect::<Vec<_>>(),
            &rows.iter().map(|row| row.user as i32).collect::<Vec<_>>(),
            &rows.iter().map(|row| Euro(row.llm)).collect::<Vec<_>>(),
            &rows.iter().map(|row| Euro(row.other)).collect::<Vec<_>>(),
            &rows.iter().map(|row| row.activity as i32).collect::<Vec<_>>(),
        ],
    )?;
    Ok(())
}

fn add_plan_usage(session: &mut Session, changes: &Changes) -> Result<(), Error> {
    let (rows, slot) = (&changes.plan_usage, session.slot);
    session.execute(
        "INSERT INTO plan_usage (quarter, plan, writer, llm, other, events)
         SELECT quarter, plan, $1::smallint, llm, other, events
         FROM unnest($2::int[], $3::smallint[], $4::numeric[], $5::numeric[], $6::bigint[])
              AS new (quarter, plan, llm, other, events) ORDER BY quarter, plan
         ON CONFLICT (quarter, plan, writer) DO UPDATE SET
             llm = plan_usage.llm + excluded.llm, other = plan_usage.other + excluded.other,
             events = plan_usage.events + excluded.events",
        &[
            &slot,
            &rows.iter().map(|(quarter, ..)| quarter.0 as i32).collect::<Vec<_>>(),
            &rows.iter().map(|(_, plan, ..)| plan.0 as i16).collect::<Vec<_>>(),
            &rows.iter().map(|(_, _, llm, ..)| Euro(*llm)).collect::<Vec<_>>(),
            &rows.iter().map(|(_, _, _, other, _)| Euro(*other)).collect::<Vec<_>>(),
            &rows.iter().map(|(.., events)| *events as i64).collect::<Vec<_>>(),
        ],
    )?;
    Ok(())
}

fn add_totals(session: &mut Session, changes: &Changes) -> Result<(), Error> {
    let rows: Vec<([i64; 4], i128)> =
        changes.totals.iter().map(|(total, more)| (total.key(), *more)).collect();
    let slot = session.slot;
    let part = |position: usize| rows.iter().map(|(key, _)| key[position]).collect::<Vec<i64>>();
    session.execute(
        "INSERT INTO totals (family, first, second, third, writer, value)
         SELECT family, first, second, third, $1::smallint, value
         FROM unnest($2::smallint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::numeric[])
              AS new (family, first, second, third, value) ORDER BY family, first, second, third
         ON CONFLICT (family, first, second, third, writer) DO UPDATE SET value = totals.value + excluded.value",
        &[
            &slot,
            &rows.iter().map(|(key, _)| key[0] as i16).collect::<Vec<_>>(),
            &part(1),
            &part(2),
            &part(3),
            &rows.iter().map(|(_, more)| Whole(*more)).collect::<Vec<_>>(),
        ],
    )?;
    Ok(())
}

fn add_payments(session: &mut Session, changes: &Changes) -> Result<(), Error> {
    let (rows, slot) = (&changes.payments, session.slot);
    session.execute(
        "INSERT INTO payments (quarter, outcome, writer, attempts, first_attempts)
         SELECT quarter, outcome, $1::smallint, attempts, first_attempts
         FROM unnest($2::int[], $3::smallint[], $4::bigint[], $5::bigint[])
              AS new (quarter, outcome, attempts, first_attempts) ORDER BY quarter, outcome
         ON CONFLICT (quarter, outcome, writer) DO UPDATE SET
             attempts = payments.attempts + excluded.attempts,
             first_attempts = payments.first_attempts + excluded.first_attempts",
        &[
            &slot,
            &rows.iter().map(|row| row.quarter.0 as i32).collect::<Vec<_>>(),
            &rows.iter().map(|row| row.outcome as i16).collect::<Vec<_>>(),
            &rows.iter().map(|row| row.attempts as i64).collect::<Vec<_>>(),
            &rows.iter().map(|row| row.first_attempts as i64).collect::<Vec<_>>(),
        ],
    )?;
    Ok(())
}

/// What was said later holds, whoever is told of it first: as [`UserRow`](crate::store::UserRow)s in
/// memory.
fn add_users(session: &mut Session, changes: &Changes) -> Result<(), Error> {
    let rows = &changes.users;
    let payer = |at: usize| rows.get(at).and_then(|row| row.payer);
    let plan = |at: usize| rows.get(at).and_then(|row| row.stated_plan);
    let all = 0..rows.len();
    session.execute(
        "INSERT INTO users AS known (number, customer, customer_at, plan, plan_at)
         SELECT * FROM unnest($1::int[], $2::int[], $3::timestamptz[], $4::smallint[], $5::timestamptz[])
              AS new (number, customer, customer_at, plan, plan_at) ORDER BY number
         ON CONFLICT (number) DO UPDATE SET
             (customer, customer_at) = (SELECT customer, at FROM (VALUES
                 (known.customer, known.customer_at), (excluded.customer, excluded.customer_at)) AS told (customer, at)
                 ORDER BY at DESC NULLS LAST, customer DESC LIMIT 1),
             (plan, plan_at) = (SELECT plan, at FROM (VALUES
                 (known.plan, known.plan_at), (excluded.plan, excluded.plan_at)) AS told (plan, at)
                 ORDER BY at DESC NULLS LAST, plan DESC LIMIT 1)",
        &[
            &rows.iter().map(|row| row.user as i32).collect::<Vec<_>>(),
            &all.clone().map(|at| payer(at).map(|(_, customer)| customer as i32)).collect::<Vec<_>>(),
            &all.clone().map(|row| payer(row).map(|(at, _)| Instant(at))).collect::<Vec<_>>(),
            &all.clone().map(|at| plan(at).map(|(_, plan)| plan.0 as i16)).collect::<Vec<_>>(),
            &all.map(|row| plan(row).map(|(at, _)| Instant(at))).collect::<Vec<_>>(),
        ],
    )?;
    Ok(())
}

/// They are held since they were read.
fn add_customers(session: &mut Session, changes: &Changes) -> Result<(), Error> {
    let rows = &changes.customers;
    let column = |value: fn(&pratiko_domain::revenue::Counted) -> u32| {
        rows.iter().map(|(_, counted)| value(counted) as i32).collect::<Vec<_>>()
    };
    session.execute(
        "INSERT INTO customers
             (number, churned, trials_started, trials_converted, trials_expired, trials_cancelled)
         SELECT * FROM unnest($1::int[], $2::int[], $3::int[], $4::int[], $5::int[], $6::int[]) AS new (number)
         ORDER BY number
         ON CONFLICT (number) DO UPDATE SET
             churned = excluded.churned, trials_started = excluded.trials_started,
             trials_converted = excluded.trials_converted, trials_expired = excluded.trials_expired,
             trials_cancelled = excluded.trials_cancelled",
        &[
            &rows.iter().map(|(number, _)| *number as i32).collect::<Vec<_>>(),
            &column(|counted| counted.churned),
            &column(|counted| counted.trials_started),
            &column(|counted| counted.trials_converted),
            &column(|counted| counted.trials_expired),
            &column(|counted| counted.trials_cancelled),
        ],
    )?;
    Ok(())
}

fn add_rates(session: &mut Session, days: &[DailyRates]) -> Result<(), Error> {
    let rates = days.iter().flat_map(|DailyRates { day, rates }| {
        rates.iter().map(|(currency, rate)| (Day(*day), currency.as_str(), Whole(rate.nanos().into())))
    });
    let rates: Vec<(Day, &str, Whole)> = rates.collect();
    session.execute(
        "INSERT INTO rates (day, currency, rate)
         SELECT day, currency, nanos / 1000000000
         FROM unnest($1::date[], $2::text[], $3::numeric[]) AS new (day, currency, nanos)
         ORDER BY currency COLLATE \"C\", day
         ON CONFLICT DO NOTHING",
        &[
            &rates.iter().map(|(day, ..)| *day).collect::<Vec<_>>(),
            &rates.iter().map(|(_, currency, _)| *currency).collect::<Vec<_>>(),
            &rates.iter().map(|(.., nanos)| *nanos).collect::<Vec<_>>(),
        ],
    )?;
    Ok(())
}

/// Changes events' amounts, and keeps what they were before.
fn adjust(session: &mut Session, adjustments: &[Adjustment]) -> Result<(), Error> {
    let seqs: Vec<i64> = adjustments.iter().map(|adjustment| adjustment.event as i64).collect();
    let euros: Vec<Option<Euro>> = adjustments.iter().map(|adjustment| adjustment.euro.map(Euro)).collect();
    let origins = || adjustments.iter().map(|adjustment| adjustment.origin.as_ref());
    let prices: Vec<Option<i32>> =
        origins().map(|origin| origin.and_then(|origin| origin.price).map(|price| price as i32)).collect();
    session.execute(
        "INSERT INTO adjustments (event, adjusted_at, reason, euro_before, euro_after, price_before, price_after)
         SELECT new.seq, adjusted_at, reason, events.euro, new.euro, events.price, new.price
         FROM unnest($1::bigint[], $2::timestamptz[], $3::smallint[], $4::numeric[], $5::int[])
              AS new (seq, adjusted_at, reason, euro, price)
         JOIN events ON events.seq = new.seq WHERE events.seq = ANY($1) ORDER BY new.seq",
        &[
            &seqs,
            &adjustments.iter().map(|adjustment| Instant(adjustment.at)).collect::<Vec<_>>(),
            &adjustments.iter().map(|adjustment| adjustment.reason as i16).collect::<Vec<_>>(),
            &euros,
            &prices,
        ],
    )?;
    session.execute(
        "UPDATE events SET euro = new.euro, amount = new.amount, currency = new.currency, price = new.price,
                           rate_day = new.rate_day
         FROM unnest($1::bigint[], $2::numeric[], $3::numeric[], $4::text[], $5::int[], $6::date[])
              AS new (seq, euro, amount, currency, price, rate_day)
         WHERE events.seq = new.seq AND events.seq = ANY($1)",
        &[
            &seqs,
            &euros,
            &origins().map(|origin| origin.map(|origin| Femtos(origin.amount))).collect::<Vec<_>>(),
            &origins().map(|origin| origin.map(|origin| origin.currency.as_str())).collect::<Vec<_>>(),
            &prices,
            &origins().map(|origin| origin.and_then(|origin| origin.rate_day).map(Day)).collect::<Vec<_>>(),
        ],
    )?;
    Ok(())
}

/// What is known of a group before it is committed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Counts {
    pub events: i64,
    pub first: Timestamp,
    pub last: Timestamp,
    pub recorded_at: Timestamp,
}

/// Adds the group itself, last, as of the moment at which others may read it.
pub(super) fn finish(
    session: &mut Session,
    group: i64,
    counts: Option<Counts>,
    changes: &str,
) -> Result<(), Error> {
    let slot = session.slot;
    if let Some(Counts { events, first, last, recorded_at }) = counts {
        session.execute(
            "INSERT INTO counters (writer, events, first_event, last_event, last_recorded)
             VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (writer) DO UPDATE SET
                 events = counters.events + excluded.events,
                 first_event = least(counters.first_event, excluded.first_event),
                 last_event = greatest(counters.last_event, excluded.last_event),
                 last_recorded = excluded.last_recorded",
            &[&slot, &events, &Instant(first), &Instant(last), &Instant(recorded_at)],
        )?;
    }
    let events = counts.map_or(0, |counts| counts.events);
    let recorded_at = counts.map_or(Timestamp::default(), |counts| counts.recorded_at);
    session.execute(
        "INSERT INTO groups (number, writer, events, recorded_at, changes) VALUES ($1, $2, $3, $4, $5)",
        &[&group, &slot, &events, &Instant(recorded_at), &changes],
    )?;
    Ok(())
}
