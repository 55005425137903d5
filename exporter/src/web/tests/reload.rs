//! Files that change while the server runs.

use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::super::testing::{Authority, TempDir, TestServer, curl};

const TLS: &str = "tls_server_config:\n  cert_file: server.crt\n  key_file: server.key\n";

/// Asks on a connection that is already open, and returns the status line.
async fn ask(stream: &mut (impl AsyncRead + AsyncWrite + Unpin)) -> String {
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

/// A connection that shows the certificate of this name in this directory, if any.
async fn connect(
    server: &TestServer,
    authority: &Authority,
    shows: Option<(&TempDir, &str)>,
) -> TlsStream<TcpStream> {
    let mut roots = RootCertStore::empty();
    roots.add(authority.der()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let client = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots);
    let client = match shows {
        None => client.with_no_client_auth(),
        Some((dir, name)) => {
            let file = |extension: &str| dir.path().join(format!("{name}.{extension}"));
            let certificate = CertificateDer::from_pem_file(file("crt")).unwrap();
            let key = PrivateKeyDer::from_pem_file(file("key")).unwrap();
            client.with_client_auth_cert(vec![certificate], key).unwrap()
        }
    };
    let stream = TcpStream::connect(server.address).await.unwrap();
    let name = ServerName::try_from("server.example").unwrap();
    TlsConnector::from(Arc::new(client)).connect(name, stream).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_replaced_certificate_is_shown_to_the_next_client() {
    let dir = TempDir::new();
    let (before, after) = (Authority::new(), Authority::new());
    dir.write("before.crt", &before.pem());
    dir.write("after.crt", &after.pem());
    before.sign(&dir, "server");
    let server = TestServer::with_config(&dir, TLS);
    let url = server.url("https", "/metrics");
    let trusts = |ca: &str| [dir.path().join(ca).to_string_lossy().into_owned(), url.clone()];
    let [ca_before, url_before] = trusts("before.crt");
    let [ca_after, _] = trusts("after.crt");
    assert_eq!(curl(&["--cacert", &ca_before, &url_before]).await.status, 200);
    assert_eq!(curl(&["--cacert", &ca_after, &url]).await.status, 0);

    after.sign(&dir, "server");
    assert_eq!(curl(&["--cacert", &ca_after, &url]).await.status, 200);
    assert_eq!(curl(&["--cacert", &ca_before, &url]).await.status, 0);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_broken_certificate_closes_the_port_until_it_is_mended() {
    let dir = TempDir::new();
    let authority = Authority::new();
    dir.write("ca.crt", &authority.pem());
    authority.sign(&dir, "server");
    let server = TestServer::with_config(&dir, TLS);
    let ca = dir.path().join("ca.crt").to_string_lossy().into_owned();
    let url = server.url("https", "/metrics");
    assert_eq!(curl(&["--cacert", &ca, &url]).await.status, 200);
    assert!(server.web.config_ok());

    // Half of a replacement: the key does not belong to the certificate.
    authority.sign(&dir, "other");
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
async fn a_plain_connection_is_of_no_use_once_tls_is_configured() {
    let dir = TempDir::new();
    let authority = Authority::new();
    dir.write("ca.crt", &authority.pem());
    authority.sign(&dir, "server");
    let server = TestServer::with_config(&dir, "");
    let mut open = TcpStream::connect(server.address).await.unwrap();
    assert_eq!(ask(&mut open).await, "HTTP/1.1 200 OK");
    dir.write("web.yml", TLS);
    assert_eq!(ask(&mut open).await, "HTTP/1.1 400 Bad Request");
    let mut rest = Vec::new();
    open.read_to_end(&mut rest).await.unwrap();
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_older_than_the_wish_for_certificates_does_not_pass() {
    let dir = TempDir::new();
    let authority = Authority::new();
    dir.write("ca.crt", &authority.pem());
    authority.sign(&dir, "server");
    let server = TestServer::with_config(&dir, TLS);
    let mut open = connect(&server, &authority, None).await;
    assert_eq!(ask(&mut open).await, "HTTP/1.1 200 OK");

    // A new certificate of the server's own does not concern it.
    authority.sign(&dir, "server");
    assert_eq!(ask(&mut open).await, "HTTP/1.1 200 OK");

    let policy = "  client_auth_type: RequireAndVerifyClientCert\n  client_ca_file: ca.crt\n";
    dir.write("web.yml", &format!("{TLS}{policy}"));
    assert_eq!(ask(&mut open).await, "HTTP/1.1 403 Forbidden");
    let mut rest = Vec::new();
    open.read_to_end(&mut rest).await.unwrap();
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn when_the_authorities_change_a_connection_passes_if_its_certificate_is_still_good() {
    let dir = TempDir::new();
    let (authority, other) = (Authority::new(), Authority::new());
    authority.sign(&dir, "server");
    authority.sign(&dir, "client");
    dir.write("ca.crt", &authority.pem());
    let policy = "  client_auth_type: RequireAndVerifyClientCert\n  client_ca_file: ca.crt\n";
    let server = TestServer::with_config(&dir, &format!("{TLS}{policy}"));
    for (authorities, expected) in [
        (authority.pem() + &other.pem(), "HTTP/1.1 200 OK"),
        (authority.pem(), "HTTP/1.1 200 OK"),
        (other.pem(), "HTTP/1.1 403 Forbidden"),
    ] {
        let mut open = connect(&server, &authority, Some((&dir, "client"))).await;
        assert_eq!(ask(&mut open).await, "HTTP/1.1 200 OK");
        dir.write("ca.crt", &authorities);
        assert_eq!(ask(&mut open).await, expected);
        // Either way the next request is for a connection that is made anew.
        let mut rest = Vec::new();
        open.read_to_end(&mut rest).await.unwrap();
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_outdated_http2_connection_is_not_used_again() {
    let dir = TempDir::new();
    let authority = Authority::new();
    authority.sign(&dir, "server");
    let server = TestServer::with_config(&dir, TLS);
    let [slow, fast] = ["/slow", "/metrics"].map(|path| server.url("https", path));
    let asking = tokio::spawn(async move {
        // Three requests, of which the second is the first to meet the changed policy.
        let arguments = ["--insecure", "--rate", "2/s", &slow, &fast, &fast];
        let note = ["--write-out", "\n%{http_code} %{num_connects}"];
        curl(&[&arguments[..], &note[..]].concat()).await
    });
    while server.web.counts().connections_open == 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    tokio::time::sleep(Duration::from_millis(200)).await;
    dir.write("web.yml", &format!("{TLS}  client_auth_type: RequestClientCert\n"));
    let answer = asking.await.unwrap();
    let notes: Vec<&str> =
        answer.text.lines().filter(|line| line.starts_with("200 ")).map(|line| &line[..5]).collect();
    assert_eq!(notes, ["200 1", "200 0"], "{answer:?}");
    // The last line is what the helper takes for status and version.
    assert_eq!((answer.status, answer.version.as_str()), (200, "1"), "{answer:?}");
    server.stop().await;
}
