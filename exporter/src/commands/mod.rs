//! What the program does besides running the daemon.

mod audit;
mod backfill;
mod config;
mod explain;
mod ledger;
mod rates;
mod running;
mod token;

use crate::cli::Command;
use crate::config::{Loaded, Schema};

/// Why a command ended without success: a text that says what was being done and what to do.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct CommandError(String);

impl CommandError {
    fn of(error: impl std::fmt::Display) -> Self {
        Self(error.to_string())
    }
}

/// Does what was asked for.
pub fn run(command: Command, loaded: &Loaded, schema: &Schema) -> Result<(), CommandError> {
    match command {
        Command::Backfill(command) => backfill::run(command, &loaded.config),
        Command::Config(command) => config::run(&command, loaded, schema),
        Command::Ledger(command) => ledger::run(command, &loaded.config),
        Command::Rates(command) => rates::run(command, &loaded.config),
        Command::Token => token::run(),
    }
}

/// Writes to standard output; whoever reads it may have seen enough, as `head` does.
fn print(text: &str) -> Result<(), CommandError> {
    use std::io::Write;
    match std::io::stdout().lock().write_all(text.as_bytes()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(CommandError(format!("cannot write to standard output: {error}")))
        }
        _ => Ok(()),
    }
}
