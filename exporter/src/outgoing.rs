//! Requests to other servers: who is trusted, and how long an answer may take.
//!
//! The exporter connects to nobody unless the configuration asks for it.

use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use ureq::http::Uri;
use ureq::tls::{Certificate, PemItem, RootCerts, TlsConfig, TlsProvider, parse_pem};

/// Where systems keep the certificates that they trust: Debian, Fedora, openSUSE, Alpine.
const CERTIFICATES: [&str; 4] = [
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
];

const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// The certificates that https needs cannot be used.
#[derive(Debug, thiserror::Error)]
#[error(
    "the certificates that this system trusts cannot be read from {path}: {reason}; install ca-certificates"
)]
pub struct CertificatesError {
    path: PathBuf,
    reason: String,
}

/// Asks the servers of addresses that begin like `url`. An answer that sends elsewhere is an answer,
/// and so is an error; an answer ends within `timeout` or fails.
pub fn agent(url: &str, timeout: Duration) -> Result<ureq::Agent, CertificatesError> {
    let config = ureq::Agent::config_builder()
        .http_status_as_error(false)
        .max_redirects(0)
        .max_redirects_will_error(false)
        .proxy(None)
        .user_agent(concat!("pratiko-exporter/", env!("CARGO_PKG_VERSION")))
        .max_idle_connections(1)
        .timeout_connect(Some(CONNECT_TIMEOUT.min(timeout)))
        .timeout_global(Some(timeout));
    let config = if url.starts_with("https:") { config.https_only(true).tls_config(tls()?) } else { config };
    Ok(config.build().into())
}

/// Whether a token or a key may be sent to an address: over https, or within this host.
pub fn may_send_secret(url: &str) -> bool {
    let uri = url.parse::<Uri>().ok();
    // What stands before an `@` is no host.
    let Some(host) = uri.as_ref().and_then(Uri::host) else { return false };
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    let is_this_host = host == "localhost" || address.is_ok_and(|address| address.is_loopback());
    url.starts_with("https://") || (url.starts_with("http://") && is_this_host)
}

fn tls() -> Result<TlsConfig, CertificatesError> {
    let found = CERTIFICATES.into_iter().find(|path| Path::new(path).exists());
    let path = PathBuf::from(found.unwrap_or(CERTIFICATES[0]));
    let certificates = read(&path).map_err(|reason| CertificatesError { path, reason })?;
    Ok(TlsConfig::builder()
        .provider(TlsProvider::Rustls)
        .unversioned_rustls_crypto_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .root_certs(RootCerts::Specific(Arc::new(certificates)))
        .build())
}

fn read(path: &Path) -> Result<Vec<Certificate<'static>>, String> {
    let pem = std::fs::read(path).map_err(|error| error.to_string())?;
    let certificates: Vec<Certificate<'static>> = parse_pem(&pem)
        .filter_map(|item| match item {
            Ok(PemItem::Certificate(certificate)) => Some(Ok(certificate)),
            Ok(_) => None,
            Err(error) => Some(Err(error.to_string())),
        })
        .collect::<Result<_, _>>()?;
    if certificates.is_empty() { Err("it holds none".to_owned()) } else { Ok(certificates) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_sent_over_https_or_within_this_host() {
        for url in [
            "https://api.stripe.com",
            "https://exporter:9000/metrics",
            "http://127.0.0.1:8420",
            "http://127.0.0.2",
            "http://localhost",
            "http://[::1]:1",
        ] {
            assert!(may_send_secret(url), "{url}");
        }
        for url in [
            "http://api.stripe.com",
            "http://10.0.0.1:9000",
            "http://127.0.0.1:80@example.com",
            "http://localhost@example.com:80",
            "http://127.0.0.1.example.com",
            "http://localhost.example.com",
            "api.stripe.com",
            "https://",
            "ftp://localhost",
            "",
        ] {
            assert!(!may_send_secret(url), "{url}");
        }
    }
}
