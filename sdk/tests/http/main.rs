//! Requests to real applications, and what is recorded of them.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod application;
mod bodies;
mod endpoints;
mod reading;
mod requests;
mod server;
