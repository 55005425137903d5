//! Any sequence of mishaps.

use proptest::prelude::*;

use super::*;

fn mishap() -> impl Strategy<Value = Behaviour> {
    prop_oneof![
        Just(Behaviour::Record),
        Just(Behaviour::RecordAndClose),
        Just(Behaviour::Close),
        Just(Behaviour::Hang),
        Just(answer(500, "", "")),
        Just(answer(429, "Retry-After: 0\r\n", "")),
        Just(answer(401, "", "")),
        Just(answer(413, "", "")),
        Just(answer(200, "", "{}")),
        (100..2000_usize).prop_map(Behaviour::RecordUpTo),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_event_that_was_taken_is_recorded_under_its_id_or_counted_as_dropped(
        mishaps in prop::collection::vec(mishap(), 0..12),
        batch_events in 1..40_usize,
        on_disk: bool,
    ) {
        let (exporter, directory) = (FakeExporter::start(mishaps), TempDir::new());
        let shipper = start(ShipSettings {
            batch_events,
            queue_events: 60,
            response_timeout: Duration::from_millis(20),
            refused_delay: Duration::from_millis(5),
            spill: on_disk.then(|| SpillSettings::new(directory.path())),
            ..settings(&exporter)
        });
        let mut taken = 0;
        for id in ids("a", 200) {
            taken += u64::from(send(&shipper, &id).is_ok());
            prop_assert!(shipper.counts().waiting_events <= 60);
            if taken % 30 == 0 {
                std::thread::sleep(Duration::from_millis(1));
            }
        }
        prop_assert_eq!(shipper.flush(PATIENCE).left, 0);
        let counts = shipper.counts();
        let dropped = counts.dropped(DropReason::TooLarge);
        prop_assert_eq!(counts.queued, taken);
        prop_assert_eq!(counts.sent + counts.duplicates + dropped, taken);
        prop_assert_eq!((counts.waiting_events, counts.waiting_bytes, counts.disk_events), (0, 0, 0));
        // One that was dropped as too large may have been recorded before, by a request without an answer.
        let recorded = exporter.recorded();
        prop_assert!(recorded.len() as u64 <= taken && recorded.len() as u64 + dropped >= taken);
        prop_assert!(recorded.iter().all(|id| id.starts_with('a')));
    }
}
