//! One event as a line of text.

use std::fmt::{self, Write as _};

use jiff::Timestamp;
use serde_json::Value;
use tracing::field::{Field, Visit};
use tracing::{Event, Level};

/// The parts of a line, in their order.
pub(super) struct Line {
    parts: Vec<(String, Value)>,
}

impl Line {
    pub fn of(event: &Event<'_>) -> Self {
        let metadata = event.metadata();
        let text = |name: &str, value: String| (name.to_owned(), Value::from(value));
        let mut fields = Fields { message: String::new(), others: Vec::new() };
        event.record(&mut fields);
        let mut parts = vec![
            text("ts", format!("{:.3}", Timestamp::now())),
            text("level", level(*metadata.level()).to_owned()),
            text("msg", fields.message),
        ];
        parts.append(&mut fields.others);
        let is_ours = metadata.target().starts_with("pratiko_");
        if !is_ours {
            parts.push(text("target", metadata.target().to_owned()));
        }
        Self { parts }
    }

    /// `ts=… level=… msg=… name=value`, without a line break.
    pub fn logfmt(&self) -> String {
        let mut line = String::new();
        for (name, value) in &self.parts {
            let between = if line.is_empty() { "" } else { " " };
            // Writing to a string cannot fail.
            let _ = match value {
                Value::String(text) if is_plain(text) => write!(line, "{between}{name}={text}"),
                // The quotes and escapes of JSON are those of logfmt.
                other => write!(line, "{between}{name}={other}"),
            };
        }
        line
    }

    /// One JSON object, without a line break.
    pub fn json(&self) -> String {
        let mut line = String::new();
        for (name, value) in &self.parts {
            let before = if line.is_empty() { '{' } else { ',' };
            let _ = write!(line, "{before}{}:{value}", Value::from(name.as_str()));
        }
        line.push('}');
        line
    }
}

fn level(level: Level) -> &'static str {
    match level {
        Level::ERROR => "error",
        Level::WARN => "warn",
        Level::INFO => "info",
        Level::DEBUG => "debug",
        Level::TRACE => "trace",
    }
}

/// Whether a text can stand without quotes.
fn is_plain(text: &str) -> bool {
    !text.is_empty()
        && !text.contains(|letter: char| {
            letter.is_whitespace() || letter.is_control() || matches!(letter, '"' | '=' | '\\')
        })
}

struct Fields {
    message: String,
    others: Vec<(String, Value)>,
}

impl Fields {
    fn add(&mut self, field: &Field, value: impl Into<Value>) {
        let name = match field.name() {
            // Two parts with one name would be taken for each other.
            taken @ ("ts" | "level" | "msg" | "target") => format!("field_{taken}"),
            name => name.strip_prefix("r#").unwrap_or(name).to_owned(),
        };
        self.others.push((name, value.into()));
    }
}

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        if field.name() == "message" {
            self.message = format!("{value:?}");
        } else {
            self.add(field, format!("{value:?}"));
        }
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == "message" {
            value.clone_into(&mut self.message);
        } else {
            self.add(field, value);
        }
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.add(field, value);
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.add(field, value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.add(field, value);
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.add(field, value);
    }
}
