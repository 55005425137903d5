//! Instants, calendar days, and the windows over which figures are taken.

mod calendar;
mod clock;
mod timestamp;
mod window;

pub use calendar::{Date, ParseDateError, UtcZone, Zone};
pub use clock::{Clock, ManualClock};
pub use timestamp::{Hour, ParseTimestampError, Quarter, Timestamp};
pub use window::Window;
