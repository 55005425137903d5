//! Prices of models: our own files, the list that comes with the program, and two foreign formats.

mod bundled;
mod decimal;
mod error;
pub mod genai_prices;
mod imported;
mod json;
pub mod litellm;
mod read;
mod row;
mod write;

pub use bundled::bundled;
pub use error::{PriceFileError, Problem};
pub use imported::{ImportError, Imported, LeftOut};
pub use read::{Mention, PriceFile, read, read_closely};
pub use write::write;
