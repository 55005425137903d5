//! The demo: a company whose events a real exporter takes, and whose history a real Prometheus reads.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod history;
mod ledger;
mod live;
mod story;
