//! What the tests across crates share, and the pages of documentation that are made from the code.

pub mod events_page;
