//! Reading CloudEvents.

use std::borrow::Cow;

use pratiko_domain::event::{Body, Event, Invalid, Kind};
use pratiko_domain::time::Timestamp;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

/// Why a text is not one of our events.
#[derive(Debug, thiserror::Error)]
pub enum DecodeError {
    /// Not JSON at all, or not an object (for a batch: not an array).
    #[error("not JSON: {0}")]
    NotJson(serde_json::Error),
    /// An attribute of the envelope is missing or has the wrong type.
    #[error("{0}")]
    Envelope(String),
    /// A type that nobody here knows.
    #[error(
        "type: {0:?} is not known; the known ones are com.pratiko.llm.usage.v1, com.pratiko.cost.other.v1, com.pratiko.user.registered.v1, com.pratiko.user.active.v1, com.pratiko.subscription.changed.v1, com.pratiko.payment.attempt.v1, com.pratiko.invoice.v1, com.pratiko.refund.v1, com.pratiko.dispute.v1, com.pratiko.credit.v1"
    )]
    UnknownType(String),
    /// A field of the data is missing or has the wrong type.
    #[error("data{path}: {reason}")]
    Data {
        /// Where, as a path from the data.
        path: String,
        /// What is wrong.
        reason: String,
    },
    /// A field has a value that makes no sense.
    #[error("{0}")]
    Invalid(#[from] Invalid),
}

/// The attributes of a CloudEvent that matter here; extensions are passed over.
#[derive(Deserialize)]
struct Envelope<'a> {
    #[serde(borrow)]
    specversion: Option<Cow<'a, str>>,
    #[serde(borrow)]
    id: Option<Cow<'a, str>>,
    #[serde(borrow)]
    source: Option<Cow<'a, str>>,
    #[serde(rename = "type", borrow)]
    type_name: Option<Cow<'a, str>>,
    time: Option<Timestamp>,
    subject: Option<String>,
    #[serde(borrow)]
    data: Option<&'a RawValue>,
}

/// Reads one event. An event without a time happened at `now`.
pub fn decode(json: &str, now: Timestamp) -> Result<Event, DecodeError> {
    // A JSON array could pass for an object whose fields come in their order.
    if json.trim_start().starts_with('[') {
        return Err(DecodeError::Envelope("an array where one event was expected".to_owned()));
    }
    let envelope: Envelope<'_> = serde_json::from_str(json).map_err(|error| match error.classify() {
        serde_json::error::Category::Data => DecodeError::Envelope(at_path::<EnvelopeShape>(json, &error)),
        _ => DecodeError::NotJson(error),
    })?;
    let missing = |field: &str| DecodeError::Envelope(format!("{field}: is missing"));
    match envelope.specversion.as_deref() {
        Some("1.0") => {}
        Some(_) => return Err(DecodeError::Envelope("specversion: must be \"1.0\"".to_owned())),
        None => return Err(missing("specversion")),
    }
    let type_name = envelope.type_name.ok_or_else(|| missing("type"))?;
    let kind = Kind::of_type(&type_name).ok_or_else(|| DecodeError::UnknownType(type_name.into_owned()))?;
    let data = envelope.data.map_or("{}", RawValue::get);
    let event = Event {
        source: envelope.source.ok_or_else(|| missing("source"))?.into_owned(),
        id: envelope.id.ok_or_else(|| missing("id"))?.into_owned(),
        time: envelope.time.unwrap_or(now),
        subject: envelope.subject,
        body: decode_body(kind, data)?,
    };
    event.validate()?;
    Ok(event)
}

/// Reads an array of events. Each is read by itself, so that a bad one never drops a good one.
pub fn decode_batch(json: &str, now: Timestamp) -> Result<Vec<Result<Event, DecodeError>>, DecodeError> {
    let events: Vec<&RawValue> = serde_json::from_str(json).map_err(DecodeError::NotJson)?;
    Ok(events.into_iter().map(|event| decode(event.get(), now)).collect())
}

/// Reads the data of an event of the given kind.
pub(crate) fn decode_body(kind: Kind, data: &str) -> Result<Body, DecodeError> {
    Ok(match kind {
        Kind::LlmUsage => Body::LlmUsage(read(data)?),
        Kind::OtherCost => Body::OtherCost(read(data)?),
        Kind::UserRegistered => Body::UserRegistered(read(data)?),
        Kind::UserActive => Body::UserActive(read(data)?),
        Kind::SubscriptionChanged => Body::SubscriptionChanged(read(data)?),
        Kind::PaymentAttempt => Body::PaymentAttempt(read(data)?),
        Kind::Invoice => Body::Invoice(read(data)?),
        Kind::Refund => Body::Refund(read(data)?),
        Kind::Dispute => Body::Dispute(read(data)?),
        Kind::Credit => Body::Credit(read(data)?),
    })
}

fn read<T: DeserializeOwned>(data: &str) -> Result<T, DecodeError> {
    serde_json::from_str(data).map_err(|_| data_error::<T>(data))
}

/// Reads what failed once more, slowly, to learn where it failed.
fn data_error<T: DeserializeOwned>(data: &str) -> DecodeError {
    let deserializer = &mut serde_json::Deserializer::from_str(data);
    match serde_path_to_error::deserialize::<_, T>(deserializer) {
        Ok(_) => DecodeError::Data { path: String::new(), reason: "has something after its end".to_owned() },
        Err(error) => {
            let path = error.path().to_string();
            let path = if path == "." { String::new() } else { format!(".{path}") };
            DecodeError::Data { path, reason: without_position(&error.into_inner()) }
        }
    }
}

/// The envelope with plain types, to find the path of an error in it.
#[derive(Deserialize)]
#[expect(dead_code, reason = "only read to see where reading fails")]
struct EnvelopeShape {
    specversion: Option<String>,
    id: Option<String>,
    source: Option<String>,
    #[serde(rename = "type")]
    type_name: Option<String>,
    time: Option<Timestamp>,
    subject: Option<String>,
}

fn at_path<T: DeserializeOwned>(json: &str, fallback: &serde_json::Error) -> String {
    let deserializer = &mut serde_json::Deserializer::from_str(json);
    match serde_path_to_error::deserialize::<_, T>(deserializer) {
        Err(error) if error.path().to_string() != "." => {
            format!("{}: {}", error.path(), without_position(error.inner()))
        }
        _ => without_position(fallback),
    }
}

/// Positions inside of one event of a batch mislead; the path says where.
fn without_position(error: &serde_json::Error) -> String {
    let text = error.to_string();
    text.split(" at line ").next().unwrap_or(&text).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_seconds(1_772_000_000);

    fn error(json: &str) -> String {
        decode(json, NOW).unwrap_err().to_string()
    }

    fn usage(data: &str) -> String {
        format!(
            r#"{{"specversion":"1.0","id":"1","source":"app","type":"com.pratiko.llm.usage.v1","subject":"u","data":{data}}}"#
        )
    }

    #[test]
    fn an_event_is_read_with_its_defaults() {
        let event = decode(&usage(r#"{"provider":"openai","model":"gpt","cost_eur":"0.01"}"#), NOW).unwrap();
        assert_eq!(event.time, NOW);
        assert_eq!(event.customer(), Some("u"));
        let Body::LlmUsage(usage) = event.body else { panic!("another kind") };
        assert_eq!(usage.cost_eur.unwrap().to_string(), "0.01");
    }

    #[test]
    fn every_error_says_what_and_where() {
        let envelope = r#"{"specversion":"1.0","id":"1","source":"app","type":"com.pratiko.user.active.v1""#;
        let cases = [
            ("{", "not JSON"),
            ("[]", "an array where one event was expected"),
            (r#"{"id":"1"}"#, "specversion: is missing"),
            (r#"{"specversion":"2.0"}"#, "specversion: must be \"1.0\""),
            (r#"{"specversion":"1.0","id":7}"#, "id: invalid type: integer `7`, expected a string"),
            (r#"{"specversion":"1.0","type":"x"}"#, "type: \"x\" is not known"),
            (&format!("{envelope}}}"), "subject: is missing"),
            (&format!(r#"{envelope},"time":"yesterday"}}"#), "time: not a time like"),
            (&usage(r#"{"model":"m"}"#), "data: missing field `provider`"),
            (&usage(r#"{"provider":"p","model":7}"#), "data.model: invalid type: integer `7`"),
            (
                &usage(r#"{"provider":"p","model":"m","tokens":{"input":"many"}}"#),
                "data.tokens.input: invalid type: string \"many\"",
            ),
            (&usage(r#"{"provider":"p","model":"m","cost_eur":"-1"}"#), "data.cost_eur: is negative"),
            (
                &usage(r#"{"provider":"p","model":"m","cost_eur":"NaN"}"#),
                "data.cost_eur: not a decimal amount",
            ),
            (&usage(r#"{"provider":"p","model":"m","cost_eur":NaN}"#), "not JSON"),
        ];
        for (json, expected) in cases {
            let error = error(json);
            assert!(error.contains(expected), "{json}\n  says {error}\n  not  {expected}");
        }
    }

    #[test]
    fn a_bad_event_of_a_batch_does_not_drop_the_good_ones() {
        let good = usage(r#"{"provider":"p","model":"m"}"#);
        let batch = format!("[{good},{{}},{good}]");
        let events = decode_batch(&batch, NOW).unwrap();
        assert_eq!(events.iter().map(Result::is_ok).collect::<Vec<_>>(), [true, false, true]);
        assert!(decode_batch("{}", NOW).is_err());
    }
}
