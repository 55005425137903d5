//! Charges: the attempts to pay.

use pratiko_domain::event::{
    Body, CountsAs, Event, PaymentAttempt, PaymentMethod, PaymentOutcome, PaymentReason,
};
use serde::Deserialize;

use super::field::{Id, Instant, List};
use super::minor_units::{currency, money};
use super::naming::event;
use super::refund::RefundObject;

/// A charge.
#[derive(Debug, Deserialize)]
pub struct ChargeObject {
    id: String,
    status: StatusName,
    amount: i64,
    /// False while the money is only set aside.
    #[serde(default)]
    captured: Option<bool>,
    /// How much of what was set aside was taken.
    #[serde(default)]
    amount_captured: Option<i64>,
    currency: String,
    created: Instant,
    #[serde(default)]
    customer: Option<Id>,
    #[serde(default)]
    failure_code: Option<String>,
    #[serde(default)]
    outcome: Option<Outcome>,
    #[serde(default)]
    payment_method_details: Option<MethodDetails>,
    /// Of charges that are older than payment methods.
    #[serde(default)]
    source: Option<Source>,
    /// Until 2022-11-15 in every charge.
    #[serde(default)]
    refunds: Option<List<RefundObject>>,
    #[serde(default)]
    pub livemode: Option<bool>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum StatusName {
    #[serde(alias = "paid")]
    Succeeded,
    Pending,
    Failed,
}

#[derive(Debug, Deserialize)]
struct Outcome {
    #[serde(default, rename = "type")]
    kind: Option<String>,
    #[serde(default)]
    reason: Option<String>,
}

#[derive(Debug, Deserialize)]
struct MethodDetails {
    #[serde(default, rename = "type")]
    kind: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Source {
    #[serde(default)]
    object: Option<String>,
}

impl ChargeObject {
    /// The attempt, once its outcome is final, and the refunds that stand in the charge. An attempt
    /// over nothing is none.
    pub fn events(self) -> Vec<Event> {
        if self.is_only_set_aside() {
            // What goes back of it was never had.
            return Vec::new();
        }
        let refunds: Vec<Event> =
            self.refunds.iter().flat_map(|list| &list.data).filter_map(RefundObject::event).collect();
        self.attempt().into_iter().chain(refunds).collect()
    }

    fn is_only_set_aside(&self) -> bool {
        self.status == StatusName::Succeeded && self.captured == Some(false)
    }

    fn attempt(&self) -> Option<Event> {
        let is_blocked = self.outcome.as_ref().and_then(|outcome| outcome.kind.as_deref()) == Some("blocked");
        let outcome = match self.status {
            StatusName::Pending => return None,
            StatusName::Succeeded => PaymentOutcome::Succeeded,
            StatusName::Failed if is_blocked => PaymentOutcome::Blocked,
            StatusName::Failed => PaymentOutcome::Failed,
        };
        let taken = self.amount_captured.filter(|_| outcome == PaymentOutcome::Succeeded);
        let amount = taken.unwrap_or(self.amount);
        if amount <= 0 {
            return None;
        }
        let code = currency(&self.currency);
        let detail = self.outcome.as_ref().and_then(|outcome| outcome.reason.as_deref());
        let attempt = PaymentAttempt {
            customer: self.customer.as_ref().map(|Id(id)| id.clone()),
            counts_as: CountsAs::Attempt,
            reason: (outcome == PaymentOutcome::Failed).then(|| reason(self.failure_code.as_deref(), detail)),
            ..PaymentAttempt::new(self.method(), outcome, money(amount, &code))
        };
        let attempt = PaymentAttempt { currency: code, ..attempt };
        let id = format!("charge:{}:{}", self.id, outcome.name());
        Some(event(id, self.created.0, Body::PaymentAttempt(attempt)))
    }

    fn method(&self) -> PaymentMethod {
        let details = self.payment_method_details.as_ref().and_then(|details| details.kind.as_deref());
        let source = self.source.as_ref().and_then(|source| source.object.as_deref());
        details.or(source).map_or(PaymentMethod::Other, method)
    }
}

/// By what means, from the type of a payment method.
pub fn method(kind: &str) -> PaymentMethod {
    match kind {
        "card" | "card_present" | "interac_present" => PaymentMethod::Card,
        "sepa_debit" => PaymentMethod::SepaDebit,
        "customer_balance" | "bank_transfer" | "ach_credit_transfer" | "sepa_credit_transfer" => {
            PaymentMethod::BankTransfer
        }
        "paypal" => PaymentMethod::Paypal,
        _ => PaymentMethod::Other,
    }
}

/// Why it failed: `code` is `failure_code`, and `detail` what the issuer gave as its reason.
pub fn reason(code: Option<&str>, detail: Option<&str>) -> PaymentReason {
    let named = |text: &str| match text {
        "insufficient_funds" => Some(PaymentReason::InsufficientFunds),
        "expired_card" => Some(PaymentReason::ExpiredCard),
        "authentication_required" => Some(PaymentReason::AuthenticationRequired),
        "processing_error" | "issuer_not_available" | "try_again_later" => {
            Some(PaymentReason::ProcessingError)
        }
        _ => None,
    };
    let declined = |text: &str| {
        let is_declined = text.contains("declined")
            || text.starts_with("incorrect_")
            || text.starts_with("invalid_")
            || matches!(text, "do_not_honor" | "lost_card" | "stolen_card" | "generic_decline");
        is_declined.then_some(PaymentReason::Declined)
    };
    let texts = [detail, code];
    let texts = texts.iter().flatten();
    texts
        .clone()
        .find_map(|text| named(text))
        .or_else(|| texts.clone().find_map(|text| declined(text)))
        .unwrap_or(PaymentReason::Other)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stripe::testing::{merge, said};
    use serde_json::{Value, json};

    fn read(more: &Value) -> Vec<Event> {
        let charge = json!({
            "id": "ch_1", "object": "charge", "amount": 2500, "currency": "eur", "status": "succeeded",
            "created": 1000, "customer": "cus_1", "payment_method_details": {"type": "card"},
        });
        serde_json::from_value::<ChargeObject>(merge(charge, more)).unwrap().events()
    }

    fn failed(more: &Value) -> String {
        let events = read(&merge(json!({"status": "failed"}), more));
        let Body::PaymentAttempt(attempt) = &events[0].body else { unreachable!() };
        format!("{} {}", attempt.outcome.name(), attempt.reason_name())
    }

    #[test]
    fn a_charge_is_one_attempt_by_its_final_outcome() {
        let events = read(&json!({}));
        assert_eq!(events[0].id, "charge:ch_1:succeeded");
        assert_eq!(
            said(&events[0]),
            r#"{"customer":"cus_1","counts_as":"attempt","method":"card","outcome":"succeeded","amount":"25","currency":"EUR"}"#
        );
        assert!(read(&json!({"status": "pending"})).is_empty());
        assert!(read(&json!({"amount": 0})).is_empty());
    }

    #[test]
    fn what_has_only_one_of_the_shapes_does_not_change_the_event() {
        let old = json!({"invoice": "in_1", "refunds": {"data": []}, "disputed": false});
        let later = json!({"refunded": true, "amount_refunded": 2500, "disputed": true});
        assert_eq!(read(&old), read(&later));
    }

    #[test]
    fn money_that_is_set_aside_counts_when_it_is_taken_and_as_much_as_is_taken() {
        let released = json!({"data": [{"id": "re_1", "charge": "ch_1", "amount": 2500, "currency": "eur", "created": 2000, "status": "succeeded"}]});
        assert!(read(&json!({"captured": false, "amount_captured": 0, "refunds": released})).is_empty());
        let taken = read(&json!({"captured": true, "amount_captured": 2000}));
        assert!(said(&taken[0]).contains(r#""amount":"20""#), "{}", said(&taken[0]));
        // Of what failed nothing was taken.
        let more = json!({"captured": false, "amount_captured": 0, "failure_code": "expired_card"});
        assert_eq!(failed(&more), "failed expired_card");
    }

    #[test]
    fn why_a_charge_failed_is_told() {
        let cases = [
            (
                json!({"failure_code": "card_declined", "outcome": {"type": "issuer_declined", "reason": "insufficient_funds"}}),
                "failed insufficient_funds",
            ),
            (
                json!({"failure_code": "card_declined", "outcome": {"type": "issuer_declined", "reason": "generic_decline"}}),
                "failed declined",
            ),
            (json!({"failure_code": "expired_card"}), "failed expired_card"),
            (json!({"failure_code": "authentication_required"}), "failed authentication_required"),
            (json!({"failure_code": "processing_error"}), "failed processing_error"),
            (json!({"failure_code": "incorrect_cvc"}), "failed declined"),
            (json!({"failure_code": "debit_not_authorized"}), "failed other"),
            (json!({}), "failed other"),
            (json!({"outcome": {"type": "blocked", "reason": "highest_risk_level"}}), "blocked none"),
        ];
        for (more, expected) in cases {
            assert_eq!(failed(&more), expected, "{more}");
        }
    }

    #[test]
    fn refunds_that_stand_in_a_charge_are_taken_with_it() {
        let refunds = json!({"refunds": {"data": [{"id": "re_1", "charge": "ch_1", "amount": 500, "currency": "eur", "created": 2000, "status": "succeeded"}]}});
        let ids: Vec<String> = read(&refunds).into_iter().map(|event| event.id).collect();
        assert_eq!(ids, ["charge:ch_1:succeeded", "refund:re_1"]);
    }
}
