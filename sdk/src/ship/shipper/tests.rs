//! A shipper before exporters that behave in every way that exporters and networks do.

mod disk;
mod limits;
mod random;
mod retries;

use pratiko_domain::event::UserActive;

use super::*;
use crate::ship::testing::{Behaviour, FakeExporter, TempDir, eventually};
use crate::ship::{DropReason, Secret, SpillSettings, State, Token, now};
use crate::{Metrics, Registry};

/// More than any of these tests takes.
const PATIENCE: Duration = Duration::from_secs(20);

/// Everything happens soon, so that nobody sleeps for long.
fn settings(exporter: &FakeExporter) -> ShipSettings {
    ShipSettings {
        endpoint: exporter.endpoint(),
        source: "app".to_owned(),
        batch_delay: Duration::from_millis(5),
        response_timeout: Duration::from_millis(200),
        connect_timeout: Duration::from_millis(200),
        retry_delay: Duration::from_millis(5),
        longest_retry_delay: Duration::from_millis(20),
        refused_delay: Duration::from_millis(20),
        ..ShipSettings::default()
    }
}

fn start(settings: ShipSettings) -> Shipper {
    Shipper::start(settings).unwrap()
}

fn active() -> Body {
    Body::UserActive(UserActive::default())
}

fn send(shipper: &Shipper, id: &str) -> Result<(), NotQueued> {
    shipper.send_with_id(id, now(), Some("usr_1".to_owned()), active())
}

fn send_all<'a>(shipper: &Shipper, ids: impl IntoIterator<Item = &'a str>) {
    ids.into_iter().for_each(|id| send(shipper, id).unwrap());
}

/// `a0`, `a1`…
fn ids(prefix: &str, count: usize) -> Vec<String> {
    (0..count).map(|number| format!("{prefix}{number}")).collect()
}

fn send_many(shipper: &Shipper, prefix: &str, count: usize) {
    send_all(shipper, ids(prefix, count).iter().map(String::as_str));
}

/// Until nothing is left; how many were sent meanwhile.
fn flush(shipper: &Shipper) -> u64 {
    let outcome = shipper.flush(PATIENCE);
    assert_eq!(outcome.left, 0, "{:?} {:?}", shipper.status(), shipper.counts());
    outcome.sent
}

fn answer(status: u16, headers: &str, body: &str) -> Behaviour {
    Behaviour::Answer(status, headers.to_owned(), body.to_owned())
}

#[test]
fn events_arrive_in_their_order_in_batches_of_at_most_so_many() {
    let exporter = FakeExporter::start([]);
    let batch_delay = Duration::from_secs(3600);
    let shipper = start(ShipSettings { batch_events: 10, batch_delay, ..settings(&exporter) });
    send_many(&shipper, "a", 25);
    eventually("two full batches", || shipper.counts().sent == 20);
    assert_eq!(flush(&shipper), 5);
    let seen = exporter.seen();
    assert_eq!(seen.iter().map(|request| request.ids.len()).collect::<Vec<_>>(), [10, 10, 5]);
    assert_eq!(seen.into_iter().flat_map(|request| request.ids).collect::<Vec<_>>(), ids("a", 25));
}

#[test]
fn no_batch_has_more_bytes_than_it_may() {
    let exporter = FakeExporter::start([]);
    let shipper = start(ShipSettings { batch_bytes: 1000, ..settings(&exporter) });
    send_many(&shipper, "a", 50);
    flush(&shipper);
    let seen = exporter.seen();
    assert!(seen.iter().all(|request| request.bytes <= 1000), "{seen:?}");
    assert!(seen.len() < 20, "{} requests for 50 events", seen.len());
}

#[test]
fn an_event_waits_for_company_no_longer_than_it_may() {
    let exporter = FakeExporter::start([]);
    let batch_delay = Duration::from_millis(100);
    let shipper = start(ShipSettings { batch_delay, ..settings(&exporter) });
    let begun = Instant::now();
    send(&shipper, "a").unwrap();
    eventually("sending it", || shipper.counts().sent == 1);
    assert!(exporter.seen()[0].at - begun >= batch_delay);
}

#[test]
fn an_event_gets_an_id_of_its_own_when_it_is_recorded() {
    let exporter = FakeExporter::start([answer(500, "", ""), Behaviour::RecordAndClose]);
    let shipper = start(settings(&exporter));
    shipper.send(Some("usr_1".to_owned()), active()).unwrap();
    shipper.send(Some("usr_1".to_owned()), active()).unwrap();
    flush(&shipper);
    assert_eq!(exporter.recorded().len(), 2);
    let seen = exporter.seen();
    assert!(seen.iter().all(|request| request.ids == seen[0].ids), "{seen:?}");
}

#[test]
fn an_event_that_would_be_rejected_is_refused_where_it_was_made() {
    let exporter = FakeExporter::start([]);
    let shipper = start(settings(&exporter));
    let error = shipper.send(None, active()).unwrap_err();
    assert_eq!(error.to_string(), "subject: is missing; it names the user");
    assert!(matches!(send(&shipper, ""), Err(NotQueued::Invalid(_))));
    assert_eq!(shipper.counts().dropped(DropReason::Invalid), 2);
    assert_eq!(flush(&shipper), 0);
}

#[test]
fn events_that_the_exporter_rejects_cost_no_others_and_are_not_sent_again() {
    let exporter = FakeExporter::start([]);
    let shipper = start(settings(&exporter));
    send_all(&shipper, ["a", "bad1", "b"]);
    flush(&shipper);
    send_all(&shipper, ["bad2", "bad3"]);
    assert_eq!(flush(&shipper), 0);
    let counts = shipper.counts();
    assert_eq!((counts.sent, counts.rejected, counts.retries, counts.all_dropped()), (2, 3, 0, 0));
    let error = shipper.status().last_error.unwrap();
    assert_eq!(error.message, "the exporter rejected 2 of 2 events: data: is bad");
    assert_eq!(shipper.status().state, State::Delivering);
}

#[test]
fn after_the_end_events_are_refused_and_counted() {
    let exporter = FakeExporter::start([]);
    let shipper = start(settings(&exporter));
    let other = shipper.clone();
    send_many(&shipper, "a", 3);
    assert_eq!(shipper.stop(PATIENCE), FlushOutcome { sent: 3, left: 0 });
    assert_eq!(send(&other, "late"), Err(NotQueued::Stopped));
    assert_eq!(other.counts().dropped(DropReason::Stopped), 1);
    assert_eq!(other.status().state, State::Stopped);
    assert_eq!(other.flush(PATIENCE), FlushOutcome { sent: 0, left: 0 });
    assert_eq!(other.stop(PATIENCE), FlushOutcome { sent: 0, left: 0 });
}

#[test]
fn the_last_handle_sends_what_is_left() {
    let exporter = FakeExporter::start([]);
    let shipper = start(ShipSettings { batch_delay: Duration::from_secs(3600), ..settings(&exporter) });
    let clone = shipper.clone();
    send_many(&clone, "a", 3);
    drop(shipper);
    assert!(exporter.recorded().is_empty());
    drop(clone);
    assert_eq!(exporter.recorded().len(), 3);
}

#[test]
fn a_registry_does_not_keep_a_shipper_running_and_still_says_how_it_went() {
    let exporter = FakeExporter::start([]);
    let shipper = start(ShipSettings { batch_delay: Duration::from_secs(3600), ..settings(&exporter) });
    let registry = Registry::new();
    let metrics = Metrics::ship(&registry, &shipper).unwrap();
    send_many(&shipper, "a", 3);
    drop(shipper);
    assert!(exporter.recorded().is_empty(), "the metrics ship too");
    drop(metrics);
    assert_eq!(exporter.recorded().len(), 3);
    assert_eq!(registry.value("pratiko_ship_state", &[("state", "stopped")]), Some(1.0));
    assert_eq!(registry.value("pratiko_ship_events_total", &[("result", "accepted")]), Some(3.0));
}
