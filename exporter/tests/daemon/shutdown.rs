//! Told to stop: nothing that was acknowledged is lost, and nobody waits.

use std::collections::HashMap;
use std::io::{Read, Write};
use std::sync::Mutex;
use std::sync::mpsc::channel;
use std::time::{Duration, Instant};

use crate::http::{connect, read_answer};
use crate::support::{Batch, Daemon, TempDir, counts, run_well, usage};

/// No service manager kills a process sooner.
const MOST: Duration = Duration::from_secs(5);

/// Stops it, and checks that it ends well and in time.
fn stop(mut daemon: Daemon) {
    let begun = Instant::now();
    daemon.terminate();
    let status = daemon.ended();
    assert_eq!(status.code(), Some(0), "{status}");
    assert!(begun.elapsed() < MOST, "{:?}", begun.elapsed());
    daemon.logged("stopped");
}

#[test]
fn idle_connections_and_unfinished_requests_do_not_keep_it_from_stopping() {
    let directory = TempDir::new();
    let daemon = Daemon::start(directory.path());
    let address = daemon.client.address;
    let mut kept: Vec<_> = (0..20).map(|_| connect(address).unwrap()).collect();
    for stream in &mut kept {
        stream.write_all(b"GET /-/healthy HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
        assert_eq!(read_answer(stream).unwrap().status, 200);
    }
    let silent = connect(address).unwrap();
    let mut half_a_head = connect(address).unwrap();
    half_a_head.write_all(b"GET /metrics HTTP/1.1\r\nHo").unwrap();
    let mut half_a_body = connect(address).unwrap();
    let head = format!(
        "POST /api/v1/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {}\r\nContent-Length: 1000\r\n\r\n[",
        daemon.client.token
    );
    half_a_body.write_all(head.as_bytes()).unwrap();
    stop(daemon);
    assert!(connect(address).is_err());
    let mut nothing = [0];
    assert_eq!(kept[0].read(&mut nothing).unwrap(), 0);
    drop((kept, silent, half_a_head, half_a_body));
}

#[test]
fn it_stops_well_from_the_first_moment_on() {
    for _ in 0..5 {
        let directory = TempDir::new();
        stop(Daemon::start(directory.path()));
    }
}

#[test]
fn a_request_that_is_under_way_is_answered_and_kept() {
    let directory = TempDir::new();
    let mut daemon = Daemon::start(directory.path());
    let event = usage("last", "anna", "0.5").to_string();
    let (first, second) = event.split_at(event.len() / 2);
    let mut stream = connect(daemon.client.address).unwrap();
    // Whoever waits to be asked for the body knows that the request has been taken.
    let head = format!(
        "POST /api/v1/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {}\r\nExpect: 100-continue\r\n\
         Content-Length: {}\r\n\r\n",
        daemon.client.token,
        event.len()
    );
    stream.write_all(head.as_bytes()).unwrap();
    let mut go_on = [0; 25];
    stream.read_exact(&mut go_on).unwrap();
    assert_eq!(&go_on, b"HTTP/1.1 100 Continue\r\n\r\n");
    stream.write_all(first.as_bytes()).unwrap();
    daemon.terminate();
    daemon.logged("SIGTERM: stopping");
    stream.write_all(second.as_bytes()).unwrap();
    let answer = read_answer(&mut stream).unwrap();
    assert_eq!((answer.status, counts(&answer)), (200, (1, 0)));
    assert_eq!(daemon.ended().code(), Some(0));
    assert!(run_well(directory.path(), &["ledger", "export"]).contains("\"last\""));
}

#[test]
fn under_load_every_acknowledged_event_is_served_after_the_restart() {
    let directory = TempDir::new();
    let daemon = Daemon::start(directory.path());
    let client = daemon.client.clone();
    let acknowledged = Mutex::new(HashMap::new());
    let (heard, hearing) = channel();
    std::thread::scope(|scope| {
        for sender in 0..4 {
            let (heard, client, acknowledged) = (heard.clone(), &client, &acknowledged);
            scope.spawn(move || {
                for number in (sender..).step_by(4) {
                    let batch = Batch { number, size: 50 };
                    let Ok(answer) = client.try_send(batch) else { return };
                    if answer.status != 200 {
                        // It may say that it is closing; then nothing of the request is recorded.
                        assert_eq!(answer.status, 503, "{answer:?}");
                        return;
                    }
                    acknowledged.lock().unwrap().insert(number, counts(&answer));
                    let _ = heard.send(());
                }
            });
        }
        drop(heard);
        for _ in 0..20 {
            hearing.recv().unwrap();
        }
        stop(daemon);
    });
    let acknowledged = acknowledged.into_inner().unwrap();
    let daemon = Daemon::start(directory.path());
    for (number, answer) in &acknowledged {
        assert_eq!(*answer, (50, 0), "batch {number}");
        assert_eq!(daemon.client.send(Batch { number: *number, size: 50 }), (0, 50), "batch {number}");
    }
    run_well(directory.path(), &["ledger", "verify"]);
}

#[test]
fn a_restart_serves_the_same_totals() {
    let directory = TempDir::new();
    let totals = |daemon: &Daemon| {
        let mut totals: Vec<(String, f64)> = daemon.client.metrics_with(600).into_iter().collect();
        totals.retain(|(series, _)| {
            let of_the_ledger = series.starts_with("pratiko_llm_") || series.starts_with("pratiko_cost_eur");
            of_the_ledger || series.starts_with("pratiko_active_users")
        });
        totals.sort_by(|one, other| one.0.cmp(&other.0));
        totals
    };
    let daemon = Daemon::start(directory.path());
    for number in 0..3 {
        assert_eq!(daemon.client.send(Batch { number, size: 200 }), (200, 0));
    }
    let before = totals(&daemon);
    assert!(before.len() > 10, "{before:?}");
    stop(daemon);
    let daemon = Daemon::start(directory.path());
    assert_eq!(totals(&daemon), before);
}
