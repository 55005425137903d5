//! Why a payload cannot be used. Nothing of the payload itself is in a message: it holds names and
//! addresses of people.

use pratiko_domain::event::Invalid;

/// Why a payload cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PayloadError {
    /// Not JSON, or not an event of Stripe's.
    #[error("not an event of Stripe's API version 1: {0}")]
    NotAnEvent(String),
    /// An object is not as it is documented.
    #[error("{object}{path}: {reason}")]
    Object {
        /// What kind of object.
        object: &'static str,
        /// Where in it, as a path that begins with a point.
        path: String,
        /// What is wrong there.
        reason: String,
    },
    /// The object can be read and makes no sense.
    #[error("{object}: as an event of ours, {invalid}")]
    Invalid {
        /// What kind of object.
        object: &'static str,
        /// What is wrong with the event that was made of it.
        invalid: Invalid,
    },
}

/// What a reader of JSON expected, without what it found.
pub(super) fn without_values(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let text = text.split(" at line ").next().unwrap_or_default();
    let said = match text.split_once("expected ") {
        Some((_, expected)) => format!("expected {expected}"),
        // The names of fields are ours.
        None if text.starts_with("missing field") || text.starts_with("duplicate field") => text.to_owned(),
        None => String::new(),
    };
    match error.classify() {
        serde_json::error::Category::Data if !said.is_empty() => said,
        serde_json::error::Category::Data => "has another form than documented".to_owned(),
        _ => format!("broken JSON in line {}, column {}", error.line(), error.column()),
    }
}
