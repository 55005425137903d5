//! How much a client may ask for.

use std::time::Duration;

/// The limits of a server.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Connections open at once. One more closes the one that has been idle the longest.
    pub connections: usize,
    /// For the handshake and a request's head; also for a new connection to make its first request.
    pub head: Duration,
    /// For a request's body, from the end of its head.
    pub body: Duration,
    /// For a connection between two requests. Longer than any interval between two scrapes.
    pub idle: Duration,
    /// For a client to take anything at all of a response that is waiting for it.
    pub stalled: Duration,
    /// For requests in flight to end when the server stops.
    pub shutdown: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 512,
            head: Duration::from_secs(10),
            body: Duration::from_secs(30),
            idle: Duration::from_secs(5 * 60),
            stalled: Duration::from_secs(30),
            shutdown: Duration::from_secs(10),
        }
    }
}
