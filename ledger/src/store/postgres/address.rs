//! Where a database is and how it is reached: a connection string as libpq knows it.

use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use postgres::config::{SslMode, TargetSessionAttrs};
use postgres::{Client, Config};

use super::tls::{Tls, Trust};
use crate::store::StoreError;

/// Why a text is no address of a database. It never holds the text, which may hold a password.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct InvalidAddress(String);

/// Where a database is and how it is reached.
#[derive(Clone)]
pub struct Address {
    pub(super) config: Config,
    pub(super) trust: Trust,
}

impl Address {
    /// Connects.
    pub(super) fn connect(&self) -> Result<Client, StoreError> {
        self.config.connect(Tls::new(&self.trust)?).map_err(|error| {
            let why = if let Some(by_server) = error.as_db_error() {
                by_server.message().to_owned()
            } else {
                let source = std::error::Error::source(&error);
                source.map_or_else(|| error.to_string(), |why| format!("{error}: {why}"))
            };
            let ports: Vec<String> = self.config.get_ports().iter().map(ToString::to_string).collect();
            let port = if ports.is_empty() { "5432".to_owned() } else { ports.join(", ") };
            StoreError::Unreachable(format!("cannot connect to {}, port {port}: {why}", self.described()))
        })
    }

    /// Connects for something else than a ledger: to read an application's tables.
    pub(crate) fn connect_to_read(mut self) -> Result<Client, StoreError> {
        self.accept_readers();
        self.connect()
    }

    /// A server that only reads will do.
    pub(super) fn accept_readers(&mut self) {
        self.config.target_session_attrs(TargetSessionAttrs::Any);
    }

    /// The hosts and the name of the database, without user and password.
    pub fn described(&self) -> String {
        use postgres::config::Host;
        let hosts = self.config.get_hosts().iter().map(|host| match host {
            Host::Tcp(name) => name.clone(),
            Host::Unix(path) => path.display().to_string(),
        });
        let hosts: Vec<String> = hosts.collect();
        format!("{} on {}", self.config.get_dbname().unwrap_or("the user's database"), hosts.join(", "))
    }
}

impl FromStr for Address {
    type Err = InvalidAddress;

    /// From `postgres://user:password@host:5432/database?sslmode=verify-full&sslrootcert=…`, or the
    /// same as `key=value` pairs.
    fn from_str(text: &str) -> Result<Self, InvalidAddress> {
        let is_url = text.starts_with("postgres://") || text.starts_with("postgresql://");
        let (text, mode) = take(text, is_url, "sslmode");
        let (text, root) = take(&text, is_url, "sslrootcert");
        if !is_url && !text.contains('=') {
            return Err(InvalidAddress("write postgres://user@host/database".to_owned()));
        }
        let mut config: Config = text.parse().map_err(|error: postgres::Error| {
            let why = std::error::Error::source(&error).map_or_else(String::new, |why| format!(": {why}"));
            InvalidAddress(format!("not the address of a PostgreSQL database{why}"))
        })?;
        if config.get_hosts().is_empty() && config.get_hostaddrs().is_empty() {
            return Err(InvalidAddress("the address names no host".to_owned()));
        }
        if is_url && names_hold_an_at_sign(&config) {
            let message = "a password's @, :, / and # are written %40, %3A, %2F and %23 in an address";
            return Err(InvalidAddress(message.to_owned()));
        }
        let trust = match (mode.as_deref(), root) {
            (None | Some("disable" | "prefer" | "allow" | "require"), None) => Trust::Anybody,
            // As libpq: whoever names a root certificate wants it to be looked at.
            (Some("require" | "verify-ca" | "verify-full"), Some(root)) => {
                Trust::Roots { file: root_file(root), checks_host: mode.as_deref() == Some("verify-full") }
            }
            (Some(mode @ ("verify-ca" | "verify-full")), None) => {
                let message = format!("sslmode={mode} needs sslrootcert=FILE, or sslrootcert=system");
                return Err(InvalidAddress(message));
            }
            (None | Some("disable" | "prefer" | "allow"), Some(_)) => {
                let message = "sslrootcert is of no use without sslmode=verify-full (or verify-ca, require)";
                return Err(InvalidAddress(message.to_owned()));
            }
            (Some(_), _) => {
                let modes = "disable, prefer, require, verify-ca, verify-full";
                return Err(InvalidAddress(format!("sslmode is not one of {modes}")));
            }
        };
        // Without one it is the client's default, or what it has found in a spelling that is unknown here.
        if let Some(mode) = mode {
            config.ssl_mode(match &*mode {
                "disable" => SslMode::Disable,
                "require" | "verify-ca" | "verify-full" => SslMode::Require,
                _ => SslMode::Prefer,
            });
        }
        with_defaults(&mut config);
        Ok(Self { config, trust })
    }
}

/// Whether a host or the database is called so that it is rather the end of a password, which would be
/// shown in logs and errors.
fn names_hold_an_at_sign(config: &Config) -> bool {
    use postgres::config::Host;
    let in_hosts = config.get_hosts().iter().any(|host| match host {
        Host::Tcp(name) => name.contains('@'),
        // One that has no file begins with it.
        Host::Unix(path) => path.to_string_lossy().trim_start_matches('@').contains('@'),
    });
    in_hosts || config.get_dbname().is_some_and(|name| name.contains('@'))
}

/// What holds unless the address says otherwise: a server that is gone is noticed, and one that only
/// reads is not the one to write to.
fn with_defaults(config: &mut Config) {
    if config.get_target_session_attrs() == TargetSessionAttrs::Any {
        config.target_session_attrs(TargetSessionAttrs::ReadWrite);
    }
    if config.get_connect_timeout().is_none() {
        config.connect_timeout(Duration::from_secs(5));
    }
    if config.get_tcp_user_timeout().is_none() {
        config.tcp_user_timeout(Duration::from_secs(30));
    }
    config.keepalives_idle(Duration::from_secs(15));
    if config.get_application_name().is_none() {
        config.application_name("pratiko-exporter");
    }
}

fn root_file(root: String) -> Option<PathBuf> {
    (root != "system").then(|| PathBuf::from(root))
}

/// Takes a parameter that the client does not know, or knows fewer values of, out of an address.
fn take(text: &str, is_url: bool, name: &str) -> (String, Option<String>) {
    if !is_url {
        return take_pair(text, ' ', name);
    }
    let Some((before, query)) = text.split_once('?') else { return (text.to_owned(), None) };
    let (rest, value) = take_pair(query, '&', name);
    let value = value.map(|value| decode(&value));
    if rest.is_empty() { (before.to_owned(), value) } else { (format!("{before}?{rest}"), value) }
}

fn take_pair(text: &str, separator: char, name: &str) -> (String, Option<String>) {
    let mut value = None;
    let is_other = |pair: &&str| match pair.strip_prefix(name).and_then(|rest| rest.strip_prefix('=')) {
        Some(given) => {
            value = Some(given.trim_matches('\'').to_owned());
            false
        }
        None => true,
    };
    let rest: Vec<&str> = text.split(separator).filter(is_other).collect();
    (rest.join(&separator.to_string()), value)
}

/// The text of what is written with `%2F` and the like.
fn decode(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, more)) = rest.split_first() {
        let digits = more.get(..2).and_then(|digits| std::str::from_utf8(digits).ok());
        let byte = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok());
        if let Some(byte) = byte.filter(|_| *first == b'%') {
            bytes.push(byte);
            rest = &more[2..];
        } else {
            bytes.push(*first);
            rest = more;
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> Result<Address, String> {
        text.parse::<Address>().map_err(|error| error.to_string())
    }

    #[test]
    fn an_address_says_how_far_the_server_is_trusted() {
        let cases = [
            ("postgres://u@h/d", SslMode::Prefer, Trust::Anybody),
            ("postgres://u@h/d?sslmode=disable", SslMode::Disable, Trust::Anybody),
            ("host=h user=u sslmode=require", SslMode::Require, Trust::Anybody),
            ("host=h user=u sslmode = require", SslMode::Require, Trust::Anybody),
            ("host=h user=u\tsslmode=require", SslMode::Require, Trust::Anybody),
            ("host=h user=u password=why? sslmode=require", SslMode::Require, Trust::Anybody),
            ("postgres://u:why?@h/d?sslmode=require", SslMode::Require, Trust::Anybody),
            (
                "postgresql://u@h/d?sslmode=verify-full&sslrootcert=%2Fetc%2Fca.pem&connect_timeout=3",
                SslMode::Require,
                Trust::Roots { file: Some("/etc/ca.pem".into()), checks_host: true },
            ),
            (
                "postgres://u@h/d?sslrootcert=/etc/ca.pem&sslmode=require",
                SslMode::Require,
                Trust::Roots { file: Some("/etc/ca.pem".into()), checks_host: false },
            ),
            (
                "postgres://u@h/d?sslrootcert=system&sslmode=verify-full",
                SslMode::Require,
                Trust::Roots { file: None, checks_host: true },
            ),
        ];
        for (text, mode, trust) in cases {
            let address = address(text).unwrap();
            assert_eq!((address.config.get_ssl_mode(), address.trust), (mode, trust), "{text}");
        }
    }

    #[test]
    fn what_is_wrong_is_said_without_the_password() {
        for (text, reason) in [
            ("ledger.db", "write postgres://"),
            ("postgres://u:hunter2@h/d?sslmode=verify-full", "needs sslrootcert"),
            ("postgres://u:hunter2@h/d?sslmode=never", "sslmode is not one of"),
            ("postgres://u:hunter2@h/d?sslrootcert=x", "of no use"),
            ("postgres://u:hunter2@h/d?colour=red", "not the address"),
            ("user=u password=hunter2", "no host"),
            ("postgres://u:p@hunter2@h/d", "are written %40"),
            ("postgres://u:p@ss/hunter2#@127.0.0.1:5432/d", "are written %40"),
            ("postgres://u:p@@hunter2@h/d", "are written %40"),
        ] {
            let error = address(text).map(|_| ()).unwrap_err();
            assert!(error.contains(reason) && !error.contains("hunter2"), "{text}: {error}");
        }
    }

    #[test]
    fn an_at_sign_may_be_in_a_password_that_is_encoded_and_in_a_socket_without_a_file() {
        for text in ["postgres://u:hunter%402@h/d", "host=@ledger user=u", "user=u@realm host=h"] {
            assert!(address(text).is_ok(), "{text}: {:?}", address(text).err());
        }
    }

    #[test]
    fn a_description_tells_no_credentials() {
        let described = address("postgres://u:hunter2@one,two/ledger").unwrap().described();
        assert_eq!(described, "ledger on one, two");
    }
}
