//! Chance that can be repeated: the same words always give the same numbers.

/// A stream of numbers that depends on the words it was made of and on nothing else. `SplitMix64`
/// (<https://prng.di.unimi.it/splitmix64.c>): enough for a simulation, and of no use for secrets.
#[derive(Debug, Clone)]
pub struct Random(u64);

const INCREMENT: u64 = 0x9e37_79b9_7f4a_7c15;

fn mix(word: u64) -> u64 {
    let word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    word ^ (word >> 31)
}

impl Random {
    /// The stream of these words: a seed, and what it is wanted for.
    pub fn of(words: &[u64]) -> Self {
        Self(words.iter().fold(0, |state, word| mix(state.wrapping_add(INCREMENT) ^ *word)))
    }

    /// Any number.
    pub fn number(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(INCREMENT);
        mix(self.0)
    }

    /// From 0 up to 1, which is not reached.
    pub fn unit(&mut self) -> f64 {
        (self.number() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// From 0 up to `end`, which is not reached; 0 if `end` is.
    pub fn below(&mut self, end: u64) -> u64 {
        (self.unit() * end as f64) as u64
    }

    /// Whether something of this probability happens.
    pub fn chance(&mut self, probability: f64) -> bool {
        self.unit() < probability
    }

    /// From a normal distribution around 0 with the deviation 1.
    fn normal(&mut self) -> f64 {
        let radius = (-2.0 * (1.0 - self.unit()).ln()).sqrt();
        radius * (std::f64::consts::TAU * self.unit()).cos()
    }

    /// From a distribution whose logarithm is normal: durations and sizes have its long tail.
    pub fn skewed(&mut self, median: f64, spread: f64) -> f64 {
        median * (spread * self.normal()).exp()
    }

    /// How often something happens that happens `mean` times on average.
    pub fn times(&mut self, mean: f64) -> u64 {
        if mean > 30.0 {
            return (mean + mean.sqrt() * self.normal()).round().max(0.0) as u64;
        }
        let limit = (-mean).exp();
        let mut product = self.unit();
        let mut count = 0;
        while product > limit {
            product *= self.unit();
            count += 1;
        }
        count
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_words_give_the_same_numbers_and_others_give_others() {
        let numbers = |words: &[u64]| {
            let mut random = Random::of(words);
            [random.number(), random.number(), random.number()]
        };
        assert_eq!(numbers(&[1, 2]), numbers(&[1, 2]));
        assert_ne!(numbers(&[1, 2]), numbers(&[2, 1]));
        assert_ne!(numbers(&[0]), numbers(&[0, 0]));
    }

    #[test]
    fn means_are_what_they_should_be() {
        let mut random = Random::of(&[7]);
        let mut mean = |draw: &mut dyn FnMut(&mut Random) -> f64| {
            (0..20_000).map(|_| draw(&mut random)).sum::<f64>() / 20_000.0
        };
        assert!((mean(&mut Random::unit) - 0.5).abs() < 0.01);
        assert!((mean(&mut |random| random.times(2.5) as f64) - 2.5).abs() < 0.05);
        assert!((mean(&mut |random| random.times(80.0) as f64) - 80.0).abs() < 0.5);
        assert!((mean(&mut |random| random.skewed(3.0, 0.0)) - 3.0).abs() < 1e-9);
        assert!((mean(&mut |random| f64::from(u8::from(random.chance(0.2)))) - 0.2).abs() < 0.02);
    }
}
