//! Events, read back.

use postgres::{Error, Row};
use pratiko_domain::event::Kind;
use pratiko_domain::plan::PlanSlot;

use super::session::Session;
use super::values::{Day, Euro, Femtos, Instant};
use crate::store::{Amounts, EventFilter, Origin, PartyNumber, StoreError, StoredAmount, StoredEvent};

/// The columns that [`event`] reads.
macro_rules! columns {
    () => {
        "seq, names.text, events.id, kind, time, user_number, customer, plan, data::text, euro, amount, currency,
         price, rate_day"
    };
}

/// The event of a row; `None` if it is of a kind that there is not.
fn event(row: &Row) -> Option<StoredEvent> {
    Some(StoredEvent {
        number: row.get::<_, i64>(0) as u64,
        source: row.get(1),
        id: row.get(2),
        kind: kind(row.get(3))?,
        time: row.get::<_, Instant>(4).0,
        user: None,
        user_number: row.get::<_, i32>(5) as u32,
        customer: row.get::<_, i32>(6) as u32,
        customer_id: None,
        plan: PlanSlot(row.get::<_, i16>(7) as u16),
        data: row.get(8),
        euro: row.get::<_, Option<Euro>>(9).map(|euro| euro.0),
        origin: origin(row, 10),
    })
}

fn kind(number: i16) -> Option<Kind> {
    Kind::ALL.get(usize::try_from(number).ok()?).copied()
}

/// Where an amount comes from: four columns from a position on.
fn origin(row: &Row, position: usize) -> Option<Origin> {
    let (amount, currency): (Option<Femtos>, Option<String>) = (row.get(position), row.get(position + 1));
    let price = row.get::<_, Option<i32>>(position + 2).map(|price| price as u32);
    let rate_day = row.get::<_, Option<Day>>(position + 3).map(|day| day.0);
    amount.zip(currency).map(|(amount, currency)| Origin { amount: amount.0, currency, price, rate_day })
}

pub(super) fn of_customers(
    session: &mut Session,
    customers: Option<&[PartyNumber]>,
    visit: &mut dyn FnMut(StoredEvent),
) -> Result<(), Error> {
    // The condition on the kind is the partial index's own.
    const SOME: &str = concat!(
        "SELECT ",
        columns!(),
        " FROM events JOIN names ON dictionary = 0 AND names.number = source
          WHERE kind IN (4, 6) AND customer = ANY($1) ORDER BY customer, seq"
    );
    const ALL: &str = concat!(
        "SELECT ",
        columns!(),
        " FROM events JOIN names ON dictionary = 0 AND names.number = source
          WHERE kind IN (4, 6) ORDER BY customer, seq"
    );
    let mut one = |row: &Row| {
        if let Some(event) = event(row) {
            visit(event);
        }
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

/// Events in the order of recording. What stopped it beside the server is left in `stopped`.
pub(super) fn filtered(
    session: &mut Session,
    which: &EventFilter<'_>,
    stopped: &mut Option<StoreError>,
    visit: &mut dyn FnMut(StoredEvent) -> Result<(), StoreError>,
) -> Result<(), Error> {
    let kinds: Vec<i16> = which.kinds.iter().map(|kind| *kind as i16).collect();
    let party = which.party.map(|party| party as i32);
    session.each(
        concat!(
            "SELECT ",
            columns!(),
            ", users.id, customers.id FROM events
             JOIN names ON dictionary = 0 AND names.number = source
             LEFT JOIN parties AS users ON users.number = user_number
             LEFT JOIN parties AS customers ON customers.number = customer
             WHERE time >= $1 AND time < $2 AND (cardinality($3::smallint[]) = 0 OR kind = ANY($3))
               AND ($4::int IS NULL OR user_number = $4 OR customer = $4)
             ORDER BY seq"
        ),
        &[&Instant(which.from), &Instant(which.until), &kinds, &party],
        &mut |row| {
            if let Some(event) = event(row).filter(|_| stopped.is_none()) {
                let (user, customer_id) = (row.get(14), row.get(15));
                *stopped = visit(StoredEvent { user, customer_id, ..event }).err();
            }
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
    const WAITING: &str = "SELECT seq, kind, time, user_number, plan, data::text, euro, amount, currency, price, rate_day
                           FROM events WHERE euro IS NULL AND currency IS NOT NULL AND seq > $1 ORDER BY seq LIMIT $2";
    const CALLS: &str = "SELECT seq, kind, time, user_number, plan, data::text, euro, amount, currency, price, rate_day
                         FROM events WHERE kind = 0 AND seq > $1 AND time >= $3 AND time < $4 ORDER BY seq LIMIT $2";
    let (after, most) = (after as i64, most as i64);
    let rows = match which {
        Amounts::WithoutEuro => session.query(WAITING, &[&after, &most])?,
        Amounts::OfCalls(from, until) => {
            session.query(CALLS, &[&after, &most, &Instant(from), &Instant(until)])?
        }
    };
    let amount = |row: &Row| {
        Some(StoredAmount {
            event: row.get::<_, i64>(0) as u64,
            kind: kind(row.get(1))?,
            time: row.get::<_, Instant>(2).0,
            user: row.get::<_, i32>(3) as u32,
            plan: PlanSlot(row.get::<_, i16>(4) as u16),
            data: row.get(5),
            euro: row.get::<_, Option<Euro>>(6).map(|euro| euro.0),
            origin: origin(row, 7),
        })
    };
    Ok(rows.iter().filter_map(amount).collect())
}
