//! The tables, as a list of migrations that is only ever added to.
//!
//! All of them are in a schema of their own, so that the database may hold other things too.

use postgres::{Client, Error};

use super::session::{LockKey, failure};
use crate::store::StoreError;

/// Each brings a ledger from the version of its position to the next.
const MIGRATIONS: &[&str] = &[include_str!("schema/001_ledger.sql")];

/// The version of the ledger in the database, zero for none.
fn version(client: &mut Client) -> Result<usize, Error> {
    let has_meta: bool = client.query_one("SELECT to_regclass('pratiko.meta') IS NOT NULL", &[])?.get(0);
    if !has_meta {
        return Ok(0);
    }
    let row = client.query_opt("SELECT value FROM pratiko.meta WHERE key = 'version'", &[])?;
    Ok(row.and_then(|row| row.get::<_, String>(0).parse().ok()).unwrap_or(0))
}

fn is_known(version: usize) -> Result<(), StoreError> {
    if version <= MIGRATIONS.len() {
        return Ok(());
    }
    Err(StoreError::Foreign(format!(
        "the ledger has version {version} and this program knows {}; use a newer program",
        MIGRATIONS.len()
    )))
}

/// Brings the ledger to the latest version. Of several that try at once, one does it and the others
/// wait for it. Returns the version that was there before.
pub(super) fn migrate(client: &mut Client) -> Result<usize, StoreError> {
    let before = version(client).map_err(failure("reading the ledger's version"))?;
    is_known(before)?;
    if before == MIGRATIONS.len() {
        return Ok(before);
    }
    let migrating = failure("migrating the ledger");
    let mut transaction = client.transaction().map_err(&migrating)?;
    // A migration may have to wait for another that takes its time.
    transaction
        .batch_execute("SET LOCAL lock_timeout = 0; SET LOCAL statement_timeout = 0")
        .map_err(&migrating)?;
    LockKey::MIGRATION.lock_in(&mut transaction).map_err(&migrating)?;
    // An administrator may have made it for a role that may make none.
    let has_schema: bool = transaction
        .query_one("SELECT to_regnamespace('pratiko') IS NOT NULL", &[])
        .map_err(&migrating)?
        .get(0);
    if !has_schema {
        transaction.batch_execute("CREATE SCHEMA pratiko").map_err(&migrating)?;
    }
    let found: usize = {
        let mut of_transaction = transaction.transaction().map_err(&migrating)?;
        let has_meta: bool = of_transaction
            .query_one("SELECT to_regclass('pratiko.meta') IS NOT NULL", &[])
            .map_err(&migrating)?
            .get(0);
        let text = "SELECT value FROM pratiko.meta WHERE key = 'version'";
        let row = if has_meta { of_transaction.query_opt(text, &[]).map_err(&migrating)? } else { None };
        row.and_then(|row| row.get::<_, String>(0).parse().ok()).unwrap_or(0)
    };
    is_known(found)?;
    for migration in MIGRATIONS.get(found..).unwrap_or_default() {
        transaction.batch_execute(migration).map_err(&migrating)?;
    }
    transaction
        .execute(
            "INSERT INTO pratiko.meta (key, value) VALUES ('version', $1)
             ON CONFLICT (key) DO UPDATE SET value = excluded.value",
            &[&MIGRATIONS.len().to_string()],
        )
        .map_err(&migrating)?;
    transaction.commit().map_err(&migrating)?;
    Ok(found)
}

/// Refuses a ledger that has not the version that is read here.
pub(super) fn require_latest(client: &mut Client) -> Result<(), StoreError> {
    match version(client).map_err(failure("reading the ledger's version"))? {
        0 => Err(StoreError::Foreign(
            "there is no ledger in the database; `pratiko-exporter ledger migrate` makes one".to_owned(),
        )),
        version if version == MIGRATIONS.len() => Ok(()),
        version => {
            is_known(version)?;
            Err(StoreError::Foreign(format!(
                "the ledger has version {version}, not {}; run `pratiko-exporter ledger migrate`",
                MIGRATIONS.len()
            )))
        }
    }
}
