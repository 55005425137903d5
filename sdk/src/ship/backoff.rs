//! How long to wait before the next attempt.

use std::time::Duration;

/// Waits that double, from a first to a longest one, each spread at random so that many senders do
/// not come back at once.
#[derive(Debug)]
pub(super) struct Backoff {
    first: Duration,
    longest: Duration,
    failures: u32,
}

impl Backoff {
    pub(super) fn new(first: Duration, longest: Duration) -> Self {
        Self { first, longest: longest.max(first), failures: 0 }
    }

    /// The wait after one more failure: between a half and the whole of what it has grown to.
    pub(super) fn next(&mut self) -> Duration {
        let grown = self.first.saturating_mul(1_u32.checked_shl(self.failures).unwrap_or(u32::MAX));
        self.failures = self.failures.saturating_add(1);
        spread(grown.min(self.longest))
    }

    /// Begins anew.
    pub(super) fn reset(&mut self) {
        self.failures = 0;
    }
}

/// Between a half of `wait` and the whole.
pub(super) fn spread(wait: Duration) -> Duration {
    // Without random numbers senders may meet, and that is all.
    let part = f64::from(getrandom::u32().unwrap_or(u32::MAX)) / f64::from(u32::MAX);
    wait / 2 + (wait / 2).mul_f64(part)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_the_longest_and_begin_anew() {
        let millis = Duration::from_millis;
        let mut backoff = Backoff::new(millis(100), millis(500));
        for grown in [100, 200, 400, 500, 500] {
            let wait = backoff.next();
            assert!((millis(grown / 2)..=millis(grown)).contains(&wait), "{wait:?} of {grown}");
        }
        (0..100).for_each(|_| assert!(backoff.next() <= millis(500)));
        backoff.reset();
        assert!(backoff.next() <= millis(100));
    }

    #[test]
    fn no_two_senders_wait_the_same_time() {
        let waits: std::collections::HashSet<_> = (0..20).map(|_| spread(Duration::from_secs(10))).collect();
        assert!(waits.len() > 15, "{waits:?}");
    }
}
