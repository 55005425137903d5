//! How a cost is distributed over users.

use crate::money::Money;

/// Quantiles by nearest rank: each is the cost of a user that exists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Distribution {
    /// Half of the users cost at most this.
    pub p50: Money,
    /// Nine in ten cost at most this.
    pub p90: Money,
    /// 99 in a hundred cost at most this.
    pub p99: Money,
    /// The dearest user.
    pub max: Money,
}

impl Distribution {
    /// The distribution of `costs`, which are reordered; `None` when there are none.
    pub fn of(costs: &mut [Money]) -> Option<Self> {
        // Each rank is looked for only among the costs above the one before it.
        let count = costs.len();
        let (mut rest, mut passed, mut last) = (costs, 0, None);
        let mut next = |percent| {
            let position = rank(count, percent) - 1;
            if position >= passed && !rest.is_empty() {
                let (_, cost, above) = std::mem::take(&mut rest).select_nth_unstable(position - passed);
                (last, passed, rest) = (Some(*cost), position + 1, above);
            }
            last
        };
        Some(Self { p50: next(50)?, p90: next(90)?, p99: next(99)?, max: next(100)? })
    }

    /// The quantiles with their label values.
    pub fn by_rank(&self) -> [(&'static str, Money); 4] {
        [("p50", self.p50), ("p90", self.p90), ("p99", self.p99), ("max", self.max)]
    }
}

/// The smallest amount that at least `percent` in a hundred of `amounts` do not exceed; `None` for no
/// amounts. The amounts are reordered.
pub fn nearest_rank(amounts: &mut [Money], percent: usize) -> Option<Money> {
    if amounts.is_empty() {
        return None;
    }
    let rank = rank(amounts.len(), percent);
    let (_, amount, _) = amounts.select_nth_unstable(rank - 1);
    Some(*amount)
}

/// Which of `count` amounts in ascending order it is, from 1.
fn rank(count: usize, percent: usize) -> usize {
    (count * percent).div_ceil(100).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn ranks_are_users_that_exist() {
        let mut costs: Vec<Money> = (1..=10).map(Money::from_units).collect();
        let distribution = Distribution::of(&mut costs).unwrap();
        assert_eq!(distribution.by_rank().map(|(_, cost)| cost.to_string()), ["5", "9", "10", "10"]);
        assert_eq!(Distribution::of(&mut [Money::from_units(7)]).unwrap().p50, Money::from_units(7));
        assert_eq!(Distribution::of(&mut []), None);
    }

    proptest! {
        #[test]
        fn every_rank_of_a_distribution_is_the_nearest(nanos in proptest::collection::vec(-50_i128..50, 1..300)) {
            let mut amounts: Vec<Money> = nanos.into_iter().map(Money::from_nanos).collect();
            let ranks = [50, 90, 99, 100].map(|percent| nearest_rank(&mut amounts, percent).unwrap());
            let distribution = Distribution::of(&mut amounts).unwrap();
            prop_assert_eq!(distribution.by_rank().map(|(_, cost)| cost), ranks);
        }

        #[test]
        fn a_rank_is_what_sorting_says(mut nanos in proptest::collection::vec(-50_i128..50, 1..80), percent in 1_usize..=100) {
            let mut amounts: Vec<Money> = nanos.iter().copied().map(Money::from_nanos).collect();
            let rank = nearest_rank(&mut amounts, percent).unwrap().nanos();
            nanos.sort_unstable();
            let at_most = nanos.iter().filter(|amount| **amount <= rank).count();
            prop_assert!(at_most * 100 >= percent * nanos.len());
            let below = nanos.iter().filter(|amount| **amount < rank).count();
            prop_assert!(below * 100 < percent * nanos.len());
        }
    }
}
