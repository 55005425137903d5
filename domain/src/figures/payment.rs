//! Payments of one window.

use crate::payments::OutcomeCounts;
use crate::time::Window;

/// Outcomes of recent payments.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PaymentFigures {
    /// How recent.
    pub window: Window,
    /// Of all attempts.
    pub attempts: OutcomeCounts,
    /// Of first attempts.
    pub first_attempts: OutcomeCounts,
}
