//! Other programs, which end with the test that started them.

use std::net::{SocketAddr, TcpListener};
use std::process::Child;

/// A process that ends with the value.
#[derive(Debug)]
pub struct Process(pub Child);

impl Process {
    /// Whether it has ended by itself.
    pub fn has_ended(&mut self) -> bool {
        !matches!(self.0.try_wait(), Ok(None))
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// An address of the loopback interface on which nothing listens at the moment.
///
/// # Panics
/// If there is none.
#[expect(clippy::expect_used, reason = "a test cannot go on without it")]
pub fn free_address() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("its number")
}
