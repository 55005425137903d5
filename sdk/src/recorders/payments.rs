//! Totals of payments, where no ledger keeps them.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

use pratiko_domain::event::{
    Dispute, PaymentAttempt, PaymentMethod, PaymentOutcome, PaymentReason, Refund, in_euro,
};
use pratiko_domain::money::Money;

use crate::catalogue::{DISPUTES_TOTAL, PAYMENT_AMOUNT_EUR_TOTAL, PAYMENT_ATTEMPTS_TOTAL, REFUNDS_EUR_TOTAL};
use crate::cells::Counter;
use crate::registry::Source;
use crate::series::{Family, LabelValue, NoLabels};

impl LabelValue for PaymentMethod {
    const VALUES: &'static [&'static str] = &["card", "sepa_debit", "bank_transfer", "paypal", "other"];

    fn text(&self) -> &str {
        self.name()
    }

    fn position(&self) -> usize {
        *self as usize
    }
}

impl LabelValue for PaymentOutcome {
    const VALUES: &'static [&'static str] = &["succeeded", "failed", "canceled", "blocked", "pending"];

    fn text(&self) -> &str {
        self.name()
    }

    fn position(&self) -> usize {
        *self as usize
    }
}

/// Why an attempt failed; nothing for one that did not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Reason(Option<PaymentReason>);

impl LabelValue for Reason {
    const VALUES: &'static [&'static str] = &[
        "none",
        "declined",
        "insufficient_funds",
        "expired_card",
        "authentication_required",
        "processing_error",
        "other",
    ];

    fn text(&self) -> &str {
        self.0.map_or("none", PaymentReason::name)
    }

    fn position(&self) -> usize {
        self.0.map_or(0, |reason| reason as usize + 1)
    }
}

crate::labels! {
    struct AttemptLabels { method: PaymentMethod, outcome: PaymentOutcome, reason: Reason }
}
crate::labels! {
    struct AmountLabels { method: PaymentMethod, outcome: PaymentOutcome }
}

/// So many disputes are remembered, as each may be reported many times; then remembering begins anew.
const MOST_DISPUTES: usize = 100_000;

/// Totals of payments.
#[derive(Debug)]
pub(super) struct Payments {
    attempts: Family<Counter, AttemptLabels>,
    amounts: Family<Counter<Money>, AmountLabels>,
    refunds: Family<Counter<Money>, NoLabels>,
    disputes: Family<Counter, NoLabels>,
    seen_disputes: Mutex<HashSet<String>>,
}

impl Payments {
    pub fn new() -> Self {
        // Only what failed has a reason.
        let makes_sense = |texts: &[&str]| (texts[1] == "failed") == (texts[2] != "none");
        Self {
            attempts: Family::new((&PAYMENT_ATTEMPTS_TOTAL).into(), ()).start_at_zero(makes_sense),
            amounts: Family::new((&PAYMENT_AMOUNT_EUR_TOTAL).into(), ()).start_at_zero(|_| true),
            refunds: Family::new((&REFUNDS_EUR_TOTAL).into(), ()).start_at_zero(|_| true),
            disputes: Family::new((&DISPUTES_TOTAL).into(), ()).start_at_zero(|_| true),
            seen_disputes: Mutex::default(),
        }
    }

    pub fn sources(&self) -> [Arc<dyn Source>; 4] {
        [self.attempts.source(), self.amounts.source(), self.refunds.source(), self.disputes.source()]
    }

    pub fn attempt(&self, attempt: &PaymentAttempt) {
        let PaymentAttempt { method, outcome, .. } = *attempt;
        if !attempt.is_attempt() {
            return;
        }
        let reason =
            (outcome == PaymentOutcome::Failed).then(|| attempt.reason.unwrap_or(PaymentReason::Other));
        self.attempts.with(&AttemptLabels { method, outcome, reason: Reason(reason) }).increment();
        if let Some(amount) = in_euro(attempt.amount, &attempt.currency) {
            self.amounts.with(&AmountLabels { method, outcome }).add(amount);
        }
    }

    pub fn refund(&self, refund: &Refund) {
        if let Some(amount) = in_euro(refund.amount, &refund.currency) {
            self.refunds.with(&NoLabels).add(amount);
        }
    }

    pub fn dispute(&self, dispute: &Dispute) {
        let mut seen = self.seen_disputes.lock().unwrap_or_else(PoisonError::into_inner);
        if seen.len() >= MOST_DISPUTES {
            seen.clear();
        }
        if seen.insert(dispute.id.clone()) {
            self.disputes.with(&NoLabels).increment();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn label_values_are_those_of_the_events() {
        assert_eq!(PaymentMethod::ALL.map(PaymentMethod::name), *PaymentMethod::VALUES);
        assert_eq!(PaymentOutcome::ALL.map(PaymentOutcome::name), *PaymentOutcome::VALUES);
        assert_eq!(PaymentReason::ALL.map(PaymentReason::name), Reason::VALUES[1..]);
        for (position, method) in PaymentMethod::ALL.iter().enumerate() {
            assert_eq!(method.position(), position);
        }
        for (position, outcome) in PaymentOutcome::ALL.iter().enumerate() {
            assert_eq!(outcome.position(), position);
        }
        for (position, reason) in PaymentReason::ALL.into_iter().enumerate() {
            assert_eq!(Reason(Some(reason)).position(), position + 1);
        }
    }
}
