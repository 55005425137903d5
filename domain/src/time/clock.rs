//! What time it is, as something that is handed in.

use super::Timestamp;

/// Says what time it is. Whoever needs the time is given one, so that a test can say.
pub trait Clock: Send + Sync {
    /// Now.
    fn now(&self) -> Timestamp;
}
