//! TLS, users and tokens, with the clients that there will be: curl, and a Prometheus server.

use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use pratiko_metrics::domain::event::{Body, UserActive};
use pratiko_metrics::ship::{ShipSettings, Shipper, State, Token};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, SanType};
use serde_json::Value;

use crate::http::request;
use crate::support::{Daemon, TempDir, eventually, new_token, usage};

/// Signs certificates.
struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    fn new(name: &str) -> Self {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    fn pem(&self) -> String {
        self.0.pem()
    }

    /// A certificate for the loopback address and its key, in one text, so that both change at once.
    fn sign(&self, name: &str) -> String {
        let mut params = CertificateParams::new(vec![format!("{name}.example")]).unwrap();
        params.distinguished_name.push(DnType::CommonName, name);
        params.subject_alt_names.push(SanType::IpAddress([127, 0, 0, 1].into()));
        let key = KeyPair::generate().unwrap();
        params.signed_by(&key, &self.0).unwrap().pem() + &key.serialize_pem()
    }
}

const USER: &str = "prometheus:correct horse";

/// A web configuration with a certificate, required client certificates, and a user.
fn web_config() -> String {
    let (name, password) = USER.split_once(':').unwrap();
    // A cheap hash: an unoptimised build takes its time.
    let hash = bcrypt::hash(password, 4).unwrap();
    format!(
        "tls_server_config:\n  cert_file: server.pem\n  key_file: server.pem\n  \
         client_auth_type: RequireAndVerifyClientCert\n  client_ca_file: authorities.pem\n\
         basic_auth_users:\n  {name}: {hash}\n"
    )
}

/// A directory with everything that both sides need, and a daemon that uses it.
fn secured(authority: &Authority) -> (TempDir, Daemon) {
    let directory = TempDir::new();
    directory.write("authorities.pem", &authority.pem());
    directory.write("server.pem", &authority.sign("server"));
    directory.write("client.pem", &authority.sign("client"));
    let config = directory.write("web.yml", &web_config());
    let flags = ["--web.config.file", config.to_str().unwrap()];
    let daemon = Daemon::start_with(&directory.file("ledger"), &flags);
    (directory, daemon)
}

/// Asks with curl. The status, or 0 and curl's own exit code where there was no answer.
fn curl(directory: &TempDir, arguments: &[&str]) -> (u16, i32) {
    let output = Command::new("curl")
        .args(["--silent", "--max-time", "60", "--noproxy", "*", "--output", "/dev/null"])
        .args(["--write-out", "%{http_code}"])
        .args(arguments)
        .current_dir(directory.path())
        .output()
        .expect("curl, which these tests need");
    let status = String::from_utf8(output.stdout).unwrap().parse().unwrap();
    (status, output.status.code().unwrap())
}

const TRUST: [&str; 2] = ["--cacert", "authorities.pem"];
const CERTIFICATE: [&str; 2] = ["--cert", "client.pem"];

#[test]
fn curl_needs_a_certificate_and_a_user_to_read_and_a_certificate_and_the_token_to_send() {
    let (directory, daemon) = secured(&Authority::new("ours"));
    let address = daemon.client.address;
    let (metrics, events) =
        (format!("https://{address}/metrics"), format!("https://{address}/api/v1/events"));
    let bearer = format!("Authorization: Bearer {}", daemon.client.token);
    let event = usage("1", "anna", "0.5").to_string();
    let body = ["--header", "Content-Type: application/json", "--data", event.as_str(), events.as_str()];
    let user = ["--user", USER];
    let token = ["--header", bearer.as_str()];
    let known = [TRUST, CERTIFICATE].concat();
    let ask = |parts: &[&[&str]]| curl(&directory, &parts.concat()).0;
    assert_eq!(ask(&[&known, &user, &[&metrics]]), 200);
    assert_eq!(ask(&[&known, &token, &body]), 200);
    // Without a certificate there is not even a connection.
    assert_eq!(ask(&[&TRUST, &user, &[&metrics]]), 0);
    assert_eq!(ask(&[&TRUST, &token, &body]), 0);
    assert_eq!(ask(&[&known, &[&metrics]]), 401);
    assert_eq!(ask(&[&known, &["--user", "prometheus:wrong"], &[&metrics]]), 401);
    assert_eq!(ask(&[&known, &["--user", "nobody:correct horse"], &[&metrics]]), 401);
    // The answer must arrive also if it is sent before the body has been.
    for _ in 0..30 {
        assert_eq!(ask(&[&known, &body]), 401);
    }
    // Neither credential does what the other is for.
    assert_eq!(ask(&[&known, &user, &body]), 401);
    assert_eq!(ask(&[&known, &token, &[&metrics]]), 401);
    let plain = request(address, "GET", "/metrics", &[], b"").unwrap();
    assert_eq!(plain.status, 400, "{plain:?}");
    assert!(plain.body.contains("https://"), "{plain:?}");
    let stranger = Authority::new("theirs").sign("client");
    directory.write("client.pem", &stranger);
    assert_eq!(ask(&[&known, &user, &[&metrics]]), 0);
}

#[test]
fn a_broken_web_configuration_lets_nobody_in_until_it_is_mended() {
    let (directory, daemon) = secured(&Authority::new("ours"));
    let address = daemon.client.address;
    let metrics = format!("https://{address}/metrics");
    let ask = || curl(&directory, &[&TRUST[..], &CERTIFICATE, &["--user", USER, &metrics]].concat()).0;
    assert_eq!(ask(), 200);
    for broken in ["tls_server_config: {", "basic_auth_users: {prometheus: plain}\n", "users: {}\n"] {
        directory.write("web.yml", broken);
        assert_ne!(ask(), 200, "{broken}");
        // Nor does it fall back to plain HTTP.
        let plain = request(address, "GET", "/metrics", &[], b"").ok().map(|answer| answer.status);
        assert_ne!(plain, Some(200), "{broken}");
        directory.write("web.yml", &web_config());
        assert_eq!(ask(), 200, "mended after {broken}");
    }
    daemon.logged("read the web configuration again");
}

/// A Prometheus server that scrapes a daemon; killed when dropped.
struct Prometheus {
    child: Child,
    url: String,
    directory: TempDir,
}

impl Prometheus {
    fn start(daemon: &Daemon, secrets: &Path) -> Self {
        let directory = TempDir::new();
        let (user, password) = USER.split_once(':').unwrap();
        let secrets = secrets.display();
        directory.write(
            "prometheus.yml",
            &format!(
                "scrape_configs:\n  - job_name: pratiko\n    scrape_interval: 4s\n    scrape_timeout: 4s\n    \
                 scheme: https\n    basic_auth: {{username: {user}, password: {password}}}\n    tls_config:\n      \
                 ca_file: {secrets}/trusted.pem\n      cert_file: {secrets}/client.pem\n      \
                 key_file: {secrets}/client.pem\n    static_configs: [{{targets: [\"{}\"]}}]\n",
                daemon.client.address
            ),
        );
        let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let child = Command::new("prometheus")
            .arg(format!("--web.listen-address={address}"))
            .args(["--config.file=prometheus.yml", "--storage.tsdb.path=data", "--log.level=error"])
            .current_dir(directory.path())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("prometheus, which this test needs");
        Self { child, url: format!("http://{address}/api/v1/query"), directory }
    }

    /// The value of an expression that has one.
    fn value(&self, expression: &str) -> Option<f64> {
        let output = Command::new("curl")
            .args(["--silent", "--noproxy", "*", "--get", "--data-urlencode"])
            .arg(format!("query={expression}"))
            .arg(&self.url)
            .current_dir(self.directory.path())
            .output()
            .expect("curl, which these tests need");
        let answer: Value = serde_json::from_slice(&output.stdout).ok()?;
        answer["data"]["result"][0]["value"][1].as_str()?.parse().ok()
    }

    /// What it says of its targets.
    fn targets(&self) -> String {
        let url = self.url.replace("/query", "/targets");
        let output = Command::new("curl").args(["--silent", "--noproxy", "*", &url]).output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    }

    fn has(&self, expression: &str, expected: f64) -> Option<()> {
        (self.value(expression) == Some(expected)).then_some(())
    }
}

impl Drop for Prometheus {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn prometheus_keeps_scraping_while_every_certificate_is_replaced() {
    let (old, new) = (Authority::new("old"), Authority::new("new"));
    let (directory, daemon) = secured(&old);
    directory.write("trusted.pem", &(old.pem() + &new.pem()));
    directory.write("old.pem", &old.pem());
    directory.write("new.pem", &new.pem());
    let prometheus = Prometheus::start(&daemon, directory.path());
    let scraped_well = |when: &str| {
        let count = || prometheus.value("count_over_time(up[1h])").unwrap_or(0.0);
        let before = count();
        eventually("more scrapes", || (count() >= before + 2.0).then_some(()));
        assert_eq!(prometheus.value("min_over_time(up[1h])"), Some(1.0), "{when}: {}", prometheus.targets());
    };
    scraped_well("before anything changed");
    directory.write("server.pem", &new.sign("server"));
    let metrics = format!("https://{}/metrics", daemon.client.address);
    let ask = |trusted: &str| {
        let arguments = ["--cacert", trusted, "--cert", "client.pem", "--user", USER, &metrics];
        curl(&directory, &arguments)
    };
    assert_eq!(ask("new.pem").0, 200);
    // curl's code for a certificate that it does not trust.
    assert_eq!(ask("old.pem"), (0, 60));
    // Who vouches for clients has changed: the connection from before is not used any more, and the
    // next one is made with the new certificate of the server.
    directory.write("authorities.pem", &(old.pem() + &new.pem()));
    scraped_well("after a new authority");
    directory.write("client.pem", &new.sign("client"));
    directory.write("authorities.pem", &new.pem());
    assert_eq!(ask("new.pem").0, 200);
    scraped_well("after a new client certificate");
    assert_eq!(prometheus.value("pratiko_exporter_web_config_ok"), Some(1.0));
    // A mistake takes the target down, and mending it brings it back.
    directory.write("web.yml", "tls_server_config: {");
    eventually("the target down", || prometheus.has("up", 0.0));
    directory.write("web.yml", &web_config());
    eventually("the target up again", || prometheus.has("up", 1.0));
}

#[test]
fn a_token_does_what_its_scope_says_and_nothing_else() {
    let directory = TempDir::new();
    let ((metrics, metrics_line), (admin, admin_line)) =
        (new_token(directory.path()), new_token(directory.path()));
    let config = directory.write(
        "exporter.yml",
        &format!(
            "auth:\n  metrics:\n    tokens: [\"{metrics_line}\"]\n  admin:\n    tokens: [\"{admin_line}\"]\n"
        ),
    );
    let daemon = Daemon::start_with(&directory.file("ledger"), &["--config.file", config.to_str().unwrap()]);
    let ingest = daemon.client.token.clone();
    let event = usage("1", "anna", "0.5").to_string();
    let ask = |path: &str, token: &str| {
        let bearer = format!("Bearer {token}");
        let headers = [("Authorization", bearer.as_str()), ("Content-Type", "application/json")];
        let (method, body) =
            if path == "/api/v1/events" { ("POST", event.as_bytes()) } else { ("GET", &b""[..]) };
        let headers = if token.is_empty() { &headers[1..] } else { &headers };
        request(daemon.client.address, method, path, headers, body).unwrap().status
    };
    for path in ["/metrics", "/", "/metrics?collect[]=business"] {
        assert_eq!(
            [metrics.as_str(), &ingest, &admin, ""].map(|token| ask(path, token)),
            [200, 401, 401, 401],
            "{path}"
        );
    }
    eventually("the figures", || (ask("/api/v1/summary", &metrics) == 200).then_some(()));
    assert_eq!([ingest.as_str(), &admin, ""].map(|token| ask("/api/v1/summary", token)), [401; 3]);
    assert_eq!(
        [ingest.as_str(), &metrics, &admin, ""].map(|token| ask("/api/v1/events", token)),
        [200, 401, 401, 401]
    );
    for path in ["/health", "/-/healthy", "/-/ready", "/api/v1/openapi.json"] {
        assert_eq!(ask(path, ""), 200, "{path}");
    }
}

#[test]
fn an_application_ships_over_tls_to_a_daemon_whose_authority_it_trusts() {
    let (ours, others) = (Authority::new("ours"), Authority::new("others"));
    let directory = TempDir::new();
    directory.write("server.pem", &ours.sign("server"));
    let config = "tls_server_config:\n  cert_file: server.pem\n  key_file: server.pem\n";
    let config = directory.write("web.yml", config);
    let flags = ["--web.config.file", config.to_str().unwrap()];
    let ledger = directory.file("ledger");
    let daemon = Daemon::start_with(&ledger, &flags);
    let shipper = |authority: &Authority, name: &str| {
        let settings = ShipSettings {
            endpoint: format!("https://{}", daemon.client.address),
            token: Token::File(ledger.join("ingest-token")),
            source: "shop".to_owned(),
            certificates: Some(directory.write(name, &authority.pem())),
            ..ShipSettings::default()
        };
        let shipper = Shipper::start(settings).unwrap();
        shipper.send(Some("anna".to_owned()), Body::UserActive(UserActive::default())).unwrap();
        shipper
    };
    let trusting = shipper(&ours, "ours.pem");
    assert_eq!(trusting.flush(Duration::from_secs(60)).sent, 1, "{:?}", trusting.status());
    let distrusting = shipper(&others, "others.pem");
    eventually("refusing the certificate", || distrusting.status().last_error);
    assert_eq!((distrusting.counts().sent, distrusting.status().state), (0, State::Retrying));
}
