//! Refunds.

use pratiko_domain::event::{Body, Event, Refund};
use serde::Deserialize;

use super::field::{Id, Instant};
use super::minor_units::{currency, money};
use super::naming::event;

/// A refund.
#[derive(Debug, Deserialize)]
pub struct RefundObject {
    id: String,
    amount: i64,
    currency: String,
    created: Instant,
    #[serde(default)]
    charge: Option<Id>,
    #[serde(default)]
    payment_intent: Option<Id>,
    /// Older ones have none: they had succeeded.
    #[serde(default)]
    status: Option<String>,
}

impl RefundObject {
    /// The refund, once the money has gone back. Whose it is stands in the charge only, and is left
    /// out, so that a refund is the same event wherever it was found.
    pub fn event(&self) -> Option<Event> {
        if self.status.as_deref().is_some_and(|status| status != "succeeded") || self.amount <= 0 {
            return None;
        }
        let code = currency(&self.currency);
        let payment = self.charge.as_ref().or(self.payment_intent.as_ref()).map(|Id(id)| id.clone());
        let refund = Refund { customer: None, payment, amount: money(self.amount, &code), currency: code };
        Some(event(format!("refund:{}", self.id), self.created.0, Body::Refund(refund)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stripe::testing::{merge, said};
    use serde_json::{Value, json};

    fn read(more: &Value) -> Option<Event> {
        let refund = json!({"id": "re_1", "amount": 500, "currency": "jpy", "created": 1000,
            "charge": "ch_1", "payment_intent": "pi_1", "status": "succeeded"});
        serde_json::from_value::<RefundObject>(merge(refund, more)).unwrap().event()
    }

    #[test]
    fn a_refund_counts_once_the_money_has_gone_back() {
        let refund = read(&json!({})).unwrap();
        assert_eq!(
            (refund.id.as_str(), said(&refund).as_str()),
            ("refund:re_1", r#"{"payment":"ch_1","amount":"500","currency":"JPY"}"#)
        );
        assert_eq!(read(&json!({"status": null, "charge": {"id": "ch_1", "amount": 7}})), Some(refund));
        for status in ["pending", "failed", "canceled", "requires_action"] {
            assert_eq!(read(&json!({"status": status})), None, "{status}");
        }
    }
}
