//! What is sent again, when, and what is not.

use super::*;

#[test]
fn what_fails_in_any_way_is_sent_again_as_it_was_and_counted_once() {
    let ways = [
        answer(500, "", "oh"),
        answer(502, "", "<html>"),
        answer(503, "", ""),
        answer(429, "", ""),
        answer(408, "", ""),
        Behaviour::Close,
        Behaviour::Hang,
        Behaviour::RecordAndClose,
    ];
    let count = ways.len();
    let exporter = FakeExporter::start(ways);
    let shipper = start(settings(&exporter));
    send_many(&shipper, "a", 3);
    flush(&shipper);
    let seen = exporter.seen();
    assert_eq!(seen.len(), count + 1);
    assert!(seen.iter().all(|request| request.ids == ids("a", 3)), "{seen:?}");
    let counts = shipper.counts();
    assert_eq!((counts.retries, counts.duplicates, counts.sent), (count as u64, 3, 0));
    assert_eq!(shipper.status().state, State::Delivering);
}

#[test]
fn waits_grow_while_the_exporter_is_away() {
    let exporter = FakeExporter::start([]);
    exporter.always(Behaviour::Close);
    let longest_retry_delay = Duration::from_millis(200);
    let shipper = start(ShipSettings { longest_retry_delay, ..settings(&exporter) });
    send(&shipper, "a").unwrap();
    eventually("eight attempts", || exporter.seen().len() >= 8);
    let seen = exporter.seen();
    assert!(seen[7].at - seen[6].at >= longest_retry_delay / 2, "{seen:?}");
    assert_eq!(shipper.status().state, State::Retrying);
    assert!(shipper.status().last_error.unwrap().message.starts_with("sending events to http://127.0.0.1:"));
}

#[test]
fn the_exporter_says_when_to_come_back_and_nobody_comes_earlier() {
    let exporter = FakeExporter::start([answer(429, "Retry-After: 1\r\n", "")]);
    let shipper = start(settings(&exporter));
    send(&shipper, "a").unwrap();
    eventually("the refusal", || shipper.counts().retries == 1);
    flush(&shipper);
    let seen = exporter.seen();
    assert!(seen[1].at - seen[0].at >= Duration::from_secs(1), "{seen:?}");
}

#[test]
fn a_flush_does_not_wait_for_a_retry_that_is_far_off() {
    let exporter = FakeExporter::start([Behaviour::Close]);
    let far = Duration::from_secs(3600);
    let shipper = start(ShipSettings { retry_delay: far, longest_retry_delay: far, ..settings(&exporter) });
    send(&shipper, "a").unwrap();
    eventually("the failure", || shipper.counts().retries == 1);
    flush(&shipper);
}

#[test]
fn a_refused_token_is_tried_again_slowly_and_replaced_from_its_file() {
    let directory = TempDir::new();
    let path = directory.path().join("token");
    let exporter = FakeExporter::start([]);
    exporter.always(answer(401, "", "the credential is wrong"));
    let shipper = start(ShipSettings { token: Token::File(path.clone()), ..settings(&exporter) });
    send(&shipper, "a").unwrap();
    eventually("missing the file", || shipper.status().state == State::Unauthorized);
    assert!(exporter.seen().is_empty(), "nothing is sent without the token");
    let since = shipper.status().since;

    std::fs::write(&path, "old\n").unwrap();
    eventually("some refusals", || exporter.seen().len() >= 3);
    assert_eq!(shipper.status().since, since, "one state, said once");
    let seen = exporter.seen();
    assert!(seen[1].at - seen[0].at >= Duration::from_millis(10), "{seen:?}");

    std::fs::write(&path, "new\n").unwrap();
    exporter.always(Behaviour::Record);
    flush(&shipper);
    let authorization = exporter.seen().pop().unwrap().authorization;
    assert_eq!(authorization.as_deref(), Some("Bearer new"));
    assert_eq!(shipper.status().state, State::Delivering);
}

#[test]
fn an_answer_of_somebody_else_is_no_receipt() {
    let exporter = FakeExporter::start([
        answer(200, "", "<html>Welcome</html>"),
        answer(302, "Location: /login\r\n", ""),
        answer(404, "", ""),
        answer(200, "", r#"{"accepted":5,"duplicates":0,"rejected":[]}"#),
    ]);
    let shipper = start(settings(&exporter));
    send(&shipper, "a").unwrap();
    eventually("an answer", || shipper.status().state == State::Misdirected);
    assert_eq!(shipper.counts().sent, 0);
    flush(&shipper);
    assert_eq!((shipper.counts().sent, shipper.counts().retries), (1, 4));
}

#[test]
fn a_request_that_is_too_large_is_halved_and_an_event_that_is_goes_alone() {
    let exporter = FakeExporter::start([]);
    exporter.always(Behaviour::RecordUpTo(600));
    let shipper = start(ShipSettings { batch_delay: Duration::from_secs(3600), ..settings(&exporter) });
    send_many(&shipper, "a", 20);
    let giant = Body::UserActive(UserActive { customer: Some("c".repeat(250)), plan: None });
    shipper.send_with_id("giant".repeat(50), now(), Some("u".repeat(250)), giant).unwrap();
    send_many(&shipper, "b", 20);
    flush(&shipper);
    let counts = shipper.counts();
    assert_eq!((counts.sent, counts.dropped(DropReason::TooLarge), counts.all_dropped()), (40, 1, 1));
    assert_eq!(exporter.recorded().len(), 40);
    assert!(counts.retries < 12, "{} requests too many", counts.retries);
}

#[test]
fn no_token_is_shown_even_if_the_server_does() {
    let exporter = FakeExporter::start([]);
    exporter.always(answer(403, "", "you sent Bearer hunter2"));
    let token = Token::Fixed(Secret::new("hunter2"));
    let settings = ShipSettings { token, ..settings(&exporter) };
    assert!(!format!("{settings:?}").contains("hunter2"));
    let shipper = start(settings);
    send(&shipper, "a").unwrap();
    eventually("the refusal", || shipper.status().state == State::Unauthorized);
    assert_eq!(exporter.seen()[0].authorization.as_deref(), Some("Bearer hunter2"));
    let status = shipper.status();
    assert_eq!(
        status.last_error.as_ref().unwrap().message,
        "the exporter answered 403: you sent Bearer <redacted>"
    );
    assert!(!format!("{status:?} {shipper:?}").contains("hunter2"));
}

#[test]
fn a_connection_that_breaks_in_the_middle_of_a_large_request_makes_the_next_one_smaller() {
    let exporter = FakeExporter::start([]);
    exporter.always(Behaviour::CutOffAbove(20_000));
    let shipper = start(ShipSettings {
        batch_events: 100_000,
        batch_bytes: 8_000_000,
        batch_delay: Duration::from_secs(3600),
        ..settings(&exporter)
    });
    send_many(&shipper, "a", 40_000);
    flush(&shipper);
    assert_eq!(exporter.recorded().len(), 40_000);
    let largest = exporter.seen().iter().map(|request| request.bytes).max().unwrap();
    assert!((8_000..=20_000).contains(&largest), "{largest}");
}
