//! The section `tls_server_config`.

use std::fmt;
use std::path::{Path, PathBuf};

use rustls::crypto::{SupportedKxGroup, ring};
use rustls::{SupportedCipherSuite, SupportedProtocolVersion};
use serde::Deserialize;

use super::Problem;
use super::error::nearest;

/// How to speak TLS. Every choice in it is one that can be used.
#[derive(Debug)]
pub struct TlsConfig {
    /// The server's certificate and its chain.
    pub certificate: Pem,
    /// The certificate's private key.
    pub key: Pem,
    /// What is asked of clients.
    pub client_auth: ClientAuth,
    /// Who signs clients' certificates.
    pub client_ca: Option<Pem>,
    /// Names of which a client's certificate must carry one; any when empty.
    pub client_allowed_sans: Vec<String>,
    /// Protocol versions.
    pub versions: Vec<&'static SupportedProtocolVersion>,
    /// Cipher suites, preferred first.
    pub cipher_suites: Vec<SupportedCipherSuite>,
    /// Key exchange groups, preferred first.
    pub curves: Vec<&'static dyn SupportedKxGroup>,
    /// Whether the server's order of suites counts, and not the client's.
    pub prefer_server_cipher_suites: bool,
}

/// PEM text, or where to read it.
#[derive(Clone, PartialEq, Eq)]
pub enum Pem {
    /// In a file of its own.
    File(PathBuf),
    /// In the configuration itself.
    Inline(String),
}

impl Pem {
    /// The file, unless the text is in the configuration itself.
    pub fn path(&self) -> Option<&Path> {
        match self {
            Self::File(path) => Some(path),
            Self::Inline(_) => None,
        }
    }

    fn new(directory: &Path, file: Option<String>, inline: Option<String>) -> Option<Self> {
        let given = |text: &String| !text.is_empty();
        file.filter(given)
            .map(|file| Self::File(directory.join(file)))
            .or_else(|| inline.filter(given).map(Self::Inline))
    }
}

impl fmt::Debug for Pem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => formatter.debug_tuple("File").field(path).finish(),
            Self::Inline(_) => formatter.write_str("Inline(…)"),
        }
    }
}

/// What is asked of clients, with the names and the meaning of Go's `crypto/tls`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ClientAuth {
    /// Nothing.
    #[default]
    None,
    /// A certificate is asked for; without one, or with any one, all is well.
    Request,
    /// Some certificate must be shown; nobody checks who signed it.
    RequireAny,
    /// A certificate need not be shown; one that is shown must be signed by the authority.
    VerifyIfGiven,
    /// A certificate signed by the authority must be shown.
    RequireAndVerify,
}

impl ClientAuth {
    /// Whether a certificate that got through was checked against the authority.
    pub fn verifies(self) -> bool {
        matches!(self, Self::VerifyIfGiven | Self::RequireAndVerify)
    }

    /// Whether a client without a certificate is turned away.
    pub fn is_mandatory(self) -> bool {
        matches!(self, Self::RequireAny | Self::RequireAndVerify)
    }
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Section {
    cert: Option<String>,
    key: Option<String>,
    client_ca: Option<String>,
    cert_file: Option<String>,
    key_file: Option<String>,
    client_auth_type: Option<String>,
    client_ca_file: Option<String>,
    cipher_suites: Option<Vec<String>>,
    curve_preferences: Option<Vec<String>>,
    min_version: Option<String>,
    max_version: Option<String>,
    prefer_server_cipher_suites: Option<bool>,
    client_allowed_sans: Option<Vec<String>>,
}

fn problem(key: &str, reason: impl Into<String>) -> Problem {
    Problem::new(format!("tls_server_config.{key}"), reason)
}

impl Section {
    pub(super) fn validate(self, directory: &Path) -> Result<Option<TlsConfig>, Problem> {
        let certificate = Pem::new(directory, self.cert_file, self.cert);
        let key = Pem::new(directory, self.key_file, self.key);
        let client_ca = Pem::new(directory, self.client_ca_file, self.client_ca);
        let client_auth = client_auth(self.client_auth_type.as_deref().unwrap_or_default())?;
        let sans = self.client_allowed_sans.unwrap_or_default();
        let versions = versions(self.min_version.as_deref(), self.max_version.as_deref())?;
        let cipher_suites = cipher_suites(&self.cipher_suites.unwrap_or_default(), &versions)?;
        let curves = curves(&self.curve_preferences.unwrap_or_default())?;

        let (certificate, key) = match (certificate, key) {
            (Some(certificate), Some(key)) => (certificate, key),
            (Some(_), None) => return Err(problem("key_file", "is missing: a certificate needs its key")),
            (None, Some(_)) => return Err(problem("cert_file", "is missing: a key needs its certificate")),
            (None, None)
                if client_auth == ClientAuth::None
                    && client_ca.is_none()
                    && sans.is_empty()
                    && self.min_version.is_none()
                    && self.max_version.is_none() =>
            {
                return Ok(None);
            }
            (None, None) => {
                let reason = "is missing: without a certificate these settings would mean plain HTTP";
                return Err(problem("cert_file", reason));
            }
        };
        if client_ca.is_some() && client_auth == ClientAuth::None {
            let reason = "is missing: client_ca_file is of use with RequireAndVerifyClientCert or \
                          VerifyClientCertIfGiven";
            return Err(problem("client_auth_type", reason));
        }
        if client_ca.is_none() && client_auth.verifies() {
            let reason = "is missing: without it any public authority's certificates would be accepted";
            return Err(problem("client_ca_file", reason));
        }
        if !sans.is_empty() && !client_auth.is_mandatory() {
            let reason = "needs client_auth_type RequireAndVerifyClientCert or RequireAnyClientCert: with \
                          any other, a client can leave its certificate out";
            return Err(problem("client_allowed_sans", reason));
        }
        Ok(Some(TlsConfig {
            certificate,
            key,
            client_auth,
            client_ca,
            client_allowed_sans: sans,
            versions,
            cipher_suites,
            curves,
            prefer_server_cipher_suites: self.prefer_server_cipher_suites.unwrap_or(true),
        }))
    }
}

const CLIENT_AUTH: [(&str, ClientAuth); 6] = [
    ("NoClientCert", ClientAuth::None),
    ("RequestClientCert", ClientAuth::Request),
    ("RequireAnyClientCert", ClientAuth::RequireAny),
    // An older name that the format still knows.
    ("RequireClientCert", ClientAuth::RequireAny),
    ("VerifyClientCertIfGiven", ClientAuth::VerifyIfGiven),
    ("RequireAndVerifyClientCert", ClientAuth::RequireAndVerify),
];

fn client_auth(name: &str) -> Result<ClientAuth, Problem> {
    if name.is_empty() {
        return Ok(ClientAuth::None);
    }
    let found = CLIENT_AUTH.iter().find(|(known, _)| *known == name);
    found.map(|(_, value)| *value).ok_or_else(|| {
        problem("client_auth_type", unknown(name, "policy", CLIENT_AUTH.iter().map(|(known, _)| *known)))
    })
}

fn unknown<'a>(name: &str, what: &str, known: impl Iterator<Item = &'a str> + Clone) -> String {
    match nearest(name, known.clone()) {
        Some(nearest) => format!("unknown {what} {name}; did you mean {nearest}?"),
        None => format!("unknown {what} {name}; known are {}", known.collect::<Vec<_>>().join(", ")),
    }
}

fn versions(min: Option<&str>, max: Option<&str>) -> Result<Vec<&'static SupportedProtocolVersion>, Problem> {
    let version = |key, name: &str| match name {
        "TLS12" => Ok(12),
        "TLS13" => Ok(13),
        "TLS10" | "TLS11" => {
            Err(problem(key, format!("{name} is refused: its ciphers are broken; use TLS12 or TLS13")))
        }
        _ => Err(problem(key, unknown(name, "version", ["TLS12", "TLS13"].into_iter()))),
    };
    let min = version("min_version", min.unwrap_or("TLS12"))?;
    let max = version("max_version", max.unwrap_or("TLS13"))?;
    if min > max {
        return Err(problem("min_version", "is above max_version"));
    }
    // The preferred one first.
    let known = [(13, &rustls::version::TLS13), (12, &rustls::version::TLS12)];
    Ok(known.into_iter().filter(|(number, _)| (min..=max).contains(number)).map(|(_, it)| it).collect())
}

/// The suite's name as Go and the IANA registry write it.
fn suite_name(suite: SupportedCipherSuite) -> String {
    format!("{:?}", suite.suite()).replace("TLS13_", "TLS_")
}

fn cipher_suites(
    names: &[String],
    versions: &[&'static SupportedProtocolVersion],
) -> Result<Vec<SupportedCipherSuite>, Problem> {
    let known = ring::ALL_CIPHER_SUITES;
    let is_tls13 = |suite: &SupportedCipherSuite| suite.tls13().is_some();
    if names.is_empty() {
        return Ok(known.to_vec());
    }
    let mut named = Vec::new();
    for name in names {
        let Some(suite) = known.iter().find(|suite| suite_name(**suite) == *name) else {
            return Err(problem("cipher_suites", refusal(name, known)));
        };
        named.push(*suite);
    }
    // As in Go, the list is about TLS 1.2: the suites of TLS 1.3 are always there, those named first.
    let mut suites: Vec<_> = named.iter().copied().filter(is_tls13).collect();
    suites.extend(known.iter().copied().filter(|suite| is_tls13(suite) && !named.contains(suite)));
    suites.extend(named.into_iter().filter(|suite| !is_tls13(suite)));
    if suites.iter().all(is_tls13) && versions.iter().all(|version| *version == &rustls::version::TLS12) {
        return Err(problem("cipher_suites", "has no suite for TLS 1.2, the only version allowed"));
    }
    Ok(suites)
}

fn refusal(name: &str, known: &[SupportedCipherSuite]) -> String {
    let weakness = if name.contains("_RC4_") || name.contains("_3DES_") {
        "its cipher is broken"
    } else if name.contains("_CBC_") {
        "it has no authenticated encryption"
    } else if name.starts_with("TLS_RSA_") {
        "it has no forward secrecy"
    } else {
        let names: Vec<String> = known.iter().map(|suite| suite_name(*suite)).collect();
        return unknown(name, "suite", names.iter().map(String::as_str));
    };
    format!("{name} is refused: {weakness}; use a suite with ECDHE and GCM or CHACHA20_POLY1305")
}

fn curves(names: &[String]) -> Result<Vec<&'static dyn SupportedKxGroup>, Problem> {
    let known: [(&str, &'static dyn SupportedKxGroup); 3] = [
        ("X25519", ring::kx_group::X25519),
        ("CurveP256", ring::kx_group::SECP256R1),
        ("CurveP384", ring::kx_group::SECP384R1),
    ];
    if names.is_empty() {
        return Ok(ring::ALL_KX_GROUPS.to_vec());
    }
    let curve = |name: &String| match known.iter().find(|(known, _)| known == name) {
        Some((_, group)) => Ok(*group),
        None if name == "CurveP521" => {
            let reason = "CurveP521 is refused: the TLS library does not have it; use X25519, CurveP256 or \
                          CurveP384";
            Err(problem("curve_preferences", reason))
        }
        None => {
            let names = known.iter().map(|(known, _)| *known);
            Err(problem("curve_preferences", unknown(name, "curve", names)))
        }
    };
    names.iter().map(curve).collect()
}
