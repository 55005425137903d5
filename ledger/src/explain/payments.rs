//! Attempts to pay, and refunds.

use pratiko_domain::event::{Body, Kind, PaymentAttempt, PaymentOutcome};
use pratiko_domain::money::Money;
use pratiko_domain::payments::{OutcomeCounts, RecentPayments};
use pratiko_domain::time::Window;

use super::past::Past;
use super::{ONE, Outcome, Sheet, row};
use crate::cloudevents::decode_body;
use crate::store::{EventFilter, StoreError, Total};

pub(super) fn payments(
    past: &mut Past<'_>,
    window: Window,
    sheet: &mut Sheet<'_>,
) -> Result<Outcome, StoreError> {
    let which = EventFilter { kinds: &[Kind::PaymentAttempt], ..past.window(window) };
    let mut counts = OutcomeCounts::default();
    past.store.events(&which, &mut |event| {
        let Ok(Body::PaymentAttempt(attempt)) = decode_body(event.kind, &event.data) else { return Ok(()) };
        if !attempt.counts() {
            return Ok(());
        }
        counts.add(attempt.outcome, 1);
        sheet.row(row(attempt.outcome.name(), ONE, &event, String::new(), described(&attempt)));
        Ok(())
    })?;
    let metric = format!(
        "pratiko_payment_success_ratio{{basis=\"attempt\",window=\"{}\"}} = succeeded ÷ (succeeded + failed)",
        window.name()
    );
    let ratio = |counts: &OutcomeCounts| counts.success_ratio().map(|ratio| ratio.to_string());
    let of_ledger = past.is_now.then(|| of_rollups(past, window)).transpose()?;
    Ok((metric, ratio(&counts), of_ledger.map(|counts| ratio(&counts))))
}

/// The outcomes as dashboards show them.
fn of_rollups(past: &mut Past<'_>, window: Window) -> Result<OutcomeCounts, StoreError> {
    let zone = &*past.settings.zone;
    let loaded = past.store.load(window.first_quarter(past.at, zone))?;
    let mut recent = RecentPayments::default();
    for row in loaded.payments {
        recent.add(row.quarter, row.outcome, row.attempts, row.first_attempts);
    }
    let of_window = recent.figures(past.at, zone).into_iter().find(|figures| figures.window == window);
    Ok(of_window.map(|figures| figures.attempts).unwrap_or_default())
}

fn described(attempt: &PaymentAttempt) -> String {
    let reason = match attempt.outcome {
        PaymentOutcome::Failed => format!(", {}", attempt.reason_name()),
        _ => String::new(),
    };
    format!(
        "attempt {} over {} {} by {}{reason}",
        attempt.attempt_number,
        attempt.amount,
        attempt.currency,
        attempt.method.name()
    )
}

pub(super) fn refunds(past: &mut Past<'_>, sheet: &mut Sheet<'_>) -> Result<Outcome, StoreError> {
    let which = EventFilter { kinds: &[Kind::Refund], until: past.until(), ..EventFilter::default() };
    past.store.events(&which, &mut |event| {
        let Ok(Body::Refund(refund)) = decode_body(event.kind, &event.data) else { return Ok(()) };
        let part = if event.euro.is_some() { "refunded" } else { "not counted" };
        let missing = if event.euro.is_some() { "" } else { ", no reference rate is known yet" };
        let what = format!("refund of {} {}{missing}", refund.amount, refund.currency);
        sheet.row(row(part, event.euro.unwrap_or_default(), &event, String::new(), what));
        Ok(())
    })?;
    let total = past.loaded.totals.iter().find(|(total, _)| *total == Total::Refunds);
    let total = Money::from_nanos(total.map_or(0, |(_, value)| *value));
    let of_ledger = past.is_now.then(|| Some(total.to_string()));
    Ok(("pratiko_refunds_eur_total".to_owned(), Some(sheet.sum("refunded").to_string()), of_ledger))
}
