//! The exporter daemon: host metrics under node_exporter's names and, from a durable ledger, what
//! the business earns and what its users cost.

pub mod app;
pub mod business;
pub mod cli;
pub mod collectors;
pub mod commands;
pub mod config;
pub mod daemon;
pub mod host;
pub mod ledger;
pub mod logging;
pub mod outgoing;
pub mod own;
pub mod prices;
pub mod rates;
pub mod sources;
mod stamp;
pub mod stripe;
pub mod web;
pub mod zone;
