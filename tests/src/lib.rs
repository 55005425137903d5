//! What the end-to-end tests share: directories, servers and clocks that are a test's own.

pub mod events_page;
pub mod in_process;
pub mod manual_clock;
pub mod prometheus;
pub mod temp;
pub mod wait;
