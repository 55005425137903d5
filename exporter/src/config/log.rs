//! How the log is written, and what is left out of it.

use tracing::Level;

use super::key::{DefaultValue::Is, Key, Kind};
use super::reader::Reader;

/// How the log is written, and what is left out of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Log {
    /// How a line looks.
    pub format: LogFormat,
    /// The least important level that is written.
    pub level: Level,
}

/// How a line of the log looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// `ts=… level=info msg=… name=value`.
    Logfmt,
    /// One JSON object.
    Json,
}

static FORMAT: Key =
    Key::new("log.format", Kind::OneOf(&["logfmt", "json"]), Is("logfmt"), "How a line of the log looks.");
static LEVEL: Key = Key::new(
    "log.level",
    Kind::OneOf(&["debug", "info", "warn", "error"]),
    Is("info"),
    "Least important level that is written.",
);

pub(super) static KEYS: &[&Key] = &[&FORMAT, &LEVEL];

impl Log {
    pub(super) fn read(values: &mut Reader<'_>) -> Option<Self> {
        let format = values.choice(&FORMAT, &[("logfmt", LogFormat::Logfmt), ("json", LogFormat::Json)]);
        let level = values.choice(
            &LEVEL,
            &[("debug", Level::DEBUG), ("info", Level::INFO), ("warn", Level::WARN), ("error", Level::ERROR)],
        );
        Some(Self { format: format?, level: level? })
    }
}
