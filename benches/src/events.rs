//! Events to measure with: calls to language models, as an application would report them.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use pratiko_domain::event::{Body, Event, LlmUsage, TokenUsage};
use pratiko_domain::money::Money;
use pratiko_domain::time::Timestamp;

use crate::random::Random;

const SOURCE: &str = "bench";

/// How the events' ids follow each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ids {
    /// Beginning with the time (UUID version 7): each new one belongs at the end.
    Ordered,
    /// Anywhere (UUID version 4).
    Random,
}

impl Ids {
    /// As in the report.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ordered => "UUIDv7",
            Self::Random => "random ids",
        }
    }
}

/// Makes events, each different from all others.
pub struct Events {
    random: Random,
    users: u64,
    ids: Ids,
}

impl Events {
    /// By so many users, and with such ids. No two runs make the same ids.
    pub fn new(users: u64, ids: Ids) -> crate::Result<Self> {
        let mut seed = [0; 8];
        getrandom::fill(&mut seed).map_err(|error| format!("no random bytes: {error}"))?;
        Ok(Self { random: Random(u64::from_ne_bytes(seed)), users, ids })
    }

    /// An event at `time`.
    pub fn event(&mut self, time: Timestamp) -> Event {
        let (first, second) = (self.random.next(), self.random.next());
        let milliseconds = time.micros() as u64 / 1000;
        let high = match self.ids {
            Ids::Ordered => milliseconds << 16 | 0x7000 | first & 0x0fff,
            Ids::Random => first & !0xf000 | 0x4000,
        };
        let tokens = TokenUsage { input: first % 4000, output: second % 1000, ..TokenUsage::default() };
        let usage = LlmUsage {
            cost_eur: Some(Money::from_nanos(i128::from(first % 10_000_000))),
            ..LlmUsage::new("openai", format!("model-{}", self.random.below(50)), tokens)
        };
        Event {
            source: SOURCE.to_owned(),
            id: uuid(high, second & (u64::MAX >> 2) | 1 << 63),
            time,
            subject: Some(format!("user-{:07}", self.random.below(self.users))),
            body: Body::LlmUsage(usage),
        }
    }
}

fn uuid(high: u64, low: u64) -> String {
    let text = format!("{high:016x}{low:016x}");
    [&text[..8], &text[8..12], &text[12..16], &text[16..20], &text[20..]].join("-")
}

/// The time.
pub fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
    Timestamp::from_seconds(0).plus(since)
}
