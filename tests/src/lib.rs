//! What the end-to-end tests share: directories, servers and clocks that are a test's own.

pub mod events_page;
pub mod temp;
