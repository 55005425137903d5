//! Payment intents: they tell again of what their charges tell, but for what never came to a charge.

use pratiko_domain::event::{Body, CountsAs, Event, PaymentAttempt, PaymentMethod, PaymentOutcome};
use pratiko_domain::time::Timestamp;
use serde::Deserialize;

use super::charge::{ChargeObject, method, reason};
use super::field::{Expandable, Id, Instant, List};
use super::minor_units::{currency, money};
use super::naming::event;

/// A payment intent.
#[derive(Debug, Deserialize)]
pub struct PaymentIntentObject {
    id: String,
    amount: i64,
    currency: String,
    #[serde(default)]
    customer: Option<Id>,
    /// Until 2022-11-15.
    #[serde(default)]
    charges: Option<List<ChargeObject>>,
    #[serde(default)]
    latest_charge: Option<Expandable<ChargeObject>>,
    #[serde(default)]
    last_payment_error: Option<PaymentError>,
    #[serde(default)]
    canceled_at: Option<Instant>,
    #[serde(default)]
    cancellation_reason: Option<String>,
}

#[derive(Debug, Deserialize)]
struct PaymentError {
    #[serde(default)]
    code: Option<String>,
    #[serde(default)]
    decline_code: Option<String>,
    #[serde(default)]
    charge: Option<Id>,
    #[serde(default)]
    payment_method: Option<Expandable<PaymentMethodObject>>,
}

#[derive(Debug, Deserialize)]
struct PaymentMethodObject {
    #[serde(default, rename = "type")]
    kind: Option<String>,
}

/// What a webhook says of a payment intent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Said {
    /// It succeeded.
    Succeeded,
    /// It failed.
    Failed,
    /// It was given up.
    Canceled,
}

impl PaymentIntentObject {
    /// The charges that stand in it, or the attempt that never came to one.
    pub fn events(self, said: Said, told_at: Timestamp) -> Vec<Event> {
        let error_has_charge = self.last_payment_error.as_ref().is_some_and(|error| error.charge.is_some());
        let has_charge = self.latest_charge.is_some() || error_has_charge;
        let without_charge = if has_charge { None } else { self.attempt(said, told_at) };
        let latest = match self.latest_charge {
            Some(Expandable::Object(charge)) => Some(*charge),
            _ => None,
        };
        let charges = self.charges.map(|list| list.data).unwrap_or_default();
        // Both may be there, and say the same.
        let charges = if charges.is_empty() { latest.into_iter().collect() } else { charges };
        if charges.is_empty() {
            return without_charge.into_iter().collect();
        }
        charges.into_iter().flat_map(ChargeObject::events).collect()
    }

    /// The attempt of an intent that failed or was given up before there was a charge. It may fail more
    /// than once, and nothing tells these attempts apart but when they were told of.
    fn attempt(&self, said: Said, told_at: Timestamp) -> Option<Event> {
        let error = self.last_payment_error.as_ref();
        let code = error.and_then(|error| error.code.as_deref());
        let (outcome, at) = match said {
            // What failed before it was given up has been told of.
            Said::Canceled if error.is_some() => return None,
            Said::Succeeded => return None,
            // The customer was there, and did not authenticate.
            Said::Failed if code == Some("payment_intent_authentication_failure") => {
                (PaymentOutcome::Canceled, told_at)
            }
            Said::Failed => (PaymentOutcome::Failed, told_at),
            Said::Canceled => {
                let by_customer = matches!(
                    self.cancellation_reason.as_deref(),
                    Some("abandoned" | "requested_by_customer")
                );
                let at = self.canceled_at.map_or(told_at, |Instant(at)| at);
                by_customer.then_some((PaymentOutcome::Canceled, at))?
            }
        };
        if self.amount <= 0 {
            return None;
        }
        let decline = error.and_then(|error| error.decline_code.as_deref());
        let of_error = error.and_then(|error| error.payment_method.as_ref()?.object()?.kind.as_deref());
        let method = of_error.map_or(PaymentMethod::Other, method);
        let currency_code = currency(&self.currency);
        let attempt = PaymentAttempt {
            customer: self.customer.as_ref().map(|Id(id)| id.clone()),
            counts_as: CountsAs::Attempt,
            reason: (outcome == PaymentOutcome::Failed).then(|| reason(code, decline)),
            ..PaymentAttempt::new(method, outcome, money(self.amount, &currency_code))
        };
        let attempt = PaymentAttempt { currency: currency_code, ..attempt };
        let seconds = at.micros().div_euclid(1_000_000);
        let id = format!("payment_intent:{}:{}:{seconds}", self.id, outcome.name());
        Some(event(id, at, Body::PaymentAttempt(attempt)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stripe::testing::merge;
    use serde_json::{Value, json};

    const TOLD: Timestamp = Timestamp::from_seconds(5000);

    fn read(said: Said, more: &Value) -> Vec<String> {
        let intent = json!({"id": "pi_1", "amount": 2500, "currency": "eur", "customer": "cus_1"});
        let intent: PaymentIntentObject = serde_json::from_value(merge(intent, more)).unwrap();
        let reason = |event: &Event| match &event.body {
            Body::PaymentAttempt(attempt) => attempt.reason_name(),
            _ => unreachable!(),
        };
        intent.events(said, TOLD).iter().map(|event| format!("{} {}", event.id, reason(event))).collect()
    }

    #[test]
    fn what_came_to_a_charge_is_told_by_the_charge() {
        assert!(read(Said::Succeeded, &json!({"latest_charge": "ch_1"})).is_empty());
        assert!(
            read(Said::Failed, &json!({"latest_charge": "ch_1", "last_payment_error": {"charge": "ch_1"}}))
                .is_empty()
        );
        assert!(read(Said::Failed, &json!({"last_payment_error": {"charge": "ch_1"}})).is_empty());
        assert!(
            read(Said::Canceled, &json!({"latest_charge": "ch_1", "cancellation_reason": "abandoned"}))
                .is_empty()
        );
    }

    #[test]
    fn charges_that_stand_in_an_intent_are_the_charges_themselves() {
        let charge = json!({"id": "ch_1", "amount": 2500, "currency": "eur", "status": "failed", "created": 1, "failure_code": "expired_card"});
        let old = json!({"charges": {"data": [charge]}, "last_payment_error": {"charge": "ch_1"}});
        assert_eq!(read(Said::Failed, &old), ["charge:ch_1:failed expired_card"]);
        assert_eq!(
            read(Said::Failed, &json!({"latest_charge": charge})),
            ["charge:ch_1:failed expired_card"]
        );
        assert_eq!(
            read(Said::Failed, &json!({"latest_charge": charge, "charges": {"data": [charge]}})).len(),
            1
        );
    }

    #[test]
    fn what_failed_before_there_was_a_charge_is_an_attempt_of_its_own() {
        let off_session = json!({"last_payment_error": {"code": "authentication_required"}});
        assert_eq!(
            read(Said::Failed, &off_session),
            ["payment_intent:pi_1:failed:5000 authentication_required"]
        );
        let given_up = json!({"last_payment_error": {"code": "payment_intent_authentication_failure"}});
        assert_eq!(read(Said::Failed, &given_up), ["payment_intent:pi_1:canceled:5000 none"]);
        assert_eq!(
            read(Said::Canceled, &json!({"cancellation_reason": "abandoned"})),
            ["payment_intent:pi_1:canceled:5000 none"]
        );
        assert!(read(Said::Canceled, &json!({"cancellation_reason": "void_invoice"})).is_empty());
    }

    #[test]
    fn each_failure_is_an_attempt_and_giving_up_after_it_is_none() {
        let failed = json!({"last_payment_error": {"code": "authentication_required"}});
        let id = |told: i64| {
            let intent = merge(json!({"id": "pi_1", "amount": 2500, "currency": "eur"}), &failed);
            let intent: PaymentIntentObject = serde_json::from_value(intent).unwrap();
            intent.events(Said::Failed, Timestamp::from_seconds(told)).remove(0).id
        };
        assert_ne!(id(5000), id(5001));
        assert_eq!(id(5000), id(5000));
        let given_up = merge(failed.clone(), &json!({"cancellation_reason": "abandoned"}));
        assert!(read(Said::Canceled, &given_up).is_empty());
    }
}
