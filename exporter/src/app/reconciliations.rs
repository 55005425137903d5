//! `POST /api/v1/reconciliations`: what a provider charged, compared with what the ledger says.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use pratiko_domain::currency::{EURO, is_code};
use pratiko_domain::money::Money;
use pratiko_domain::time::Date;
use pratiko_ledger::RecordError;
use pratiko_ledger::reconciling::{CannotCompare, Comparing, Comparison, Invoiced};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{App, unavailable};
use crate::web::Refusal;

/// A provider's invoice, as it is told.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ToldInvoice {
    /// The provider, as events name it.
    pub provider: String,
    /// The month: `2026-10`.
    pub month: String,
    /// How much was charged, in `currency`, without tax.
    pub invoice: Money,
    /// The currency; euro without it.
    #[serde(default = "euro")]
    pub currency: String,
}

fn euro() -> String {
    EURO.to_owned()
}

impl ToldInvoice {
    /// The invoice, if it makes sense.
    pub fn read(self) -> Result<Invoiced, &'static str> {
        let Self { provider, month, invoice: amount, currency } = self;
        let month = month_of(&month).ok_or("month: write the year and the month, such as 2026-10")?;
        if !is_code(&currency) {
            return Err("currency: write three capital letters, such as USD");
        }
        if !amount.is_positive() || amount.to_stored().is_none() {
            return Err("invoice: write an amount above zero, such as 412.50");
        }
        Ok(Invoiced { provider, month, amount, currency })
    }
}

/// The first day of a month.
fn month_of(text: &str) -> Option<Date> {
    let (year, month) = text.split_once('-')?;
    if year.len() != 4 || month.len() != 2 {
        return None;
    }
    Date::new(year.parse().ok()?, month.parse().ok()?, 1)
}

pub(super) async fn post(State(app): State<Arc<App>>, body: Bytes) -> Response {
    let told = serde_json::from_slice::<ToldInvoice>(&body).map_err(|error| error.to_string());
    let invoiced = match told.and_then(|told| told.read().map_err(str::to_owned)) {
        Ok(invoiced) => invoiced,
        Err(error) => return Refusal::new(StatusCode::BAD_REQUEST, error).into_response(),
    };
    match compare(&app, invoiced).await {
        Ok(Ok(comparison)) => Json(described(&comparison)).into_response(),
        Ok(Err(error)) => Refusal::new(StatusCode::UNPROCESSABLE_ENTITY, error.to_string()).into_response(),
        Err(error) => unavailable(&error).into_response(),
    }
}

/// Recording goes on between the steps.
async fn compare(app: &App, invoiced: Invoiced) -> Result<Result<Comparison, CannotCompare>, RecordError> {
    let mut comparing = Comparing::new(invoiced);
    loop {
        let mut next = comparing;
        let (after, has_more) =
            app.ledger.with(move |recorder, _| next.step(recorder).map(|has_more| (next, has_more))).await?;
        comparing = after;
        if !has_more {
            return app.ledger.with(move |recorder, now| comparing.finish(recorder, now)).await;
        }
    }
}

/// A comparison as JSON. Amounts are decimal strings, in `currency`.
pub fn described(comparison: &Comparison) -> Value {
    let kept = &comparison.kept;
    let models: Vec<Value> = comparison
        .models
        .iter()
        .map(|(model, cost)| {
            json!({
                "model": model, "calls": cost.calls, "unpriced_calls": cost.unpriced, "ledger": cost.amount,
            })
        })
        .collect();
    json!({
        "provider": kept.provider,
        "month": format!("{:04}-{:02}", kept.month.year, kept.month.month),
        "currency": kept.currency,
        "invoice": kept.invoice,
        "ledger": kept.ledger,
        "difference": kept.ledger - kept.invoice,
        "ratio": kept.ledger.ratio_to(kept.invoice),
        "models": models,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_invoice_that_makes_no_sense_is_refused_by_its_field() {
        let told = |month: &str, invoice: &str, currency: &str| {
            let json =
                json!({ "provider": "openai", "month": month, "invoice": invoice, "currency": currency });
            serde_json::from_value::<ToldInvoice>(json).unwrap().read()
        };
        assert_eq!(told("2026-10", "412.50", "USD").unwrap().month, Date::new(2026, 10, 1).unwrap());
        for (month, invoice, currency, field) in [
            ("2026-13", "1", "USD", "month"),
            ("October", "1", "USD", "month"),
            ("26-10", "1", "USD", "month"),
            ("2026-10", "0", "USD", "invoice"),
            ("2026-10", "-1", "USD", "invoice"),
            ("2026-10", "1", "usd", "currency"),
        ] {
            let said = told(month, invoice, currency).unwrap_err();
            assert!(said.starts_with(field), "{month} {invoice} {currency}: {said}");
        }
    }
}
