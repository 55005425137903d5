//! The real binary, run as its users run it: started, sent events, scraped, killed, started again.
#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on ends")]

mod audit;
mod bad_input;
mod commands;
mod durability;
mod http;
mod pages;
mod prices;
mod rates;
mod several;
mod shipping;
mod shutdown;
mod sources;
mod stripe;
mod support;
mod tls;
