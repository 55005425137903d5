//! Partitions, the merging of old roll-ups, and checks.

use std::collections::HashSet;

use postgres::Error;
use pratiko_domain::money::Money;
use pratiko_domain::time::{Date, Hour, Timestamp};

use super::PostgresStore;
use super::follow::KEPT;
use super::session::{LockKey, Session};
use super::values::Euro;
use crate::store::StoreError;
use crate::store::verification::{QUARTERS_KEPT, Sums, Verification};

/// So many hours of old roll-ups are merged at once, unless that takes too long.
pub(super) const HOURS_AT_ONCE: i64 = 24;

/// What happened before this day is in one partition.
const FIRST_DAY: Date = Date { year: 2000, month: 1, day: 1 };

/// The month of an event, as the partition that it goes to.
pub(super) fn month(at: Timestamp) -> Date {
    month_of(at.utc_date())
}

/// The same of a day.
pub(in crate::store) fn month_of(day: Date) -> Date {
    let month = day.first_of_month();
    if month < FIRST_DAY { Date { year: 1999, month: 12, day: 1 } } else { month }
}

/// Makes the partitions of months that have none, in a transaction of its own.
///
/// A table is made by itself and then attached: making it within its parent would wait for everybody
/// who writes, and make everybody wait who wants to.
pub(super) fn ensure_months(
    session: &mut Session,
    known: &mut HashSet<Date>,
    wanted: &HashSet<Date>,
) -> Result<(), Error> {
    for month in wanted.difference(known).copied().collect::<Vec<_>>() {
        let name = if month < FIRST_DAY {
            "events_before_2000".to_owned()
        } else {
            format!("events_{:04}_{:02}", month.year, month.month)
        };
        let first = if month < FIRST_DAY { "MINVALUE".to_owned() } else { format!("'{month} 00:00:00+00'") };
        let next = if month < FIRST_DAY { FIRST_DAY } else { month.first_of_next_month() };
        let mut transaction = session.client.transaction()?;
        LockKey::PARTITIONS.lock_in(&mut transaction)?;
        let is_there: bool =
            transaction.query_one("SELECT to_regclass($1::text) IS NOT NULL", &[&name])?.get(0);
        if !is_there {
            transaction.batch_execute(&format!(
                "CREATE TABLE {name} (LIKE events INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING STORAGE);
                 ALTER TABLE events ATTACH PARTITION {name} FOR VALUES FROM ({first}) TO ('{next} 00:00:00+00')"
            ))?;
        }
        transaction.commit()?;
        known.insert(month);
    }
    Ok(())
}

impl PostgresStore {
    /// What is done now and then. Groups go by themselves: how many there are must not depend on whether
    /// roll-ups can be merged.
    pub(super) fn keep_up(&mut self, now: Timestamp) -> Result<(), StoreError> {
        let months: HashSet<Date> = [month(now), month(now).first_of_next_month()].into();
        self.ensure_months(&months)?;
        self.run("letting old groups go", |session| {
            let old = format!("DELETE FROM groups WHERE committed_at < now() - interval '{KEPT}'");
            session.client.batch_execute(&old)
        })?;
        self.group()?;
        let hours = self.hours_at_once;
        let merged = self.run("merging old roll-ups", |session| merge(session, now, hours));
        if merged.as_ref().is_err_and(StoreError::is_passing) {
            // It may have taken too long.
            self.hours_at_once = (hours / 2).max(1);
        }
        merged
    }
}

/// Makes hours of old quarter-hours, by one writer at a time: the others find it done.
fn merge(session: &mut Session, now: Timestamp, hours: i64) -> Result<(), Error> {
    let is_free: bool = session.client.query_one(&LockKey::UPKEEP.try_statement(), &[])?.get(0);
    if !is_free {
        return Ok(());
    }
    let before = now.minus(QUARTERS_KEPT).hour();
    let first = |session: &mut Session, text: &'static str| -> Result<Option<Hour>, Error> {
        let rows = session.query(text, &[])?;
        let first = rows.first().and_then(|row| row.get::<_, Option<i32>>(0));
        Ok(first.map(|quarter| Hour(i64::from(quarter).div_euclid(4))).filter(|first| *first < before))
    };
    let until = |first: Hour| before.0.min(first.0 + hours) as i32 * 4;
    if let Some(first) = first(session, "SELECT min(quarter) FROM user_usage")? {
        session.execute(
            "WITH old AS (DELETE FROM user_usage WHERE quarter < $1 RETURNING *)
             INSERT INTO user_usage_hours (hour, user_number, llm, other, activity)
             SELECT quarter >> 2, row.number, sum(row.llm), sum(row.other), sum(row.activity)
             FROM old, unnest(old.users, old.llm, old.other, old.activity) AS row (number, llm, other, activity)
             GROUP BY quarter >> 2, row.number
             ON CONFLICT (hour, user_number) DO UPDATE SET
                 llm = user_usage_hours.llm + excluded.llm, other = user_usage_hours.other + excluded.other,
                 activity = user_usage_hours.activity + excluded.activity",
            &[&until(first)],
        )?;
    }
    if let Some(first) = first(session, "SELECT min(quarter) FROM plan_usage")? {
        session.execute(
            "WITH old AS (DELETE FROM plan_usage WHERE quarter < $1 RETURNING *)
             INSERT INTO plan_usage_hours (hour, plan, llm, other, events)
             SELECT quarter >> 2, plan, sum(llm), sum(other), sum(events) FROM old GROUP BY quarter >> 2, plan
             ON CONFLICT (hour, plan) DO UPDATE SET
                 llm = plan_usage_hours.llm + excluded.llm, other = plan_usage_hours.other + excluded.other,
                 events = plan_usage_hours.events + excluded.events",
            &[&until(first)],
        )?;
    }
    Ok(())
}

/// Adds up every event of every user and plan against the roll-ups, and counts events against their
/// identities.
pub(super) fn verify(session: &mut Session) -> Result<Verification, Error> {
    let counts = session.query(
        "SELECT (SELECT count(*) FROM events), (SELECT count(*) FROM identities),
                (SELECT coalesce(sum(events), 0)::bigint FROM counters),
                (SELECT count(*) FROM identities JOIN events USING (seq, source, id))",
        &[],
    )?;
    let count = |column| counts.first().map_or(0, |row| row.get::<_, i64>(column));
    let (events, identities, counted, pairs) = (count(0), count(1), count(2), count(3));
    let mut complaints = Vec::new();
    if events != identities || events != pairs {
        complaints.push(format!("{events} events have {identities} identities, of which {pairs} are theirs"));
    }
    if events != counted {
        complaints.push(format!("{events} events were counted as {counted}"));
    }
    // Usage of language models (0) and activity (3) is activity of its user.
    let by_user = sums(
        session,
        "SELECT user_number::bigint, coalesce(sum(euro), 0), count(*) FILTER (WHERE kind <> 1 AND user_number <> 0)
         FROM events WHERE kind IN (0, 1, 3) GROUP BY user_number",
    )?;
    let by_plan = sums(
        session,
        "SELECT plan::bigint, coalesce(sum(euro), 0), count(*) FROM events WHERE kind IN (0, 1) GROUP BY plan",
    )?;
    let user_rollups = sums(
        session,
        "SELECT number::bigint, sum(cost), sum(activity)::bigint FROM (
             SELECT row.number, row.llm + row.other AS cost, row.activity::bigint
             FROM user_usage AS usage, unnest(usage.users, usage.llm, usage.other, usage.activity)
                  AS row (number, llm, other, activity)
             UNION ALL SELECT user_number, llm + other, activity FROM user_usage_hours) AS rows GROUP BY number",
    )?;
    let plan_rollups = sums(
        session,
        "SELECT plan::bigint, sum(cost), sum(events)::bigint FROM (
             SELECT plan, llm + other AS cost, events FROM plan_usage
             UNION ALL SELECT plan, llm + other, events FROM plan_usage_hours) AS rows GROUP BY plan",
    )?;
    Ok(Verification::of(events as u64, complaints, &by_user, &by_plan, &user_rollups, &plan_rollups))
}

fn sums(session: &mut Session, text: &'static str) -> Result<Sums, Error> {
    let mut sums = Sums::new();
    session.each(text, &[], &mut |row| {
        let sum = (row.get::<_, Euro>(1).0, row.get::<_, i64>(2) as u64);
        if sum != (Money::ZERO, 0) {
            sums.insert(row.get(0), sum);
        }
        Ok(())
    })?;
    Ok(sums)
}
