//! Checkout sessions: they know both the application's user and Stripe's customer.

use pratiko_domain::event::{Body, Event, UserActive, is_name};
use pratiko_domain::time::Timestamp;
use serde::Deserialize;

use super::field::Id;
use super::naming::event;

/// A checkout session.
#[derive(Debug, Deserialize)]
pub struct SessionObject {
    id: String,
    /// What the application gave along: its own id of the user.
    #[serde(default)]
    client_reference_id: Option<String>,
    #[serde(default)]
    customer: Option<Id>,
}

impl SessionObject {
    /// That this user was there, and who pays for them from now on; nothing unless both are known.
    pub fn event(self, told_at: Timestamp) -> Option<Event> {
        let user = self.client_reference_id.filter(|user| is_name(user))?;
        let Id(customer) = self.customer?;
        let body = Body::UserActive(UserActive { customer: Some(customer), plan: None });
        let event = event(format!("checkout:{}", self.id), told_at, body);
        Some(Event { subject: Some(user), ..event })
    }
}
