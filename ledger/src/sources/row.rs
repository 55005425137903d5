//! From one row to one event.

use std::collections::BTreeMap;
use std::fmt::Write;

use pratiko_domain::event::{Body, Event, PaymentOutcome};
use pratiko_domain::time::Timestamp;
use serde_json::value::RawValue;
use sha2::{Digest, Sha256};

use super::columns::{Column, Place, RowKind, Value};
use crate::cloudevents::{DecodeError, decode_body};
use crate::hexadecimal::hexadecimal;

/// Why a row is no event. Says nothing of what is in the row: it may be personal.
#[derive(Debug, thiserror::Error)]
pub enum RowError {
    /// A column that must be there is not, or is NULL.
    #[error("the column {0} is missing, or NULL; name it with AS {0}")]
    Missing(&'static str),
    /// A column that means nothing for rows of this kind.
    #[error("the column {column} means nothing among {kind}; known: {known}")]
    Unknown {
        /// The column.
        column: String,
        /// What the rows are.
        kind: &'static str,
        /// The columns that mean something.
        known: String,
    },
    /// An instant without an offset.
    #[error(
        "the column {0} is no instant with its offset from UTC; write {0} AT TIME ZONE 'UTC' for a timestamp without time zone"
    )]
    NoInstant(&'static str),
    /// A value of the wrong shape.
    #[error("the column {0} is not {1}")]
    Shape(&'static str, &'static str),
    /// The row is no object of JSON.
    #[error("not a row")]
    NoRow,
    /// The values make no event: where, and what should be there.
    #[error("{0}")]
    Event(String),
}

impl From<DecodeError> for RowError {
    fn from(error: DecodeError) -> Self {
        Self::Event(match error {
            DecodeError::Data { path, reason } => format!("data{path}: {}", without_value(&reason)),
            DecodeError::Invalid(invalid) => invalid.to_string(),
            DecodeError::NotJson(_) | DecodeError::Envelope(_) | DecodeError::UnknownType(_) => {
                "the values make no event".to_owned()
            }
        })
    }
}

/// What is wrong with a value, without the value, which the general complaints quote. Those of our own
/// types say what is wanted and nothing else.
fn without_value(reason: &str) -> String {
    const QUOTING: [&str; 5] =
        ["invalid type:", "invalid value:", "invalid length", "unknown variant", "unknown field"];
    if !QUOTING.iter().any(|beginning| reason.starts_with(beginning)) {
        return reason.to_owned();
    }
    match reason.rsplit_once(", expected ") {
        Some((_, expected)) => format!("not {expected}"),
        None => "not what it should be".to_owned(),
    }
}

/// The event that a row is; `None` for one that is not final yet.
///
/// `row` is the row as a JSON object, as PostgreSQL's `to_jsonb` writes it. NULL is as good as no
/// column. `watermark` is the column that tells how far reading has come; without a time of its own, the
/// row happened, or began to be so, then.
pub fn event_of_row(
    kind: RowKind,
    source: &str,
    watermark: &str,
    row: &str,
) -> Result<Option<Event>, RowError> {
    let row = Row::read(kind, watermark, row)?;
    let key = row.text(kind, "id")?.ok_or(RowError::Missing("id"))?;
    let changed_at = row.watermark.as_ref().and_then(|raw| instant(raw.get()));
    let own_time = |name| row.instant(kind, name).map(|own| own.or(changed_at));
    let data = row.data(kind, &key, changed_at)?;
    let body = decode_body(kind.event(), &data)?;
    let (id, time) = match &body {
        Body::PaymentAttempt(attempt) if attempt.outcome == PaymentOutcome::Pending => return Ok(None),
        Body::PaymentAttempt(attempt) => {
            (format!("{}:{key}:{}", kind.name(), attempt.outcome.name()), own_time("time")?)
        }
        Body::SubscriptionChanged(change) => (state_id(kind, &key, &data), Some(change.effective_at)),
        Body::Invoice(invoice) => (state_id(kind, &key, &data), Some(invoice.effective_at)),
        _ => (format!("{}:{key}", kind.name()), own_time("time")?),
    };
    let time = time.ok_or(RowError::Missing("time"))?;
    let event = Event { source: source.to_owned(), id, time, subject: row.text(kind, "user")?, body };
    event.validate().map_err(DecodeError::from)?;
    Ok(Some(event))
}

/// A state is known by what it says: the same one read again is the same event.
fn state_id(kind: RowKind, key: &str, data: &str) -> String {
    let content = hexadecimal(&Sha256::digest(data.as_bytes())[..8]);
    format!("{}:{key}:{content}", kind.name())
}

/// A row's values that are not NULL, by their columns.
struct Row {
    values: BTreeMap<&'static str, Box<RawValue>>,
    watermark: Option<Box<RawValue>>,
}

impl Row {
    fn read(kind: RowKind, watermark: &str, row: &str) -> Result<Self, RowError> {
        let all: BTreeMap<String, Box<RawValue>> = serde_json::from_str(row).map_err(|_| RowError::NoRow)?;
        let mut read = Self { values: BTreeMap::new(), watermark: None };
        for (name, value) in all {
            if name == watermark {
                read.watermark = Some(value.clone());
            }
            match kind.columns().iter().find(|column| column.name == name) {
                Some(_) if value.get() == "null" => {}
                Some(column) => {
                    read.values.insert(column.name, value);
                }
                None if name == watermark => {}
                None => {
                    let known: Vec<&str> = kind.column_names().collect();
                    return Err(RowError::Unknown {
                        column: name,
                        kind: kind.name(),
                        known: known.join(", "),
                    });
                }
            }
        }
        Ok(read)
    }

    /// The JSON of a column's value as it belongs into an event.
    fn json(&self, column: &Column) -> Result<Option<String>, RowError> {
        let Some(value) = self.values.get(column.name) else { return Ok(None) };
        let value = value.get();
        let is_text = value.starts_with('"');
        let is_number = value.starts_with(|first: char| first == '-' || first.is_ascii_digit());
        let json = match column.value {
            Value::Plain => value.to_owned(),
            Value::Text | Value::Amount if is_text => value.to_owned(),
            Value::Text | Value::Amount if is_number => format!("\"{value}\""),
            Value::Text => return Err(RowError::Shape(column.name, "a text")),
            Value::Amount => return Err(RowError::Shape(column.name, "an amount")),
            Value::Instant => {
                instant(value).ok_or(RowError::NoInstant(column.name))?;
                value.to_owned()
            }
        };
        Ok(Some(json))
    }

    fn column(kind: RowKind, name: &str) -> Option<&'static Column> {
        kind.columns().iter().find(|column| column.name == name)
    }

    fn text(&self, kind: RowKind, name: &str) -> Result<Option<String>, RowError> {
        let Some(column) = Self::column(kind, name) else { return Ok(None) };
        let Some(json) = self.json(column)? else { return Ok(None) };
        serde_json::from_str(&json).map(Some).map_err(|_| RowError::Shape(column.name, "a text"))
    }

    fn instant(&self, kind: RowKind, name: &str) -> Result<Option<Timestamp>, RowError> {
        let Some(column) = Self::column(kind, name) else { return Ok(None) };
        Ok(self.json(column)?.and_then(|json| instant(&json)))
    }

    /// The event's data as JSON.
    fn data(&self, kind: RowKind, key: &str, changed_at: Option<Timestamp>) -> Result<String, RowError> {
        let (mut data, mut tokens, mut item, mut discount) =
            (Fields::default(), Fields::default(), Fields::default(), Fields::default());
        if kind.is_state() {
            data.add("id", &serde_json::to_string(key).map_err(|_| RowError::NoRow)?);
        }
        for column in kind.columns() {
            let Some(json) = self.json(column)? else { continue };
            match column.place {
                Place::Key | Place::Time | Place::Subject => {}
                Place::Data(field) => data.add(field, &json),
                Place::Tokens(class) => tokens.add(class, &json),
                Place::Item(field) => item.add(field, &json),
                Place::Discount(field) => discount.add(field, &json),
            }
        }
        if !tokens.is_empty() {
            data.add("tokens", &tokens.object());
        }
        if !item.is_empty() {
            data.add("items", &format!("[{}]", item.object()));
        }
        if !discount.is_empty() {
            data.add("discounts", &format!("[{}]", discount.object()));
        }
        if kind.is_state() && !self.values.contains_key("effective_at") {
            let at = changed_at.ok_or(RowError::Missing("effective_at"))?;
            data.add("effective_at", &format!("\"{at}\""));
        }
        Ok(data.object())
    }
}

/// The instant that a JSON value is.
fn instant(json: &str) -> Option<Timestamp> {
    serde_json::from_str(json).ok()
}

/// Fields of a JSON object.
#[derive(Default)]
struct Fields(String);

impl Fields {
    fn add(&mut self, name: &str, json: &str) {
        if !self.0.is_empty() {
            self.0.push(',');
        }
        // Names are ours and need no escapes; writing to a string does not fail.
        let _ = write!(self.0, "\"{name}\":{json}");
    }

    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn object(&self) -> String {
        format!("{{{}}}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(kind: RowKind, row: &str) -> Result<Option<Event>, RowError> {
        event_of_row(kind, "/sql/billing", "updated_at", row)
    }

    #[test]
    fn a_subscription_is_a_state_that_is_known_by_what_it_says() {
        let row = r#"{"id": 42, "customer": 7, "status": "active", "plan": "pro", "unit_amount": 24.900000000000000001,
                      "interval": "month", "percent_off": null, "updated_at": "2026-11-02T08:00:00.5+01:00"}"#;
        let event = read(RowKind::Subscriptions, row).unwrap().unwrap();
        let Body::SubscriptionChanged(change) = &event.body else { panic!("{event:?}") };
        assert_eq!((change.id.as_str(), change.customer.as_str()), ("42", "7"));
        assert_eq!(change.items[0].unit_amount.to_string(), "24.9");
        assert_eq!(change.effective_at, "2026-11-02T07:00:00.5Z".parse().unwrap());
        assert_eq!(event.time, change.effective_at);
        assert_eq!(read(RowKind::Subscriptions, row).unwrap().unwrap(), event);
        let paused = row.replace("active", "paused");
        assert_ne!(read(RowKind::Subscriptions, &paused).unwrap().unwrap().id, event.id);
        // A mended query says which of two states of one instant is the right one.
        let mended =
            read(RowKind::Subscriptions, &row.replace("24.9", "19.9").replace('}', r#", "version": 1}"#));
        let mended = mended.unwrap().unwrap();
        let Body::SubscriptionChanged(right) = &mended.body else { panic!("{mended:?}") };
        assert!(right.effective_at == change.effective_at && right.version > change.version);
        assert_ne!(mended.id, event.id);
    }

    #[test]
    fn a_call_has_its_tokens_and_its_user() {
        let row = r#"{"id": "c-1", "user": "u-1", "provider": "openai", "model": "gpt-5", "input_tokens": 1200,
                      "output_tokens": 40, "cost": "0.01", "currency": "USD",
                      "time": "2026-11-02T08:00:00Z", "updated_at": "2026-11-03T08:00:00Z"}"#;
        let event = read(RowKind::Usage, row).unwrap().unwrap();
        let Body::LlmUsage(usage) = &event.body else { panic!("{event:?}") };
        assert_eq!((usage.tokens.input, usage.tokens.output), (1200, 40));
        assert_eq!((event.id.as_str(), event.subject.as_deref()), ("usage:c-1", Some("u-1")));
        assert_eq!(event.time, "2026-11-02T08:00:00Z".parse().unwrap());
    }

    #[test]
    fn a_payment_waits_until_its_outcome_is_final() {
        let row = |outcome: &str| {
            format!(
                r#"{{"id": 9, "customer": "c", "method": "card", "outcome": "{outcome}", "amount": 25,
                    "updated_at": "2026-11-02T08:00:00Z"}}"#
            )
        };
        assert_eq!(read(RowKind::Payments, &row("pending")).unwrap(), None);
        let event = read(RowKind::Payments, &row("failed")).unwrap().unwrap();
        assert_eq!(event.id, "payments:9:failed");
    }

    #[test]
    fn every_other_kind_is_read_too() {
        let at = "2026-11-02T08:00:00Z";
        let rows = [
            (RowKind::Invoices, r#""customer": "c", "status": "open", "amount": 5, "issued_at": "AT""#),
            (RowKind::Refunds, r#""customer": "c", "amount": "5", "currency": "USD""#),
            (RowKind::Costs, r#""category": "hosting", "cost_eur": 12.5"#),
            (RowKind::Signups, r#""user": "u", "plan": "pro""#),
        ];
        for (kind, columns) in rows {
            let row = format!("{{\"id\": 1, {columns}, \"updated_at\": \"AT\"}}").replace("AT", at);
            let event = read(kind, &row).unwrap().unwrap();
            assert_eq!((event.body.kind(), event.time), (kind.event(), at.parse().unwrap()));
        }
    }

    #[test]
    fn what_is_wrong_with_a_row_is_said_without_what_is_in_it() {
        let cases = [
            (r#"{"status": "active"}"#, "the column id is missing"),
            (r#"{"id": 1, "colour": "red"}"#, "the column colour means nothing among subscriptions"),
            (r#"{"id": 1, "trial_end": "2026-11-02T08:00:00"}"#, "write trial_end AT TIME ZONE 'UTC'"),
            (r#"{"id": 1, "customer": true}"#, "the column customer is not a text"),
            (r#"{"id": 1, "customer": "secret", "updated_at": "2026-11-02T08:00:00Z"}"#, "missing field"),
            (
                r#"{"id": 1, "customer": "c", "status": "secret, expected", "updated_at": "2026-11-02T08:00:00Z"}"#,
                "data.status: not one of `trialing`",
            ),
            (
                r#"{"id": 1, "customer": "c", "status": "active", "items": [{"quantity": "secret"}],
                    "updated_at": "2026-11-02T08:00:00Z"}"#,
                "data.items[0]",
            ),
            (r#""secret""#, "not a row"),
            ("[]", "not a row"),
        ];
        for (row, expected) in cases {
            let error = read(RowKind::Subscriptions, row).unwrap_err().to_string();
            assert!(error.contains(expected) && !error.contains("secret"), "{row}: {error}");
        }
    }
}
