//! Disputes.

use pratiko_domain::event::{Body, Dispute, DisputeStatus, Event};
use serde::Deserialize;

use super::field::Instant;
use super::minor_units::{currency, money};
use super::naming::event;

/// A dispute.
#[derive(Debug, Deserialize)]
pub struct DisputeObject {
    id: String,
    amount: i64,
    currency: String,
    created: Instant,
    status: String,
    #[serde(default)]
    pub livemode: Option<bool>,
}

impl DisputeObject {
    /// The dispute as it stands. An inquiry (`warning_…`) contests no payment yet, and one that was
    /// prevented never did.
    pub fn event(&self) -> Option<Event> {
        let (status, name) = match self.status.as_str() {
            "needs_response" | "under_review" => (DisputeStatus::Open, "open"),
            "won" => (DisputeStatus::Won, "won"),
            "lost" | "charge_refunded" => (DisputeStatus::Lost, "lost"),
            _ => return None,
        };
        let code = currency(&self.currency);
        let amount = money(self.amount.max(0), &code);
        let dispute = Dispute { currency: code, ..Dispute::new(&self.id, status, amount) };
        // When it was decided does not stand in it.
        Some(event(format!("dispute:{}:{name}", self.id), self.created.0, Body::Dispute(dispute)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_dispute_is_told_by_its_status_and_an_inquiry_is_none() {
        let id = |status: &str| {
            let dispute =
                json!({"id": "dp_1", "amount": 2500, "currency": "eur", "created": 1, "status": status});
            serde_json::from_value::<DisputeObject>(dispute).unwrap().event().map(|event| event.id)
        };
        assert_eq!(id("needs_response").as_deref(), Some("dispute:dp_1:open"));
        assert_eq!(id("under_review"), id("needs_response"));
        assert_eq!(id("won").as_deref(), Some("dispute:dp_1:won"));
        assert_eq!(id("lost").as_deref(), Some("dispute:dp_1:lost"));
        for status in ["warning_needs_response", "warning_closed", "prevented", "new"] {
            assert_eq!(id(status), None, "{status}");
        }
    }
}
