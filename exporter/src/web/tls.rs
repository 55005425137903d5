//! From what the file says about TLS to what rustls works with.

use std::fs;
use std::sync::Arc;

use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, UnixTime};
use rustls::server::NoServerSessionStorage;
use rustls::server::danger::ClientCertVerifier as _;
use rustls::{RootCertStore, ServerConfig};
use sha2::{Digest, Sha256};

use super::client_certificates::Verifier;
use super::config::{ClientAuth, Pem, Problem, TlsConfig};

/// TLS, ready for connections.
#[derive(Debug)]
pub(super) struct Tls {
    /// For the handshake.
    pub(super) server: Arc<ServerConfig>,
    /// What is asked of clients.
    pub(super) client_auth: ClientAuth,
    /// A fingerprint of everything that decides whether a client's certificate is accepted: on a
    /// connection made under another one it has to be verified again.
    pub(super) client_policy: [u8; 32],
    verifier: Arc<Verifier>,
}

impl Tls {
    /// Whether a handshake now would accept what a client showed in an earlier one, where it proved
    /// that it holds the key.
    pub(super) fn accepts(&self, certificates: &[CertificateDer<'_>]) -> bool {
        certificates.split_first().is_some_and(|(certificate, intermediates)| {
            self.verifier.verify_client_cert(certificate, intermediates, UnixTime::now()).is_ok()
        })
    }
}

/// Reads the certificate, the key and the authority, and puts them together.
pub(super) fn load(config: &TlsConfig, http2: bool) -> Result<Tls, Problem> {
    let provider = Arc::new(CryptoProvider {
        cipher_suites: config.cipher_suites.clone(),
        kx_groups: config.curves.clone(),
        ..ring::default_provider()
    });
    let chain = certificates(&config.certificate, "cert")?;
    let key = PrivateKeyDer::from_pem_slice(&read(&config.key, "key")?).map_err(|error| {
        problem(&config.key, "key", &format!("holds no private key in PEM form: {error}"))
    })?;

    let authority_certificates = match &config.client_ca {
        Some(pem) => certificates(pem, "client_ca")?,
        None => Vec::new(),
    };
    let mut authorities = RootCertStore::empty();
    for certificate in &authority_certificates {
        authorities
            .add(certificate.clone())
            .map_err(|error| Problem::new("tls_server_config.client_ca_file", error.to_string()))?;
    }
    let verifier =
        Verifier::new(config.client_auth, authorities, config.client_allowed_sans.clone(), &provider)
            .map_err(|error| Problem::new("tls_server_config.client_ca_file", error.to_string()))?;
    let verifier = Arc::new(verifier);

    let mut server = ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(&config.versions)
        .map_err(|error| Problem::new("tls_server_config", error.to_string()))?
        .with_client_cert_verifier(Arc::clone(&verifier) as _)
        .with_single_cert(chain, key)
        .map_err(|error| match error {
            rustls::Error::InconsistentKeys(_) => {
                problem(&config.key, "key", "is not the key of the certificate")
            }
            other => problem(&config.key, "key", &format!("cannot be used with the certificate: {other}")),
        })?;
    server.ignore_client_order = config.prefer_server_cipher_suites;
    server.alpn_protocols =
        if http2 { vec![b"h2".to_vec(), b"http/1.1".to_vec()] } else { vec![b"http/1.1".to_vec()] };
    if config.client_auth != ClientAuth::None {
        // A resumed connection would carry a certificate that nobody looked at again.
        server.session_storage = Arc::new(NoServerSessionStorage {});
        server.send_tls13_tickets = 0;
    }
    let client_policy = client_policy(config, &authority_certificates);
    Ok(Tls { server: Arc::new(server), client_auth: config.client_auth, client_policy, verifier })
}

/// Named by the key that the text came from, `…_file` for a file.
fn problem(pem: &Pem, key: &str, reason: &str) -> Problem {
    match pem {
        Pem::File(path) => {
            Problem::new(format!("tls_server_config.{key}_file"), format!("{}: {reason}", path.display()))
        }
        Pem::Inline(_) => Problem::new(format!("tls_server_config.{key}"), reason),
    }
}

fn read(pem: &Pem, key: &str) -> Result<Vec<u8>, Problem> {
    match pem {
        Pem::Inline(text) => Ok(text.clone().into_bytes()),
        Pem::File(path) => {
            fs::read(path).map_err(|error| problem(pem, key, &format!("cannot be read: {error}")))
        }
    }
}

fn certificates(pem: &Pem, key: &str) -> Result<Vec<CertificateDer<'static>>, Problem> {
    let certificates = CertificateDer::pem_slice_iter(&read(pem, key)?)
        .collect::<Result<Vec<_>, _>>()
        .map_err(|error| problem(pem, key, &format!("is not PEM: {error}")))?;
    if certificates.is_empty() {
        return Err(problem(pem, key, "holds no certificate in PEM form"));
    }
    Ok(certificates)
}

fn client_policy(config: &TlsConfig, authorities: &[CertificateDer<'_>]) -> [u8; 32] {
    let mut hasher = Sha256::new();
    hasher.update([config.client_auth as u8]);
    let parts = authorities.iter().map(AsRef::as_ref).chain([&[] as &[u8]]);
    for part in parts.chain(config.client_allowed_sans.iter().map(String::as_bytes)) {
        hasher.update((part.len() as u64).to_le_bytes());
        hasher.update(part);
    }
    hasher.finalize().into()
}
