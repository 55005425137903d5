//! What is kept for audits, and the forgetting of people.

use pratiko_domain::time::{Date, Timestamp};
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::read::collect;
use super::values::{EventId, Exact};
use crate::erasure::KeyedHash;
use crate::store::{AuditEntry, Erased, Erasure, PartyNumber, Reconciliation, RenamedEvent};

fn hash(bytes: [u8; 16]) -> KeyedHash {
    KeyedHash::of_bytes(bytes)
}

pub(super) fn keep(connection: &Connection, name: &str, value: &str) -> rusqlite::Result<String> {
    let find = || {
        let mut find = connection.prepare_cached("SELECT value FROM meta WHERE key = ?1")?;
        find.query_row([name], |row| row.get(0)).optional()
    };
    if let Some(kept) = find()? {
        return Ok(kept);
    }
    connection.execute("INSERT INTO meta (key, value) VALUES (?1, ?2)", [name, value])?;
    Ok(value.to_owned())
}

pub(super) fn find_party(connection: &Connection, id: &str) -> rusqlite::Result<Option<PartyNumber>> {
    let mut find = connection.prepare_cached("SELECT number FROM parties WHERE id = ?1")?;
    find.query_row([id], |row| row.get(0)).optional()
}

pub(super) fn party_ids(
    connection: &Connection,
    numbers: &[PartyNumber],
) -> rusqlite::Result<Vec<(PartyNumber, String)>> {
    let mut find = connection.prepare_cached("SELECT id FROM parties WHERE number = ?1")?;
    let one = |number: &PartyNumber| {
        let id = find.query_row([number], |row| row.get(0)).optional();
        id.map(|id| Some((*number, id?))).transpose()
    };
    numbers.iter().filter_map(one).collect()
}

pub(super) fn erased(connection: &Connection) -> rusqlite::Result<Vec<Erased>> {
    collect(connection, "SELECT hash, erased_at, internal FROM erased", |row| {
        let at = Timestamp::from_micros(row.get(1)?);
        Ok(Erased { hash: hash(row.get(0)?), at, is_internal: row.get(2)? })
    })
}

pub(super) fn erase(connection: &Connection, erasures: &[Erasure]) -> rusqlite::Result<()> {
    for Erasure { erased, parties, events, disputes } in erasures {
        connection
            .prepare_cached(
                "INSERT INTO erased (hash, erased_at, internal) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING",
            )?
            .execute(params![erased.hash.bytes(), erased.at.micros(), erased.is_internal])?;
        for (number, name) in parties {
            connection.execute("UPDATE parties SET id = ?2 WHERE number = ?1", params![number, name])?;
        }
        let mut rename = connection.prepare_cached("UPDATE events SET id = ?2, data = ?3 WHERE seq = ?1")?;
        let mut other = connection.prepare_cached(
            "SELECT NULL FROM events AS other JOIN events AS event ON event.seq = ?1
             WHERE other.source = event.source AND other.id = ?2 AND other.seq <> ?1",
        )?;
        for RenamedEvent { before, id, data } in events {
            // Where another one has that name already, the event's number tells the two apart.
            let is_taken = other.exists(params![before.number, EventId::new(id)])?;
            let id = if is_taken { format!("{id}:{}", before.number) } else { id.clone() };
            rename.execute(params![before.number, EventId::new(&id), data])?;
        }
        for (before, after) in disputes {
            connection.execute("UPDATE OR REPLACE disputes SET id = ?2 WHERE id = ?1", [before, after])?;
        }
    }
    Ok(())
}

pub(super) fn add_entries(connection: &Connection, entries: &[AuditEntry]) -> rusqlite::Result<()> {
    let mut add = connection.prepare_cached(
        "INSERT INTO audit (at, actor, action, person, result) VALUES (?1, ?2, ?3, ?4, ?5)",
    )?;
    for AuditEntry { at, actor, action, person, result } in entries {
        let person = person.as_ref().map(KeyedHash::bytes);
        add.execute(params![at.micros(), actor, action, person, result])?;
    }
    Ok(())
}

pub(super) fn entries(
    connection: &Connection,
    before: u64,
    most: usize,
) -> rusqlite::Result<Vec<(u64, AuditEntry)>> {
    let mut statement = connection.prepare_cached(
        "SELECT seq, at, actor, action, person, result FROM audit WHERE seq < ?1 ORDER BY seq DESC LIMIT ?2",
    )?;
    let before = i64::try_from(before).unwrap_or(i64::MAX);
    let entry = |row: &Row<'_>| {
        let entry = AuditEntry {
            at: Timestamp::from_micros(row.get(1)?),
            actor: row.get(2)?,
            action: row.get(3)?,
            person: row.get::<_, Option<[u8; 16]>>(4)?.map(hash),
            result: row.get(5)?,
        };
        Ok((row.get(0)?, entry))
    };
    statement.query_map(params![before, most], entry)?.collect()
}

pub(super) fn add_reconciliations(
    connection: &Connection,
    reconciliations: &[Reconciliation],
) -> rusqlite::Result<()> {
    let mut add = connection.prepare_cached(
        "INSERT INTO reconciliations (at, provider, month, currency, invoice, ledger)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )?;
    for Reconciliation { at, provider, month, currency, invoice, ledger } in reconciliations {
        let (invoice, ledger) = (Exact::from(*invoice), Exact::from(*ledger));
        add.execute(params![at.micros(), provider, month.days_since_epoch(), currency, invoice, ledger])?;
    }
    Ok(())
}

pub(super) fn reconciliations(connection: &Connection) -> rusqlite::Result<Vec<Reconciliation>> {
    let query = "SELECT at, provider, month, currency, invoice, ledger FROM reconciliations ORDER BY seq";
    collect(connection, query, |row| {
        Ok(Reconciliation {
            at: Timestamp::from_micros(row.get(0)?),
            provider: row.get(1)?,
            month: Date::from_days_since_epoch(row.get(2)?),
            currency: row.get(3)?,
            invoice: row.get::<_, Exact>(4)?.into(),
            ledger: row.get::<_, Exact>(5)?.into(),
        })
    })
}
