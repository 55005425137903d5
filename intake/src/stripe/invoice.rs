//! Invoices.

use pratiko_domain::event::{
    Body, CountsAs, Event, Invoice, InvoiceStatus, PaymentAttempt, PaymentMethod, PaymentOutcome,
};
use pratiko_domain::time::Timestamp;
use serde::Deserialize;

use super::field::{Id, Instant};
use super::minor_units::{currency, money};
use super::naming::{event, state_event};

/// An invoice.
#[derive(Debug, Deserialize)]
pub struct InvoiceObject {
    /// One that is only foreseen has none.
    #[serde(default)]
    id: Option<String>,
    #[serde(default)]
    customer: Option<Id>,
    #[serde(default)]
    status: Option<StatusName>,
    /// Before there was a status.
    #[serde(default)]
    paid: Option<bool>,
    amount_due: i64,
    currency: String,
    created: Instant,
    #[serde(default)]
    status_transitions: Option<Transitions>,
    /// Until 2025-03-31.
    #[serde(default)]
    subscription: Option<Id>,
    /// Since then.
    #[serde(default)]
    parent: Option<Parent>,
    #[serde(default)]
    attempt_count: u32,
    #[serde(default)]
    next_payment_attempt: Option<Instant>,
    #[serde(default)]
    billing_reason: Option<String>,
    #[serde(default)]
    collection_method: Option<String>,
    #[serde(default)]
    due_date: Option<Instant>,
    #[serde(default)]
    pre_payment_credit_notes_amount: Option<i64>,
    #[serde(default)]
    pub livemode: Option<bool>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum StatusName {
    Draft,
    Open,
    Paid,
    Uncollectible,
    Void,
}

#[derive(Debug, Default, Clone, Copy, Deserialize)]
struct Transitions {
    #[serde(default, rename = "finalized_at")]
    finalized: Option<Instant>,
    #[serde(default, rename = "paid_at")]
    paid: Option<Instant>,
    #[serde(default, rename = "voided_at")]
    voided: Option<Instant>,
    #[serde(default, rename = "marked_uncollectible_at")]
    given_up: Option<Instant>,
}

#[derive(Debug, Deserialize)]
struct Parent {
    #[serde(default)]
    subscription_details: Option<SubscriptionDetails>,
}

#[derive(Debug, Deserialize)]
struct SubscriptionDetails {
    #[serde(default)]
    subscription: Option<Id>,
}

impl InvoiceObject {
    /// Its state, and how the first attempt to pay it ended once that is known. `is_failure` if a
    /// webhook says that a payment failed. Nothing for a draft, which nobody was asked to pay.
    pub fn events(self, is_failure: bool) -> Vec<Event> {
        let (Some(id), Some(customer)) = (&self.id, &self.customer) else { return Vec::new() };
        let Some(status) = self.status() else { return Vec::new() };
        let transitions = self.status_transitions.unwrap_or_default();
        let at = |instant: Option<Instant>| instant.map(|Instant(at)| at);
        let finalized_at = at(transitions.finalized).unwrap_or(self.created.0);
        let changed_at = match status {
            InvoiceStatus::Open => None,
            InvoiceStatus::Paid => at(transitions.paid),
            InvoiceStatus::Void => at(transitions.voided),
            InvoiceStatus::Uncollectible => at(transitions.given_up),
        };
        let effective_at = changed_at.unwrap_or(finalized_at);
        let code = currency(&self.currency);
        // What a customer has too much paid for is no debt of theirs.
        let amount = money(self.amount_due.max(0), &code);
        let invoice = Invoice {
            id: id.clone(),
            customer: customer.0.clone(),
            subscription: self.subscription(),
            status,
            amount,
            currency: code.clone(),
            issued_at: self.issued_at(finalized_at),
            paid_at: (status == InvoiceStatus::Paid).then_some(effective_at),
            effective_at,
            version: self.version(status),
            live: true,
        };
        let name = match status {
            InvoiceStatus::Open => "open",
            InvoiceStatus::Paid => "paid",
            InvoiceStatus::Void => "void",
            InvoiceStatus::Uncollectible => "uncollectible",
        };
        let mut events =
            vec![state_event(&format!("invoice:{id}:{name}"), effective_at, Body::Invoice(invoice))];
        if let Some(outcome) = self.first_attempt(status, is_failure).filter(|_| !amount.is_zero()) {
            let attempt = PaymentAttempt {
                customer: Some(customer.0.clone()),
                invoice: Some(id.clone()),
                counts_as: CountsAs::FirstAttempt,
                currency: code,
                ..PaymentAttempt::new(PaymentMethod::Other, outcome, amount)
            };
            let id = format!("invoice:{id}:first_attempt");
            events.push(event(id, finalized_at, Body::PaymentAttempt(attempt)));
        }
        events
    }

    fn status(&self) -> Option<InvoiceStatus> {
        match self.status {
            Some(StatusName::Draft) => None,
            Some(StatusName::Open) => Some(InvoiceStatus::Open),
            Some(StatusName::Paid) => Some(InvoiceStatus::Paid),
            Some(StatusName::Uncollectible) => Some(InvoiceStatus::Uncollectible),
            Some(StatusName::Void) => Some(InvoiceStatus::Void),
            None => Some(if self.paid? { InvoiceStatus::Paid } else { InvoiceStatus::Open }),
        }
    }

    fn subscription(&self) -> Option<String> {
        let details = self.parent.as_ref().and_then(|parent| parent.subscription_details.as_ref());
        let of_parent = details.and_then(|details| details.subscription.as_ref());
        self.subscription.as_ref().or(of_parent).map(|Id(id)| id.clone())
    }

    /// Where a bill is sent, nobody tries to collect anything before it is due.
    fn issued_at(&self, finalized_at: Timestamp) -> Timestamp {
        match self.due_date {
            Some(Instant(due)) if self.is_sent() => due.max(finalized_at),
            _ => finalized_at,
        }
    }

    fn is_sent(&self) -> bool {
        self.collection_method.as_deref() == Some("send_invoice")
    }

    /// Orders what happened in the same second: it is paid or given up after it was issued, and a
    /// credit note lowers what is open.
    fn version(&self, status: InvoiceStatus) -> u64 {
        const STEP: u64 = 1 << 48;
        let stage = match status {
            InvoiceStatus::Open => 0,
            InvoiceStatus::Uncollectible => 1,
            InvoiceStatus::Paid => 2,
            InvoiceStatus::Void => 3,
        };
        let credited = self.pre_payment_credit_notes_amount.unwrap_or(0);
        stage * STEP + u64::try_from(credited).unwrap_or(0).min(STEP - 1)
    }

    /// How the first attempt to collect it ended; `None` where there was none, or where that is open.
    ///
    /// Stripe counts the attempts that it makes by itself. More than one means that the first one
    /// failed. One alone failed if the invoice was given up, if another one is due, or if a webhook
    /// says so; otherwise the customer may be about to authenticate, or the bank to answer.
    fn first_attempt(&self, status: InvoiceStatus, is_failure: bool) -> Option<PaymentOutcome> {
        if self.is_sent() {
            return None;
        }
        let waits_for_customer = !is_failure && self.billing_reason.as_deref() == Some("subscription_create");
        match (self.attempt_count, status) {
            (0, _) => None,
            (1, InvoiceStatus::Paid) => Some(PaymentOutcome::Succeeded),
            (1, InvoiceStatus::Open) if is_failure => Some(PaymentOutcome::Failed),
            (1, InvoiceStatus::Open) => {
                let is_retried = self.next_payment_attempt.is_some() && !waits_for_customer;
                is_retried.then_some(PaymentOutcome::Failed)
            }
            (1, InvoiceStatus::Void) if waits_for_customer => None,
            _ => Some(PaymentOutcome::Failed),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stripe::testing::{merge, said};
    use serde_json::{Value, json};

    fn invoice(more: &Value) -> Value {
        merge(
            json!({
                "id": "in_1", "object": "invoice", "customer": "cus_1", "status": "open", "amount_due": 2500,
                "currency": "eur", "created": 1000, "attempt_count": 0,
                "status_transitions": {"finalized_at": 4600, "paid_at": null},
            }),
            more,
        )
    }

    fn read(more: &Value, is_failure: bool) -> Vec<Event> {
        serde_json::from_value::<InvoiceObject>(invoice(more)).unwrap().events(is_failure)
    }

    /// How the first attempt ended.
    fn first(more: &Value) -> Option<String> {
        let events = read(more, false);
        let Body::PaymentAttempt(attempt) = &events.get(1)?.body else { return None };
        assert_eq!(events[1].id, "invoice:in_1:first_attempt");
        Some(attempt.outcome.name().to_owned())
    }

    #[test]
    fn both_shapes_of_an_invoice_are_the_same_event() {
        let old = read(&json!({"subscription": "sub_1", "charge": "ch_1", "payment_intent": "pi_1"}), false);
        let new = json!({
            "parent": {"type": "subscription_details", "subscription_details": {"subscription": {"id": "sub_1"}}},
            "payments": {"data": [{"payment": {"payment_intent": "pi_1"}}]},
        });
        assert_eq!(old, read(&new, false));
        assert!(said(&old[0]).contains(r#""subscription":"sub_1""#));
    }

    #[test]
    fn a_state_is_named_and_dated_by_the_invoice_alone() {
        let paid = json!({"status": "paid", "status_transitions": {"finalized_at": 4600, "paid_at": 4700}});
        let event = &read(&paid, false)[0];
        assert_eq!(event.time, Timestamp::from_seconds(4700));
        assert!(event.id.starts_with("invoice:in_1:paid:"), "{}", event.id);
        assert_eq!(read(&paid, true)[0], *event);
        assert_ne!(read(&json!({}), false)[0].id, event.id);
    }

    #[test]
    fn what_was_credited_before_payment_is_a_later_state_of_the_same_instant() {
        let credited = json!({"amount_due": 1500, "pre_payment_credit_notes_amount": 1000});
        let (before, after) = (read(&json!({}), false).remove(0), read(&credited, false).remove(0));
        let version = |event: &Event| match &event.body {
            Body::Invoice(invoice) => (invoice.effective_at, invoice.version),
            _ => unreachable!(),
        };
        assert!(version(&before) < version(&after));
    }

    #[test]
    fn drafts_and_what_is_only_foreseen_are_nothing_yet() {
        assert!(read(&json!({"status": "draft"}), false).is_empty());
        assert!(read(&json!({"id": null}), false).is_empty());
        assert!(read(&json!({"customer": null}), false).is_empty());
    }

    #[test]
    fn an_invoice_says_how_its_first_attempt_ended_whatever_its_state_is_now() {
        let paid = |count| json!({"status": "paid", "attempt_count": count, "status_transitions": {"paid_at": 5000}});
        assert_eq!(first(&paid(1)).as_deref(), Some("succeeded"));
        assert_eq!(first(&paid(2)).as_deref(), Some("failed"));
        // By credit, or out of band: nobody tried.
        assert_eq!(first(&paid(0)), None);
        assert_eq!(first(&json!({"attempt_count": 3})).as_deref(), Some("failed"));
        assert_eq!(
            first(&json!({"attempt_count": 1, "next_payment_attempt": 9000})).as_deref(),
            Some("failed")
        );
        assert_eq!(first(&json!({"attempt_count": 1, "status": "uncollectible"})).as_deref(), Some("failed"));
        assert_eq!(first(&json!({"attempt_count": 1, "amount_due": 0, "status": "paid"})), None);
    }

    #[test]
    fn a_customer_who_may_be_authenticating_has_not_failed() {
        let waiting =
            json!({"attempt_count": 1, "billing_reason": "subscription_create", "next_payment_attempt": 9});
        assert_eq!(first(&waiting), None);
        assert_eq!(first(&json!({"attempt_count": 1})), None);
        assert_eq!(read(&waiting, true).len(), 2);
    }

    #[test]
    fn a_bill_that_is_sent_is_collected_from_its_due_date_on() {
        let sent = json!({"collection_method": "send_invoice", "due_date": 90_000, "attempt_count": 1});
        let events = read(&sent, false);
        assert!(said(&events[0]).contains(r#""issued_at":"1970-01-02T01:00:00Z""#), "{}", said(&events[0]));
        assert_eq!(events.len(), 1);
    }
}
