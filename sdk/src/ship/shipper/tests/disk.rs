//! Events on disk: while the exporter is away, from one process to the next, and after a crash.

use std::path::Path;

use super::*;
use crate::ship::StartError;

fn spilling(exporter: &FakeExporter, directory: &Path) -> ShipSettings {
    ShipSettings { spill: Some(SpillSettings::new(directory)), ..settings(exporter) }
}

/// What a crash at this moment would leave.
fn after_a_crash(directory: &Path) -> TempDir {
    let copy = TempDir::new();
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        std::fs::copy(&path, copy.path().join(path.file_name().unwrap())).unwrap();
    }
    copy
}

fn files(directory: &Path) -> usize {
    // One is the lock.
    std::fs::read_dir(directory).unwrap().count() - 1
}

#[test]
fn while_all_is_well_nothing_is_written() {
    let (exporter, directory) = (FakeExporter::start([]), TempDir::new());
    let shipper = start(spilling(&exporter, directory.path()));
    send_many(&shipper, "a", 100);
    flush(&shipper);
    assert_eq!((shipper.counts().spilled, files(directory.path())), (0, 0));
}

#[test]
fn while_the_exporter_is_away_all_that_waits_survives_a_crash() {
    let (exporter, directory) = (FakeExporter::start([]), TempDir::new());
    exporter.always(Behaviour::Close);
    let shipper = start(spilling(&exporter, directory.path()));
    send_many(&shipper, "a", 5);
    eventually("spilling those under way", || shipper.counts().spilled == 5);
    send_many(&shipper, "b", 5);
    eventually("spilling those that came later", || shipper.counts().disk_events == 10);
    assert_eq!((shipper.counts().waiting_events, shipper.counts().spilled), (0, 10));

    let copy = after_a_crash(directory.path());
    let recorder = FakeExporter::start([]);
    let next = start(spilling(&recorder, copy.path()));
    assert_eq!(next.counts().recovered, 10);
    send(&next, "new").unwrap();
    eventually("sending them", || next.counts().sent == 11);
    let order: Vec<String> = recorder.seen().into_iter().flat_map(|request| request.ids).collect();
    assert_eq!(order, [ids("a", 5), ids("b", 5), vec!["new".to_owned()]].concat());
    assert_eq!(files(copy.path()), 0);

    // The first one did not crash after all, and the ids keep both from counting.
    exporter.always(Behaviour::Record);
    assert_eq!(flush(&shipper), 10);
    assert_eq!((files(directory.path()), shipper.counts().disk_events), (0, 0));
}

#[test]
fn memory_that_fills_overflows_to_disk_and_all_arrive_in_their_order() {
    let (exporter, directory) = (FakeExporter::start([]), TempDir::new());
    exporter.always(Behaviour::Hang);
    let shipper = start(ShipSettings {
        queue_events: 100,
        batch_events: 20,
        response_timeout: Duration::from_secs(2),
        ..spilling(&exporter, directory.path())
    });
    for id in ids("a", 2000) {
        eventually("room", || send(&shipper, &id).is_ok());
        assert!(shipper.counts().waiting_events <= 100);
    }
    assert!(shipper.counts().spilled >= 1900, "{:?}", shipper.counts());
    exporter.always(Behaviour::Record);
    flush(&shipper);
    assert_eq!(exporter.recorded().len(), 2000);
    let mut order: Vec<String> = exporter.seen().into_iter().flat_map(|request| request.ids).collect();
    order.drain(..order.iter().rposition(|id| id == "a0").unwrap());
    assert_eq!(order, ids("a", 2000));
}

#[test]
fn what_a_stop_leaves_is_sent_by_the_next_process() {
    let (exporter, directory) = (FakeExporter::start([]), TempDir::new());
    exporter.always(Behaviour::Hang);
    let response_timeout = PATIENCE;
    let shipper = start(ShipSettings { response_timeout, ..spilling(&exporter, directory.path()) });
    send_many(&shipper, "a", 5);
    eventually("the request", || exporter.seen().len() == 1);
    send_many(&shipper, "b", 5);
    assert_eq!(shipper.stop(Duration::from_millis(50)), FlushOutcome { sent: 0, left: 10 });
    assert_eq!((shipper.counts().disk_events, shipper.counts().all_dropped()), (10, 0));

    exporter.always(Behaviour::Record);
    let next = start(spilling(&exporter, directory.path()));
    eventually("sending them", || next.counts().sent == 10);
    assert_eq!(exporter.recorded().len(), 10);
}

#[test]
fn disk_and_memory_together_are_bounded() {
    let (exporter, directory) = (FakeExporter::start([]), TempDir::new());
    exporter.always(Behaviour::Close);
    let spill = SpillSettings { max_bytes: 20_000, ..SpillSettings::new(directory.path()) };
    let shipper = start(ShipSettings {
        spill: Some(spill),
        queue_events: 50,
        batch_bytes: 2000,
        ..settings(&exporter)
    });
    let mut refused = 0;
    eventually("refusing", || {
        refused += u64::from(send(&shipper, "a").is_err());
        let on_disk = std::fs::read_dir(directory.path()).unwrap();
        let bytes: u64 = on_disk.map(|entry| entry.unwrap().metadata().map_or(0, |file| file.len())).sum();
        assert!(bytes <= 20_000, "{bytes}");
        refused > 500
    });
    let counts = shipper.counts();
    assert!(counts.disk_bytes > 15_000 && counts.waiting_events == 50, "{counts:?}");
    assert_eq!(counts.queued, counts.disk_events + counts.waiting_events);
}

#[test]
fn a_torn_line_costs_itself_alone() {
    let (exporter, directory) = (FakeExporter::start([]), TempDir::new());
    exporter.always(Behaviour::Close);
    let shipper = start(spilling(&exporter, directory.path()));
    send_many(&shipper, "a", 5);
    eventually("spilling", || shipper.counts().disk_events == 5);
    let copy = after_a_crash(directory.path());
    let path = std::fs::read_dir(copy.path())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .find(|path| path.extension().is_some())
        .unwrap();
    let text = std::fs::read(&path).unwrap();
    std::fs::write(&path, &text[..text.len() - 10]).unwrap();

    exporter.always(Behaviour::Record);
    let next = start(spilling(&exporter, copy.path()));
    flush(&next);
    let counts = next.counts();
    assert_eq!((counts.recovered, counts.dropped(DropReason::Damaged)), (5, 1));
    assert_eq!((counts.sent + counts.duplicates, files(copy.path())), (4, 0));
}

#[test]
fn a_disk_that_fails_costs_nothing_but_its_help() {
    let (exporter, directory) = (FakeExporter::start([Behaviour::Hang]), TempDir::new());
    let place = directory.path().join("spill");
    let response_timeout = Duration::from_millis(500);
    let shipper = start(ShipSettings { queue_events: 20, response_timeout, ..spilling(&exporter, &place) });
    std::fs::remove_dir_all(&place).unwrap();
    send_many(&shipper, "a", 5);
    eventually("the request", || exporter.seen().len() == 1);
    send_many(&shipper, "b", 15);
    eventually("the disk to fail", || {
        let error = shipper.status().last_error;
        error.is_some_and(|error| error.message.starts_with("cannot write events to disk"))
    });
    assert_eq!(shipper.counts().waiting_events, 20);
    assert_eq!(flush(&shipper), 20);
    let order = exporter.seen().into_iter().skip(1).flat_map(|request| request.ids);
    assert_eq!(order.collect::<Vec<_>>(), [ids("a", 5), ids("b", 15)].concat());
}

#[test]
fn two_shippers_do_not_share_a_directory() {
    let (exporter, directory) = (FakeExporter::start([]), TempDir::new());
    let shipper = start(spilling(&exporter, directory.path()));
    let error = Shipper::start(spilling(&exporter, directory.path())).unwrap_err();
    assert!(matches!(error, StartError::DirectoryInUse { .. }), "{error}");
    assert_eq!(shipper.stop(PATIENCE).left, 0);
    assert!(Shipper::start(spilling(&exporter, directory.path())).is_ok());
}
