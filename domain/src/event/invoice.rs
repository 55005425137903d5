//! `com.pratiko.invoice.v1`: the full state of an invoice after a change.

use serde::{Deserialize, Serialize};

use super::{Invalid, amount, currency, euro, is_yes, name, optional_name, yes};
use crate::money::Money;
use crate::time::Timestamp;

/// The full state of an invoice after a change. Of all states of one invoice, the last by
/// (`effective_at`, `version`, event id) holds, whatever their order of arrival.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Invoice {
    /// The invoice, by its id with the payment provider.
    pub id: String,
    /// Who pays.
    pub customer: String,
    /// The subscription it is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subscription: Option<String>,
    /// How it stands.
    pub status: InvoiceStatus,
    /// How much is to be paid, in `currency`. An invoice over nothing counts nowhere.
    pub amount: Money,
    /// The currency, as three capital letters.
    #[serde(default = "euro")]
    #[cfg_attr(feature = "schema", schemars(regex(pattern = "^[A-Z]{3}$")))]
    pub currency: String,
    /// When it was issued and payment was first tried: the dunning window begins here.
    pub issued_at: Timestamp,
    /// When it was paid.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub paid_at: Option<Timestamp>,
    /// When this state began.
    pub effective_at: Timestamp,
    /// Orders states that began at the same instant.
    #[serde(default)]
    pub version: u64,
    /// False for a provider's test mode, which counts nowhere.
    #[serde(default = "yes", skip_serializing_if = "is_yes")]
    #[cfg_attr(feature = "schema", schemars(extend("default" = true)))]
    pub live: bool,
}

/// How an invoice stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum InvoiceStatus {
    /// Issued and not paid.
    Open,
    /// Paid.
    Paid,
    /// Withdrawn: counts nowhere.
    Void,
    /// Given up: unpaid for good.
    Uncollectible,
}

impl Invoice {
    /// An open invoice over an amount in euro, with nothing else said of it.
    pub fn new(
        id: impl Into<String>,
        customer: impl Into<String>,
        amount: Money,
        issued_at: Timestamp,
    ) -> Self {
        Self {
            id: id.into(),
            customer: customer.into(),
            subscription: None,
            status: InvoiceStatus::Open,
            amount,
            currency: euro(),
            issued_at,
            paid_at: None,
            effective_at: issued_at,
            version: 0,
            live: yes(),
        }
    }

    /// Checks what types alone cannot: signs, sums, required companions.
    pub fn validate(&self) -> Result<(), Invalid> {
        name("data.id", &self.id)?;
        optional_name("data.subscription", self.subscription.as_deref())?;
        currency("data.currency", &self.currency)?;
        if self.status == InvoiceStatus::Paid && self.paid_at.is_none() {
            return Err(Invalid { field: "data.paid_at", reason: "is missing from an invoice that is paid" });
        }
        amount("data.amount", self.amount)
    }
}
