//! The command line: what can be given, not what is done with it.
//!
//! Without a subcommand the daemon runs. Its flags come from the keys of the configuration, so that
//! a new key, or a new collector, has its flag without a line here.

mod backfill;
mod config;
mod flags;
#[expect(clippy::doc_markdown, reason = "the text of --help")]
mod ledger;
mod prices;
mod rates;
mod version;

use std::ffi::OsString;

use clap::{ArgMatches, FromArgMatches, Subcommand};

pub use backfill::{BackfillCommand, StripeList};
pub use config::ConfigCommand;
pub use ledger::{LedgerCommand, Moment};
pub use prices::{ForeignList, PricesCommand, TokenCount};
pub use rates::RatesCommand;
pub use version::{REVISION, VERSION};

use crate::config::{Flags, Schema};

/// What was asked for.
#[derive(Debug)]
pub struct Invocation {
    /// The flags of the configuration.
    pub flags: Flags,
    /// What to do; `None` to run the daemon.
    pub command: Option<Command>,
}

/// What to do instead of running the daemon.
#[derive(Debug, PartialEq, Eq, Subcommand)]
pub enum Command {
    /// Record what happened before there were webhooks, or what they have missed.
    #[command(subcommand)]
    Backfill(BackfillCommand),
    /// Look at the configuration.
    #[command(subcommand)]
    Config(ConfigCommand),
    /// Look after the ledger of business events.
    #[command(subcommand)]
    Ledger(LedgerCommand),
    /// Look at what models cost, and bring lists of prices in.
    #[command(subcommand)]
    Prices(PricesCommand),
    /// Look at reference rates, and add some.
    #[command(subcommand)]
    Rates(RatesCommand),
    /// Print a new random token, and its SHA-256 for the configuration.
    Token,
}

impl Invocation {
    /// Reads the arguments, the program's name among them.
    ///
    /// `--help` and `--version` are errors too: [`clap::Error::exit`] prints any of them where it
    /// belongs and ends the program.
    pub fn parse(
        schema: &Schema,
        arguments: impl IntoIterator<Item = impl Into<OsString> + Clone>,
    ) -> Result<Self, clap::Error> {
        let matches = command(schema).try_get_matches_from(arguments)?;
        let mut flags = flags::given(schema, &matches);
        let command = subcommand(&matches)?;
        if let Some(Command::Config(ConfigCommand::Check { file: Some(file) })) = &command {
            flags.config_file = Some(file.clone());
        }
        Ok(Self { flags, command })
    }
}

fn subcommand(matches: &ArgMatches) -> Result<Option<Command>, clap::Error> {
    matches.subcommand_name().map(|_| Command::from_arg_matches(matches)).transpose()
}

/// The whole command line.
pub fn command(schema: &Schema) -> clap::Command {
    let program = clap::Command::new("pratiko-exporter").args(flags::args(schema));
    Command::augment_subcommands(program)
        .subcommand_required(false)
        .about(
            "Serves host metrics under node_exporter's names, and business figures from a ledger of events.",
        )
        .after_help(
            "Every flag is also a key of the configuration file and an environment variable; \
             docs/CONFIGURATION.md lists them. Flags come before environment variables before the file.",
        )
        .version(version::described())
        // A wrapper may append its own flags.
        .args_override_self(true)
}

#[cfg(test)]
mod tests;
