//! Ids of events: made of the object's id and of its state.

use std::fmt::Write as _;

use pratiko_domain::event::{Body, Event};
use pratiko_domain::time::Timestamp;
use sha2::{Digest, Sha256};

use super::SOURCE;

/// An event of Stripe's.
pub fn event(id: String, time: Timestamp, body: Body) -> Event {
    Event { source: SOURCE.to_owned(), id, time, subject: None, body }
}

/// An event whose id ends with a hash of what it says: the same state is the same event, and another
/// state never claims its id.
pub fn state_event(id: &str, time: Timestamp, body: Body) -> Event {
    let id = format!("{id}:{}", hash(&body));
    event(id, time, body)
}

/// 64 bits: enough for the few states of one object.
fn hash(body: &Body) -> String {
    // Strings, numbers and lists of them: nothing in an event can fail to be written.
    let text = serde_json::to_string(body).unwrap_or_default();
    Sha256::digest(text).iter().take(8).fold(String::new(), |mut hash, byte| {
        let _ = write!(hash, "{byte:02x}");
        hash
    })
}
