//! The server of its own.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::time::{Duration, Instant};

use pratiko_metrics::http::MetricsService;
use pratiko_metrics::{Definition, Registry, serve};

fn registry() -> Registry {
    let registry = Registry::new();
    registry.counter::<u64>(Definition::new("jobs_total", "Jobs done.")).unwrap().increment();
    registry
}

fn ask(address: SocketAddr, request: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.write_all(format!("{request} HTTP/1.1\r\nHost: test\r\n\r\n").as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[test]
fn it_serves_without_a_runtime_of_the_application() {
    let service = MetricsService::new(registry()).with_check("queue", || Ok(()));
    let server = serve(service, "127.0.0.1:0").unwrap();
    let address = server.local_addr();
    let page = ask(address, "GET /metrics?name=jobs_total");
    assert!(page.starts_with("HTTP/1.1 200 OK\r\n") && page.ends_with("jobs_total 1\n"), "{page}");
    assert!(page.to_lowercase().contains("connection: close\r\n"), "{page}");
    let health = ask(address, "GET /health");
    assert!(health.ends_with("\r\n\r\n{\"status\":\"ok\",\"checks\":{\"queue\":\"ok\"}}\n"), "{health}");
    let head = ask(address, "HEAD /metrics");
    let length = page.split_once("\r\n\r\n").unwrap().1.len();
    assert!(head.to_lowercase().contains(&format!("content-length: {length}\r\n")), "{head}");
    assert!(head.ends_with("\r\n\r\n"), "{head}");
    assert!(ask(address, "DELETE /metrics").starts_with("HTTP/1.1 405"));
    assert!(ask(address, "GET /").starts_with("HTTP/1.1 404"));
}

#[tokio::test]
async fn it_starts_and_stops_inside_of_a_runtime_too() {
    let server = serve(registry(), "127.0.0.1:0").unwrap();
    let address = server.local_addr();
    assert!(serve(registry(), address).is_err(), "the port is taken");
    server.stop();
    assert!(TcpStream::connect(address).is_err());
    assert!(TcpListener::bind(address).is_ok());
}

#[test]
fn it_stops_when_it_is_dropped() {
    let server = serve(registry(), "127.0.0.1:0").unwrap();
    let address = server.local_addr();
    drop(server);
    let began = Instant::now();
    while TcpStream::connect(address).is_ok() {
        assert!(began.elapsed() < Duration::from_secs(10), "it still listens");
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn slow_clients_in_any_number_keep_no_scrape_waiting() {
    let server = serve(registry(), "127.0.0.1:0").unwrap();
    // Some say nothing, some half of what they want, some do not read what they asked for.
    let slow: Vec<TcpStream> = ["", "GET /metr", "GET /metrics HTTP/1.1\r\nHost: test\r\n\r\n"]
        .iter()
        .cycle()
        .take(200)
        .map(|request| {
            let mut stream = TcpStream::connect(server.local_addr()).unwrap();
            stream.write_all(request.as_bytes()).unwrap();
            stream
        })
        .collect();
    let began = Instant::now();
    assert!(ask(server.local_addr(), "GET /metrics").ends_with("jobs_total 1\n"));
    assert!(began.elapsed() < Duration::from_secs(2), "{:?}", began.elapsed());
    drop(slow);
}

#[test]
fn a_check_that_panics_costs_nobody_the_server() {
    let service = MetricsService::new(registry()).with_check("queue", || panic!("as told"));
    let server = serve(service, "127.0.0.1:0").unwrap();
    for _ in 0..2 {
        assert!(ask(server.local_addr(), "GET /health").starts_with("HTTP/1.1 503"));
    }
}
