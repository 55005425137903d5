//! Which certificates are trusted.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use ureq::tls::{Certificate, PemItem, RootCerts, TlsConfig, TlsProvider, parse_pem};

use super::{ShipSettings, StartError};

/// Where systems keep those that they trust: Debian, Fedora, openSUSE, Alpine.
const OF_THE_SYSTEM: [&str; 4] = [
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
];

/// TLS with the certificates of the settings, or the system's.
pub(super) fn config(settings: &ShipSettings) -> Result<TlsConfig, StartError> {
    let path = settings.certificates.clone().unwrap_or_else(of_the_system);
    let certificates =
        read(&path).map_err(|reason| StartError::Certificates { path: path.clone(), reason })?;
    Ok(TlsConfig::builder()
        .provider(TlsProvider::Rustls)
        .unversioned_rustls_crypto_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .root_certs(RootCerts::Specific(Arc::new(certificates)))
        .build())
}

fn of_the_system() -> PathBuf {
    let found = OF_THE_SYSTEM.into_iter().find(|path| Path::new(path).exists());
    found.unwrap_or(OF_THE_SYSTEM[0]).into()
}

fn read(path: &Path) -> Result<Vec<Certificate<'static>>, String> {
    let pem = std::fs::read(path).map_err(|error| error.to_string())?;
    let mut certificates = Vec::new();
    for item in parse_pem(&pem) {
        match item {
            Ok(PemItem::Certificate(certificate)) => certificates.push(certificate),
            Ok(_) => {}
            Err(error) => return Err(error.to_string()),
        }
    }
    if certificates.is_empty() { Err("no certificate is in it".to_owned()) } else { Ok(certificates) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ship::testing::TempDir;

    #[test]
    fn certificates_that_cannot_be_read_are_refused_at_the_start() {
        let directory = TempDir::new();
        let path = directory.path().join("ca.pem");
        std::fs::write(&path, "nothing\n").unwrap();
        let settings = ShipSettings { certificates: Some(path.clone()), ..ShipSettings::default() };
        assert!(matches!(config(&settings), Err(StartError::Certificates { .. })));
        std::fs::remove_file(path).unwrap();
        assert!(matches!(config(&settings), Err(StartError::Certificates { .. })));
    }
}
