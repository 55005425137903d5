//! What the program does besides running the daemon.

mod audit;
mod backfill;
mod config;
mod explain;
mod ledger;
mod prices;
mod rates;
mod reprice;
mod running;
mod token;

use std::sync::Arc;

use pratiko_ledger::Settings;

use crate::cli::Command;
use crate::config::{Config, Loaded, Schema};
use crate::daemon;
use crate::prices::Prices;

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
        Command::Prices(command) => prices::run(command, &loaded.config),
        Command::Rates(command) => rates::run(command, &loaded.config),
        Command::Token => token::run(),
    }
}

/// What a ledger that a command opens is told.
fn ledger_settings(config: &Config) -> Result<Arc<Settings>, CommandError> {
    let prices = Arc::new(Prices::open(&config.prices).map_err(CommandError::of)?);
    Ok(Arc::new(daemon::ledger_settings(config, &prices)))
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
