//! Who is at the other end.

use std::net::SocketAddr;

/// The other end of a request's connection, found in the request's extensions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Peer {
    /// Its address.
    pub address: SocketAddr,
    /// Whether the connection is encrypted.
    pub is_tls: bool,
    /// Whether it has shown a certificate signed by the authority that is configured now.
    pub certificate_verified: bool,
}
