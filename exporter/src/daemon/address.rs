//! Where a running daemon is, written down beside the ledger for the commands that need it: while it runs,
//! it alone may write.

use std::fs::OpenOptions;
use std::io::{ErrorKind, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// The file's name in the ledger's directory.
const FILE_NAME: &str = "daemon.url";

/// The file with the daemon's address; it goes when the daemon does.
pub(super) struct AddressFile(PathBuf);

impl AddressFile {
    /// Writes it. That it cannot be written costs those commands alone.
    pub fn write(directory: &Path, address: SocketAddr, is_tls: bool) -> Self {
        let path = directory.join(FILE_NAME);
        let url = url(address, is_tls);
        let file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&path);
        if let Err(error) = file.and_then(|mut file| writeln!(file, "{url}")) {
            tracing::warn!(
                path = %path.display(), %error,
                "commands that change the ledger will not find this daemon"
            );
        }
        Self(path)
    }
}

impl Drop for AddressFile {
    fn drop(&mut self) {
        // Gone already, or nobody's business any more.
        let _ = std::fs::remove_file(&self.0);
    }
}

fn url(address: SocketAddr, is_tls: bool) -> String {
    let ip = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    let scheme = if is_tls { "https" } else { "http" };
    format!("{scheme}://{}", SocketAddr::new(ip, address.port()))
}

/// Where the daemon is that has the ledger in a directory; `None` if none says so.
pub fn address_of_daemon(directory: &Path) -> std::io::Result<Option<String>> {
    match std::fs::read_to_string(directory.join(FILE_NAME)) {
        Ok(text) => Ok(Some(text.trim().to_owned()).filter(|url| !url.is_empty())),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_daemon_that_listens_everywhere_is_found_on_this_host() {
        for (address, is_tls, expected) in [
            ("127.0.0.1:9000", false, "http://127.0.0.1:9000"),
            ("0.0.0.0:9000", false, "http://127.0.0.1:9000"),
            ("[::]:9000", true, "https://[::1]:9000"),
            ("192.0.2.1:9000", true, "https://192.0.2.1:9000"),
        ] {
            assert_eq!(url(address.parse().unwrap(), is_tls), expected);
        }
    }
}
