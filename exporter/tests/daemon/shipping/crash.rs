//! The application itself is killed while the exporter is away.

use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};
use std::time::Duration;

use pratiko_metrics::ship::{Shipper, SpillSettings};

use super::{address, body, settings, users_in};
use crate::support::{Daemon, TempDir, eventually};

/// How the process that is killed learns where to work; without it, it is none.
const DIRECTORY: &str = "PRATIKO_TEST_APPLICATION";

const EVENTS: u64 = 500;
const KILLS: u64 = 3;

#[test]
fn what_is_on_disk_when_the_application_is_killed_is_sent_by_the_next_one_once() {
    let directory = TempDir::new();
    for kill in 0..KILLS {
        let mut application = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "shipping::crash::application", "--ignored", "--nocapture"])
            .env(DIRECTORY, format!("{kill} {}", directory.path().display()))
            .stdout(Stdio::piped())
            .stdin(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(application.stdout.take().unwrap()).lines().map_while(Result::ok);
        let is_ready = lines.any(|line| line.ends_with("all is on disk"));
        application.kill().unwrap();
        application.wait().unwrap();
        assert!(is_ready, "the application ended by itself");
    }

    let (ledger, spill) = (directory.file("ledger"), directory.file("spill"));
    let daemon = Daemon::start(&ledger);
    let mut settings = settings(daemon.client.address, &ledger);
    settings.spill = Some(SpillSettings::new(&spill));
    let shipper = Shipper::start(settings).unwrap();
    assert_eq!(shipper.counts().recovered, KILLS * EVENTS);
    assert_eq!(shipper.flush(Duration::from_secs(60)).left, 0);
    assert_eq!((shipper.counts().sent, shipper.counts().disk_bytes), (KILLS * EVENTS, 0));
    daemon.client.metrics_with(KILLS * EVENTS);
    drop(daemon);
    let expected = (0..KILLS).flat_map(|kill| (0..EVENTS).map(move |number| format!("{kill}-{number}")));
    assert!(users_in(&ledger) == expected.collect());
}

#[test]
#[ignore = "is the process that another test kills"]
fn application() {
    let Ok(task) = std::env::var(DIRECTORY) else { return };
    let (kill, directory) = task.split_once(' ').unwrap();
    let directory = std::path::Path::new(directory);
    // Nobody is there.
    let mut settings = settings(address(), directory);
    std::fs::write(directory.join("ingest-token"), "any\n").unwrap();
    settings.spill = Some(SpillSettings::new(directory.join("spill")));
    let shipper = Shipper::start(settings).unwrap();
    for number in 0..EVENTS {
        shipper.send(Some(format!("{kill}-{number}")), body(number as usize)).unwrap();
    }
    let expected = shipper.counts().recovered + EVENTS;
    eventually("spilling", || (shipper.counts().disk_events == expected).then_some(()));
    println!("all is on disk");
    std::io::stdout().flush().unwrap();
    // Until it is killed, or its parent is.
    let _ = std::io::stdin().read_line(&mut String::new());
    std::process::abort();
}
