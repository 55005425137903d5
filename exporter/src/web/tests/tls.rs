//! TLS, client certificates, protocol versions and the settings of the file.

use super::super::testing::{Authority, TempDir, TestServer, curl};

const TLS: &str = "tls_server_config:\n  cert_file: server.crt\n  key_file: server.key\n";

/// A directory with an authority's certificate, a server's and a client's; `stranger` is signed by another.
fn certificates() -> (TempDir, String) {
    let dir = TempDir::new();
    let authority = Authority::new();
    dir.write("ca.crt", &authority.pem());
    authority.sign(&dir, "server");
    authority.sign(&dir, "client");
    Authority::new().sign(&dir, "stranger");
    let ca = dir.path().join("ca.crt").to_string_lossy().into_owned();
    (dir, ca)
}

async fn status_with(server: &TestServer, dir: &TempDir, client: Option<&str>) -> u16 {
    let file = |ending: &str| {
        dir.path().join(format!("{}.{ending}", client.unwrap_or_default())).to_string_lossy().into_owned()
    };
    let (cert, key) = (file("crt"), file("key"));
    let ca = dir.path().join("ca.crt").to_string_lossy().into_owned();
    let url = server.url("https", "/metrics");
    let mut arguments = vec!["--cacert", &ca, &url];
    if client.is_some() {
        arguments.extend(["--cert", &cert, "--key", &key]);
    }
    curl(&arguments).await.status
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_scrape_over_tls_speaks_http2_unless_it_is_switched_off() {
    let (dir, ca) = certificates();
    let server = TestServer::with_config(&dir, TLS);
    let url = server.url("https", "/metrics");
    let answer = curl(&["--cacert", &ca, &url]).await;
    assert_eq!((answer.status, answer.version.as_str()), (200, "2"), "{answer:?}");
    let answer = curl(&["--cacert", &ca, "--http1.1", &url]).await;
    assert_eq!((answer.status, answer.version.as_str()), (200, "1.1"), "{answer:?}");

    dir.write("web.yml", &format!("{TLS}http_server_config: {{http2: false}}\n"));
    let answer = curl(&["--cacert", &ca, &url]).await;
    assert_eq!((answer.status, answer.version.as_str()), (200, "1.1"), "{answer:?}");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn http2_is_spoken_without_tls_to_those_who_know() {
    let dir = TempDir::new();
    let server = TestServer::with_config(&dir, "");
    let url = server.url("http", "/metrics");
    let answer = curl(&["--http2-prior-knowledge", &url]).await;
    assert_eq!((answer.status, answer.version.as_str()), (200, "2"), "{answer:?}");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn plain_http_on_a_tls_port_is_told_what_to_do() {
    let (dir, _) = certificates();
    let server = TestServer::with_config(&dir, TLS);
    let answer = curl(&[&server.url("http", "/metrics")]).await;
    assert_eq!(answer.status, 400);
    assert!(answer.text.contains("this port speaks HTTPS"), "{answer:?}");
    assert_eq!(server.web.counts().tls_handshake_failures, 1);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_versions_of_the_file_are_the_only_ones() {
    let (dir, ca) = certificates();
    let server = TestServer::with_config(&dir, &format!("{TLS}  min_version: TLS13\n"));
    let url = server.url("https", "/metrics");
    assert_eq!(curl(&["--cacert", &ca, "--tls-max", "1.2", &url]).await.status, 0);
    assert_eq!(curl(&["--cacert", &ca, &url]).await.status, 200);
    assert_eq!(server.web.counts().tls_handshake_failures, 1);

    let suite = "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256";
    dir.write("web.yml", &format!("{TLS}  max_version: TLS12\n  cipher_suites: [{suite}]\n"));
    assert_eq!(curl(&["--cacert", &ca, "--tlsv1.3", &url]).await.status, 0);
    let with_suite = |suite| ["--cacert", &*ca, "--ciphers", suite, &*url].map(ToOwned::to_owned);
    for (suite, status) in [("ECDHE-ECDSA-AES128-GCM-SHA256", 200), ("ECDHE-ECDSA-AES256-GCM-SHA384", 0)] {
        let arguments = with_suite(suite);
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        assert_eq!(curl(&arguments).await.status, status, "{suite}");
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_policy_for_client_certificates_means_what_it_means_in_go() {
    let (dir, _) = certificates();
    // With no certificate, with one of the authority's, with a stranger's.
    for (policy, expected) in [
        ("NoClientCert", [200, 200, 200]),
        ("RequestClientCert", [200, 200, 200]),
        ("RequireAnyClientCert", [0, 200, 200]),
        // Without one the connection is made, but metrics are for verified clients.
        ("VerifyClientCertIfGiven\n  client_ca_file: ca.crt", [403, 200, 0]),
        ("RequireAndVerifyClientCert\n  client_ca_file: ca.crt", [0, 200, 0]),
    ] {
        let server = TestServer::with_config(&dir, &format!("{TLS}  client_auth_type: {policy}\n"));
        let mut statuses = [0; 3];
        for (status, client) in statuses.iter_mut().zip([None, Some("client"), Some("stranger")]) {
            *status = status_with(&server, &dir, client).await;
        }
        assert_eq!(statuses, expected, "{policy}");
        server.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_certificate_must_carry_an_allowed_name() {
    let (dir, _) = certificates();
    let policy = "  client_auth_type: RequireAndVerifyClientCert\n  client_ca_file: ca.crt\n";
    for (name, expected) in [("client.example", 200), ("127.0.0.1", 200), ("other.example", 0)] {
        let sans = format!("{TLS}{policy}  client_allowed_sans: [prometheus.example, {name}]\n");
        let server = TestServer::with_config(&dir, &sans);
        assert_eq!(status_with(&server, &dir, Some("client")).await, expected, "{name}");
        server.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_response_carries_the_headers_of_the_file() {
    let dir = TempDir::new();
    let config = "http_server_config:\n  headers:\n    X-Frame-Options: deny\n    \
                  Strict-Transport-Security: max-age=60\nrate_limit: {interval: 1h, burst: 3}\n";
    let server = TestServer::with_config(&dir, config);
    for (path, status) in [("/metrics", 200), ("/nothing", 404), ("/users", 403), ("/metrics", 429)] {
        let answer = curl(&[&server.url("http", path)]).await;
        assert_eq!(answer.status, status, "{path}");
        let head = answer.text.to_ascii_lowercase();
        assert!(head.contains("x-frame-options: deny\r\n"), "{path}: {head}");
        assert!(head.contains("strict-transport-security: max-age=60\r\n"), "{path}: {head}");
        assert_eq!(head.contains("retry-after: "), status == 429, "{path}: {head}");
    }
    assert_eq!(server.web.counts().refused_by_rate_limit, 1);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn certificates_may_be_written_into_the_file() {
    let (dir, ca) = certificates();
    let mut config = String::from("tls_server_config:\n  client_auth_type: RequireAndVerifyClientCert\n");
    for (key, file) in [("cert", "server.crt"), ("key", "server.key"), ("client_ca", "ca.crt")] {
        let pem = std::fs::read_to_string(dir.path().join(file)).unwrap();
        config += &["  ", key, ": |\n    ", &pem.trim_end().replace('\n', "\n    "), "\n"].concat();
    }
    let server = TestServer::with_config(&dir, &config);
    assert_eq!(status_with(&server, &dir, Some("client")).await, 200);
    assert_eq!(curl(&["--cacert", &ca, &server.url("https", "/metrics")]).await.status, 0);
    server.stop().await;
}
