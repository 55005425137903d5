//! The daemon, watched by a real Prometheus server.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod absence;
mod company;
mod events;
mod promtool;
mod scraping;
