//! How reading rates goes, for the page.

use std::sync::{Mutex, PoisonError};

use pratiko_domain::time::Timestamp;

/// What came of looking for new rates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReadResult {
    /// There were some.
    Changed,
    /// There were none.
    Unchanged,
    /// It could not be told.
    Failed,
}

impl ReadResult {
    /// Every result.
    pub const ALL: [Self; 3] = [Self::Changed, Self::Unchanged, Self::Failed];

    /// Its label value.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Changed => "changed",
            Self::Unchanged => "unchanged",
            Self::Failed => "failed",
        }
    }
}

/// How reading rates goes.
#[derive(Debug, Default)]
pub struct RatesStatus {
    numbers: Mutex<RatesNumbers>,
}

/// How it went up to a moment.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RatesNumbers {
    /// How often which result came, in the order of [`ReadResult::ALL`].
    pub reads: [u64; ReadResult::ALL.len()],
    /// How many rates contradicted known ones.
    pub conflicts: u64,
    /// When it last did not fail.
    pub succeeded_at: Option<Timestamp>,
}

impl RatesStatus {
    /// How it went so far.
    pub fn numbers(&self) -> RatesNumbers {
        *self.numbers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn note(&self, result: ReadResult, conflicts: usize, now: Timestamp) {
        let mut numbers = self.numbers.lock().unwrap_or_else(PoisonError::into_inner);
        numbers.reads[result as usize] += 1;
        numbers.conflicts += conflicts as u64;
        if result != ReadResult::Failed {
            numbers.succeeded_at = Some(now);
        }
    }
}
