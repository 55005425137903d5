//! Events, read back.

use std::collections::HashMap;
use std::fmt::Write;

use pratiko_domain::plan::PlanSlot;
use pratiko_domain::time::{Date, Timestamp};
use rusqlite::{Connection, Row};

use super::doing;
use super::read::{self, kind};
use super::values::{EventId, Exact};
use crate::store::{Dictionary, EventFilter, Origin, PartyNumber, StoreError, StoredEvent};

/// The columns that [`event`] reads.
const COLUMNS: &str =
    "seq, source, events.id, kind, time, user, customer, plan, data, euro, amount, currency,
                       price, rate_day";

/// The texts of sources, by number.
type Sources = HashMap<u32, String>;

fn sources(connection: &Connection) -> rusqlite::Result<Sources> {
    Ok(read::names(connection, Dictionary::Source)?.into_iter().collect())
}

/// The event of a row; `None` if it is of a kind that there is not.
fn event(row: &Row<'_>, sources: &Sources) -> rusqlite::Result<Option<StoredEvent>> {
    let Some(kind) = kind(row.get(3)?) else { return Ok(None) };
    Ok(Some(StoredEvent {
        number: row.get(0)?,
        source: sources.get(&row.get(1)?).cloned().unwrap_or_default(),
        id: EventId::text(row.get_ref(2)?)?,
        kind,
        time: Timestamp::from_micros(row.get(4)?),
        user: None,
        user_number: row.get(5)?,
        customer: row.get(6)?,
        customer_id: None,
        plan: PlanSlot(row.get(7)?),
        data: row.get(8)?,
        euro: row.get::<_, Option<Exact>>(9)?.map(Into::into),
        origin: origin(row, 10)?,
    }))
}

/// Where an amount comes from: four columns from a position on.
pub(super) fn origin(row: &Row<'_>, position: usize) -> rusqlite::Result<Option<Origin>> {
    let (amount, currency): (Option<Exact>, Option<String>) = (row.get(position)?, row.get(position + 1)?);
    let (price, rate_day): (Option<u32>, Option<i64>) = (row.get(position + 2)?, row.get(position + 3)?);
    let rate_day = rate_day.map(Date::from_days_since_epoch);
    Ok(amount.zip(currency).map(|(amount, currency)| Origin { amount: amount.0, currency, price, rate_day }))
}

pub(super) fn of_customers(
    connection: &Connection,
    customers: Option<&[PartyNumber]>,
    visit: &mut dyn FnMut(StoredEvent),
) -> rusqlite::Result<()> {
    let sources = sources(connection)?;
    // The condition on the kind is the partial index's own, word for word, so that it is used.
    let Some(customers) = customers else {
        let all = format!(
            "SELECT {COLUMNS} FROM events INDEXED BY customer_events
             WHERE kind IN (4, 6) AND customer >= ?1 ORDER BY customer, seq"
        );
        return of_customer(connection, &all, 0, &sources, visit);
    };
    let one = format!("SELECT {COLUMNS} FROM events WHERE kind IN (4, 6) AND customer = ?1 ORDER BY seq");
    customers.iter().try_for_each(|customer| of_customer(connection, &one, *customer, &sources, visit))
}

fn of_customer(
    connection: &Connection,
    query: &str,
    customer: PartyNumber,
    sources: &Sources,
    visit: &mut dyn FnMut(StoredEvent),
) -> rusqlite::Result<()> {
    let mut statement = connection.prepare_cached(query)?;
    let mut rows = statement.query([customer])?;
    while let Some(row) = rows.next()? {
        if let Some(event) = event(row, sources)? {
            visit(event);
        }
    }
    Ok(())
}

pub(super) fn filtered(
    connection: &Connection,
    which: &EventFilter<'_>,
    visit: &mut dyn FnMut(StoredEvent) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    let reading = doing("reading events");
    let sources = sources(connection).map_err(&reading)?;
    let mut query = format!(
        "SELECT {COLUMNS}, users.id, customers.id FROM events
         LEFT JOIN parties users ON users.number = events.user
         LEFT JOIN parties customers ON customers.number = events.customer
         WHERE time >= ?1 AND time < ?2"
    );
    if !which.kinds.is_empty() {
        let kinds: Vec<String> = which.kinds.iter().map(|kind| (*kind as i64).to_string()).collect();
        query += " AND kind IN (";
        query += &kinds.join(", ");
        query += ")";
    }
    if let Some(party) = which.party {
        let _ = write!(query, " AND (user = {party} OR customer = {party})");
    }
    query.push_str(" ORDER BY seq");
    let mut statement = connection.prepare(&query).map_err(&reading)?;
    let mut rows = statement.query([which.from.micros(), which.until.micros()]).map_err(&reading)?;
    while let Some(row) = rows.next().map_err(&reading)? {
        if let Some(event) = event(row, &sources).map_err(&reading)? {
            let (user, customer_id) = (row.get(14).map_err(&reading)?, row.get(15).map_err(&reading)?);
            visit(StoredEvent { user, customer_id, ..event })?;
        }
    }
    Ok(())
}
