//! What became of an invoice.

use std::time::Duration;

use crate::event::{Invoice, InvoiceStatus};
use crate::time::Timestamp;

/// What became of an invoice, once that is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InvoiceOutcome {
    /// It counts nowhere: void, or over nothing.
    Ignored,
    /// Its dunning window is not over.
    Undecided {
        /// When it will be.
        until: Timestamp,
    },
    /// Paid within the dunning window.
    Paid {
        /// When.
        at: Timestamp,
    },
    /// Not paid within the dunning window, or given up before its end.
    Failed {
        /// When that was clear.
        at: Timestamp,
    },
}

/// What became of `invoice` by the instant `now`, with a dunning window of `dunning`.
pub fn invoice_outcome(invoice: &Invoice, dunning: Duration, now: Timestamp) -> InvoiceOutcome {
    let end = invoice.issued_at.plus(dunning);
    if invoice.status == InvoiceStatus::Void || invoice.amount.is_zero() {
        return InvoiceOutcome::Ignored;
    }
    match (invoice.status, invoice.paid_at) {
        (InvoiceStatus::Paid, Some(at)) if at <= end => InvoiceOutcome::Paid { at },
        (InvoiceStatus::Uncollectible, _) if invoice.effective_at <= end => {
            InvoiceOutcome::Failed { at: invoice.effective_at }
        }
        _ if end <= now => InvoiceOutcome::Failed { at: end },
        _ => InvoiceOutcome::Undecided { until: end },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::money::Money;

    const DAY: u64 = 86_400;

    fn invoice(status: InvoiceStatus, paid_after_days: Option<i64>) -> Invoice {
        let day = |days: i64| Timestamp::from_seconds(days * DAY as i64);
        Invoice {
            id: "in_1".into(),
            customer: "cus_1".into(),
            subscription: None,
            status,
            amount: Money::from_units(25),
            currency: "EUR".into(),
            issued_at: day(0),
            paid_at: paid_after_days.map(day),
            effective_at: day(paid_after_days.unwrap_or(0)),
            version: 1,
            live: true,
        }
    }

    fn outcome(invoice: &Invoice, day: i64) -> InvoiceOutcome {
        invoice_outcome(invoice, Duration::from_secs(14 * DAY), Timestamp::from_seconds(day * DAY as i64))
    }

    #[test]
    fn an_invoice_is_decided_by_payment_or_by_the_end_of_dunning() {
        let day = |days: i64| Timestamp::from_seconds(days * DAY as i64);
        let open = invoice(InvoiceStatus::Open, None);
        assert_eq!(outcome(&open, 13), InvoiceOutcome::Undecided { until: day(14) });
        assert_eq!(outcome(&open, 14), InvoiceOutcome::Failed { at: day(14) });
        assert_eq!(
            outcome(&invoice(InvoiceStatus::Paid, Some(14)), 20),
            InvoiceOutcome::Paid { at: day(14) }
        );
        assert_eq!(
            outcome(&invoice(InvoiceStatus::Paid, Some(15)), 20),
            InvoiceOutcome::Failed { at: day(14) }
        );
        assert_eq!(outcome(&invoice(InvoiceStatus::Void, None), 20), InvoiceOutcome::Ignored);
        let given_up = Invoice { effective_at: day(3), ..invoice(InvoiceStatus::Uncollectible, None) };
        assert_eq!(outcome(&given_up, 4), InvoiceOutcome::Failed { at: day(3) });
        assert_eq!(outcome(&Invoice { amount: Money::ZERO, ..open }, 20), InvoiceOutcome::Ignored);
    }
}
