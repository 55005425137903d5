//! Bounds of memory and of time, whatever the exporter does.

use super::*;

#[test]
fn memory_is_bounded_by_number_and_the_newest_are_refused() {
    let exporter = FakeExporter::start([]);
    exporter.always(Behaviour::Hang);
    let shipper = start(ShipSettings { queue_events: 100, batch_events: 10, ..settings(&exporter) });
    let mut taken = 0;
    for id in ids("a", 500) {
        match send(&shipper, &id) {
            Ok(()) => taken += 1,
            Err(error) => assert_eq!(error, NotQueued::Full),
        }
        assert!(shipper.counts().waiting_events <= 100);
    }
    assert_eq!((taken, shipper.counts().dropped(DropReason::QueueFull)), (100, 400));
    exporter.always(Behaviour::Record);
    flush(&shipper);
    assert_eq!(exporter.recorded(), ids("a", 100).into_iter().collect());
    assert_eq!((shipper.counts().waiting_events, shipper.counts().waiting_bytes), (0, 0));
}

#[test]
fn memory_is_bounded_by_bytes() {
    let exporter = FakeExporter::start([]);
    exporter.always(Behaviour::Close);
    let shipper = start(ShipSettings { queue_bytes: 5000, ..settings(&exporter) });
    for id in ids("a", 100) {
        let _ = send(&shipper, &id);
        assert!(shipper.counts().waiting_bytes <= 5000);
    }
    let counts = shipper.counts();
    assert!(counts.queued > 20 && counts.queued + counts.all_dropped() == 100, "{counts:?}");
}

#[test]
fn an_event_that_fits_in_no_request_is_refused() {
    let exporter = FakeExporter::start([]);
    let shipper = start(ShipSettings { batch_bytes: 100, ..settings(&exporter) });
    assert_eq!(send(&shipper, "a"), Err(NotQueued::TooLarge));
    assert_eq!(shipper.counts().dropped(DropReason::TooLarge), 1);
}

/// A hung exporter: nothing is answered for as long as the test may last.
fn hanging() -> (FakeExporter, Shipper) {
    let exporter = FakeExporter::start([]);
    exporter.always(Behaviour::Hang);
    let shipper = start(ShipSettings { response_timeout: PATIENCE, ..settings(&exporter) });
    send_many(&shipper, "a", 3);
    eventually("the request", || exporter.seen().len() == 1);
    (exporter, shipper)
}

fn took(within: std::ops::Range<u64>, what: impl FnOnce()) {
    let begun = Instant::now();
    what();
    let took = begun.elapsed();
    assert!(within.contains(&(took.as_millis() as u64)), "{took:?}");
}

#[test]
fn who_flushes_waits_no_longer_than_asked_though_the_exporter_hangs() {
    let (_exporter, shipper) = hanging();
    send_many(&shipper, "b", 2);
    took(100..5000, || {
        assert_eq!(shipper.flush(Duration::from_millis(100)), FlushOutcome { sent: 0, left: 5 });
    });
}

#[test]
fn who_stops_waits_no_longer_than_asked_and_what_is_left_is_counted() {
    let (_exporter, shipper) = hanging();
    send_many(&shipper, "b", 2);
    took(100..5000, || {
        assert_eq!(shipper.stop(Duration::from_millis(100)), FlushOutcome { sent: 0, left: 5 });
    });
    let counts = shipper.counts();
    assert_eq!((counts.dropped(DropReason::Stopped), counts.waiting_events), (5, 0));
}

#[test]
fn a_shipper_that_goes_away_does_not_wait_for_a_hung_exporter_for_long() {
    let (_exporter, shipper) = hanging();
    took(400..5000, || drop(shipper));
}

#[test]
fn recording_does_not_wait_for_a_hung_exporter() {
    let (_exporter, shipper) = hanging();
    took(0..5000, || send_many(&shipper, "b", 10_000));
}
