//! The exporter is killed, hangs, and has no time, while two threads record.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use pratiko_metrics::ship::{ShipSettings, Shipper, State, now};
use rustix::process::Signal;

use super::{address, body, settings, users_in};
use crate::support::{Batch, Client, Daemon, TempDir, eventually, run_well};

const ROUNDS: u64 = 3;
const QUEUE_EVENTS: usize = 20_000;

/// Few wait in the ledger, so that who comes while others are there is told to come back.
const FLAGS: [&str; 1] = ["--ingest.queue-events=10"];

#[test]
fn each_event_is_in_the_ledger_once_though_the_exporter_is_killed_hangs_and_has_no_time() {
    let directory = TempDir::new();
    let ledger = directory.path();
    let address = address();
    let first = Daemon::start_at(address, ledger, &FLAGS);
    let settings = ShipSettings { queue_events: QUEUE_EVENTS, ..settings(address, ledger) };
    let shipper = Shipper::start(settings).unwrap();
    let is_over = AtomicBool::new(false);
    let others = AtomicU64::new(0);

    let (records, daemon) = std::thread::scope(|scope| {
        let (shipper, is_over) = (&shipper, &is_over);
        let mut daemon = first;
        let recorders = ["a", "b"].map(|name| scope.spawn(move || record(shipper, name, is_over)));
        for round in 0..ROUNDS {
            let sent = shipper.counts().sent;
            eventually("all being well", || (shipper.counts().sent > sent).then_some(()));
            daemon.kill();
            eventually("missing the exporter", || has_failed(shipper, "sending events to"));
            daemon = Daemon::start_at(address, ledger, &FLAGS);
            eventually("delivering again", || is_delivering(shipper));

            daemon.signal(Signal::STOP);
            eventually("giving up on an answer", || has_failed(shipper, "timeout"));
            daemon.signal(Signal::CONT);
            eventually("delivering again", || is_delivering(shipper));

            is_told_to_come_back(shipper, &daemon.client, round, &others);
        }
        eventually("delivering again", || is_delivering(shipper));
        is_over.store(true, Ordering::Relaxed);
        (recorders.map(|recorder| recorder.join().unwrap()), daemon)
    });

    let outcome = shipper.flush(Duration::from_secs(60));
    let counts = shipper.counts();
    println!("{counts:?}");
    assert_eq!((outcome.left, counts.waiting_events), (0, 0), "{:?}", shipper.status());
    assert_eq!((counts.rejected, counts.all_dropped()), (0, 0));
    assert_eq!(counts.sent + counts.duplicates, counts.queued);
    assert!(counts.retries >= 3 * ROUNDS);

    let events: u64 = records.iter().map(|record| record.events).sum();
    assert_eq!(counts.queued, events);
    daemon.client.metrics_with(events + others.into_inner());
    drop(daemon);
    run_well(ledger, &["ledger", "verify"]);
    let users = users_in(ledger);
    assert!(users == records.iter().flat_map(Record::users).collect());

    let mut took: Vec<Duration> = records.into_iter().flat_map(|record| record.took).collect();
    took.sort_unstable();
    let (p99, longest) = (took[took.len() * 99 / 100], took[took.len() - 1]);
    println!("send(): {events} events, median {:?}, p99 {p99:?}, longest {longest:?}", took[took.len() / 2]);
    assert!(p99 < Duration::from_millis(5), "{p99:?}");
}

/// What one thread has recorded, and how long each event took it.
struct Record {
    name: &'static str,
    events: u64,
    took: Vec<Duration>,
}

impl Record {
    fn users(&self) -> impl Iterator<Item = String> {
        let name = self.name;
        (0..self.events).map(move |number| format!("{name}{number}"))
    }
}

/// Records until all is over, some hundred events a second, each about a user of its own.
fn record(shipper: &Shipper, name: &'static str, is_over: &AtomicBool) -> Record {
    let mut record = Record { name, events: 0, took: Vec::new() };
    while !is_over.load(Ordering::Relaxed) {
        let user = format!("{name}{}", record.events);
        let body = body(record.events as usize);
        let begun = Instant::now();
        let result = if record.events.is_multiple_of(2) {
            shipper.send(Some(user), body)
        } else {
            shipper.send_with_id(format!("own-{user}"), now(), Some(user), body)
        };
        record.took.push(begun.elapsed());
        result.unwrap();
        record.events += 1;
        if record.events.is_multiple_of(5) {
            assert!(shipper.counts().waiting_events <= QUEUE_EVENTS as u64);
            std::thread::sleep(Duration::from_millis(5));
        }
    }
    record
}

fn is_delivering(shipper: &Shipper) -> Option<()> {
    (shipper.status().state == State::Delivering).then_some(())
}

fn has_failed(shipper: &Shipper, how: &str) -> Option<()> {
    let status = shipper.status();
    let error = status.last_error.filter(|_| status.state == State::Retrying)?;
    error.message.contains(how).then_some(())
}

/// Others keep the ledger busy until the shipper has been told to come back.
fn is_told_to_come_back(shipper: &Shipper, client: &Client, round: u64, others: &AtomicU64) {
    let is_told = AtomicBool::new(false);
    std::thread::scope(|scope| {
        for sender in 0..4 {
            let is_told = &is_told;
            scope.spawn(move || {
                let mut number = (round * 4 + sender) * 100_000;
                while !is_told.load(Ordering::Relaxed) {
                    number += 1;
                    let answer = client.try_send(Batch { number, size: 20 }).unwrap();
                    if answer.status == 200 {
                        others.fetch_add(20, Ordering::Relaxed);
                    }
                }
            });
        }
        eventually("being told to come back", || has_failed(shipper, "answered 429"));
        is_told.store(true, Ordering::Relaxed);
    });
}
