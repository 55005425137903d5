//! What became of an event that was to be recorded.

/// Why an event is rejected whose id is that of another one.
pub const USED_BEFORE: &str = "id: was used before, by the same source, for an event with another content";

/// What became of an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It is recorded.
    Accepted,
    /// It was recorded before.
    Duplicate,
    /// It was not recorded, for this reason.
    Rejected(String),
}
