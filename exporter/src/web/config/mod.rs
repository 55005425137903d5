//! The web configuration file: the format that Prometheus's exporters share, read and validated.
//!
//! Nothing here opens a certificate or a key: this is what the file says, not what it leads to.

mod duration;
mod error;
mod headers;
mod tls;

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;
use std::str::FromStr;
use std::time::Duration;

use axum::http::HeaderMap;
use serde::Deserialize;

pub use error::{Problem, WebConfigError};
pub use tls::{ClientAuth, Pem, TlsConfig};

/// What a valid file says.
#[derive(Debug)]
pub struct WebConfig {
    /// How to speak TLS; plain HTTP without it.
    pub tls: Option<TlsConfig>,
    /// Whether clients may speak HTTP/2.
    pub http2: bool,
    /// Headers that every response carries.
    pub headers: HeaderMap,
    /// Bcrypt hashes of passwords, by user.
    pub users: BTreeMap<String, PasswordHash>,
    /// How many requests are answered; all of them without it.
    pub rate_limit: Option<RateLimit>,
}

/// A bcrypt hash, as in `$2y$10$…`.
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordHash(String);

impl PasswordHash {
    /// The hash as it stands in the file.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for PasswordHash {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("PasswordHash(…)")
    }
}

/// A token bucket: one request for each interval, and `burst` of them at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RateLimit {
    /// How long it takes to earn one request.
    pub interval: Duration,
    /// How many requests can be saved up.
    pub burst: u32,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    tls_server_config: Option<tls::Section>,
    http_server_config: Option<HttpSection>,
    basic_auth_users: Option<BTreeMap<String, Option<String>>>,
    rate_limit: Option<RateLimitSection>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct HttpSection {
    http2: Option<bool>,
    headers: Option<BTreeMap<String, Option<String>>>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct RateLimitSection {
    interval: Option<String>,
    burst: Option<i64>,
}

impl WebConfig {
    /// Reads the text of the file at `path`, which relative paths in it are relative to.
    pub fn parse(text: &str, path: &Path) -> Result<Self, WebConfigError> {
        let options = serde_saphyr::options! { with_snippet: false };
        let file: Option<File> = serde_saphyr::from_str_with_options(text, options)
            .map_err(|error| error::of_yaml(path, &error))?;
        let directory = path.parent().unwrap_or(Path::new(""));
        file.unwrap_or_default().validate(directory).map_err(|problem| problem.of(path))
    }
}

impl File {
    fn validate(self, directory: &Path) -> Result<WebConfig, Problem> {
        let http = self.http_server_config.unwrap_or_default();
        Ok(WebConfig {
            tls: self.tls_server_config.unwrap_or_default().validate(directory)?,
            http2: http.http2.unwrap_or(true),
            headers: headers::validate(http.headers.unwrap_or_default())?,
            users: users(self.basic_auth_users.unwrap_or_default())?,
            rate_limit: self.rate_limit.unwrap_or_default().validate()?,
        })
    }
}

fn users(section: BTreeMap<String, Option<String>>) -> Result<BTreeMap<String, PasswordHash>, Problem> {
    section
        .into_iter()
        .map(|(user, hash)| {
            let hash = hash.unwrap_or_default();
            let cost = bcrypt::HashParts::from_str(&hash).map(|parts| parts.get_cost()).unwrap_or_default();
            if !(4..=31).contains(&cost) {
                let reason = "not a bcrypt hash; make one with `htpasswd -nBC 10 \"\"`";
                return Err(Problem::new(format!("basic_auth_users.{user}"), reason));
            }
            Ok((user, PasswordHash(hash)))
        })
        .collect()
}

impl RateLimitSection {
    fn validate(self) -> Result<Option<RateLimit>, Problem> {
        let interval = match self.interval.as_deref() {
            None => Duration::ZERO,
            Some(text) => duration::parse(text).ok_or_else(|| {
                Problem::new("rate_limit.interval", "expected a duration such as 1s, 250ms or 1m30s")
            })?,
        };
        if interval.is_zero() {
            return Ok(None);
        }
        match self.burst.map(u32::try_from) {
            Some(Ok(burst)) if burst > 0 => Ok(Some(RateLimit { interval, burst })),
            _ => Err(Problem::new(
                "rate_limit.burst",
                "must be at least 1: with less, no request is ever answered",
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::PathBuf;

    use super::*;

    fn files(ending: &str) -> Vec<(PathBuf, String)> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/web");
        let mut files: Vec<_> = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .filter(|path| path.to_string_lossy().ends_with(ending))
            .map(|path| (path.clone(), fs::read_to_string(path).unwrap()))
            .collect();
        files.sort();
        assert!(!files.is_empty());
        files
    }

    #[test]
    fn every_good_file_is_accepted() {
        for (path, text) in files(".good.yml") {
            let result = WebConfig::parse(&text, &path);
            assert!(result.is_ok(), "{}", result.unwrap_err());
        }
    }

    #[test]
    fn every_bad_file_is_refused_with_the_error_of_its_first_line() {
        let mut wrong = Vec::new();
        for (path, text) in files(".bad.yml") {
            let expected = text.lines().next().unwrap().strip_prefix("# error: ").expect("an expected error");
            let error = WebConfig::parse(&text, &path).err().map(|error| error.to_string());
            let error = error.unwrap_or_else(|| format!("{} is accepted", path.display()));
            if error.strip_prefix(&*path.to_string_lossy()) != Some(expected) {
                wrong.push(error);
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }

    #[test]
    fn an_empty_file_means_plain_http_for_everybody() {
        for text in ["", "# nothing\n", "tls_server_config:\nbasic_auth_users:\nrate_limit:\n", "{}"] {
            let config = WebConfig::parse(text, Path::new("web.yml")).unwrap();
            assert!(
                config.tls.is_none() && config.users.is_empty() && config.rate_limit.is_none(),
                "{text:?}"
            );
            assert!(config.http2, "{text:?}");
        }
    }

    #[test]
    fn paths_are_relative_to_the_file() {
        let text = "tls_server_config: {cert_file: a/tls.crt, key_file: /b/tls.key}";
        let tls = WebConfig::parse(text, Path::new("/etc/pratiko/web.yml")).unwrap().tls.unwrap();
        assert_eq!(tls.certificate.path(), Some(Path::new("/etc/pratiko/a/tls.crt")));
        assert_eq!(tls.key.path(), Some(Path::new("/b/tls.key")));
    }

    #[test]
    fn no_error_and_no_debug_output_shows_a_secret() {
        let secret = "hunter2";
        for text in [
            "basic_auth_users: hunter2",
            "basic_auth_users: {alice: hunter2}",
            "tls_server_config: hunter2",
            "tls_server_config: {key: [hunter2]}",
            "tls_server_config:\n  key: hunter2\n  cert: x\n  client_auth_type: hunter\n",
            "basic_auth_users:\n  alice: hunter2\n bob: \"hunter2\n",
        ] {
            let error = WebConfig::parse(text, Path::new("web.yml")).unwrap_err();
            assert!(!format!("{error} {error:?}").contains(secret), "{error:?}");
        }
        let text = "tls_server_config: {cert: x, key: hunter2}";
        let config = WebConfig::parse(text, Path::new("web.yml")).unwrap();
        assert!(!format!("{config:?}").contains(secret), "{config:?}");
    }
}
