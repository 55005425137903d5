//! `com.pratiko.cost.other.v1`, `….refund.v1`, `….dispute.v1` and `….credit.v1`.

use serde::{Deserialize, Serialize};

use super::{Invalid, amount, currency, euro, name, optional_name};
use crate::money::Money;

/// A cost that is not a call to a language model: hosting, support, another provider. With a
/// subject it is that user's, without one it counts in totals only.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct OtherCost {
    /// Who pays; the event's subject by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub customer: Option<String>,
    /// The plan in force; by default that of the customer's subscription.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plan: Option<String>,
    /// What it was for: `hosting`, `support`, `search`.
    pub category: String,
    /// The cost, in euro.
    pub cost_eur: Money,
}

impl OtherCost {
    /// A cost in euro, with nothing else said of it.
    pub fn new(category: impl Into<String>, cost_eur: Money) -> Self {
        Self { customer: None, plan: None, category: category.into(), cost_eur }
    }

    pub(super) fn validate(&self) -> Result<(), Invalid> {
        name("data.category", &self.category)?;
        amount("data.cost_eur", self.cost_eur)
    }
}

/// Money given back to a customer. It does not touch the recurring revenue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Refund {
    /// Who is refunded; the event's subject by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub customer: Option<String>,
    /// The payment that is given back, by its id with the payment provider.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payment: Option<String>,
    /// How much is given back, in `currency`.
    pub amount: Money,
    /// The currency, as three capital letters.
    #[serde(default = "euro")]
    #[cfg_attr(feature = "schema", schemars(regex(pattern = "^[A-Z]{3}$")))]
    pub currency: String,
}

impl Refund {
    /// An amount in euro, with nothing else said of it.
    pub fn new(amount: Money) -> Self {
        Self { customer: None, payment: None, amount, currency: euro() }
    }

    pub(super) fn validate(&self) -> Result<(), Invalid> {
        optional_name("data.payment", self.payment.as_deref())?;
        currency("data.currency", &self.currency)?;
        amount("data.amount", self.amount)
    }
}

/// A payment contested by its payer. Every change of one dispute carries the same `id`; it is
/// counted once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Dispute {
    /// The dispute, by its id with the payment provider.
    pub id: String,
    /// Who disputes; the event's subject by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub customer: Option<String>,
    /// How it stands.
    pub status: DisputeStatus,
    /// How much is contested, in `currency`.
    pub amount: Money,
    /// The currency, as three capital letters.
    #[serde(default = "euro")]
    #[cfg_attr(feature = "schema", schemars(regex(pattern = "^[A-Z]{3}$")))]
    pub currency: String,
}

/// How a dispute stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum DisputeStatus {
    /// Not decided.
    Open,
    /// Decided for the merchant.
    Won,
    /// Decided for the payer.
    Lost,
}

impl Dispute {
    /// A dispute over an amount in euro, with nothing else said of it.
    pub fn new(id: impl Into<String>, status: DisputeStatus, amount: Money) -> Self {
        Self { id: id.into(), customer: None, status, amount, currency: euro() }
    }

    pub(super) fn validate(&self) -> Result<(), Invalid> {
        name("data.id", &self.id)?;
        currency("data.currency", &self.currency)?;
        amount("data.amount", self.amount)
    }
}

/// A movement of a customer's credit balance: prepaid or granted usage. It is kept for reports and
/// enters no gauge; neither cost nor recurring revenue changes with it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Credit {
    /// Whose balance; the event's subject by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub customer: Option<String>,
    /// What happened to the balance.
    pub kind: CreditKind,
    /// By how much it moved, in `currency`, without a sign.
    pub amount: Money,
    /// The currency, as three capital letters.
    #[serde(default = "euro")]
    #[cfg_attr(feature = "schema", schemars(regex(pattern = "^[A-Z]{3}$")))]
    pub currency: String,
}

/// What happened to a credit balance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum CreditKind {
    /// The customer bought credit.
    Purchased,
    /// Credit was given without payment.
    Granted,
    /// Credit was spent.
    Used,
    /// Credit lapsed.
    Expired,
}

impl Credit {
    pub(super) fn validate(&self) -> Result<(), Invalid> {
        currency("data.currency", &self.currency)?;
        amount("data.amount", self.amount)
    }
}
