//! `pratiko-exporter config …`.

use std::path::PathBuf;

use clap::Subcommand;

/// What to do with the configuration.
#[derive(Debug, PartialEq, Eq, Subcommand)]
pub enum ConfigCommand {
    /// Say what is wrong with the configuration, if anything is.
    Check {
        /// The file to check, instead of the one that the daemon would read.
        file: Option<PathBuf>,
    },
    /// Print the configuration in effect, and where each value comes from.
    Print,
}
