//! The latest trace of each bucket, kept without a lock.

use std::sync::atomic::{AtomicU64, Ordering, fence};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::quantity::Quantity;
use crate::exposition::{Exemplar, TraceId};

/// A younger exemplar tells no more than one of the last moments, and every one that is kept costs
/// other threads a cache line.
const KEPT_FOR: Duration = Duration::from_millis(250);

/// One place for each bucket.
#[derive(Debug)]
pub(crate) struct Exemplars(Box<[Place]>);

/// Several words that are read and written together: whoever writes makes the version odd meanwhile,
/// and whoever reads looks whether it was even and has stayed the same.
#[derive(Debug, Default)]
struct Place {
    version: AtomicU64,
    trace: [AtomicU64; 2],
    observed: AtomicU64,
    millis: AtomicU64,
}

impl Exemplars {
    pub fn new(buckets: usize) -> Self {
        Self((0..buckets).map(|_| Place::default()).collect())
    }

    /// Keeps a trace, unless another thread is just keeping one there or one is there already that is
    /// as good as new.
    pub fn keep(&self, bucket: usize, observed: u64, trace: TraceId) {
        let Some(place) = self.0.get(bucket) else { return };
        let millis = now_millis();
        let version = place.version.load(Ordering::Relaxed);
        // One of the future was kept before the clock was set back, and is no newer for that.
        let age = millis.abs_diff(place.millis.load(Ordering::Relaxed));
        if version % 2 == 1 || (version > 0 && u128::from(age) < KEPT_FOR.as_millis()) {
            return;
        }
        let odd = version.wrapping_add(1);
        if place.version.compare_exchange(version, odd, Ordering::Acquire, Ordering::Relaxed).is_err() {
            return;
        }
        // No reader that sees one of the words below misses that the version is odd.
        fence(Ordering::Release);
        let trace = trace.number();
        place.trace[0].store((trace >> 64) as u64, Ordering::Relaxed);
        place.trace[1].store(trace as u64, Ordering::Relaxed);
        place.observed.store(observed, Ordering::Relaxed);
        place.millis.store(millis, Ordering::Relaxed);
        place.version.store(odd.wrapping_add(1), Ordering::Release);
    }

    /// The exemplar of a bucket; none while one is being written.
    pub fn get<Q: Quantity>(&self, bucket: usize) -> Option<Exemplar> {
        let place = self.0.get(bucket)?;
        let version = place.version.load(Ordering::Acquire);
        if version == 0 || version % 2 == 1 {
            return None;
        }
        let high = u128::from(place.trace[0].load(Ordering::Relaxed));
        let low = u128::from(place.trace[1].load(Ordering::Relaxed));
        let observed = place.observed.load(Ordering::Relaxed);
        let millis = place.millis.load(Ordering::Relaxed);
        fence(Ordering::Acquire);
        if place.version.load(Ordering::Relaxed) != version {
            return None;
        }
        Some(Exemplar {
            trace: TraceId::new(high << 64 | low)?,
            value: Q::value(observed),
            at: UNIX_EPOCH + Duration::from_millis(millis),
        })
    }
}

fn now_millis() -> u64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(now.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exposition::Value;

    #[test]
    fn a_reader_never_sees_half_of_one_exemplar_and_half_of_another() {
        let place = Exemplars::new(1);
        let writers = [1_u64, 2, 3].map(|number| (number, u128::from(number) << 64 | u128::from(number)));
        std::thread::scope(|scope| {
            for (number, trace) in writers {
                let place = &place;
                scope.spawn(move || {
                    for _ in 0..20_000 {
                        // As if the last one were old.
                        place.0[0].millis.store(0, Ordering::Relaxed);
                        place.keep(0, number, TraceId::new(trace).unwrap());
                    }
                });
            }
            for _ in 0..20_000 {
                if let Some(exemplar) = place.get::<u64>(0) {
                    let number = exemplar.trace.number() as u64;
                    assert_eq!(exemplar.trace.number() >> 64, u128::from(number));
                    assert_eq!(exemplar.value, Value::Unsigned(number));
                }
            }
        });
        assert!(place.get::<u64>(0).is_some());
    }

    #[test]
    fn an_exemplar_is_replaced_after_the_clock_was_set_back() {
        let place = Exemplars::new(1);
        place.keep(0, 1, TraceId::new(1).unwrap());
        place.0[0].millis.fetch_add(60_000, Ordering::Relaxed);
        place.keep(0, 1, TraceId::new(2).unwrap());
        assert_eq!(place.get::<u64>(0).unwrap().trace.number(), 2);
    }

    #[test]
    fn an_exemplar_stays_for_a_moment() {
        let place = Exemplars::new(1);
        for trace in 1..100 {
            place.keep(0, 1, TraceId::new(trace).unwrap());
        }
        assert!(place.get::<u64>(0).unwrap().trace.number() < 100);
    }
}
