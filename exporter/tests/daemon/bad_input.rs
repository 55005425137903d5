//! Whatever is sent: an answer that says what is wrong, and a daemon that goes on.

use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::time::{Duration, Instant};

use rustix::process::{Resource, getrlimit, setrlimit};
use serde_json::{Value, json};

use crate::http::{self, connect, read_answer, request};
use crate::support::{Batch, Daemon, TempDir, eventually, usage};

const ONE: &str = "application/cloudevents+json";
const BATCH: &str = "application/cloudevents-batch+json";
const EITHER: &str = "application/json";

/// Far more than it needs, far less than what is thrown at it.
const MOST_RESIDENT_BYTES: u64 = 256 << 20;

/// After whatever happened: the ledger holds `events` and nothing else, a scrape and new events work,
/// and memory has not run away.
fn still_works(daemon: &Daemon, events: u64) {
    let batch = Batch { number: 1, size: 3 };
    assert_eq!(daemon.client.send(batch), (3, 0));
    daemon.client.metrics_with(events + 3);
    let resident = daemon.resident_bytes();
    assert!(resident < MOST_RESIDENT_BYTES, "{resident} bytes");
}

/// An event that costs something, with one part of it replaced.
fn event_with(id: &str, pointer: &str, value: Value) -> Value {
    let mut event = usage(id, "anna", "0.5");
    event["time"] = Value::Null;
    let (parent, key) = pointer.rsplit_once('/').unwrap();
    event.pointer_mut(parent).unwrap()[key] = value;
    if event["time"].is_null() {
        event.as_object_mut().unwrap().remove("time");
    }
    event
}

#[test]
fn a_bad_event_is_answered_with_the_field_that_is_wrong() {
    let directory = TempDir::new();
    let daemon = Daemon::start(directory.path());
    for (pointer, value, expected) in [
        ("/type", json!("com.example.order"), "type: \"com.example.order\" is not known"),
        ("/id", json!(7), "id: invalid type: integer `7`"),
        ("/id", json!(""), "id: "),
        ("/source", Value::Null, "source: is missing"),
        ("/subject", json!(["anna"]), "subject: invalid type: sequence"),
        ("/specversion", json!("0.3"), "specversion: must be \"1.0\""),
        ("/data/provider", Value::Null, "data.provider: invalid type: null"),
        ("/data/model", json!(5), "data.model: invalid type: integer `5`"),
        ("/data/cost_eur", json!("-0.01"), "data.cost_eur: is negative"),
        ("/data/cost_eur", json!("NaN"), "data.cost_eur: not a decimal amount"),
        ("/data/cost_eur", json!("1e999"), "data.cost_eur: "),
        ("/data/tokens", json!({"input": -1}), "data.tokens.input: "),
        ("/time", json!("yesterday"), "time: not a time"),
        ("/time", json!("2999-01-01T00:00:00Z"), "more than 300 s in the future"),
        ("/time", json!("2001-01-01T00:00:00Z"), "more than 35 days ago"),
    ] {
        let bad = event_with("bad", pointer, value);
        let answer = daemon.client.post(ONE, bad.to_string().as_bytes()).unwrap();
        assert_eq!(answer.status, 400, "{bad}: {answer:?}");
        let said = answer.json()["rejected"][0]["reason"].as_str().unwrap().to_owned();
        assert!(said.contains(expected), "{bad}\n  says {said}\n  not  {expected}");
        // Beside a good one it costs itself alone.
        let good = usage(&format!("beside {expected}"), "anna", "0.5");
        let answer = daemon.client.post(BATCH, json!([good, bad]).to_string().as_bytes()).unwrap();
        assert_eq!(answer.status, 200, "{bad}: {answer:?}");
        let body = answer.json();
        assert_eq!((&body["accepted"], &body["rejected"][0]["index"]), (&json!(1), &json!(1)), "{body}");
    }
    still_works(&daemon, 15);
}

#[test]
fn a_request_that_is_wrong_as_a_whole_is_refused_with_its_status_and_a_reason() {
    let directory = TempDir::new();
    let daemon = Daemon::start(directory.path());
    let event = usage("1", "anna", "0.5").to_string();
    let not_a_number = event.replace("\"0.5\"", "NaN");
    let latin1 = [b"[\"".as_slice(), &[0xe9], b"\"]"].concat();
    let cases: [(&str, &[u8], u16, &str); 9] = [
        (ONE, b"", 400, "not JSON"),
        (ONE, b"usage of anna: 5", 400, "not JSON"),
        (ONE, &event.as_bytes()[..50], 400, "not JSON"),
        (ONE, not_a_number.as_bytes(), 400, "not JSON"),
        (EITHER, &latin1, 400, "not UTF-8"),
        (BATCH, event.as_bytes(), 400, "a batch was announced and no array came"),
        (ONE, &[b"[", event.as_bytes(), b"]"].concat(), 400, "one event was announced and an array came"),
        ("text/plain", event.as_bytes(), 415, "send application/cloudevents+json"),
        ("application/x-www-form-urlencoded", b"a=1", 415, "send application/cloudevents+json"),
    ];
    for (content_type, body, status, expected) in cases {
        let answer = daemon.client.post(content_type, body).unwrap();
        assert_eq!(answer.status, status, "{answer:?}");
        let error = answer.json()["error"].as_str().unwrap().to_owned();
        assert!(error.contains(expected), "says {error}, not {expected}");
    }
    for (method, path, status) in [
        ("GET", "/api/v1/events", 405),
        ("PUT", "/api/v1/events", 405),
        ("DELETE", "/metrics", 405),
        ("GET", "/nothing", 404),
        ("GET", "/api/v1/events/1", 404),
        ("GET", "/../etc/passwd", 404),
    ] {
        let bearer = format!("Bearer {}", daemon.client.token);
        let headers = [("Authorization", bearer.as_str())];
        let answer = request(daemon.client.address, method, path, &headers, b"").unwrap();
        assert_eq!(answer.status, status, "{method} {path}: {answer:?}");
        assert!(answer.json()["error"].is_string(), "{answer:?}");
        assert_eq!(answer.header("allow").is_some(), status == 405, "{answer:?}");
    }
    still_works(&daemon, 0);
}

#[test]
fn without_the_right_token_nothing_can_be_sent() {
    let directory = TempDir::new();
    let daemon = Daemon::start(directory.path());
    let event = usage("1", "anna", "0.5").to_string();
    let post = |headers: &[(&str, &str)]| {
        let headers = [headers, &[("Content-Type", ONE)]].concat();
        request(daemon.client.address, "POST", "/api/v1/events", &headers, event.as_bytes()).unwrap()
    };
    let half = format!("Bearer {}", &daemon.client.token[..20]);
    for headers in [
        &[][..],
        &[("Authorization", "Bearer wrong")],
        &[("Authorization", "Bearer ")],
        &[("Authorization", half.as_str())],
        &[("Authorization", "Basic cHJhdGlrbzpwcmF0aWtv")],
    ] {
        let answer = post(headers);
        assert_eq!(answer.status, 401, "{headers:?}: {answer:?}");
        assert!(answer.header("www-authenticate").unwrap().starts_with("Bearer "), "{answer:?}");
    }
    // The token is in no answer and in no page.
    assert!(!daemon.client.get("/").body.contains(&daemon.client.token));
    still_works(&daemon, 0);
}

#[test]
fn without_any_token_sending_is_closed() {
    let directory = TempDir::new();
    let config = directory.write("exporter.yml", "auth:\n  ingest:\n    token_files: []\n");
    let daemon = Daemon::start_with(&directory.file("ledger"), &["--config.file", config.to_str().unwrap()]);
    let event = usage("1", "anna", "0.5").to_string();
    let answer = daemon.client.post(ONE, event.as_bytes()).unwrap();
    assert_eq!(answer.status, 403, "{answer:?}");
    assert!(answer.body.contains("no token of scope ingest is configured"), "{answer:?}");
    assert_eq!(daemon.client.get("/metrics").status, 200);
}

#[test]
fn a_plan_that_is_not_configured_counts_as_other_and_is_counted() {
    let directory = TempDir::new();
    let config = directory.write("exporter.yml", "business:\n  plans:\n    - name: pro\n");
    let daemon = Daemon::start_with(&directory.file("ledger"), &["--config.file", config.to_str().unwrap()]);
    for (id, plan) in [("1", "pro"), ("2", "platinum"), ("3", "other")] {
        let event = event_with(id, "/data/plan", json!(plan));
        assert_eq!(daemon.client.post(ONE, event.to_string().as_bytes()).unwrap().status, 200, "{plan}");
    }
    let metrics = daemon.client.metrics_with(3);
    let cost = |plan: &str| {
        let series =
            format!(r#"pratiko_llm_cost_eur_total{{provider="openai",model="gpt-5",plan="{plan}"}}"#);
        metrics.get(&series).copied()
    };
    assert_eq!([cost("pro"), cost("other"), cost("platinum")], [Some(0.5), Some(1.0), None]);
    assert_eq!(metrics[r#"pratiko_ledger_folded_total{label="plan"}"#], 2.0);
}

#[test]
fn of_ten_thousand_events_the_one_bad_one_is_left_out() {
    let directory = TempDir::new();
    let daemon = Daemon::start(directory.path());
    let mut events: Vec<Value> =
        (0..10_000).map(|number| usage(&number.to_string(), "anna", "0.001")).collect();
    events[7_321]["data"]["cost_eur"] = json!("-1");
    let answer = daemon.client.post(BATCH, Value::from(events).to_string().as_bytes()).unwrap();
    assert_eq!(answer.status, 200, "{answer:?}");
    let rejected = json!([{"index": 7_321, "reason": "data.cost_eur: is negative"}]);
    assert_eq!(answer.json(), json!({"accepted": 9_999, "duplicates": 0, "rejected": rejected}));
    still_works(&daemon, 9_999);
}

#[test]
fn ten_megabytes_are_too_many() {
    let directory = TempDir::new();
    let daemon = Daemon::start(directory.path());
    let body = vec![b' '; 10_000_000];
    // Some say how long the body is, some do not.
    for framing in ["Content-Length: 10000000", "Transfer-Encoding: chunked"] {
        for _ in 0..5 {
            let mut stream = connect(daemon.client.address).unwrap();
            let mut reading = stream.try_clone().unwrap();
            let head = format!(
                "POST /api/v1/events HTTP/1.1\r\nHost: x\r\nContent-Type: {ONE}\r\nAuthorization: Bearer {}\r\n\
                 {framing}\r\n\r\n",
                daemon.client.token
            );
            stream.write_all(head.as_bytes()).unwrap();
            let answer = std::thread::scope(|scope| {
                let answer = scope.spawn(move || read_answer(&mut reading).unwrap());
                // The answer may come, and the connection end, while this is still writing.
                if framing.contains("chunked") {
                    for chunk in body.chunks(100_000) {
                        let _ = write!(stream, "{:x}\r\n", chunk.len());
                        let _ = stream.write_all(chunk);
                        let _ = stream.write_all(b"\r\n");
                    }
                } else {
                    let _ = stream.write_all(&body);
                }
                answer.join().unwrap()
            });
            assert_eq!(answer.status, 413, "{answer:?}");
            assert!(answer.body.contains("ingest.max_body_bytes"), "{answer:?}");
        }
    }
    still_works(&daemon, 0);
}

#[test]
fn two_thousand_idle_connections_keep_nobody_out() {
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    setrlimit(Resource::Nofile, limit).unwrap();
    let directory = TempDir::new();
    let daemon = Daemon::start(directory.path());
    let idle: Vec<TcpStream> = (0..2_000).map(|_| connect(daemon.client.address).unwrap()).collect();
    still_works(&daemon, 0);
    let metrics = daemon.client.metrics();
    assert!(metrics["pratiko_exporter_connections"] <= 512.0, "{}", metrics["pratiko_exporter_connections"]);
    assert!(metrics["pratiko_exporter_connections_evicted_total"] >= 1_400.0);
    drop(idle);
    eventually("the end of the idle connections", || {
        (daemon.client.metrics()["pratiko_exporter_connections"] <= 2.0).then_some(())
    });
}

/// Sends a byte a second until the daemon answers or hangs up; what it said, and after how long.
fn trickle(daemon: &Daemon, at_once: &str, then: u8) -> (String, Duration) {
    let mut stream = connect(daemon.client.address).unwrap();
    stream.write_all(at_once.as_bytes()).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(1))).unwrap();
    let begun = Instant::now();
    let mut said = Vec::new();
    while begun.elapsed() < Duration::from_secs(120) {
        // It may have gone between reading and writing.
        let _ = stream.write_all(&[then]);
        let mut buffer = [0; 4096];
        match stream.read(&mut buffer) {
            Ok(0) => return (String::from_utf8(said).unwrap(), begun.elapsed()),
            Ok(count) => said.extend_from_slice(&buffer[..count]),
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {}
            Err(_) => return (String::from_utf8(said).unwrap(), begun.elapsed()),
        }
    }
    panic!("a client that sends a byte a second was kept for {:?}", begun.elapsed());
}

#[test]
fn a_head_that_comes_a_byte_a_second_is_cut_off_after_ten() {
    let directory = TempDir::new();
    let daemon = Daemon::start(directory.path());
    let (said, after) = trickle(&daemon, "GET /metrics HTTP/1.1\r\nX-Slow: ", b'x');
    assert_eq!(said, "");
    assert!((Duration::from_secs(9)..Duration::from_secs(30)).contains(&after), "{after:?}");
    still_works(&daemon, 0);
}

#[test]
fn a_body_that_comes_a_byte_a_second_is_refused_after_thirty() {
    let directory = TempDir::new();
    let daemon = Daemon::start(directory.path());
    let head = format!(
        "POST /api/v1/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {}\r\nContent-Length: 1000\r\n\r\n",
        daemon.client.token
    );
    let (said, after) = trickle(&daemon, &head, b' ');
    assert!(said.starts_with("HTTP/1.1 408 "), "{said:?}");
    assert!((Duration::from_secs(29)..Duration::from_secs(60)).contains(&after), "{after:?}");
    still_works(&daemon, 0);
}

#[test]
fn a_client_that_goes_away_leaves_nothing_behind() {
    let directory = TempDir::new();
    let daemon = Daemon::start(directory.path());
    let event = usage("1", "anna", "0.5").to_string();
    let head = format!(
        "POST /api/v1/events HTTP/1.1\r\nHost: x\r\nContent-Type: {ONE}\r\nAuthorization: Bearer {}\r\n\
         Content-Length: {}\r\n\r\n",
        daemon.client.token,
        event.len()
    );
    let all = [head.as_bytes(), event.as_bytes()].concat();
    for length in (0..all.len()).step_by(all.len() / 40) {
        let mut stream = connect(daemon.client.address).unwrap();
        stream.write_all(&all[..length]).unwrap();
        // Half of them say that nothing more comes, and go away all the same.
        if length % 2 == 0 {
            stream.shutdown(Shutdown::Write).unwrap();
        }
    }
    // None of them was an event.
    still_works(&daemon, 0);
    eventually("the end of the connections", || {
        (daemon.client.metrics()["pratiko_exporter_connections"] <= 2.0).then_some(())
    });
}

#[test]
fn a_head_without_end_is_refused() {
    let directory = TempDir::new();
    let daemon = Daemon::start(directory.path());
    let long = "x".repeat(100_000);
    for headers in [vec![("X-Long", long.as_str())], vec![("X-Many", "x"); 500]] {
        let mut stream = connect(daemon.client.address).unwrap();
        let mut head = "GET /metrics HTTP/1.1\r\nHost: x\r\n".to_owned();
        for (name, value) in headers {
            head += &format!("{name}: {value}\r\n");
        }
        // It may hang up before it has read everything.
        let _ = stream.write_all(format!("{head}\r\n").as_bytes());
        match http::read_answer(&mut stream) {
            Ok(answer) => assert_eq!(answer.status, 431, "{answer:?}"),
            Err(error) => assert!(
                matches!(error.kind(), ErrorKind::ConnectionReset | ErrorKind::UnexpectedEof),
                "{error:?}"
            ),
        }
    }
    still_works(&daemon, 0);
}
