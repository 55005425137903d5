//! From labels to series.

mod family;
mod index;
mod labels;
mod memory;
mod row;
mod rows;

pub use family::Family;
pub(crate) use family::MOST_SERIES;
pub(crate) use index::Index;
pub use labels::{LabelValue, Labels, NoLabels};
pub(crate) use rows::Rows;
