//! How a database is reached, as whom, and what happens when that changes.

use std::sync::{Arc, Mutex};

use pratiko_ledger::Settings;
use pratiko_ledger::recording::{Recorder, Verdict};
use pratiko_ledger::store::postgres::{Address, PostgresStore};
use pratiko_ledger::store::{Store, StoreError};

use crate::stores::{Database, server};
use crate::world::{start, usage};

/// The address of a test's database for another user than the one who owns everything.
fn address_of(database: &Database, user: &str) -> Address {
    server().url(database.name()).replace("//postgres@", &format!("//{user}@")).parse().unwrap()
}

#[test]
fn the_address_is_asked_for_anew_when_a_connection_is_lost() {
    let database = Database::new();
    database.sql(
        "DROP ROLE IF EXISTS before_change; CREATE ROLE before_change LOGIN SUPERUSER;
         DROP ROLE IF EXISTS after_change; CREATE ROLE after_change LOGIN SUPERUSER",
    );
    let user = Arc::new(Mutex::new(Ok::<_, ()>("before_change")));
    let told = Arc::clone(&user);
    let addresses = ["before_change", "after_change"].map(|user| (user, address_of(&database, user)));
    let mut store = PostgresStore::open_where(move || {
        let mut user = told.lock().unwrap();
        // As of a file that is not there for a moment.
        let now = *user;
        *user = now.or(Ok("after_change"));
        let now = now.map_err(|()| StoreError::Foreign("no address".to_owned()))?;
        Ok(addresses.iter().find(|(user, _)| *user == now).unwrap().1.clone())
    })
    .unwrap();
    database.sql("ALTER ROLE before_change NOLOGIN");
    *user.lock().unwrap() = Err(());
    database.disconnect();
    assert!(store.statistics().is_ok());
    drop(store);
    database.sql("DROP ROLE before_change; DROP ROLE after_change");
}

#[test]
fn a_socket_in_the_file_system_is_connected_to() {
    let database = Database::new();
    let address: Address = server().socket(database.name()).parse().unwrap();
    assert_eq!(PostgresStore::open(&address).unwrap().statistics().unwrap().events, 0);
    let encrypted = format!("{} sslmode=require", server().socket(database.name())).parse().unwrap();
    let refused = PostgresStore::open(&encrypted).map(drop).unwrap_err().to_string();
    assert!(refused.contains("TLS"), "{refused}");
}

#[test]
fn a_server_is_reached_by_its_number_alone() {
    let database = Database::new();
    let address = server().socket(database.name());
    let (_, rest) = address.split_once(' ').unwrap();
    let address: Address = format!("hostaddr=127.0.0.1 {rest}").parse().unwrap();
    assert_eq!(PostgresStore::open(&address).unwrap().statistics().unwrap().events, 0);
}

#[test]
fn a_role_that_owns_the_schema_and_may_make_none_has_a_ledger() {
    let database = Database::new();
    database.sql(
        "DROP SCHEMA IF EXISTS pratiko CASCADE; DROP ROLE IF EXISTS restricted; CREATE ROLE restricted LOGIN;
         CREATE SCHEMA pratiko AUTHORIZATION restricted",
    );
    let store = PostgresStore::open(&address_of(&database, "restricted")).unwrap();
    let mut recorder = Recorder::open(Box::new(store), Arc::new(Settings::default()), start()).unwrap();
    let verdicts = recorder.record(vec![usage("1", start(), "anna", "1")], true, start()).unwrap();
    assert_eq!(verdicts, [Verdict::Accepted]);
    assert!(recorder.erase("anna", start()).unwrap().is_some());
    recorder.store().begin().unwrap();
    recorder.store().maintain(start()).unwrap();
    recorder.store().commit().unwrap();
    drop(recorder);
    // For whichever test has the database next.
    database.sql("DROP OWNED BY restricted CASCADE; DROP SCHEMA IF EXISTS pratiko; DROP ROLE restricted");
    database.open();
}
