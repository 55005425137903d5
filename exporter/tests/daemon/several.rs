//! Several daemons on one ledger in PostgreSQL: they say the same, also when the server is killed under
//! load, again and again.

use std::collections::HashMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};

use pratiko_test_postgres::{Durability, Server};

use crate::durability::{Plan, check_ledger_with, cost, euros, llm_cost};
use crate::support::{Batch, Client, Daemon, TempDir, counts, eventually, run_badly, run_well};

/// A server with an empty database, and what tells a daemon of it.
struct Database {
    server: Server,
    directory: TempDir,
    flag: String,
}

impl Database {
    fn new(durability: Durability) -> Self {
        let server = Server::start(durability);
        server.sql("postgres", "CREATE DATABASE ledger");
        let directory = TempDir::new();
        let file = directory.write("database-url", &server.url("ledger"));
        Self { server, directory, flag: format!("--ledger.database-url-file={}", file.display()) }
    }

    fn daemon(&self, name: &str) -> Daemon {
        Daemon::start_with(&self.directory.file(name), &[&self.flag])
    }
}

/// What every daemon on the ledger must say: its own affairs apart, and what changes with every second.
fn business(metrics: HashMap<String, f64>) -> HashMap<String, f64> {
    let of_itself = [
        "pratiko_cost_month_projected_",
        "pratiko_stripe_",
        "pratiko_exporter_",
        "pratiko_ingest_",
        "pratiko_ledger_",
    ];
    let is_business = |name: &str| {
        name.starts_with("pratiko_") && !of_itself.iter().any(|prefix| name.starts_with(prefix))
            || name.starts_with("pratiko_ledger_info")
            || name.starts_with("pratiko_ledger_events_total")
    };
    metrics.into_iter().filter(|(name, _)| is_business(name)).collect()
}

const KILLS: u64 = 21;
const CLIENTS_OF_EACH: usize = 2;

#[test]
fn what_three_daemons_acknowledged_survives_twenty_kills_of_the_server_and_counts_once() {
    let mut database = Database::new(Durability::Full);
    let daemons = ["one", "two", "three"].map(|name| database.daemon(name));
    let clients = daemons.each_ref().map(|daemon| daemon.client.clone());
    let plan = Mutex::new(Plan::default());
    let is_over = AtomicBool::new(false);
    let (heard, hearing): (Sender<()>, Receiver<()>) = channel();
    std::thread::scope(|scope| {
        for client in clients.iter().cycle().take(clients.len() * CLIENTS_OF_EACH) {
            let (plan, is_over, heard) = (&plan, &is_over, heard.clone());
            scope.spawn(move || send(client, plan, is_over, &heard));
        }
        for kill in 0..KILLS {
            // Some kills hit a server that is hardly up again.
            for _ in 0..=(kill * 7 % 13) {
                hearing.recv().unwrap();
            }
            database.server.kill();
            plan.lock().unwrap().send_some_again();
            database.server.restart();
        }
        for _ in 0..20 {
            hearing.recv().unwrap();
        }
        is_over.store(true, Ordering::Relaxed);
    });
    let mut plan = plan.into_inner().unwrap();
    for batch in std::mem::take(&mut plan.again) {
        plan.check_answer(batch, clients[0].send(batch));
        plan.acknowledged.insert(batch.number, batch.size);
    }
    let batches: Vec<Batch> =
        plan.acknowledged.iter().map(|(&number, &size)| Batch { number, size }).collect();
    let events = batches.iter().map(|batch| batch.size).sum();
    let said = clients.each_ref().map(|client| client.metrics_with(events));
    for metrics in &said {
        assert_eq!(llm_cost(metrics), euros(cost(&batches)));
    }
    let [one, two, three] = said.map(business);
    assert!(one.len() > 50, "{one:?}");
    for other in [two, three] {
        let differing: Vec<_> = one.iter().filter(|(name, value)| other.get(*name) != Some(value)).collect();
        assert!(differing.is_empty() && one.len() == other.len(), "{differing:?}");
    }
    drop(daemons);
    check_ledger_with(database.directory.path(), &[&database.flag], &batches);
}

/// Sends without a pause. What is not acknowledged is sent again, by whoever comes to it.
fn send(client: &Client, plan: &Mutex<Plan>, is_over: &AtomicBool, heard: &Sender<()>) {
    while !is_over.load(Ordering::Relaxed) {
        let batch = plan.lock().unwrap().take();
        match client.try_send(batch) {
            Ok(answer) if answer.status == 200 => {
                plan.lock().unwrap().acknowledge(batch, counts(&answer));
                // Nobody counts any more at the end.
                let _ = heard.send(());
            }
            _ => plan.lock().unwrap().fail(batch),
        }
    }
}

#[test]
fn a_daemon_waits_for_a_server_that_is_not_there_and_takes_events_once_it_is() {
    let mut database = Database::new(Durability::None);
    database.server.kill();
    let daemon = database.daemon("one");
    let batch = Batch { number: 1, size: 10 };
    let answer = daemon.client.try_send(batch).unwrap();
    assert_eq!(answer.status, 503, "{answer:?}");
    database.server.restart();
    eventually("an event that is taken", || {
        daemon.client.try_send(batch).ok().filter(|answer| answer.status == 200)
    });
    daemon.client.metrics_with(10);
}

#[test]
fn a_ledger_moves_from_its_file_into_a_database() {
    let database = Database::new(Durability::None);
    let directory = TempDir::new();
    let batch = Batch { number: 1, size: 100 };
    let daemon = Daemon::start(directory.path());
    daemon.client.send(batch);
    let copy = [database.flag.as_str(), "ledger", "copy", "--from", "sqlite", "--to", "postgres"];
    let error = run_badly(directory.path(), &copy);
    assert!(error.contains("in use"), "{error}");
    let before = business(daemon.client.metrics_with(100));
    drop(daemon);
    let copied = run_well(directory.path(), &copy);
    assert!(copied.contains("100 events and 50 users and customers are in ledger on 127.0.0.1"), "{copied}");
    let error = run_badly(directory.path(), &copy);
    assert!(error.contains("holds events already"), "{error}");
    let daemon = Daemon::start_with(directory.path(), &[&database.flag]);
    assert_eq!(daemon.client.send(batch), (0, 100));
    assert_eq!(business(daemon.client.metrics_with(100)), before);
    check_ledger_with(directory.path(), &[&database.flag], &[batch]);
}

#[test]
fn the_commands_work_on_a_ledger_in_a_database() {
    let database = Database::new(Durability::None);
    let directory = database.directory.path();
    let error = run_badly(directory, &[&database.flag, "ledger", "stats"]);
    assert!(error.contains("ledger migrate"), "{error}");
    for _ in 0..2 {
        let made = run_well(directory, &[&database.flag, "ledger", "migrate"]);
        assert!(made.contains("latest version") && made.contains("ledger on 127.0.0.1"), "{made}");
    }
    let daemon = database.daemon("one");
    assert_eq!(daemon.client.send(Batch { number: 1, size: 100 }), (100, 0));
    let stats = run_well(directory, &[&database.flag, "ledger", "stats"]);
    assert!(
        stats.contains("events            100\n") && stats.contains("database          ledger on"),
        "{stats}"
    );
    check_ledger_with(directory, &[&database.flag], &[Batch { number: 1, size: 100 }]);
    // What was exported is there already.
    let exported = run_well(directory, &[&database.flag, "ledger", "export"]);
    let file = database.directory.write("events", &exported);
    let imported = run_well(directory, &[&database.flag, "ledger", "import", file.to_str().unwrap()]);
    assert!(imported.contains("0 recorded, 100 were there before"), "{imported}");
    let printed = run_well(directory, &[&database.flag, "config", "print"]);
    assert!(!printed.contains("postgres@127"), "{printed}");
}
