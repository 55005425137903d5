//! `com.pratiko.user.registered.v1` and `com.pratiko.user.active.v1`.

use serde::{Deserialize, Serialize};

/// A user signed up. The event's subject is the user.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct UserRegistered {
    /// Who pays; the event's subject by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub customer: Option<String>,
    /// The plan signed up for; by default that of the customer's subscription.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plan: Option<String>,
}

/// A user did something that costs nothing and still counts as activity. The event's subject is the user.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct UserActive {
    /// Who pays; the event's subject by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub customer: Option<String>,
    /// The plan in force; by default that of the customer's subscription.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plan: Option<String>,
}
