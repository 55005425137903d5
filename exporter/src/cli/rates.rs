//! `pratiko-exporter rates …`.

use std::path::PathBuf;

use clap::Subcommand;

/// What to do with reference rates.
#[derive(Debug, PartialEq, Eq, Subcommand)]
pub enum RatesCommand {
    /// Print the rates that the ledger knows: the last one of each currency, or all of one.
    List {
        /// The currency, as three capital letters.
        #[arg(value_name = "CURRENCY")]
        currency: Option<String>,
    },
    /// Read a file of rates, and say what is in it or what is wrong with it.
    Check {
        /// The file, in one of the European Central Bank's forms.
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
    /// Add the rates in files to the ledger, and convert the amounts that have waited for them.
    Import {
        /// The files, in one of the European Central Bank's forms.
        #[arg(required = true, value_name = "FILE")]
        files: Vec<PathBuf>,
    },
}
