//! Alerts on their way to people: a real Alertmanager, a real Prometheus, and sinks for what they send.

#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod alertmanager;
mod company;
mod mail_sink;
mod messages;
mod scenarios;
mod watch;
mod web_sink;
