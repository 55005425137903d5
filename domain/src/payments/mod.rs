//! Whether payments succeed.

mod recent;

pub use recent::RecentPayments;

use crate::event::PaymentOutcome;

/// What outcomes are counted over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Basis {
    /// Every attempt.
    Attempt,
    /// The first attempt of each payment.
    FirstAttempt,
    /// Invoices, paid within the dunning window or not.
    Invoice,
}

impl Basis {
    /// Its label value.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Attempt => "attempt",
            Self::FirstAttempt => "first_attempt",
            Self::Invoice => "invoice",
        }
    }
}

/// How many attempts ended how.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct OutcomeCounts([u64; PaymentOutcome::ALL.len()]);

impl OutcomeCounts {
    /// Counts `more` attempts that ended with `outcome`.
    pub fn add(&mut self, outcome: PaymentOutcome, more: u64) {
        self.0[outcome as usize] += more;
    }

    /// Counts all of `other` too.
    pub fn add_all(&mut self, other: &Self) {
        for (count, more) in self.0.iter_mut().zip(other.0) {
            *count += more;
        }
    }

    /// How many ended with `outcome`.
    pub const fn of(&self, outcome: PaymentOutcome) -> u64 {
        self.0[outcome as usize]
    }

    /// Succeeded ÷ (succeeded + failed); `None` without either. What the customer gave up, what the
    /// merchant's own rules blocked and what is not final is in neither.
    ///
    /// Source: Stripe's authorization rate, which leaves out blocked payments and unfinished
    /// authentication.
    pub fn success_ratio(&self) -> Option<f64> {
        let (succeeded, failed) = (self.of(PaymentOutcome::Succeeded), self.of(PaymentOutcome::Failed));
        (succeeded + failed > 0).then(|| succeeded as f64 / (succeeded + failed) as f64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_succeeded_or_failed_makes_the_ratio() {
        let mut counts = OutcomeCounts::default();
        counts.add(PaymentOutcome::Blocked, 5);
        counts.add(PaymentOutcome::Pending, 5);
        assert_eq!(counts.success_ratio(), None);
        counts.add(PaymentOutcome::Succeeded, 19);
        counts.add(PaymentOutcome::Failed, 1);
        assert_eq!(counts.success_ratio(), Some(0.95));
    }
}
