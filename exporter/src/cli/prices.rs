//! `pratiko-exporter prices …`.

use std::path::PathBuf;
use std::str::FromStr;

use clap::{Subcommand, ValueEnum};

use super::Moment;

/// What to do with the prices of models.
#[derive(Debug, PartialEq, Eq, Subcommand)]
pub enum PricesCommand {
    /// Print the prices that hold: those of the configured files over the bundled ones.
    List {
        /// Only those of this provider.
        #[arg(long, value_name = "NAME")]
        provider: Option<String>,
        /// Those that hold at this moment, instead of now: 2026-01-31 (UTC) or 2026-01-31T12:00:00Z.
        #[arg(long, value_name = "TIME")]
        at: Option<Moment>,
        /// Those of all times.
        #[arg(long, conflicts_with = "at")]
        all: bool,
    },
    /// Say what is wrong with a price file, or probably not meant so, if anything is.
    Check {
        /// The file.
        file: PathBuf,
    },
    /// Print another project's list as a price file, and what of it has no place in one.
    Import {
        /// Whose list it is.
        #[arg(long, value_enum)]
        from: ForeignList,
        /// Only models of this provider; may be given more than once.
        #[arg(long = "provider", value_name = "NAME")]
        providers: Vec<String>,
        /// The JSON file.
        file: PathBuf,
    },
    /// Show which price holds for a model, and what a call costs by it.
    Explain {
        /// The model: gpt-5, or openai/gpt-5.
        model: String,
        /// When the call was made: 2026-01-31 (UTC) or 2026-01-31T12:00:00Z.
        #[arg(long, value_name = "TIME")]
        at: Option<Moment>,
        /// Who answered.
        #[arg(long, value_name = "NAME")]
        provider: Option<String>,
        /// The service tier of the answer.
        #[arg(long, value_name = "TIER")]
        tier: Option<String>,
        /// What was used: input=1000,output=50. Classes are those of price files; no token is in two of them.
        #[arg(long, value_name = "CLASS=COUNT", value_delimiter = ',')]
        tokens: Vec<TokenCount>,
    },
}

/// A list of prices of another project.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ForeignList {
    /// The `model_prices_and_context_window.json` of that gateway.
    Litellm,
    /// The `data.json` or `data_slim.json` of that project.
    GenaiPrices,
}

/// So many tokens of a class.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenCount {
    /// The class's name in price files.
    pub class: String,
    /// How many.
    pub count: u64,
}

/// What was given is not a number of tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a number of tokens; write input=1000")]
pub struct InvalidTokenCount;

impl FromStr for TokenCount {
    type Err = InvalidTokenCount;

    fn from_str(text: &str) -> Result<Self, InvalidTokenCount> {
        let (class, count) = text.split_once('=').ok_or(InvalidTokenCount)?;
        let count = count.replace('_', "").parse().map_err(|_| InvalidTokenCount)?;
        Ok(Self { class: class.to_owned(), count })
    }
}
