//! Writing CloudEvents.

use pratiko_domain::event::{Body, Event};
use pratiko_domain::time::Timestamp;
use serde::Serialize;

#[derive(Serialize)]
struct Envelope<'a> {
    specversion: &'static str,
    id: &'a str,
    source: &'a str,
    #[serde(rename = "type")]
    type_name: &'static str,
    time: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    subject: Option<&'a str>,
    data: &'a Body,
}

/// An event as one line of JSON, without a line feed.
pub fn encode(event: &Event) -> String {
    let envelope = Envelope {
        specversion: "1.0",
        id: &event.id,
        source: &event.source,
        type_name: event.body.type_name(),
        time: event.time,
        subject: event.subject.as_deref(),
        data: &event.body,
    };
    // Strings, numbers and lists of them: nothing in an event can fail to be written.
    serde_json::to_string(&envelope).unwrap_or_default()
}
