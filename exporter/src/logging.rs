//! The log: one line an event on standard error, as logfmt or as JSON.
//!
//! A line has the time (UTC), the level, the message, then the fields of the event. Events of
//! libraries carry `target`, the part of the library they are from.

mod line;

use std::io;

use tracing::level_filters::LevelFilter;
use tracing::{Event, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::filter::Filtered;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::{Context, Layered, SubscriberExt as _};
use tracing_subscriber::registry::Registry;

use crate::config::{Log, LogFormat};
use line::Line;

/// There is a log already.
#[derive(Debug, thiserror::Error)]
#[error("the log has been set up already; that is done once, when the program starts")]
pub struct AlreadyLogging;

/// Sends the events of the whole process to standard error.
pub fn start(log: Log) -> Result<(), AlreadyLogging> {
    tracing::subscriber::set_global_default(subscriber(log, io::stderr)).map_err(|_| AlreadyLogging)
}

/// A log that is written to `writer`.
pub fn subscriber<W>(log: Log, writer: W) -> Layered<Filtered<Lines<W>, LevelFilter, Registry>, Registry>
where
    W: for<'writer> MakeWriter<'writer> + Send + Sync + 'static,
{
    let lines = Lines { format: log.format, writer };
    tracing_subscriber::registry().with(lines.with_filter(LevelFilter::from_level(log.level)))
}

/// Writes each event as a line.
#[derive(Debug)]
pub struct Lines<W> {
    format: LogFormat,
    writer: W,
}

impl<S, W> Layer<S> for Lines<W>
where
    S: Subscriber,
    W: for<'writer> MakeWriter<'writer> + 'static,
{
    fn on_event(&self, event: &Event<'_>, _context: Context<'_, S>) {
        let line = Line::of(event);
        let mut text = match self.format {
            LogFormat::Logfmt => line.logfmt(),
            LogFormat::Json => line.json(),
        };
        text.push('\n');
        // One write a line, so that lines of two threads never mix. When the log itself fails
        // there is nobody left to tell.
        let mut writer = self.writer.make_writer_for(event.metadata());
        let _ = io::Write::write_all(&mut writer, text.as_bytes());
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use tracing::Level;

    use super::*;

    #[derive(Clone, Default)]
    struct Captured(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Captured {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// What is logged, line by line, each without its time, which is checked.
    fn logged(format: LogFormat, level: Level, write: impl FnOnce()) -> Vec<String> {
        let captured = Captured::default();
        let writer = captured.clone();
        let subscriber = subscriber(Log { format, level }, move || writer.clone());
        tracing::subscriber::with_default(subscriber, write);
        let bytes = captured.0.lock().unwrap().clone();
        let (before, between) = match format {
            LogFormat::Logfmt => ("ts=", " "),
            LogFormat::Json => ("{\"ts\":\"", "\","),
        };
        let without_time = |line: &str| {
            let (time, rest) = line.strip_prefix(before).unwrap().split_once(between).unwrap();
            assert_eq!(time.len(), "2026-01-31T12:00:00.000Z".len(), "{time}");
            let age = jiff::Timestamp::now().duration_since(time.parse().unwrap());
            assert!(age.as_secs() < 60, "{time}");
            rest.to_owned()
        };
        String::from_utf8(bytes).unwrap().lines().map(without_time).collect()
    }

    fn examples() {
        tracing::info!("ready");
        tracing::warn!(collector = "netdev", took_seconds = 0.25, ok = false, "collector failed");
        tracing::error!(error = %"cannot read \"/x\": no\nsuch file", empty = "", eq = "a=b", "two words");
        tracing::info!(count = -3_i64, big = u64::MAX, value = ?Some("x y"), "übung");
        tracing::info!(target: "hyper::proto", "library");
    }

    #[test]
    fn logfmt_quotes_what_would_be_misread_and_nothing_else() {
        assert_eq!(
            logged(LogFormat::Logfmt, Level::INFO, examples),
            [
                "level=info msg=ready",
                r#"level=warn msg="collector failed" collector=netdev took_seconds=0.25 ok=false"#,
                r#"level=error msg="two words" error="cannot read \"/x\": no\nsuch file" empty="" eq="a=b""#,
                r#"level=info msg=übung count=-3 big=18446744073709551615 value="Some(\"x y\")""#,
                "level=info msg=library target=hyper::proto",
            ]
        );
    }

    #[test]
    fn json_is_one_object_a_line_and_keeps_numbers() {
        let lines = logged(LogFormat::Json, Level::INFO, examples);
        assert_eq!(
            lines,
            [
                r#""level":"info","msg":"ready"}"#,
                r#""level":"warn","msg":"collector failed","collector":"netdev","took_seconds":0.25,"ok":false}"#,
                r#""level":"error","msg":"two words","error":"cannot read \"/x\": no\nsuch file","empty":"","eq":"a=b"}"#,
                r#""level":"info","msg":"übung","count":-3,"big":18446744073709551615,"value":"Some(\"x y\")"}"#,
                r#""level":"info","msg":"library","target":"hyper::proto"}"#,
            ]
        );
        for line in lines {
            serde_json::from_str::<serde_json::Value>(&format!("{{{line}")).unwrap();
        }
    }

    #[test]
    fn less_important_levels_are_left_out() {
        let all = || {
            tracing::debug!("debug");
            tracing::info!("info");
            tracing::warn!("warn");
            tracing::error!("error");
        };
        assert_eq!(logged(LogFormat::Logfmt, Level::DEBUG, all).len(), 4);
        assert_eq!(
            logged(LogFormat::Logfmt, Level::WARN, all),
            ["level=warn msg=warn", "level=error msg=error"]
        );
    }

    #[test]
    fn a_field_that_is_called_like_a_part_of_the_line_does_not_pass_for_it() {
        let forge = || tracing::info!(level = "error", ts = 1, msg = "x", "real\u{1b}[31m");
        assert_eq!(
            logged(LogFormat::Logfmt, Level::INFO, forge),
            [r#"level=info msg="real\u001b[31m" field_level=error field_ts=1 field_msg=x"#]
        );
    }
}
