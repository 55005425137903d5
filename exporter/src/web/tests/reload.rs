//! Files that change while the server runs.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::super::testing::{Authority, TempDir, TestServer, curl};

const TLS: &str = "tls_server_config:\n  cert_file: server.crt\n  key_file: server.key\n";

/// Asks on a connection that is already open, and returns the status line.
async fn ask(stream: &mut TcpStream) -> String {
    stream.write_all(b"GET /metrics HTTP/1.1\r\nHost: test\r\n\r\n").await.unwrap();
    let mut buffer = vec![0; 4096];
    let mut answer = String::new();
    while !answer.contains("\r\n\r\n") {
        let length = tokio::time::timeout(Duration::from_secs(10), stream.read(&mut buffer)).await.unwrap();
        let length = length.unwrap();
        assert!(length > 0, "the connection was closed: {answer:?}");
        answer += &String::from_utf8_lossy(&buffer[..length]);
    }
    // The body is short enough to have come along.
    answer.lines().next().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_replaced_certificate_is_shown_to_the_next_client() {
    let dir = TempDir::new();
    let (before, after) = (Authority::new(), Authority::new());
    dir.write("before.crt", &before.pem());
    dir.write("after.crt", &after.pem());
    before.issue(&dir, "server");
    let server = TestServer::with_config(&dir, TLS);
    let url = server.url("https", "/metrics");
    let trusts = |ca: &str| [dir.path().join(ca).to_string_lossy().into_owned(), url.clone()];
    let [ca_before, url_before] = trusts("before.crt");
    let [ca_after, _] = trusts("after.crt");
    assert_eq!(curl(&["--cacert", &ca_before, &url_before]).await.status, 200);
    assert_eq!(curl(&["--cacert", &ca_after, &url]).await.status, 0);

    after.issue(&dir, "server");
    assert_eq!(curl(&["--cacert", &ca_after, &url]).await.status, 200);
    assert_eq!(curl(&["--cacert", &ca_before, &url]).await.status, 0);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_broken_certificate_closes_the_port_until_it_is_mended() {
    let dir = TempDir::new();
    let authority = Authority::new();
    dir.write("ca.crt", &authority.pem());
    authority.issue(&dir, "server");
    let server = TestServer::with_config(&dir, TLS);
    let ca = dir.path().join("ca.crt").to_string_lossy().into_owned();
    let url = server.url("https", "/metrics");
    assert_eq!(curl(&["--cacert", &ca, &url]).await.status, 200);
    assert!(server.web.config_ok());

    // Half of a replacement: the key does not belong to the certificate.
    authority.issue(&dir, "other");
    std::fs::copy(dir.path().join("other.key"), dir.path().join("server.key")).unwrap();
    assert_eq!(curl(&["--cacert", &ca, &url]).await.status, 0);
    assert!(!server.web.config_ok());
    // Never in clear instead.
    assert_eq!(curl(&[&server.url("http", "/metrics")]).await.status, 0);
    assert!(server.web.counts().refused_by_broken_config >= 2);

    std::fs::copy(dir.path().join("other.crt"), dir.path().join("server.crt")).unwrap();
    assert_eq!(curl(&["--cacert", &ca, &url]).await.status, 200);
    assert!(server.web.config_ok());
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_broken_file_refuses_requests_with_the_reason_and_recovers() {
    let dir = TempDir::new();
    let server = TestServer::with_config(&dir, "");
    let url = server.url("http", "/metrics");
    let mut open = TcpStream::connect(server.address).await.unwrap();
    assert_eq!(ask(&mut open).await, "HTTP/1.1 200 OK");

    dir.write("web.yml", "basic_auth_users:\n  alice: not-a-hash\n");
    assert_eq!(ask(&mut open).await, "HTTP/1.1 503 Service Unavailable");
    let answer = curl(&[&url]).await;
    assert_eq!(answer.status, 503);
    assert!(answer.text.contains("the web configuration file cannot be used"), "{answer:?}");
    assert!(!answer.text.contains("alice") && !answer.text.contains("web.yml"), "{answer:?}");

    dir.write("web.yml", "");
    assert_eq!(curl(&[&url]).await.status, 200);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_stays_open_when_users_change_and_is_held_to_them_at_once() {
    let dir = TempDir::new();
    let server = TestServer::with_config(&dir, "");
    let mut open = TcpStream::connect(server.address).await.unwrap();
    assert_eq!(ask(&mut open).await, "HTTP/1.1 200 OK");
    let hash = bcrypt::hash("secret", 4).unwrap();
    dir.write("web.yml", &format!("basic_auth_users:\n  alice: {hash}\n"));
    assert_eq!(ask(&mut open).await, "HTTP/1.1 401 Unauthorized");
    dir.write("web.yml", "");
    assert_eq!(ask(&mut open).await, "HTTP/1.1 200 OK");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_older_than_the_wish_for_certificates_does_not_pass() {
    let dir = TempDir::new();
    let authority = Authority::new();
    dir.write("ca.crt", &authority.pem());
    authority.issue(&dir, "server");
    let server = TestServer::with_config(&dir, "");
    let mut open = TcpStream::connect(server.address).await.unwrap();
    assert_eq!(ask(&mut open).await, "HTTP/1.1 200 OK");
    let policy = "  client_auth_type: RequireAndVerifyClientCert\n  client_ca_file: ca.crt\n";
    dir.write("web.yml", &format!("{TLS}{policy}"));
    assert_eq!(ask(&mut open).await, "HTTP/1.1 403 Forbidden");
    let mut rest = Vec::new();
    open.read_to_end(&mut rest).await.unwrap();
    server.stop().await;
}
