//! Webhooks of every kind, and what is no webhook.

use pratiko_domain::event::Body;
use proptest::prelude::*;
use serde_json::json;

use super::tests::{day, subscription, webhook};
use super::*;
use crate::stripe::Mode;
use crate::stripe::testing::merge;

#[test]
fn the_other_mode_and_unknown_types_are_passed_over() {
    let test_mode = webhook("customer.subscription.created", 1, &subscription(&json!({})));
    let test_mode = String::from_utf8(test_mode).unwrap().replace("\"livemode\":true", "\"livemode\":false");
    let ignored =
        |payload: &[u8], mode| read_webhook(payload, &Policy { mode, ..Policy::default() }).unwrap().ignored;
    assert_eq!(ignored(test_mode.as_bytes(), Mode::Live), Some(Ignored::Mode));
    assert_eq!(ignored(test_mode.as_bytes(), Mode::Test), None);
    for kind in
        ["customer.created", "product.updated", "invoice.created", "charge.pending", "nonsense", "v1.x"]
    {
        assert_eq!(ignored(&webhook(kind, 1, &json!({})), Mode::Live), Some(Ignored::Type), "{kind}");
    }
    assert_eq!(
        ignored(
            &webhook(
                "invoice.paid",
                1,
                &json!({"amount_due": 1, "currency": "eur", "created": 1, "status": "draft"})
            ),
            Mode::Live
        ),
        Some(Ignored::Content)
    );
    let listed = subscription(&json!({"livemode": false})).to_string();
    let look = Look { at: day(1), reach: None };
    let said = read_listed(Object::Subscription, &listed, look, &Policy::default()).unwrap();
    assert_eq!(said.ignored, Some(Ignored::Mode));
}

#[test]
fn one_renewals_many_webhooks_are_one_attempt_and_one_first_attempt() {
    let charge = json!({"id": "ch_1", "amount": 2500, "currency": "eur", "status": "succeeded", "created": 9, "customer": "cus_1"});
    let intent = json!({"id": "pi_1", "amount": 2500, "currency": "eur", "latest_charge": "ch_1", "status": "succeeded"});
    let invoice = json!({
        "id": "in_1", "customer": "cus_1", "status": "paid", "amount_due": 2500, "currency": "eur", "created": 1,
        "attempt_count": 1, "status_transitions": {"finalized_at": 5, "paid_at": 9},
    });
    let deliveries = [
        ("charge.succeeded", &charge),
        ("charge.captured", &charge),
        ("payment_intent.succeeded", &intent),
        ("invoice.paid", &invoice),
        ("invoice.payment_succeeded", &invoice),
    ];
    let mut attempts = std::collections::BTreeMap::new();
    for (kind, object) in deliveries {
        for event in read_webhook(&webhook(kind, 10, object), &Policy::default()).unwrap().events {
            if let Body::PaymentAttempt(attempt) = event.body {
                attempts.insert(event.id, attempt);
            }
        }
    }
    let count =
        |is: fn(&pratiko_domain::event::PaymentAttempt) -> bool| attempts.values().filter(|a| is(a)).count();
    assert_eq!(count(pratiko_domain::event::PaymentAttempt::is_attempt), 1);
    assert_eq!(count(pratiko_domain::event::PaymentAttempt::is_first_attempt), 1);
}

#[test]
fn a_checkout_says_who_pays_for_a_user() {
    let session = json!({"id": "cs_1", "client_reference_id": "ada", "customer": "cus_1", "livemode": true});
    let said = read_webhook(&webhook("checkout.session.completed", 9, &session), &Policy::default()).unwrap();
    assert_eq!((said.events[0].subject.as_deref(), said.events[0].customer()), (Some("ada"), Some("cus_1")));
    let anonymous = merge(session, &json!({"client_reference_id": null}));
    let said =
        read_webhook(&webhook("checkout.session.completed", 9, &anonymous), &Policy::default()).unwrap();
    assert_eq!(said.ignored, Some(Ignored::Content));
}

#[test]
fn an_error_says_where_and_never_what_was_there() {
    let error = |payload: &[u8]| read_webhook(payload, &Policy::default()).unwrap_err().to_string();
    let secret = "somebody@example.com";
    let wrong = subscription(&json!({"items": {"data": [{"price": {"id": 7}, "quantity": secret}]}}));
    let message = error(&webhook("customer.subscription.updated", 1, &wrong));
    assert!(message.starts_with("subscription.items.data[0].price"), "{message}");
    for broken in [
        webhook("customer.subscription.updated", 1, &subscription(&json!({"status": secret}))),
        webhook("customer.subscription.updated", 1, &subscription(&json!({"created": secret}))),
        webhook("customer.subscription.updated", 1, &json!({"id": secret})),
        webhook("invoice.paid", 1, &json!(secret)),
        format!("{{\"type\": \"{secret}\"").into_bytes(),
        format!("{{\"type\": \"charge.failed\", \"created\": \"{secret}\"}}").into_bytes(),
        b"[]".to_vec(),
        b"\xff\xfe".to_vec(),
        Vec::new(),
    ] {
        let message = error(&broken);
        assert!(!message.contains("somebody"), "{message}");
    }
}

#[test]
fn what_is_too_deep_or_too_large_a_number_is_refused_and_not_followed() {
    let deep = "[".repeat(200_000);
    let payload = format!(r#"{{"type": "charge.failed", "created": 1, "data": {{"object": {deep}"#);
    assert!(read_webhook(payload.as_bytes(), &Policy::default()).is_err());
    let closed = format!("{}{}", "[".repeat(50_000), "]".repeat(50_000));
    let nested = format!(
        r#"{{"type": "charge.failed", "created": 1, "data": {{"object": {{"id": "ch_1", "metadata": {closed}}}}}}}"#
    );
    assert!(read_webhook(nested.as_bytes(), &Policy::default()).is_err());
    let huge = json!({"items": {"data": [{"price": {"id": "p", "currency": "eur", "unit_amount": i64::MAX, "recurring": {"interval": "month"}}, "quantity": 9}]}});
    let huge = webhook("customer.subscription.updated", 1, &subscription(&huge));
    let error = read_webhook(&huge, &Policy::default()).unwrap_err();
    assert!(matches!(error, PayloadError::Invalid { .. }), "{error}");
}

proptest! {
    /// No object makes an event that the ledger would not take.
    #[test]
    fn whatever_comes_is_answered(text in ".{0,120}", kind in "[a-z_.]{0,30}", number in any::<i64>()) {
        let _ = read_webhook(text.as_bytes(), &Policy::default());
        let object = json!({"id": text, "amount": number, "currency": kind, "created": number, "status": kind});
        for kind in ["charge.failed", "refund.created", "charge.dispute.closed", kind.as_str()] {
            if let Ok(said) = read_webhook(&webhook(kind, number, &object), &Policy::default()) {
                prop_assert!(said.events.iter().all(|event| event.validate().is_ok()));
            }
        }
    }
}
