//! The token bucket of the section `rate_limit`.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::config::RateLimit;

/// How many requests are saved up. It survives a change of the limit.
#[derive(Debug, Default)]
pub(super) struct Bucket(Mutex<Option<(f64, Instant)>>);

impl Bucket {
    /// Takes a request out, or says how long it takes until there is one.
    pub(super) fn take(&self, limit: RateLimit, now: Instant) -> Result<(), Duration> {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let burst = f64::from(limit.burst);
        let saved = state.map_or(burst, |(saved, when)| {
            let earned = now.saturating_duration_since(when).as_secs_f64() / limit.interval.as_secs_f64();
            (saved + earned).min(burst)
        });
        let allowed = saved >= 1.0;
        *state = Some((if allowed { saved - 1.0 } else { saved }, now));
        if allowed { Ok(()) } else { Err(limit.interval.mul_f64(1.0 - saved)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_is_answered_and_then_one_request_for_each_interval() {
        let limit = RateLimit { interval: Duration::from_secs(2), burst: 3 };
        let bucket = Bucket::default();
        let start = Instant::now();
        let answered = |seconds| bucket.take(limit, start + Duration::from_secs(seconds));
        assert_eq!([0, 0, 0].map(answered), [Ok(()); 3]);
        assert_eq!(answered(0), Err(Duration::from_secs(2)));
        assert_eq!(answered(1), Err(Duration::from_secs(1)));
        assert_eq!([2, 4, 6].map(answered), [Ok(()); 3]);
        // What is saved up is bounded.
        assert_eq!([1000, 1000, 1000].map(answered), [Ok(()); 3]);
        assert!(answered(1000).is_err());
    }
}
