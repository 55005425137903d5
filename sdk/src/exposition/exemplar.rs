//! An example of what was counted: the trace of one request.

use std::fmt;
use std::str::FromStr;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::Value;

/// The id of a trace, as in W3C's Trace Context: 32 hexadecimal digits, not all zero.
///
/// ```
/// use pratiko_metrics::exposition::TraceId;
///
/// let trace: TraceId = "4bf92f3577b34da6a3ce929d0e0e4736".parse()?;
/// assert_eq!(trace.to_string(), "4bf92f3577b34da6a3ce929d0e0e4736");
/// assert!("none".parse::<TraceId>().is_err());
/// # Ok::<(), pratiko_metrics::exposition::ParseTraceIdError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct TraceId(u128);

/// A text that is no trace id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a trace id; it has 32 hexadecimal digits that are not all zero")]
pub struct ParseTraceIdError;

impl TraceId {
    /// From its number; `None` for zero, which the standard keeps for "no trace".
    pub const fn new(number: u128) -> Option<Self> {
        if number == 0 { None } else { Some(Self(number)) }
    }

    /// The trace of a `traceparent` header (`00-<trace id>-<parent id>-<flags>`), if it is sampled:
    /// an exemplar that leads to a trace nobody kept helps nobody.
    ///
    /// ```
    /// use pratiko_metrics::exposition::TraceId;
    ///
    /// let sampled = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    /// assert!(TraceId::of_traceparent(sampled).is_some());
    /// let dropped = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00";
    /// assert!(TraceId::of_traceparent(dropped).is_none());
    /// ```
    pub fn of_traceparent(header: &str) -> Option<Self> {
        let mut parts = header.trim().split('-');
        let (_version, trace, _parent, flags) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
        let is_sampled = u8::from_str_radix(flags, 16).ok()? & 1 == 1;
        trace.parse().ok().filter(|_| is_sampled)
    }

    pub(crate) const fn number(self) -> u128 {
        self.0
    }
}

impl FromStr for TraceId {
    type Err = ParseTraceIdError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let is_hexadecimal = text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        let number = is_hexadecimal.then(|| u128::from_str_radix(text, 16).ok()).flatten();
        number.and_then(Self::new).ok_or(ParseTraceIdError)
    }
}

impl fmt::Display for TraceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

/// One observation with the trace that it belongs to. It stands behind a bucket in OpenMetrics; the
/// text format has no place for it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Exemplar {
    /// The trace.
    pub trace: TraceId,
    /// What was observed, in the unit of the family.
    pub value: Value,
    /// When.
    pub at: SystemTime,
}

impl Exemplar {
    pub(super) fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(b" # {trace_id=\"");
        out.extend_from_slice(self.trace.to_string().as_bytes());
        out.extend_from_slice(b"\"} ");
        self.value.write(out);
        out.push(b' ');
        // Milliseconds are what the formats' readers keep.
        let since = self.at.duration_since(UNIX_EPOCH).unwrap_or_default();
        let millis = u64::try_from(since.as_millis()).unwrap_or(u64::MAX);
        Value::Seconds(Duration::from_millis(millis)).write(out);
    }
}
