//! From when until when prices hold.

use std::fmt;

use super::{Model, PriceRow};
use crate::time::Timestamp;

/// From one instant, included, to another, excluded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span {
    /// [`Timestamp::MIN`] for no beginning.
    pub from: Timestamp,
    /// [`Timestamp::MAX`] for no end.
    pub until: Timestamp,
}

impl Model {
    /// Its prices with the time for which each of them counts: the next one ends it, if nothing does before.
    pub fn holding(&self) -> impl Iterator<Item = (Span, &PriceRow)> {
        let next = self.rows.iter().skip(1).map(|row| row.from).chain([Timestamp::MAX]);
        let spans = self.rows.iter().zip(next);
        spans.map(|(row, next)| (Span { from: row.from, until: row.until.min(next) }, row))
    }
}

impl Span {
    /// The same times in as few spans as can be, in their order.
    pub(super) fn joined(mut spans: Vec<Self>) -> Vec<Self> {
        spans.sort();
        let mut joined: Vec<Self> = Vec::new();
        for span in spans {
            match joined.last_mut().filter(|last| span.from <= last.until) {
                Some(last) => last.until = last.until.max(span.until),
                None => joined.push(span),
            }
        }
        joined
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.from, self.until) {
            (Timestamp::MIN, Timestamp::MAX) => f.write_str("always"),
            (Timestamp::MIN, until) => write!(f, "until {}", day(until)),
            (from, Timestamp::MAX) => write!(f, "from {} on", day(from)),
            (from, until) => write!(f, "from {} until {}", day(from), day(until)),
        }
    }
}

/// An instant as price files have it: a date is its midnight in UTC.
pub(super) fn day(instant: Timestamp) -> String {
    let instant = instant.to_string();
    instant.strip_suffix("T00:00:00Z").unwrap_or(&instant).to_owned()
}
