//! The clock on the wall.

use std::time::{SystemTime, UNIX_EPOCH};

use pratiko_domain::time::{Clock, Timestamp};

/// The clock on the wall, by the microsecond. Before 1970 it stands at its beginning.
///
/// ```
/// use pratiko_metrics::SystemClock;
/// use pratiko_metrics::domain::time::Clock;
///
/// assert!(SystemClock.now() > "2020-01-01T00:00:00Z".parse()?);
/// # Ok::<(), pratiko_metrics::domain::time::ParseTimestampError>(())
/// ```
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        // It is asked for every call to a model: 128 bits would take as long as asking.
        let micros = since_epoch.as_secs().saturating_mul(1_000_000) + u64::from(since_epoch.subsec_micros());
        Timestamp::from_micros(i64::try_from(micros).unwrap_or(i64::MAX))
    }
}
