//! Test support: certificates, servers on loopback, and curl as somebody else's client.

use std::fs;
use std::future::Future;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Output;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use axum::Router;
use axum::routing::{get, post};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, SanType};
use rustls::pki_types::CertificateDer;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::{Access, Limits, Scope, Tokens, Web, serve};

/// A directory of its own that goes away with the value.
pub(super) struct TempDir(PathBuf);

impl TempDir {
    pub(super) fn new() -> Self {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("pratiko-web-test-{}-{count}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub(super) fn path(&self) -> &Path {
        &self.0
    }

    /// Writes a file as careful operators do: under another name first, and then renamed.
    pub(super) fn write(&self, name: &str, text: &str) {
        let draft = self.0.join(format!("{name}.new"));
        fs::write(&draft, text).unwrap();
        fs::rename(draft, self.0.join(name)).unwrap();
    }
}

impl Drop for TempDir {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Signs certificates.
pub(super) struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    pub(super) fn new() -> Self {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, "test authority");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    pub(super) fn pem(&self) -> String {
        self.0.pem()
    }

    pub(super) fn der(&self) -> CertificateDer<'static> {
        self.0.der().clone()
    }

    /// Writes `<name>.crt` and `<name>.key`, for the DNS name `<name>.example` and the loopback address.
    pub(super) fn sign(&self, dir: &TempDir, name: &str) {
        let mut params = CertificateParams::new(vec![format!("{name}.example")]).unwrap();
        params.distinguished_name.push(DnType::CommonName, name);
        params.subject_alt_names.push(SanType::IpAddress([127, 0, 0, 1].into()));
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.0).unwrap();
        dir.write(&format!("{name}.crt"), &certificate.pem());
        dir.write(&format!("{name}.key"), &key.serialize_pem());
    }
}

/// A server with routes of every kind, on a free port.
pub(super) struct TestServer {
    pub(super) address: SocketAddr,
    pub(super) web: Arc<Web>,
    stop: Option<oneshot::Sender<()>>,
    task: JoinHandle<std::io::Result<()>>,
}

impl TestServer {
    pub(super) fn start(config: Option<PathBuf>, limits: Limits, tokens: Tokens) -> Self {
        let web = Arc::new(Web::open(config).unwrap());
        let access = Access::new(Arc::clone(&web), tokens);
        let app = Router::new()
            .route("/metrics", get(|| async { "up 1\n" }).layer(access.layer(Scope::Metrics)))
            .route("/events", post(|body: String| async { body }).layer(access.layer(Scope::Ingest)))
            .route("/users", get(|| async { "nobody\n" }).layer(access.layer(Scope::Admin)))
            .route("/echo", post(|body: String| async { body }))
            .route("/large", get(|| async { vec![b'x'; 16 << 20] }))
            .route(
                "/slow",
                get(|| async {
                    tokio::time::sleep(Duration::from_millis(500)).await;
                    "done\n"
                }),
            );
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel();
        let shutdown = async {
            let _ = stopped.await;
        };
        let task = tokio::spawn(serve(vec![listener], app, Arc::clone(&web), limits, shutdown));
        Self { address, web, stop: Some(stop), task }
    }

    pub(super) fn with_config(dir: &TempDir, config: &str) -> Self {
        dir.write("web.yml", config);
        Self::start(Some(dir.path().join("web.yml")), Limits::default(), Tokens::default())
    }

    pub(super) fn url(&self, scheme: &str, path: &str) -> String {
        format!("{scheme}://{}{path}", self.address)
    }

    /// Tells the server to stop, and hands over what ends when it has.
    pub(super) fn stop(mut self) -> impl Future<Output = ()> {
        let _ = self.stop.take().unwrap().send(());
        let task = self.task;
        async move { task.await.unwrap().unwrap() }
    }
}

/// What curl says.
#[derive(Debug)]
pub(super) struct Answer {
    /// The status; 0 when there was none.
    pub(super) status: u16,
    /// `1.1` or `2`.
    pub(super) version: String,
    /// The head and the body.
    pub(super) text: String,
}

/// Asks with curl, which must be installed.
pub(super) async fn curl(arguments: &[&str]) -> Answer {
    let arguments: Vec<String> = arguments.iter().map(ToString::to_string).collect();
    let output: Output = tokio::task::spawn_blocking(move || {
        std::process::Command::new("curl")
            .args(["--silent", "--include", "--max-time", "20", "--noproxy", "*"])
            .args(["--write-out", "\n%{http_code} %{http_version}"])
            .args(arguments)
            .output()
            .expect("curl, which these tests need")
    })
    .await
    .unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let (text, last) = text.rsplit_once('\n').unwrap();
    let (status, version) = last.split_once(' ').unwrap();
    Answer { status: status.parse().unwrap(), version: version.to_owned(), text: text.to_owned() }
}
