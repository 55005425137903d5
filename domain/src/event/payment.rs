//! `com.pratiko.payment.attempt.v1`: one attempt to collect a payment.

use serde::{Deserialize, Serialize};

use super::{Invalid, amount, currency, euro, is_yes, optional_name, yes};
use crate::money::Money;

/// One attempt to collect a payment, sent once when its outcome is final.
///
/// A payment provider says the same thing in several ways (a charge, a payment intent, an invoice):
/// send one event for all of them, with an id made from the attempt itself, such as
/// `charge:ch_1:failed`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PaymentAttempt {
    /// Who pays; the event's subject by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub customer: Option<String>,
    /// The invoice to be paid.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub invoice: Option<String>,
    /// Which attempt to pay this invoice it was, from 1.
    #[serde(default = "first_attempt", skip_serializing_if = "is_first_attempt")]
    #[cfg_attr(feature = "schema", schemars(range(min = 1), extend("default" = 1)))]
    pub attempt_number: u32,
    /// Which ratios it counts in.
    #[serde(default, skip_serializing_if = "CountsAs::is_both")]
    pub counts_as: CountsAs,
    /// By what means.
    pub method: PaymentMethod,
    /// How it ended.
    pub outcome: PaymentOutcome,
    /// Why it did not succeed; without it `other`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<PaymentReason>,
    /// How much was to be paid, in `currency`. An attempt over nothing counts nowhere.
    pub amount: Money,
    /// The currency, as three capital letters.
    #[serde(default = "euro")]
    #[cfg_attr(feature = "schema", schemars(regex(pattern = "^[A-Z]{3}$")))]
    pub currency: String,
    /// False for a provider's test mode, which counts nowhere.
    #[serde(default = "yes", skip_serializing_if = "is_yes")]
    #[cfg_attr(feature = "schema", schemars(extend("default" = true)))]
    pub live: bool,
}

fn first_attempt() -> u32 {
    1
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it with a reference")]
fn is_first_attempt(number: &u32) -> bool {
    *number == first_attempt()
}

/// Which ratios an attempt counts in. A sender that knows the number of each attempt needs none of
/// this; a payment provider may tell of attempts in one place and of what came first in another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum CountsAs {
    /// It is an attempt, and by its number a first one or not.
    #[default]
    Both,
    /// It is an attempt, and nobody knows its number: it counts among no first ones.
    Attempt,
    /// It only says how the first attempt ended, of which another event tells as an attempt.
    FirstAttempt,
}

impl CountsAs {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it with a reference")]
    fn is_both(&self) -> bool {
        *self == Self::Both
    }
}

/// By what means a payment is made. Others that are not named here are `other`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum PaymentMethod {
    /// A credit or debit card, in a wallet or not.
    Card,
    /// SEPA direct debit.
    SepaDebit,
    /// A bank transfer.
    BankTransfer,
    /// PayPal.
    Paypal,
    /// Anything else.
    #[serde(other)]
    Other,
}

impl PaymentMethod {
    /// Every means.
    pub const ALL: [Self; 5] = [Self::Card, Self::SepaDebit, Self::BankTransfer, Self::Paypal, Self::Other];

    /// Its label value.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Card => "card",
            Self::SepaDebit => "sepa_debit",
            Self::BankTransfer => "bank_transfer",
            Self::Paypal => "paypal",
            Self::Other => "other",
        }
    }
}

/// How an attempt to pay ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum PaymentOutcome {
    /// The money came.
    Succeeded,
    /// It did not: declined, expired, an error, authentication missing while the customer was away.
    Failed,
    /// The customer gave up. Not a failure.
    Canceled,
    /// The merchant's own fraud rules refused it. Not a failure.
    Blocked,
    /// Not final: waiting for the customer's bank. Counts in no ratio.
    Pending,
}

impl PaymentOutcome {
    /// Every outcome.
    pub const ALL: [Self; 5] = [Self::Succeeded, Self::Failed, Self::Canceled, Self::Blocked, Self::Pending];

    /// Its label value.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::Canceled => "canceled",
            Self::Blocked => "blocked",
            Self::Pending => "pending",
        }
    }
}

/// Why a payment failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum PaymentReason {
    /// The issuer declined.
    Declined,
    /// The issuer declined for lack of money.
    InsufficientFunds,
    /// The card has expired.
    ExpiredCard,
    /// The issuer wanted the customer to authenticate, who was away.
    AuthenticationRequired,
    /// The provider or a bank had an error.
    ProcessingError,
    /// Anything else.
    #[serde(other)]
    Other,
}

impl PaymentReason {
    /// Every reason.
    pub const ALL: [Self; 6] = [
        Self::Declined,
        Self::InsufficientFunds,
        Self::ExpiredCard,
        Self::AuthenticationRequired,
        Self::ProcessingError,
        Self::Other,
    ];

    /// Its label value.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Declined => "declined",
            Self::InsufficientFunds => "insufficient_funds",
            Self::ExpiredCard => "expired_card",
            Self::AuthenticationRequired => "authentication_required",
            Self::ProcessingError => "processing_error",
            Self::Other => "other",
        }
    }
}

impl PaymentAttempt {
    /// A first attempt over an amount in euro, with nothing else said of it.
    ///
    /// ```
    /// use pratiko_domain::event::{PaymentAttempt, PaymentMethod, PaymentOutcome};
    ///
    /// let attempt = PaymentAttempt {
    ///     customer: Some("cus_1".to_owned()),
    ///     ..PaymentAttempt::new(PaymentMethod::Card, PaymentOutcome::Succeeded, "25.00".parse()?)
    /// };
    /// assert!(attempt.counts());
    /// # Ok::<(), pratiko_domain::money::ParseMoneyError>(())
    /// ```
    pub fn new(method: PaymentMethod, outcome: PaymentOutcome, amount: Money) -> Self {
        Self {
            customer: None,
            invoice: None,
            attempt_number: first_attempt(),
            counts_as: CountsAs::default(),
            method,
            outcome,
            reason: None,
            amount,
            currency: euro(),
            live: yes(),
        }
    }

    /// Whether it counts at all: not in test mode, not over nothing.
    pub fn counts(&self) -> bool {
        self.live && !self.amount.is_zero()
    }

    /// Whether it counts among all attempts.
    pub fn is_attempt(&self) -> bool {
        self.counts() && self.counts_as != CountsAs::FirstAttempt
    }

    /// Whether it counts among first attempts.
    pub fn is_first_attempt(&self) -> bool {
        let is_first = match self.counts_as {
            CountsAs::Both => self.attempt_number == first_attempt(),
            CountsAs::Attempt => false,
            CountsAs::FirstAttempt => true,
        };
        self.counts() && is_first
    }

    /// The label value of the reason: `none` unless it failed.
    pub fn reason_name(&self) -> &'static str {
        match self.outcome {
            PaymentOutcome::Failed => self.reason.map_or("other", PaymentReason::name),
            _ => "none",
        }
    }

    /// Checks what types alone cannot: signs, sums, required companions.
    pub fn validate(&self) -> Result<(), Invalid> {
        optional_name("data.invoice", self.invoice.as_deref())?;
        currency("data.currency", &self.currency)?;
        if self.attempt_number == 0 {
            return Err(Invalid { field: "data.attempt_number", reason: "counts from 1" });
        }
        amount("data.amount", self.amount)
    }
}
