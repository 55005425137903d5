//! The handle, its queue, and its end.

use std::sync::Arc;
use std::sync::mpsc::channel;

use pratiko_domain::time::ManualClock;
use pratiko_ledger::recording::Verdict;
use pratiko_ledger::store::{Store, StoreError};
use pratiko_ledger::{Ledger, LedgerStatus, RecordError, Settings};

use crate::failing::{Failing, Orders, Point};
use crate::stores;
use crate::world::{Shared, start, usage};

pub fn clock() -> Arc<ManualClock> {
    Arc::new(ManualClock::at(start()))
}

/// Waits for a future on this thread.
pub fn wait<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
}

pub fn events(from: u32, until: u32) -> Vec<pratiko_domain::event::Event> {
    (from..until).map(|number| usage(&number.to_string(), start(), "anna", "1")).collect()
}

#[test]
fn what_is_recorded_is_in_the_figures_that_are_taken_next() {
    let stores = stores::new();
    let clock = clock();
    let ledger = Ledger::start(move || stores(), Settings::default(), clock.clone());
    wait(async {
        assert_eq!(ledger.opened().await, LedgerStatus::Open);
        assert_eq!(ledger.record(events(0, 3)).await.unwrap(), vec![Verdict::Accepted; 3]);
        assert_eq!(ledger.record(events(2, 3)).await.unwrap(), [Verdict::Duplicate]);
        assert_eq!(ledger.refresh().await.unwrap().events, 3);
        assert_eq!(ledger.snapshot().unwrap().events, 3);
        clock.set(start().plus(std::time::Duration::from_secs(3600)));
        assert!(ledger.refresh().await.unwrap().taken_at > start());
        assert_eq!(ledger.record(Vec::new()).await.unwrap(), []);
    });
    let commits = ledger.commits();
    assert_eq!((commits.buckets.iter().sum::<u64>() + commits.slower, commits.failures), (3, 0));
    assert_eq!(ledger.queued_events(), 0);
    ledger.close();
    ledger.close();
    assert!(matches!(ledger.status(), LedgerStatus::Failed(_)));
    assert!(matches!(wait(ledger.record(events(9, 10))), Err(RecordError::Closed(_))));
}

#[test]
fn a_full_queue_is_busy_and_closing_commits_what_is_queued() {
    let stores = stores::new();
    let to_open = Arc::clone(&stores);
    let (go, may_open) = channel::<()>();
    let open = move || {
        may_open.recv().unwrap();
        to_open()
    };
    let settings = Settings { queue_events: 10, ..Settings::default() };
    let ledger = Ledger::start(open, settings, clock());
    wait(async {
        let (larger_than_the_queue, small) = (ledger.record(events(0, 11)), ledger.record(events(11, 12)));
        let mut larger_than_the_queue = std::pin::pin!(larger_than_the_queue);
        // It is sent, and waits for the ledger to open.
        tokio::select! {
            biased;
            _ = &mut larger_than_the_queue => unreachable!("the ledger is not open yet"),
            () = std::future::ready(()) => {}
        }
        assert_eq!(small.await, Err(RecordError::Busy));
        assert_eq!((ledger.queued_events(), ledger.status()), (11, LedgerStatus::Opening));
        let closing = ledger.clone();
        let closing = std::thread::spawn(move || closing.close());
        go.send(()).unwrap();
        assert_eq!(larger_than_the_queue.await.unwrap(), vec![Verdict::Accepted; 11]);
        closing.join().unwrap();
    });
    assert_eq!(stores().unwrap().statistics().unwrap().events, 11);
}

#[test]
fn a_commit_that_fails_is_an_error_for_all_who_were_in_it_and_the_next_one_works() {
    let stores = stores::new();
    let orders = Orders::default();
    let store_orders = Arc::clone(&orders);
    let open = move || {
        let failing = Failing { inner: Shared::new(stores()?), orders: Arc::clone(&store_orders) };
        Ok(Box::new(failing) as Box<dyn Store>)
    };
    let ledger = Ledger::start(open, Settings::default(), clock());
    wait(async {
        // The figures are taken once at the start.
        ledger.refresh().await.unwrap();
        orders.lock().unwrap().push(Point::Commit);
        assert!(matches!(ledger.record(events(0, 2)).await, Err(RecordError::Store(_))));
        assert_eq!(ledger.record(events(0, 2)).await.unwrap(), vec![Verdict::Accepted; 2]);
        assert_eq!(ledger.refresh().await.unwrap().events, 2);
    });
    assert_eq!((ledger.commits().failures, ledger.queued_events()), (1, 0));
    ledger.close();
}

#[test]
fn a_ledger_that_cannot_be_opened_says_why() {
    let open = || Err(StoreError::Foreign("a reason".to_owned()));
    let ledger = Ledger::start(open, Settings::default(), clock());
    let failed = LedgerStatus::Failed("a reason".to_owned());
    assert_eq!(wait(ledger.opened()), failed);
    assert_eq!(wait(ledger.record(events(0, 1))), Err(RecordError::Closed("a reason".to_owned())));
    assert_eq!(ledger.snapshot(), None);
}

#[test]
fn a_thread_that_panics_is_no_open_ledger() {
    let open = || -> Result<Box<dyn Store>, StoreError> { std::panic::resume_unwind(Box::new("")) };
    let ledger = Ledger::start(open, Settings::default(), clock());
    assert!(matches!(wait(ledger.opened()), LedgerStatus::Failed(_)));
    assert!(matches!(wait(ledger.refresh()), Err(RecordError::Closed(_))));
    ledger.close();
}

#[test]
fn work_with_the_ledger_follows_what_was_sent_before() {
    let stores = stores::new();
    let ledger = Ledger::start(move || stores(), Settings::default(), clock());
    let count = |recorder: &mut pratiko_ledger::recording::Recorder, _| {
        recorder.store().statistics().map(|statistics| statistics.events)
    };
    wait(async {
        let recorded = ledger.record(events(0, 3));
        assert_eq!(recorded.await.unwrap().len(), 3);
        assert_eq!(ledger.with(count).await, Ok(3));
        let failing = ledger.with(|_, _| Err::<(), _>(StoreError::Foreign("not today".to_owned()))).await;
        assert_eq!(failing, Err(RecordError::Store("not today".to_owned())));
    });
    assert_eq!(ledger.with_blocking(count), Ok(3));
    ledger.close();
    assert!(matches!(ledger.with_blocking(count), Err(RecordError::Closed(_))));
}
