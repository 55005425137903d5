//! Waiting for what another thread or process does.

use std::time::{Duration, Instant};

/// A machine under load may be slow; only what is broken takes longer than this.
pub const PATIENCE: Duration = Duration::from_secs(120);

/// How long to pause between two looks.
const PAUSE: Duration = Duration::from_millis(50);

/// Looks until `look` finds something.
///
/// # Panics
/// After [`PATIENCE`], with `what` was waited for and what `look` last said instead.
pub fn until<T>(what: &str, look: impl FnMut() -> Result<T, String>) -> T {
    until_within(PATIENCE, what, look)
}

/// Looks until `look` finds something that takes its time.
///
/// # Panics
/// After so long, with `what` was waited for and what `look` last said instead.
#[expect(clippy::panic, reason = "a test fails by panicking")]
pub fn until_within<T>(patience: Duration, what: &str, mut look: impl FnMut() -> Result<T, String>) -> T {
    let started = Instant::now();
    loop {
        match look() {
            Ok(found) => return found,
            Err(instead) if started.elapsed() > patience => panic!("{what}: {instead}"),
            Err(_) => std::thread::sleep(PAUSE),
        }
    }
}
