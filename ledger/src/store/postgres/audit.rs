//! What is kept for audits, and the forgetting of people.

use std::collections::BTreeSet;

use postgres::Error;

use super::PostgresStore;
use super::insert;
use super::session::{Session, TIMEOUTS};
use super::values::{Day, Euro, Instant};
use crate::erasure::KeyedHash;
use crate::store::{
    AuditEntry, Erased, Erasure, PartyNumber, Reconciliation, RenamedEvent, StoreError, StoredEvent,
};

fn hash(bytes: &[u8]) -> KeyedHash {
    let mut all = [0; 16];
    for (byte, stored) in all.iter_mut().zip(bytes) {
        *byte = *stored;
    }
    KeyedHash::of_bytes(all)
}

/// Keeps a value under a name unless there is one; the one that is kept.
pub(super) fn keep(session: &mut Session, name: &str, value: &str) -> Result<String, Error> {
    session
        .execute("INSERT INTO meta (key, value) VALUES ($1, $2) ON CONFLICT DO NOTHING", &[&name, &value])?;
    let rows = session.query("SELECT value FROM meta WHERE key = $1", &[&name])?;
    Ok(rows.first().map_or_else(|| value.to_owned(), |row| row.get(0)))
}

pub(super) fn find_party(session: &mut Session, id: &str) -> Result<Option<PartyNumber>, Error> {
    let rows = session.query("SELECT number FROM parties WHERE id = $1", &[&id])?;
    Ok(rows.first().map(|row| row.get::<_, i32>(0) as u32))
}

pub(super) fn party_ids(
    session: &mut Session,
    numbers: &[PartyNumber],
) -> Result<Vec<(PartyNumber, String)>, Error> {
    let numbers: Vec<i32> = numbers.iter().map(|number| *number as i32).collect();
    let rows = session.query(
        "SELECT parties.number, id FROM unnest($1::int[]) WITH ORDINALITY AS wanted (number, position)
         JOIN parties ON parties.number = wanted.number ORDER BY position",
        &[&numbers],
    )?;
    Ok(rows.iter().map(|row| (row.get::<_, i32>(0) as u32, row.get(1))).collect())
}

pub(super) fn erased(session: &mut Session) -> Result<Vec<Erased>, Error> {
    let rows = session.query("SELECT hash, erased_at, internal FROM erased", &[])?;
    let one = |row: &postgres::Row| Erased {
        hash: hash(row.get(0)),
        at: row.get::<_, Instant>(1).0,
        is_internal: row.get(2),
    };
    Ok(rows.iter().map(one).collect())
}

/// What an event is named that may not keep its id. Where another one has that name already, the event's
/// number tells the two apart.
fn free_id(session: &mut Session, before: &StoredEvent, id: &str) -> Result<String, Error> {
    let others = session.query(
        "SELECT FROM identities
         WHERE id = $1 AND seq <> $2 AND source = (SELECT number FROM names WHERE dictionary = 0 AND text = $3)",
        &[&id, &(before.number as i64), &before.source],
    )?;
    Ok(if others.is_empty() { id.to_owned() } else { format!("{id}:{}", before.number) })
}

pub(super) fn erase(session: &mut Session, erasures: &[Erasure]) -> Result<(), Error> {
    for Erasure { erased, parties, events, disputes } in erasures {
        session.execute(
            "INSERT INTO erased (hash, erased_at, internal) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
            &[&erased.hash.bytes().as_slice(), &Instant(erased.at), &erased.is_internal],
        )?;
        for (number, name) in parties {
            let number = *number as i32;
            session.execute("UPDATE parties SET id = $2 WHERE number = $1", &[&number, name])?;
        }
        for RenamedEvent { before, id, data } in events {
            let (seq, content) = (before.number as i64, insert::content(before.kind, data));
            let id = free_id(session, before, id)?;
            session.execute(
                "UPDATE identities SET id = $2, content = $3
                 WHERE id = $1 AND seq = $4
                   AND source = (SELECT number FROM names WHERE dictionary = 0 AND text = $5)",
                &[&before.id, &id, &content, &seq, &before.source],
            )?;
            session.execute(
                "UPDATE events SET id = $2, data = $3::text::json WHERE seq = $1",
                &[&seq, &id, data],
            )?;
        }
        for (before, after) in disputes {
            session.execute("DELETE FROM disputes WHERE id = $1", &[before])?;
            session.execute("INSERT INTO disputes (id) VALUES ($1) ON CONFLICT DO NOTHING", &[after])?;
        }
    }
    Ok(())
}

pub(super) fn add_entries(session: &mut Session, entries: &[AuditEntry]) -> Result<(), Error> {
    for AuditEntry { at, actor, action, person, result } in entries {
        let person = person.as_ref().map(|person| person.bytes().as_slice());
        session.execute(
            "INSERT INTO audit (at, actor, action, person, result) VALUES ($1, $2, $3, $4, $5)",
            &[&Instant(*at), actor, action, &person, result],
        )?;
    }
    Ok(())
}

pub(super) fn entries(
    session: &mut Session,
    before: u64,
    most: usize,
) -> Result<Vec<(u64, AuditEntry)>, Error> {
    let (before, most) = (i64::try_from(before).unwrap_or(i64::MAX), most as i64);
    let rows = session.query(
        "SELECT seq, at, actor, action, person, result FROM audit WHERE seq < $1 ORDER BY seq DESC LIMIT $2",
        &[&before, &most],
    )?;
    let entry = |row: &postgres::Row| {
        let entry = AuditEntry {
            at: row.get::<_, Instant>(1).0,
            actor: row.get(2),
            action: row.get(3),
            person: row.get::<_, Option<&[u8]>>(4).map(hash),
            result: row.get(5),
        };
        (row.get::<_, i64>(0) as u64, entry)
    };
    Ok(rows.iter().map(entry).collect())
}

pub(super) fn add_reconciliations(
    session: &mut Session,
    reconciliations: &[Reconciliation],
) -> Result<(), Error> {
    for Reconciliation { at, provider, month, currency, invoice, ledger } in reconciliations {
        session.execute(
            "INSERT INTO reconciliations (at, provider, month, currency, invoice, ledger)
             VALUES ($1, $2, $3, $4, $5, $6)",
            &[&Instant(*at), provider, &Day(*month), currency, &Euro(*invoice), &Euro(*ledger)],
        )?;
    }
    Ok(())
}

pub(super) fn reconciliations(session: &mut Session) -> Result<Vec<Reconciliation>, Error> {
    let rows = session.query(
        "SELECT at, provider, month, currency, invoice, ledger FROM reconciliations ORDER BY seq",
        &[],
    )?;
    let one = |row: &postgres::Row| Reconciliation {
        at: row.get::<_, Instant>(0).0,
        provider: row.get(1),
        month: row.get::<_, Day>(2).0,
        currency: row.get(3),
        invoice: row.get::<_, Euro>(4).0,
        ledger: row.get::<_, Euro>(5).0,
    };
    Ok(rows.iter().map(one).collect())
}

impl PostgresStore {
    /// Remembers the tables in which rows are about to be changed: partitions, where there are such.
    pub(super) fn touch(&mut self, erasures: &[Erasure]) -> Result<(), StoreError> {
        if erasures.is_empty() {
            return Ok(());
        }
        let events = || erasures.iter().flat_map(|erasure| &erasure.events).map(|event| &event.before);
        let numbers: Vec<i64> = events().map(|event| event.number as i64).collect();
        let ids: Vec<&str> = events().map(|event| event.id.as_str()).collect();
        let rows = self.run("looking where ids are", |session| {
            session.query(
                "SELECT tableoid::regclass::text FROM events WHERE seq = ANY($1)
                 UNION SELECT tableoid::regclass::text FROM identities WHERE id = ANY($2) AND seq = ANY($1)
                 UNION SELECT unnest(ARRAY['parties', 'disputes'])",
                &[&numbers, &ids],
            )
        })?;
        self.touched.extend(rows.iter().map(|row| row.get::<_, String>(0)));
        Ok(())
    }

    /// Makes free what rows that were changed have left behind. False if that must be tried again.
    pub(super) fn free_touched(&mut self) -> Result<bool, StoreError> {
        let tables = std::mem::take(&mut self.touched);
        match self.run("cleaning up", |session| vacuum(session, &tables)) {
            Ok(()) => Ok(true),
            Err(error) => {
                self.touched = tables;
                if error.is_passing() { Ok(false) } else { Err(error) }
            }
        }
    }
}

fn vacuum(session: &mut Session, tables: &BTreeSet<String>) -> Result<(), Error> {
    // Of a large month that takes its time.
    session.client.batch_execute("SET statement_timeout = 0")?;
    let mut each = tables.iter().map(|table| session.client.batch_execute(&format!("VACUUM {table}")));
    let vacuumed = each.try_for_each(|vacuumed| vacuumed);
    session.client.batch_execute(TIMEOUTS)?;
    vacuumed
}
