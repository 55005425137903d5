//! What the web layer counts, for the exporter's own metrics.

use std::sync::atomic::{AtomicU64, Ordering};

/// The counts as they are at one moment. All but the first only grow.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct WebCounts {
    /// Connections open now.
    pub connections_open: u64,
    /// Connections accepted.
    pub connections_accepted: u64,
    /// Connections closed to make room for another one.
    pub connections_evicted: u64,
    /// Connections closed because the client was too slow or idle for too long.
    pub connections_timed_out: u64,
    /// TLS handshakes that failed.
    pub tls_handshake_failures: u64,
    /// Requests refused for want of a credential.
    pub refused_by_auth: u64,
    /// Passwords compared with their hash, which is slow on purpose; a remembered one costs nothing.
    pub passwords_compared: u64,
    /// Requests refused by the rate limit.
    pub refused_by_rate_limit: u64,
    /// Requests and connections refused because the web configuration file cannot be used.
    pub refused_by_broken_config: u64,
}

#[derive(Debug, Default)]
pub(super) struct Counters {
    pub(super) open: AtomicU64,
    pub(super) accepted: AtomicU64,
    pub(super) evicted: AtomicU64,
    pub(super) timed_out: AtomicU64,
    pub(super) handshake_failures: AtomicU64,
    pub(super) refused_by_auth: AtomicU64,
    pub(super) passwords_compared: AtomicU64,
    pub(super) refused_by_rate_limit: AtomicU64,
    pub(super) refused_by_broken_config: AtomicU64,
}

/// Counts one more.
pub(super) fn count(counter: &AtomicU64) {
    counter.fetch_add(1, Ordering::Relaxed);
}

impl Counters {
    pub(super) fn read(&self) -> WebCounts {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        WebCounts {
            connections_open: read(&self.open),
            connections_accepted: read(&self.accepted),
            connections_evicted: read(&self.evicted),
            connections_timed_out: read(&self.timed_out),
            tls_handshake_failures: read(&self.handshake_failures),
            refused_by_auth: read(&self.refused_by_auth),
            passwords_compared: read(&self.passwords_compared),
            refused_by_rate_limit: read(&self.refused_by_rate_limit),
            refused_by_broken_config: read(&self.refused_by_broken_config),
        }
    }
}
