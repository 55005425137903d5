//! What becomes of a client's certificate: Go's policies, on rustls.

use std::sync::Arc;

use rustls::client::danger::HandshakeSignatureValid;
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, UnixTime};
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::server::{VerifierBuilderError, WebPkiClientVerifier};
use rustls::{
    CertificateError, DigitallySignedStruct, DistinguishedName, Error, RootCertStore, SignatureScheme,
};

use super::config::ClientAuth;
use super::subject_names::subject_names;

/// Checks clients' certificates by the policy of the file. That the client holds the certificate's
/// key is always checked, as in Go.
#[derive(Debug)]
pub(super) struct Verifier {
    client_auth: ClientAuth,
    /// Checks who signed a certificate; `None` where the policy is that anybody may have.
    authority: Option<Arc<dyn ClientCertVerifier>>,
    allowed_names: Vec<String>,
    authority_names: Vec<DistinguishedName>,
    provider: Arc<CryptoProvider>,
}

impl Verifier {
    pub(super) fn new(
        client_auth: ClientAuth,
        authorities: RootCertStore,
        allowed_names: Vec<String>,
        provider: &Arc<CryptoProvider>,
    ) -> Result<Self, VerifierBuilderError> {
        let authority_names = authorities.subjects();
        let authority = if client_auth.verifies() {
            let builder =
                WebPkiClientVerifier::builder_with_provider(Arc::new(authorities), Arc::clone(provider));
            Some(builder.build()?)
        } else {
            None
        };
        let provider = Arc::clone(provider);
        Ok(Self { client_auth, authority, allowed_names, authority_names, provider })
    }
}

impl ClientCertVerifier for Verifier {
    fn offer_client_auth(&self) -> bool {
        self.client_auth != ClientAuth::None
    }

    fn client_auth_mandatory(&self) -> bool {
        self.client_auth.is_mandatory()
    }

    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &self.authority_names
    }

    fn verify_client_cert(
        &self,
        certificate: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        if let Some(authority) = &self.authority {
            authority.verify_client_cert(certificate, intermediates, now)?;
        }
        if !self.allowed_names.is_empty() {
            let names = subject_names(certificate).ok_or(CertificateError::BadEncoding)?;
            if !names.iter().any(|name| self.allowed_names.contains(name)) {
                return Err(CertificateError::ApplicationVerificationFailure.into());
            }
        }
        Ok(ClientCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signature, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signature, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}
