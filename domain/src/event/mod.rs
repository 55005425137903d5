//! Business events: the facts that every business figure is computed from.
//!
//! Each is the `data` of a CloudEvent (<https://cloudevents.io>, 1.0) whose `type` is named by
//! [`Body::type_name`]. The CloudEvent's `subject` is the user; `data.customer`, who pays, defaults
//! to it.

mod cloudevent;
mod invoice;
mod llm_usage;
mod other;
mod payment;
mod subscription;
mod user;

pub use invoice::{Invoice, InvoiceStatus};
pub use llm_usage::{DisjointTokens, LlmOutcome, LlmUsage, TokenConvention, TokenUsage};
pub use other::{Credit, CreditKind, Dispute, DisputeStatus, OtherCost, Refund};
pub use payment::{CountsAs, PaymentAttempt, PaymentMethod, PaymentOutcome, PaymentReason};
pub use subscription::{
    Discount, Interval, KnownBy, Percent, SubscriptionChanged, SubscriptionItem, SubscriptionStatus,
    UsageType,
};
pub use user::{UserActive, UserRegistered};

use crate::money::Money;
use crate::time::Timestamp;

/// One business event; it is written as a CloudEvent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// Who says so. With [`Event::id`] it identifies the event: the same pair is the same event.
    pub source: String,
    /// The event's id, unique within its source.
    pub id: String,
    /// When it happened.
    pub time: Timestamp,
    /// The user it is about.
    pub subject: Option<String>,
    /// What happened.
    pub body: Body,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[serde(untagged)]
pub enum Body {
    /// A call to a language model.
    LlmUsage(LlmUsage),
    /// A cost that is not a call to a language model.
    OtherCost(OtherCost),
    /// A user signed up.
    UserRegistered(UserRegistered),
    /// A user did something that costs nothing.
    UserActive(UserActive),
    /// The full state of a subscription after a change.
    SubscriptionChanged(SubscriptionChanged),
    /// The outcome of one attempt to collect a payment.
    PaymentAttempt(PaymentAttempt),
    /// The full state of an invoice after a change.
    Invoice(Invoice),
    /// Money given back.
    Refund(Refund),
    /// A payment contested by its payer.
    Dispute(Dispute),
    /// A movement of a customer's credit balance.
    Credit(Credit),
}

/// The kinds of events, in the order of their numbers in a ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// [`Body::LlmUsage`].
    LlmUsage,
    /// [`Body::OtherCost`].
    OtherCost,
    /// [`Body::UserRegistered`].
    UserRegistered,
    /// [`Body::UserActive`].
    UserActive,
    /// [`Body::SubscriptionChanged`].
    SubscriptionChanged,
    /// [`Body::PaymentAttempt`].
    PaymentAttempt,
    /// [`Body::Invoice`].
    Invoice,
    /// [`Body::Refund`].
    Refund,
    /// [`Body::Dispute`].
    Dispute,
    /// [`Body::Credit`].
    Credit,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 10] = [
        Self::LlmUsage,
        Self::OtherCost,
        Self::UserRegistered,
        Self::UserActive,
        Self::SubscriptionChanged,
        Self::PaymentAttempt,
        Self::Invoice,
        Self::Refund,
        Self::Dispute,
        Self::Credit,
    ];

    /// The CloudEvent's `type`.
    pub const fn type_name(self) -> &'static str {
        match self {
            Self::LlmUsage => "com.pratiko.llm.usage.v1",
            Self::OtherCost => "com.pratiko.cost.other.v1",
            Self::UserRegistered => "com.pratiko.user.registered.v1",
            Self::UserActive => "com.pratiko.user.active.v1",
            Self::SubscriptionChanged => "com.pratiko.subscription.changed.v1",
            Self::PaymentAttempt => "com.pratiko.payment.attempt.v1",
            Self::Invoice => "com.pratiko.invoice.v1",
            Self::Refund => "com.pratiko.refund.v1",
            Self::Dispute => "com.pratiko.dispute.v1",
            Self::Credit => "com.pratiko.credit.v1",
        }
    }

    /// The short name, as a label value.
    pub const fn name(self) -> &'static str {
        match self {
            Self::LlmUsage => "llm_usage",
            Self::OtherCost => "other_cost",
            Self::UserRegistered => "user_registered",
            Self::UserActive => "user_active",
            Self::SubscriptionChanged => "subscription_changed",
            Self::PaymentAttempt => "payment_attempt",
            Self::Invoice => "invoice",
            Self::Refund => "refund",
            Self::Dispute => "dispute",
            Self::Credit => "credit",
        }
    }

    /// The kind of a CloudEvent's `type`.
    pub fn of_type(type_name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.type_name() == type_name)
    }
}

impl Body {
    /// Its kind.
    pub const fn kind(&self) -> Kind {
        match self {
            Self::LlmUsage(_) => Kind::LlmUsage,
            Self::OtherCost(_) => Kind::OtherCost,
            Self::UserRegistered(_) => Kind::UserRegistered,
            Self::UserActive(_) => Kind::UserActive,
            Self::SubscriptionChanged(_) => Kind::SubscriptionChanged,
            Self::PaymentAttempt(_) => Kind::PaymentAttempt,
            Self::Invoice(_) => Kind::Invoice,
            Self::Refund(_) => Kind::Refund,
            Self::Dispute(_) => Kind::Dispute,
            Self::Credit(_) => Kind::Credit,
        }
    }

    /// The CloudEvent's `type`.
    pub const fn type_name(&self) -> &'static str {
        self.kind().type_name()
    }

    /// Who pays, if the event says so itself.
    pub fn customer(&self) -> Option<&str> {
        match self {
            Self::LlmUsage(LlmUsage { customer, .. })
            | Self::OtherCost(OtherCost { customer, .. })
            | Self::UserRegistered(UserRegistered { customer, .. })
            | Self::UserActive(UserActive { customer, .. })
            | Self::PaymentAttempt(PaymentAttempt { customer, .. })
            | Self::Refund(Refund { customer, .. })
            | Self::Dispute(Dispute { customer, .. })
            | Self::Credit(Credit { customer, .. }) => customer.as_deref(),
            Self::SubscriptionChanged(subscription) => Some(&subscription.customer),
            Self::Invoice(invoice) => Some(&invoice.customer),
        }
    }

    /// The plan, if the event names one itself.
    pub fn plan(&self) -> Option<&str> {
        match self {
            Self::LlmUsage(LlmUsage { plan, .. })
            | Self::OtherCost(OtherCost { plan, .. })
            | Self::UserRegistered(UserRegistered { plan, .. })
            | Self::UserActive(UserActive { plan, .. }) => plan.as_deref(),
            _ => None,
        }
    }
}

/// Names and ids longer than this are refused: an index entry is made of each.
pub const LONGEST_NAME_BYTES: usize = 256;

/// A field whose value has the right type and makes no sense.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {reason}")]
pub struct Invalid {
    /// The field, as a path from the event: `data.tokens.input`.
    pub field: &'static str,
    /// What is wrong with it, and what to write instead.
    pub reason: &'static str,
}

impl Event {
    /// The customer: the one that the event names, else its user.
    pub fn customer(&self) -> Option<&str> {
        self.body.customer().or(self.subject.as_deref())
    }

    /// Whether it is worked out from something that says more or less depending on when one looks. The
    /// first of one id then holds, and a later one with another content is no contradiction.
    pub fn is_inferred(&self) -> bool {
        match &self.body {
            Body::SubscriptionChanged(change) => change.known_by == KnownBy::Inferred,
            Body::PaymentAttempt(attempt) => attempt.counts_as == CountsAs::FirstAttempt,
            _ => false,
        }
    }

    /// Checks what types alone cannot: signs, sums, required companions.
    pub fn validate(&self) -> Result<(), Invalid> {
        name("source", &self.source)?;
        name("id", &self.id)?;
        optional_name("subject", self.subject.as_deref())?;
        optional_name("data.customer", self.body.customer())?;
        optional_name("data.plan", self.body.plan())?;
        if self.time < Timestamp::MIN || self.time > Timestamp::MAX {
            return Err(Invalid { field: "time", reason: "lies outside of the years 1 to 9999" });
        }
        match &self.body {
            Body::LlmUsage(usage) => usage.validate(),
            Body::OtherCost(cost) => cost.validate(),
            Body::UserRegistered(_) | Body::UserActive(_) if self.subject.is_none() => {
                Err(Invalid { field: "subject", reason: "is missing; it names the user" })
            }
            Body::UserRegistered(_) | Body::UserActive(_) => Ok(()),
            Body::SubscriptionChanged(subscription) => subscription.validate(),
            Body::PaymentAttempt(attempt) => attempt.validate(),
            Body::Invoice(invoice) => invoice.validate(),
            Body::Refund(refund) => refund.validate(),
            Body::Dispute(dispute) => dispute.validate(),
            Body::Credit(credit) => credit.validate(),
        }
    }
}

/// Whether a text can be a name or an id of an event: not empty, at most [`LONGEST_NAME_BYTES`], without
/// control characters.
pub fn is_name(text: &str) -> bool {
    name("", text).is_ok()
}

fn name(field: &'static str, text: &str) -> Result<(), Invalid> {
    if text.is_empty() {
        Err(Invalid { field, reason: "is empty" })
    } else if text.len() > LONGEST_NAME_BYTES {
        Err(Invalid { field, reason: "is longer than 256 bytes" })
    } else if text.chars().any(char::is_control) {
        Err(Invalid { field, reason: "holds a control character" })
    } else {
        Ok(())
    }
}

fn optional_name(field: &'static str, text: Option<&str>) -> Result<(), Invalid> {
    text.map_or(Ok(()), |text| name(field, text))
}

/// An amount that is stored: not negative, and within 64 bits of 10⁻⁹ units.
fn amount(field: &'static str, amount: Money) -> Result<(), Invalid> {
    if amount.is_negative() {
        Err(Invalid { field, reason: "is negative" })
    } else if amount.to_stored().is_none() {
        Err(Invalid { field, reason: "is above 9.2 billion" })
    } else {
        Ok(())
    }
}

fn currency(field: &'static str, code: &str) -> Result<(), Invalid> {
    if crate::currency::is_code(code) {
        Ok(())
    } else {
        Err(Invalid { field, reason: "is not a currency code of three capital letters like EUR" })
    }
}

fn euro() -> String {
    "EUR".to_owned()
}

fn yes() -> bool {
    true
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it with a reference")]
fn is_yes(value: &bool) -> bool {
    *value
}

/// `amount` in euro, if it is one. Other currencies wait for their reference rate.
pub fn in_euro(amount: Money, currency: &str) -> Option<Money> {
    (currency == "EUR").then_some(amount)
}
