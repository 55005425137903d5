//! The exporter daemon: host metrics under node_exporter's names and, from a durable ledger, what
//! the business earns and what its users cost.

pub mod cli;
pub mod collectors;
pub mod config;
pub mod host;
pub mod logging;
pub mod web;
