//! Ids of events: UUIDs of version 7 (RFC 9562), which sort by when they were made.

use std::fmt::Write;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

/// Makes ids, each greater than all before.
///
/// The last one's milliseconds and, in 12 bits below them, a count within the millisecond. A
/// millisecond's count begins anywhere in its lower half; should it overflow, or the clock be set
/// back, ids run ahead of the clock.
#[derive(Debug, Default)]
pub(super) struct Identifiers(AtomicU64);

const COUNT_BITS: u32 = 12;

impl Identifiers {
    /// A new id.
    pub(super) fn next(&self) -> Result<String, getrandom::Error> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        // 48 bits of milliseconds last until the year 10889.
        self.at(now.as_millis() as u64 & ((1 << 48) - 1))
    }

    fn at(&self, milliseconds: u64) -> Result<String, getrandom::Error> {
        let mut random = [0; 10];
        getrandom::fill(&mut random)?;
        let [first, second, tail @ ..] = random;
        let start = u64::from(u16::from_be_bytes([first, second])) >> (16 - (COUNT_BITS - 1));
        let fresh = milliseconds << COUNT_BITS | start;
        let step = |last: u64| Some(fresh.max(last + 1));
        // The update always takes place, so that both ways lead to what was there before.
        let (Ok(last) | Err(last)) = self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, step);
        Ok(text(fresh.max(last + 1), u64::from_be_bytes(tail)))
    }
}

fn text(place: u64, random: u64) -> String {
    let (milliseconds, count) = (place >> COUNT_BITS, place & ((1 << COUNT_BITS) - 1));
    let version = 7 << COUNT_BITS;
    let variant = 0b10 << 62 | random >> 2;
    let mut text = String::with_capacity(36);
    // Writing to a string cannot fail.
    let _ = write!(
        text,
        "{:08x}-{:04x}-{:04x}-{:04x}-{:012x}",
        milliseconds >> 16,
        milliseconds & 0xffff,
        version | count,
        variant >> 48,
        variant & 0xffff_ffff_ffff
    );
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn an_id_is_laid_out_as_the_standard_says() {
        // The example of RFC 9562, appendix A.6.
        let place = 0x017f_22e2_79b0 << COUNT_BITS | 0xcc3;
        let random = (0x18c4_dc0c_0c07_398f & ((1 << 62) - 1)) << 2;
        assert_eq!(text(place, random), "017f22e2-79b0-7cc3-98c4-dc0c0c07398f");
    }

    #[test]
    fn ids_rise_within_a_millisecond_beyond_its_count_and_when_the_clock_is_set_back() {
        let identifiers = Identifiers::default();
        let mut last = String::new();
        let times = std::iter::repeat_n(1_772_366_400_000, 10_000).chain([1_772_366_399_000, 1]);
        for milliseconds in times {
            let id = identifiers.at(milliseconds).unwrap();
            assert!(id > last, "{id} after {last}");
            last = id;
        }
    }

    #[test]
    fn threads_make_different_ids() {
        let identifiers = &Identifiers::default();
        let ids: Vec<String> = std::thread::scope(|scope| {
            let make = || (0..2000).map(|_| identifiers.next().unwrap()).collect::<Vec<_>>();
            let threads: Vec<_> = (0..4).map(|_| scope.spawn(make)).collect();
            threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
        });
        // Apart even without their random part, where two processes rely on it.
        let places: BTreeSet<&str> = ids.iter().map(|id| &id[..18]).collect();
        assert_eq!(places.len(), 8000);
    }
}
