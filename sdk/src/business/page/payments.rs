//! Whether payments come in.

use pratiko_domain::event::PaymentOutcome;
use pratiko_domain::figures::BusinessFigures;
use pratiko_domain::payments::{Basis, OutcomeCounts};
use pratiko_domain::time::Window;

use crate::catalogue;
use crate::exposition::Page;

pub(super) fn write(figures: &BusinessFigures, page: &mut Page) {
    let counts = counts(figures);
    let mut family = catalogue::RECENT_PAYMENTS.family(page);
    for (basis, window, counts) in &counts {
        for outcome in PaymentOutcome::ALL {
            // An invoice is paid in time or it is not.
            let is_final = matches!(outcome, PaymentOutcome::Succeeded | PaymentOutcome::Failed);
            if *basis == Basis::Invoice && !is_final {
                continue;
            }
            let labels = [("basis", basis.name()), ("outcome", outcome.name()), ("window", window.name())];
            family.sample(&labels, counts.of(outcome));
        }
    }
    let mut family = catalogue::PAYMENT_SUCCESS_RATIO.family(page);
    for (basis, window, counts) in &counts {
        if let Some(ratio) = counts.success_ratio() {
            family.sample(&[("basis", basis.name()), ("window", window.name())], ratio);
        }
    }
}

fn counts(figures: &BusinessFigures) -> Vec<(Basis, Window, OutcomeCounts)> {
    let attempts = figures.payments.iter().map(|recent| (Basis::Attempt, recent.window, recent.attempts));
    let first =
        figures.payments.iter().map(|recent| (Basis::FirstAttempt, recent.window, recent.first_attempts));
    let mut invoices = OutcomeCounts::default();
    invoices.add(PaymentOutcome::Succeeded, figures.revenue.invoices_paid);
    invoices.add(PaymentOutcome::Failed, figures.revenue.invoices_failed);
    attempts.chain(first).chain([(Basis::Invoice, Window::Days30, invoices)]).collect()
}
