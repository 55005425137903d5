//! Slow, idle and numerous clients, and the end of the server.

use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::super::testing::{TempDir, TestServer, curl};
use super::super::{Limits, Tokens};

fn start(limits: Limits) -> TestServer {
    TestServer::start(None, limits, Tokens::default())
}

/// Everything until the server closes the connection, for however it does.
async fn rest(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    let reading = stream.read_to_end(&mut bytes);
    let _ = tokio::time::timeout(Duration::from_secs(20), reading).await.expect("the server never closed");
    String::from_utf8_lossy(&bytes).into_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn idle_connections_by_the_hundred_do_not_keep_a_scrape_out() {
    let server = start(Limits { connections: 256, ..Limits::default() });
    let mut idle = Vec::new();
    for _ in 0..600 {
        idle.push(TcpStream::connect(server.address).await.unwrap());
    }
    let answer = curl(&[&server.url("http", "/metrics")]).await;
    assert_eq!(answer.status, 200);
    let counts = server.web.counts();
    assert!(counts.connections_open <= 256, "{counts:?}");
    assert!(counts.connections_evicted >= 600 - 256, "{counts:?}");
    // The oldest had to go.
    assert_eq!(rest(&mut idle[0]).await, "");
    drop(idle);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_that_trickles_its_head_is_cut_off() {
    let server = start(Limits { head: Duration::from_millis(400), ..Limits::default() });
    let started = Instant::now();
    let mut slow = TcpStream::connect(server.address).await.unwrap();
    let (mut reader, mut writer) = slow.split();
    let trickle = async {
        for byte in b"GET /metrics HTTP/1.1\r\nHost: test\r\nX-Slow: yes yes yes\r\n".iter().cycle() {
            if writer.write_all(&[*byte]).await.is_err() {
                break;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    let mut bytes = Vec::new();
    tokio::select! {
        () = trickle => {}
        _ = reader.read_to_end(&mut bytes) => {}
    }
    let took = started.elapsed();
    assert!(took >= Duration::from_millis(400) && took < Duration::from_secs(3), "{took:?}");
    assert_eq!(server.web.counts().connections_timed_out, 1);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_may_wait_between_requests_for_longer_than_a_head_may_take() {
    let limits =
        Limits { head: Duration::from_millis(200), idle: Duration::from_secs(2), ..Limits::default() };
    let server = start(limits);
    let mut scraper = TcpStream::connect(server.address).await.unwrap();
    let mut buffer = [0; 1024];
    for _ in 0..2 {
        scraper.write_all(b"GET /metrics HTTP/1.1\r\nHost: test\r\n\r\n").await.unwrap();
        let length = scraper.read(&mut buffer).await.unwrap();
        assert!(buffer[..length].starts_with(b"HTTP/1.1 200 OK"));
        tokio::time::sleep(Duration::from_millis(800)).await;
    }
    // A head that begins and does not end has only the short time.
    let started = Instant::now();
    scraper.write_all(b"GET /met").await.unwrap();
    rest(&mut scraper).await;
    assert!(started.elapsed() < Duration::from_secs(1), "{:?}", started.elapsed());
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_body_that_does_not_arrive_is_answered_408() {
    let server = start(Limits { body: Duration::from_millis(300), ..Limits::default() });
    let mut slow = TcpStream::connect(server.address).await.unwrap();
    slow.write_all(b"POST /echo HTTP/1.1\r\nHost: test\r\nContent-Length: 100\r\n\r\nonly").await.unwrap();
    let answer = rest(&mut slow).await;
    assert!(answer.starts_with("HTTP/1.1 408 Request Timeout\r\n"), "{answer}");
    assert!(answer.contains("within 0.3 seconds"), "{answer}");
    // One that arrives in time is not hurried by the time its answer takes.
    let answer = curl(&["--data", "hello", &server.url("http", "/echo")]).await;
    assert_eq!(answer.status, 200);
    assert!(answer.text.ends_with("hello"), "{answer:?}");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_that_does_not_read_is_cut_off() {
    let server = start(Limits { stalled: Duration::from_millis(300), ..Limits::default() });
    let mut stuck = TcpStream::connect(server.address).await.unwrap();
    stuck.write_all(b"GET /large HTTP/1.1\r\nHost: test\r\n\r\n").await.unwrap();
    let deadline = Instant::now() + Duration::from_secs(10);
    while server.web.counts().connections_timed_out == 0 {
        assert!(Instant::now() < deadline, "it was never cut off");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    // One that does read gets all of it.
    let answer = curl(&["--output", "/dev/null", &server.url("http", "/large")]).await;
    assert_eq!(answer.status, 200);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn stopping_ends_what_was_begun_and_begins_nothing() {
    let dir = TempDir::new();
    let server = TestServer::with_config(&dir, "");
    let address = server.address;
    let url = server.url("http", "/slow");
    let mut idle = TcpStream::connect(address).await.unwrap();
    let request = tokio::spawn(async move { curl(&[&url]).await });
    while server.web.counts().connections_open < 2 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    tokio::time::sleep(Duration::from_millis(100)).await;
    let started = Instant::now();
    let stopping = server.stop();
    assert_eq!(rest(&mut idle).await, "");
    let answer = request.await.unwrap();
    assert_eq!(answer.status, 200, "{answer:?}");
    stopping.await;
    assert!(started.elapsed() < Duration::from_secs(3), "{:?}", started.elapsed());
    assert!(TcpStream::connect(address).await.is_err());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn stopping_does_not_wait_for_ever() {
    let server = start(Limits { shutdown: Duration::from_millis(200), ..Limits::default() });
    let mut stuck = TcpStream::connect(server.address).await.unwrap();
    stuck.write_all(b"POST /echo HTTP/1.1\r\nHost: test\r\nContent-Length: 9\r\n\r\n").await.unwrap();
    tokio::time::sleep(Duration::from_millis(100)).await;
    let started = Instant::now();
    server.stop().await;
    assert!(started.elapsed() < Duration::from_secs(3), "{:?}", started.elapsed());
}
