//! The listener and the pages of metrics.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use super::key::{DefaultValue::Is, Key, Kind};
use super::reader::Reader;

/// The listener and the pages of metrics.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Web {
    /// Where to listen; at least one.
    pub listen_addresses: Vec<ListenAddress>,
    /// The path of the metrics.
    pub telemetry_path: String,
    /// The file about TLS and passwords.
    pub config_file: Option<PathBuf>,
    /// How many connections may be open at once.
    pub max_connections: usize,
    /// How many scrapes may be answered at once; `None` for any number.
    pub max_requests: Option<usize>,
}

static LISTEN_ADDRESS: Key = Key::new(
    "web.listen_address",
    Kind::List,
    Is("127.0.0.1:9000"),
    "Addresses to listen on. Without a host, as in :9000, every interface.",
);
static TELEMETRY_PATH: Key =
    Key::new("web.telemetry_path", Kind::Text, Is("/metrics"), "Path of the metrics.");
static CONFIG_FILE: Key = Key::with_flag(
    "web.config_file",
    "web.config.file",
    Kind::Path,
    Is(""),
    "File about TLS and passwords, in the format that Prometheus exporters share.",
);
static MAX_CONNECTIONS: Key =
    Key::new("web.max_connections", Kind::Count, Is("512"), "How many connections may be open at once.");
static MAX_REQUESTS: Key = Key::new(
    "web.max_requests",
    Kind::Count,
    Is("40"),
    "How many scrapes may be answered at once; 0 for any number.",
);

pub(super) static KEYS: &[&Key] =
    &[&LISTEN_ADDRESS, &TELEMETRY_PATH, &CONFIG_FILE, &MAX_CONNECTIONS, &MAX_REQUESTS];

/// Paths that are something else already.
const TAKEN: &[&str] = &["/health", "/-/healthy", "/-/ready", "/api", "/webhooks"];

impl Web {
    pub(super) fn read(values: &mut Reader<'_>) -> Option<Self> {
        let listen_addresses = listen_addresses(values);
        let telemetry_path = telemetry_path(values);
        let config_file = values.text(&CONFIG_FILE);
        let max_connections = values.count(&MAX_CONNECTIONS);
        let max_requests = values.count_or_zero(&MAX_REQUESTS);
        Some(Self {
            listen_addresses: listen_addresses?,
            telemetry_path: telemetry_path?,
            config_file: Some(config_file?).filter(|path| !path.is_empty()).map(PathBuf::from),
            max_connections: max_connections?,
            max_requests: max_requests.map(|most| (most > 0).then_some(most))?,
        })
    }
}

fn listen_addresses(values: &mut Reader<'_>) -> Option<Vec<ListenAddress>> {
    let texts = values.texts(&LISTEN_ADDRESS)?;
    let mut addresses: Vec<ListenAddress> = Vec::with_capacity(texts.len());
    for (position, (text, line)) in texts.into_iter().enumerate() {
        let complaint = match text.parse::<ListenAddress>() {
            Err(InvalidAddress) => "write a host and a port such as 127.0.0.1:9000 or :9000",
            Ok(address) if addresses.contains(&address) => "it is there twice",
            Ok(address) => {
                addresses.push(address);
                continue;
            }
        };
        let message = format!("{}[{position}] is {text:?}; {complaint}", LISTEN_ADDRESS.path);
        values.refuse_within(&LISTEN_ADDRESS, line, message);
        return None;
    }
    if addresses.is_empty() {
        values.refuse(&LISTEN_ADDRESS, " without an address; write at least one such as 127.0.0.1:9000");
        return None;
    }
    Some(addresses)
}

fn telemetry_path(values: &mut Reader<'_>) -> Option<String> {
    let path = values.text(&TELEMETRY_PATH)?;
    let is_plain = path.len() > 1
        && path.starts_with('/')
        && !path.ends_with('/')
        && path.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/-_.~".contains(&byte));
    let is_taken = TAKEN
        .iter()
        .any(|taken| path.strip_prefix(taken).is_some_and(|rest| rest.is_empty() || rest.starts_with('/')));
    if !is_plain {
        values.refuse(&TELEMETRY_PATH, "; write a path such as /metrics, without a query or a final /");
    } else if is_taken {
        values.refuse(&TELEMETRY_PATH, ", which is the path of something else; write one such as /metrics");
    }
    (is_plain && !is_taken).then_some(path)
}

/// A host and a port to listen on. It prints in the form that a socket can be bound to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListenAddress {
    /// A name or an address without brackets; `None` for every interface.
    pub host: Option<String>,
    /// The port; 0 for any that is free.
    pub port: u16,
}

/// What was given is not a host and a port.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a host and a port")]
pub struct InvalidAddress;

impl FromStr for ListenAddress {
    type Err = InvalidAddress;

    fn from_str(text: &str) -> Result<Self, InvalidAddress> {
        let (host, port) = text.rsplit_once(':').ok_or(InvalidAddress)?;
        let port = port.parse().map_err(|_| InvalidAddress)?;
        let host = match host.strip_prefix('[').map(|rest| rest.strip_suffix(']')) {
            Some(inner) => inner.filter(|inner| inner.contains(':')).ok_or(InvalidAddress)?,
            // Without brackets, the colons of an address and the one before the port look alike.
            None if host.contains(':') => return Err(InvalidAddress),
            None => host,
        };
        if host.contains(|letter: char| letter.is_whitespace() || letter == '/') {
            return Err(InvalidAddress);
        }
        Ok(Self { host: (!host.is_empty()).then(|| host.to_owned()), port })
    }
}

impl fmt::Display for ListenAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.host.as_deref() {
            None => write!(f, "[::]:{}", self.port),
            Some(host) if host.contains(':') => write!(f, "[{host}]:{}", self.port),
            Some(host) => write!(f, "{host}:{}", self.port),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_print_in_the_form_that_a_socket_is_bound_to() {
        for (given, bound) in [
            ("127.0.0.1:9000", "127.0.0.1:9000"),
            (":9000", "[::]:9000"),
            ("[::1]:9000", "[::1]:9000"),
            ("localhost:0", "localhost:0"),
        ] {
            assert_eq!(
                given.parse::<ListenAddress>().map(|address| address.to_string()).as_deref(),
                Ok(bound)
            );
        }
    }

    #[test]
    fn what_is_not_a_host_and_a_port_is_refused() {
        for text in [
            "",
            "9000",
            "localhost",
            "localhost:",
            "::1:9000",
            "[::1]",
            "[x]:1",
            "a:65536",
            "http://a:1",
            "a b:1",
        ] {
            assert_eq!(text.parse::<ListenAddress>(), Err(InvalidAddress), "{text:?}");
        }
    }
}
