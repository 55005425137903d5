//! New events, within the transaction of their group.

use postgres::Error;
use postgres::binary_copy::BinaryCopyInWriter;
use postgres::types::Type;
use pratiko_domain::event::Kind;
use sha2::{Digest, Sha256};

use super::session::Session;
use super::values::{Day, Euro, Femtos, Instant, Json};
use crate::store::{Inserted, NewEvent};

/// The most events of a group: their positions are the last bits of their numbers.
pub(super) const POSITION_BITS: u32 = 20;

/// Stores the identities of events that have none yet, and then those events.
pub(super) fn insert(
    session: &mut Session,
    group: i64,
    events: &[NewEvent<'_>],
) -> Result<Vec<Inserted>, Error> {
    let first = group << POSITION_BITS;
    let seqs: Vec<i64> = (0..events.len() as i64).map(|position| first | position).collect();
    let sources: Vec<i32> = events.iter().map(|event| event.source as i32).collect();
    let ids: Vec<&str> = events.iter().map(|event| event.id).collect();
    let users: Vec<i32> = events.iter().map(|event| event.user as i32).collect();
    let customers: Vec<i32> = events.iter().map(|event| event.customer as i32).collect();
    let contents: Vec<i64> = events.iter().map(|event| content(event.kind, &event.data)).collect();
    // In the order of the key, so that two groups with the same events do not wait for each other.
    let added = session.query(
        "INSERT INTO identities (source, id, seq, user_number, customer, content)
         SELECT * FROM unnest($1::int[], $2::text[], $3::bigint[], $4::int[], $5::int[], $6::bigint[])
              AS new (source, id, seq, user_number, customer, content)
         ORDER BY source, id COLLATE \"C\", seq
         ON CONFLICT DO NOTHING RETURNING seq",
        &[&sources, &ids, &seqs, &users, &customers, &contents],
    )?;
    let mut inserted = vec![Inserted::Conflict; events.len()];
    for row in &added {
        inserted[(row.get::<_, i64>(0) - first) as usize] = Inserted::New;
    }
    if added.len() < events.len() {
        let of_forgotten: Vec<bool> = events.iter().map(|event| event.is_of_forgotten).collect();
        let same = session.query(
            "SELECT new.seq
             FROM unnest($1::int[], $2::text[], $3::bigint[], $4::int[], $5::int[], $6::bigint[], $7::boolean[])
                  AS new (source, id, seq, user_number, customer, content, is_of_forgotten)
             JOIN identities AS known ON known.source = new.source AND known.id = new.id COLLATE \"C\"
             WHERE known.content = new.content AND known.seq <> new.seq
               AND (known.user_number = new.user_number AND known.customer = new.customer OR is_of_forgotten)",
            &[&sources, &ids, &seqs, &users, &customers, &contents, &of_forgotten],
        )?;
        for row in &same {
            inserted[(row.get::<_, i64>(0) - first) as usize] = Inserted::Duplicate;
        }
    }
    let new: Vec<(i64, &NewEvent<'_>)> = seqs
        .into_iter()
        .zip(events)
        .zip(&inserted)
        .filter(|(_, inserted)| **inserted == Inserted::New)
        .map(|(event, _)| event)
        .collect();
    if !new.is_empty() {
        store(session, &new)?;
    }
    Ok(inserted)
}

/// A hash of what makes an event the same when it is sent again, beside whom it is of. The time is left
/// out: an event that does not say one happened when it arrived, and one that is sent again arrives later.
pub(in crate::store) fn content(kind: Kind, data: &str) -> i64 {
    let mut hash = Sha256::new();
    hash.update([kind as u8]);
    hash.update(data);
    let digest = hash.finalize();
    digest[..8].iter().fold(0, |content, byte| content << 8 | i64::from(*byte))
}

/// The columns of an event, and what they hold.
const EVENT_COLUMNS: &str = "COPY events (seq, source, id, kind, time, recorded_at, user_number, customer, plan, euro,
                                          amount, currency, price, rate_day, data) FROM STDIN (FORMAT binary)";
const EVENT_TYPES: [Type; 15] = [
    Type::INT8,
    Type::INT4,
    Type::TEXT,
    Type::INT2,
    Type::TIMESTAMPTZ,
    Type::TIMESTAMPTZ,
    Type::INT4,
    Type::INT4,
    Type::INT2,
    Type::NUMERIC,
    Type::NUMERIC,
    Type::TEXT,
    Type::INT4,
    Type::DATE,
    Type::JSON,
];

/// Stores events as a stream of rows, which is what the server takes fastest.
fn store(session: &mut Session, events: &[(i64, &NewEvent<'_>)]) -> Result<(), Error> {
    let writer = session.client.copy_in(EVENT_COLUMNS)?;
    let mut writer = BinaryCopyInWriter::new(writer, &EVENT_TYPES);
    for (seq, event) in events {
        let origin = event.origin;
        writer.write(&[
            seq,
            &(event.source as i32),
            &event.id,
            &(event.kind as i16),
            &Instant(event.time),
            &Instant(event.recorded_at),
            &(event.user as i32),
            &(event.customer as i32),
            &(event.plan.0 as i16),
            &event.euro.map(Euro),
            &origin.map(|origin| Femtos(origin.amount)),
            &origin.map(|origin| origin.currency.as_str()),
            &origin.and_then(|origin| origin.price).map(|price| price as i32),
            &origin.and_then(|origin| origin.rate_day).map(Day),
            &Json(&event.data),
        ])?;
    }
    writer.finish().map(|_| ())
}
