//! What can go wrong.

use pratiko_domain::time::{Hour, Timestamp};

/// What goes wrong, if anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Scenario {
    /// Nothing: no alert but the watchdog.
    Steady,
    /// An automation of a few users calls the most expensive model without end.
    CostSpike,
    /// The payment provider fails in the middle of a billing run.
    PaymentOutage,
    /// Answers take longer than was promised.
    SlowApi,
    /// Many customers cancel at once.
    ChurnWave,
    /// A host runs out of everything.
    HostTrouble,
}

/// A scenario with its time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Incident {
    /// What goes wrong.
    pub scenario: Scenario,
    /// From when on.
    pub from: Timestamp,
    /// Until when.
    pub until: Timestamp,
}

impl Incident {
    /// One that is never.
    pub const NONE: Self = Self { scenario: Scenario::Steady, from: Timestamp::MAX, until: Timestamp::MAX };

    /// Whether this goes wrong at that time.
    pub fn is(&self, scenario: Scenario, at: Timestamp) -> bool {
        self.scenario == scenario && self.from <= at && at < self.until
    }

    /// Whether a part of this hour is in it.
    pub fn touches(&self, hour: Hour) -> bool {
        self.from < Hour(hour.0 + 1).start() && hour.start() < self.until
    }
}
