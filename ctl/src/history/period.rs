//! The parts into which a history is cut.

/// The length of a block, in seconds: 162 hours, which is one of the lengths that Prometheus makes by
/// itself, and fewer minutes than a query may answer with (11,000).
pub const BLOCK: i64 = 162 * 60 * 60;

/// From a minute until another, which does not belong to it, in seconds since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Period {
    /// Its first instant.
    pub from: i64,
    /// The first one after it.
    pub until: i64,
}

impl Period {
    /// How many minutes it has.
    pub fn minutes(self) -> usize {
        usize::try_from((self.until - self.from) / 60).unwrap_or_default()
    }

    /// When a minute is, counted from its first.
    pub fn seconds(self, minute: usize) -> i64 {
        self.from + 60 * minute as i64
    }

    /// Which minute an instant is, if it is one.
    pub fn minute(self, seconds: i64) -> Option<usize> {
        let is_inside = self.from <= seconds && seconds < self.until;
        usize::try_from((seconds - self.from) / 60).ok().filter(|_| is_inside)
    }

    /// Cut where blocks end.
    pub fn blocks(self) -> Vec<Self> {
        let mut blocks = Vec::new();
        let mut from = self.from;
        while from < self.until {
            let until = ((from.div_euclid(BLOCK) + 1) * BLOCK).min(self.until);
            blocks.push(Self { from, until });
            from = until;
        }
        blocks
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_history_is_cut_where_blocks_end_and_nothing_is_lost() {
        let month = Period { from: BLOCK * 3000 + 120, until: BLOCK * 3000 + 30 * 86_400 };
        let blocks = month.blocks();
        assert_eq!(blocks.len(), 5);
        assert_eq!(blocks.iter().map(|block| block.minutes()).sum::<usize>(), month.minutes());
        assert!(blocks.iter().all(|block| block.minutes() <= 11_000));
        assert!(blocks[1..].iter().all(|block| block.from % BLOCK == 0));
        assert_eq!(month.minute(month.seconds(7)), Some(7));
        assert_eq!(month.minute(month.until), None);
    }
}
