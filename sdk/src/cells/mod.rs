//! What is recorded into: counters, gauges, histograms, and the memory that they share.

mod block;
mod buckets;
mod counter;
mod exemplars;
mod gauge;
mod histogram;
mod instrument;
mod quantity;
mod scale;
mod slot;

pub(crate) use block::{Block, Cells};

pub use buckets::{Buckets, BucketsError};
pub use counter::Counter;
pub use gauge::{Entered, Gauge, Level, UpDownCounter};
pub use histogram::{Histogram, HistogramReading};
pub use instrument::Instrument;
pub(crate) use instrument::sealed::Sealed as InstrumentParts;
pub use quantity::Quantity;
