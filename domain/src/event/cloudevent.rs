//! An event as the CloudEvent that it is: its attributes around its data.

use serde::{Serialize, Serializer};

use super::{Body, Event};
use crate::time::Timestamp;

/// The one version of CloudEvents that is written.
const SPECVERSION: &str = "1.0";

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

/// As a CloudEvent 1.0 (<https://cloudevents.io>).
impl Serialize for Event {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let envelope = Envelope {
            specversion: SPECVERSION,
            id: &self.id,
            source: &self.source,
            type_name: self.body.type_name(),
            time: self.time,
            subject: self.subject.as_deref(),
            data: &self.body,
        };
        envelope.serialize(serializer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::UserActive;

    fn event(subject: Option<&str>) -> Event {
        Event {
            source: "chat-api".to_owned(),
            id: "1".to_owned(),
            time: Timestamp::from_seconds(1_772_366_400),
            subject: subject.map(str::to_owned),
            body: Body::UserActive(UserActive { customer: None, plan: Some("pro".to_owned()) }),
        }
    }

    #[test]
    fn an_event_is_written_as_a_cloudevent() {
        assert_eq!(
            serde_json::to_string(&event(Some("usr_1"))).unwrap(),
            r#"{"specversion":"1.0","id":"1","source":"chat-api","type":"com.pratiko.user.active.v1","time":"2026-03-01T12:00:00Z","subject":"usr_1","data":{"plan":"pro"}}"#
        );
    }

    #[test]
    fn an_event_without_a_user_has_no_subject() {
        assert!(!serde_json::to_string(&event(None)).unwrap().contains("subject"));
    }
}
