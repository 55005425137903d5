//! The operator's tool: a company to watch, and its history.

#![forbid(unsafe_code)]

pub mod company;
pub mod demo;
pub mod history;
pub mod pages;
mod progress;

use std::net::SocketAddr;

use clap::{Parser, Subcommand};

/// The operator's tool of Pratiko Metrics.
#[derive(Debug, Parser)]
#[command(name = "pratikoctl", version)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// A company to watch: events for an exporter, and pages for Prometheus.
    Demo(Box<demo::Arguments>),
}

/// Why it cannot be done.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Events cannot be sent.
    #[error(transparent)]
    Send(#[from] demo::SendError),
    /// A page cannot be served.
    #[error("cannot listen on {address}: {error}")]
    Listen {
        /// Where.
        address: SocketAddr,
        /// Why not.
        error: std::io::Error,
    },
    /// A page has two families of one name.
    #[error(transparent)]
    Register(#[from] pratiko_metrics::RegisterError),
    /// Nothing would hear of signals to end.
    #[error("cannot wait for signals: {0}")]
    Signals(#[from] std::io::Error),
    /// There is no history.
    #[error(transparent)]
    History(#[from] history::HistoryError),
    /// Prometheus cannot be told what is served.
    #[error(transparent)]
    Targets(#[from] demo::TargetsError),
}
