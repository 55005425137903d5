//! What is recorded into: counters, gauges, histograms, and the memory that they share.

mod block;
mod counter;
mod exemplars;
mod gauge;
mod histogram;
mod instrument;
mod quantity;
mod slot;

pub(crate) use block::{Block, Cells};
pub use counter::Counter;
pub use gauge::{Entered, Gauge, Level, UpDownCounter};
pub use histogram::{Buckets, BucketsError, Histogram, HistogramReading};
pub use instrument::Instrument;
pub(crate) use instrument::sealed::Sealed as InstrumentParts;
pub use quantity::Quantity;
