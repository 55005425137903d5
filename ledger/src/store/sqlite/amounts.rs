//! Reference rates, and what events are worth by them.

use pratiko_domain::currency::{DailyRates, Rate};
use pratiko_domain::plan::PlanSlot;
use pratiko_domain::time::{Date, Timestamp};
use rusqlite::{Connection, Row, params};

use super::events::origin;
use super::read::kind;
use super::values::Exact;
use crate::store::{Adjustment, Amounts, StoredAmount};

pub(super) fn rates(connection: &Connection) -> rusqlite::Result<Vec<DailyRates>> {
    let mut statement =
        connection.prepare("SELECT day, currency, nanos FROM rates ORDER BY day, currency")?;
    let mut rows = statement.query([])?;
    let mut days: Vec<DailyRates> = Vec::new();
    while let Some(row) = rows.next()? {
        let day = Date::from_days_since_epoch(row.get(0)?);
        // None other was stored.
        let Ok(rate) = Rate::from_nanos(row.get(2)?) else { continue };
        let rate = (row.get(1)?, rate);
        match days.last_mut().filter(|last| last.day == day) {
            Some(last) => last.rates.push(rate),
            None => days.push(DailyRates { day, rates: vec![rate] }),
        }
    }
    Ok(days)
}

pub(super) fn add_rates(connection: &Connection, days: &[DailyRates]) -> rusqlite::Result<()> {
    let mut add = connection.prepare_cached(
        "INSERT INTO rates (day, currency, nanos) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING",
    )?;
    for DailyRates { day, rates } in days {
        for (currency, rate) in rates {
            add.execute(params![day.days_since_epoch(), currency, rate.nanos()])?;
        }
    }
    Ok(())
}

pub(super) fn read(
    connection: &Connection,
    which: Amounts,
    after: u64,
    most: usize,
) -> rusqlite::Result<Vec<StoredAmount>> {
    let (condition, from, until) = match which {
        // The partial index's own condition, word for word, so that it is used.
        Amounts::WithoutEuro => ("euro IS NULL AND currency IS NOT NULL", Timestamp::MIN, Timestamp::MAX),
        Amounts::OfCalls(from, until) => ("kind = 0", from, until),
    };
    let query = format!(
        "SELECT seq, kind, time, user, plan, euro, amount, currency, price, rate_day, data FROM events
         WHERE {condition} AND time >= ?1 AND time < ?2 AND seq > ?3 ORDER BY seq LIMIT ?4"
    );
    let mut statement = connection.prepare_cached(&query)?;
    let rows = statement.query_map(params![from.micros(), until.micros(), after, most], amount)?;
    rows.filter_map(Result::transpose).collect()
}

fn amount(row: &Row<'_>) -> rusqlite::Result<Option<StoredAmount>> {
    let Some(kind) = kind(row.get(1)?) else { return Ok(None) };
    Ok(Some(StoredAmount {
        event: row.get(0)?,
        kind,
        time: Timestamp::from_micros(row.get(2)?),
        user: row.get(3)?,
        plan: PlanSlot(row.get(4)?),
        euro: row.get::<_, Option<Exact>>(5)?.map(Into::into),
        origin: origin(row, 6)?,
        data: row.get(10)?,
    }))
}

/// Changes events' amounts, and keeps what they were before.
pub(super) fn adjust(connection: &Connection, adjustments: &[Adjustment]) -> rusqlite::Result<()> {
    let mut keep = connection.prepare_cached(
        "INSERT INTO adjustments
             (event, adjusted_at, reason, euro_before, euro_after, price_before, price_after)
         SELECT seq, ?2, ?3, euro, ?4, price, ?5 FROM events WHERE seq = ?1",
    )?;
    let mut change = connection.prepare_cached(
        "UPDATE events SET euro = ?2, amount = ?3, currency = ?4, price = ?5, rate_day = ?6 WHERE seq = ?1",
    )?;
    for adjustment in adjustments {
        let euro = adjustment.euro.map(Exact::from);
        let origin = adjustment.origin.as_ref();
        let price = origin.and_then(|origin| origin.price);
        let reason = adjustment.reason as i64;
        keep.execute(params![adjustment.event, adjustment.at.micros(), reason, euro, price])?;
        change.execute(params![
            adjustment.event,
            euro,
            origin.map(|origin| Exact(origin.amount)),
            origin.map(|origin| &origin.currency),
            price,
            origin.and_then(|origin| origin.rate_day).map(Date::days_since_epoch),
        ])?;
    }
    Ok(())
}
