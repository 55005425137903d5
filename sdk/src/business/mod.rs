//! The business figures: what they are on a page.

mod page;

pub use page::write;
