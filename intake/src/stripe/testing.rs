//! What the tests beside this file share.

use pratiko_domain::event::Event;
use serde_json::Value;

/// `object` with the fields of `more` put over its own.
pub fn merge(mut object: Value, more: &Value) -> Value {
    if let (Some(object), Some(more)) = (object.as_object_mut(), more.as_object()) {
        object.extend(more.clone());
    }
    object
}

/// What an event says, as it is written.
pub fn said(event: &Event) -> String {
    serde_json::to_string(&event.body).unwrap()
}
