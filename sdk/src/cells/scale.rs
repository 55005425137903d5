//! Which bucket an observation falls into.

use super::buckets::Buckets;
use super::quantity::Quantity;

/// Numbers have 0 to 64 bits; one more says where the last of them end.
const LENGTHS: usize = 66;

/// The bounds of a histogram's buckets as words, to compare with what is recorded.
///
/// Bounds mostly double from one to the next, so that of the numbers with as many bits as the one
/// recorded at most a few are bounds: only those are compared.
#[derive(Debug)]
pub struct Scale {
    bounds: Box<[u64]>,
    /// For numbers of each length, how many bounds are shorter.
    shorter: [u16; LENGTHS],
    buckets: Buckets,
}

impl Scale {
    /// The scale of a quantity.
    pub fn of<Q: Quantity>(buckets: Buckets) -> Self {
        let bounds: Box<[u64]> = buckets.bounds().iter().map(|bound| Q::bound(*bound)).collect();
        let shorter = std::array::from_fn(|length| {
            let is_shorter = |bound: &u64| (length_of(*bound)) < length;
            bounds.iter().take_while(|bound| is_shorter(bound)).count() as u16
        });
        Self { bounds, shorter, buckets }
    }

    /// How many buckets there are, the one above every bound included.
    #[inline]
    pub fn buckets(&self) -> usize {
        self.bounds.len() + 1
    }

    /// The bucket of an observation.
    #[inline]
    pub fn bucket(&self, word: u64) -> usize {
        let length = length_of(word);
        let (first, end) = (usize::from(self.shorter[length]), usize::from(self.shorter[length + 1]));
        let as_long = self.bounds.get(first..end).unwrap_or_default();
        first + as_long.partition_point(|bound| *bound < word)
    }

    /// Whether buckets keep examples.
    pub fn keeps_exemplars(&self) -> bool {
        self.buckets.keeps_exemplars()
    }

    /// `le="…"` of every bucket, `+Inf` included.
    pub fn rendered(&self) -> &[Box<str>] {
        self.buckets.rendered()
    }
}

#[inline]
fn length_of(word: u64) -> usize {
    (u64::BITS - word.leading_zeros()) as usize
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::time::Duration;

    fn expected<Q: Quantity>(buckets: &Buckets, word: u64) -> usize {
        buckets.bounds().iter().take_while(|bound| Q::bound(**bound) < word).count()
    }

    proptest! {
        #[test]
        fn an_observation_falls_into_the_first_bucket_that_holds_it(
            word in prop_oneof![any::<u64>(), 0_u64..20_000_000_000, 0_u64..300],
            float in 0.0_f64..2e8,
        ) {
            for buckets in [
                Buckets::http_durations(),
                Buckets::llm_durations(),
                Buckets::llm_tokens(),
                Buckets::operation_durations(),
            ] {
                let durations = Scale::of::<Duration>(buckets.clone());
                prop_assert_eq!(durations.bucket(word), expected::<Duration>(&buckets, word));
                let counts = Scale::of::<u64>(buckets.clone());
                prop_assert_eq!(counts.bucket(word), expected::<u64>(&buckets, word));
                let floats = Scale::of::<f64>(buckets.clone());
                prop_assert_eq!(floats.bucket(float.to_bits()), expected::<f64>(&buckets, float.to_bits()));
            }
        }
    }

    #[test]
    fn a_bound_belongs_to_its_bucket() {
        let scale = Scale::of::<Duration>(Buckets::http_durations());
        for (bucket, bound) in Buckets::http_durations().bounds().iter().enumerate() {
            let nanos = (bound * 1e9).round() as u64;
            assert_eq!((scale.bucket(nanos), scale.bucket(nanos + 1)), (bucket, bucket + 1), "{bound}");
        }
        assert_eq!((scale.bucket(0), scale.bucket(u64::MAX)), (0, scale.buckets() - 1));
    }
}
