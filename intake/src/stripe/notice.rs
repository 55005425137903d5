//! From a payload to events: webhooks, and objects that were listed.

use std::borrow::Cow;

use pratiko_domain::event::Event;
use pratiko_domain::time::Timestamp;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use super::charge::ChargeObject;
use super::checkout::SessionObject;
use super::dispute::DisputeObject;
use super::error::{PayloadError, without_values};
use super::field::Instant;
use super::invoice::InvoiceObject;
use super::payment_intent::{PaymentIntentObject, Said};
use super::policy::Policy;
use super::refund::RefundObject;
use super::subscription::SubscriptionObject;

/// What a payload says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Translation {
    /// The events to record; each is valid.
    pub events: Vec<Event>,
    /// Why there is none.
    pub ignored: Option<Ignored>,
    /// What is missing from the events because the payload does not hold it.
    pub gaps: Gaps,
}

/// Why a payload says nothing to us.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ignored {
    /// Its type is none of those that we take.
    Type,
    /// It is from the account's other mode.
    Mode,
    /// There is nothing in it that counts: a draft, a pending charge, something said elsewhere.
    Content,
}

/// What could not be worked out, because an object stands there as an id alone.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Gaps {
    /// Discounts without their coupon: those that were known before are taken to hold.
    pub discounts: u64,
    /// Items without a price: tiers that are not there, an amount in another currency. Too little is
    /// counted.
    pub prices: u64,
}

/// What kind of object a list is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Object {
    /// Subscriptions.
    Subscription,
    /// Invoices.
    Invoice,
    /// Charges.
    Charge,
    /// Refunds.
    Refund,
    /// Disputes.
    Dispute,
}

/// How an object came to be looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Look {
    /// An instant at which it certainly stood so, by Stripe's clock.
    pub at: Timestamp,
    /// How far back to reach; `None` for as far as there is anything.
    pub reach: Option<Timestamp>,
}

/// The attributes of a webhook that matter here.
#[derive(Deserialize)]
struct Envelope<'a> {
    #[serde(rename = "type", borrow)]
    kind: Cow<'a, str>,
    created: Instant,
    #[serde(default)]
    livemode: Option<bool>,
    #[serde(borrow)]
    data: EnvelopeData<'a>,
}

#[derive(Deserialize)]
struct EnvelopeData<'a> {
    #[serde(borrow)]
    object: &'a RawValue,
}

/// Reads a webhook whose signature was right.
pub fn read_webhook(payload: &[u8], policy: &Policy) -> Result<Translation, PayloadError> {
    let envelope: Envelope<'_> =
        serde_json::from_slice(payload).map_err(|error| PayloadError::NotAnEvent(without_values(&error)))?;
    let Some((kind, verb)) = kind_and_verb(&envelope.kind) else { return Ok(ignored(Ignored::Type)) };
    if !policy.mode.takes(envelope.livemode) {
        return Ok(ignored(Ignored::Mode));
    }
    let json = envelope.data.object.get();
    let told_at = envelope.created.0;
    let mut gaps = Gaps::default();
    let events = match kind {
        Told::Subscription => {
            let subscription = read::<SubscriptionObject>(json, "subscription")?.normalized();
            vec![subscription.told(told_at, verb == "created", policy, &mut gaps)]
        }
        Told::Invoice => read::<InvoiceObject>(json, "invoice")?.events(verb == "payment_failed"),
        Told::Charge => read::<ChargeObject>(json, "charge")?.events(),
        Told::Refund => read::<RefundObject>(json, "refund")?.event().into_iter().collect(),
        Told::Dispute => read::<DisputeObject>(json, "dispute")?.event().into_iter().collect(),
        Told::PaymentIntent(said) => {
            read::<PaymentIntentObject>(json, "payment_intent")?.events(said, told_at)
        }
        Told::Checkout => {
            read::<SessionObject>(json, "checkout.session")?.event(told_at).into_iter().collect()
        }
    };
    finish(events, gaps, kind.name())
}

/// Reads an object that was listed.
pub fn read_listed(
    kind: Object,
    json: &str,
    look: Look,
    policy: &Policy,
) -> Result<Translation, PayloadError> {
    let mut gaps = Gaps::default();
    let (livemode, events): (_, Vec<Event>) = match kind {
        Object::Subscription => {
            let subscription = read::<SubscriptionObject>(json, kind.name())?.normalized();
            (subscription.livemode, subscription.seen(look.at, look.reach, policy, &mut gaps))
        }
        Object::Invoice => {
            let invoice = read::<InvoiceObject>(json, kind.name())?;
            (invoice.livemode, invoice.events(false))
        }
        Object::Charge => {
            let charge = read::<ChargeObject>(json, kind.name())?;
            (charge.livemode, charge.events())
        }
        // A refund does not say; the key that listed it is of one mode.
        Object::Refund => (None, read::<RefundObject>(json, kind.name())?.event().into_iter().collect()),
        Object::Dispute => {
            let dispute = read::<DisputeObject>(json, kind.name())?;
            (dispute.livemode, dispute.event().into_iter().collect())
        }
    };
    if !policy.mode.takes(livemode) {
        return Ok(ignored(Ignored::Mode));
    }
    finish(events, gaps, kind.name())
}

/// What a webhook is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Told {
    Subscription,
    Invoice,
    Charge,
    Refund,
    Dispute,
    PaymentIntent(Said),
    Checkout,
}

impl Told {
    fn name(self) -> &'static str {
        match self {
            Self::Subscription => "subscription",
            Self::Invoice => "invoice",
            Self::Charge => "charge",
            Self::Refund => "refund",
            Self::Dispute => "dispute",
            Self::PaymentIntent(_) => "payment_intent",
            Self::Checkout => "checkout.session",
        }
    }
}

/// The webhooks that are taken. Others are passed over: they say nothing that counts, or what these
/// say too.
fn kind_and_verb(type_name: &str) -> Option<(Told, &str)> {
    let (about, verb) = type_name.rsplit_once('.')?;
    let kind = match (about, verb) {
        (
            "customer.subscription",
            "created" | "updated" | "deleted" | "paused" | "resumed" | "trial_will_end",
        ) => Told::Subscription,
        (
            "invoice",
            "finalized"
            | "paid"
            | "payment_succeeded"
            | "payment_failed"
            | "payment_action_required"
            | "voided"
            | "marked_uncollectible",
        ) => Told::Invoice,
        ("charge", "succeeded" | "captured" | "failed" | "refunded") => Told::Charge,
        ("refund", "created" | "updated") | ("charge.refund", "updated") => Told::Refund,
        ("charge.dispute", "created" | "updated" | "closed") => Told::Dispute,
        ("payment_intent", "succeeded") => Told::PaymentIntent(Said::Succeeded),
        ("payment_intent", "payment_failed") => Told::PaymentIntent(Said::Failed),
        ("payment_intent", "canceled") => Told::PaymentIntent(Said::Canceled),
        ("checkout.session", "completed") => Told::Checkout,
        _ => return None,
    };
    Some((kind, verb))
}

impl Object {
    /// All of them, in the order in which a backfill takes them: what a payment belongs to first.
    pub const ALL: [Self; 5] = [Self::Subscription, Self::Invoice, Self::Charge, Self::Refund, Self::Dispute];

    /// What one of them is called.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Subscription => "subscription",
            Self::Invoice => "invoice",
            Self::Charge => "charge",
            Self::Refund => "refund",
            Self::Dispute => "dispute",
        }
    }

    /// What a list of them is called in Stripe's API.
    pub const fn plural(self) -> &'static str {
        match self {
            Self::Subscription => "subscriptions",
            Self::Invoice => "invoices",
            Self::Charge => "charges",
            Self::Refund => "refunds",
            Self::Dispute => "disputes",
        }
    }
}

fn read<T: DeserializeOwned>(json: &str, object: &'static str) -> Result<T, PayloadError> {
    let deserializer = &mut serde_json::Deserializer::from_str(json);
    serde_path_to_error::deserialize(deserializer).map_err(|error| {
        let path = error.path().to_string();
        let path = if path == "." { String::new() } else { format!(".{path}") };
        PayloadError::Object { object, path, reason: without_values(error.inner()) }
    })
}

fn finish(events: Vec<Event>, gaps: Gaps, object: &'static str) -> Result<Translation, PayloadError> {
    for event in &events {
        event.validate().map_err(|invalid| PayloadError::Invalid { object, invalid })?;
    }
    let ignored = events.is_empty().then_some(Ignored::Content);
    Ok(Translation { events, ignored, gaps })
}

fn ignored(why: Ignored) -> Translation {
    Translation { ignored: Some(why), ..Translation::default() }
}

#[cfg(test)]
#[path = "payload_tests.rs"]
mod payload_tests;
#[cfg(test)]
#[path = "tests.rs"]
mod tests;
