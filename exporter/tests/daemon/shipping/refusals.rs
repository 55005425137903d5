//! Answers that come before the request has been read: they must arrive all the same.

use std::time::Duration;

use pratiko_metrics::ship::{DropReason, Secret, ShipSettings, Shipper, State};

use super::{body, settings, users_in};
use crate::support::{Daemon, TempDir, eventually};

const EVENTS: usize = 20_000;

fn send_all(shipper: &Shipper) {
    for number in 0..EVENTS {
        shipper.send(Some(format!("u{number}")), body(number)).unwrap();
    }
}

/// Requests far above any buffer in between.
fn large(settings: ShipSettings) -> ShipSettings {
    let batch_delay = Duration::from_secs(60);
    ShipSettings { batch_events: EVENTS, batch_bytes: 6 * 1024 * 1024, batch_delay, ..settings }
}

#[test]
fn a_limit_of_the_exporter_below_that_of_the_application_is_found_and_all_arrive() {
    let directory = TempDir::new();
    let daemon = Daemon::start_with(directory.path(), &["--ingest.max-body-bytes=64KiB"]);
    let shipper = Shipper::start(large(settings(daemon.client.address, directory.path()))).unwrap();
    send_all(&shipper);
    assert_eq!(shipper.flush(Duration::from_secs(60)).left, 0, "{:?}", shipper.status());
    let counts = shipper.counts();
    assert_eq!((counts.sent + counts.duplicates, counts.all_dropped()), (EVENTS as u64, 0));
    assert_eq!(counts.dropped(DropReason::TooLarge), 0);
    drop(daemon);
    assert_eq!(users_in(directory.path()).len(), EVENTS);
}

#[test]
fn a_wrong_token_is_known_as_such_however_large_the_request() {
    let directory = TempDir::new();
    let daemon = Daemon::start(directory.path());
    let settings = ShipSettings {
        token: Secret::new("wrong").into(),
        ..large(settings(daemon.client.address, directory.path()))
    };
    let shipper = Shipper::start(settings).unwrap();
    send_all(&shipper);
    eventually("an attempt", || (shipper.counts().retries > 0).then_some(()));
    for attempts in 1..10 {
        assert_eq!(shipper.status().state, State::Unauthorized, "{:?}", shipper.status());
        eventually("another", || (shipper.counts().retries > attempts).then_some(()));
    }
}
