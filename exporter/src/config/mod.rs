//! What the daemon is told: flags over environment over one YAML file over defaults.
//!
//! Every key is one line of data (a [`Key`]), from which its flag, its environment variable, its
//! documentation and its error messages are made. The result is a [`Config`] of plain values that
//! does not know where they came from; that is kept beside it, for `config print`.
//!
//! Nothing else in the program looks at an environment variable.

mod auth;
mod business;
mod collectors;
mod currencies;
#[cfg(test)]
mod document;
mod duration;
mod entry;
mod environment;
mod error;
mod file;
mod ingest;
mod key;
mod ledger;
mod log;
pub(crate) mod nearest;
mod paths;
mod plans;
mod prices;
mod print;
mod reader;
mod schema;
mod secret;
mod settings;
mod size;
mod sources;
mod stripe;
#[cfg(test)]
mod tests;
mod token;
mod web;

use std::path::PathBuf;

pub use auth::{Access, Auth};
pub use business::{Business, IdPattern};
pub use collectors::{BusinessSwitch, Collectors};
pub use currencies::{Currencies, RatesSource};
pub use environment::Environment;
pub use error::{ConfigError, Origin, Problem};
pub use ingest::Ingest;
pub use key::{DefaultValue, Key, Kind};
pub use ledger::{DatabaseUrl, Ledger};
pub use log::{Log, LogFormat};
pub use plans::{Limits, Plan};
pub use prices::Prices;
pub use schema::Schema;
pub use secret::Secret;
pub use settings::Flags;
pub use sources::SqlSource;
pub use stripe::{SecretFileError, Stripe, read_secret_file};
pub use token::{TokenFileError, plain_token_in, read_token_file};
pub use web::{InvalidAddress, ListenAddress, Web};

use crate::host::Roots;
use reader::Reader;
use settings::Settings;

/// Everything that the daemon is told.
#[derive(Debug, Clone)]
pub struct Config {
    /// The listener and the pages of metrics.
    pub web: Web,
    /// Where the host's files are.
    pub roots: Roots,
    /// Which collectors run, and how.
    pub collectors: Collectors,
    /// Where the ledger is and when its figures are too old.
    pub ledger: Ledger,
    /// What the business figures need to know.
    pub business: Business,
    /// Where the prices of models come from.
    pub prices: Prices,
    /// Where reference rates come from.
    pub currencies: Currencies,
    /// How much is taken in, and how old it may be.
    pub ingest: Ingest,
    /// An application's own tables that facts are read from.
    pub sources: Vec<SqlSource>,
    /// Who may do what.
    pub auth: Auth,
    /// Stripe's webhooks and API.
    pub stripe: Stripe,
    /// How the log is written.
    pub log: Log,
}

/// A configuration and where it came from.
#[derive(Debug)]
pub struct Loaded {
    /// What to run with.
    pub config: Config,
    /// The file that was read, if there was one.
    pub file: Option<PathBuf>,
    /// Environment variables that look like ours and mean nothing; worth a line in the log.
    pub unknown_variables: Vec<String>,
    settings: Settings,
}

impl Loaded {
    /// Every key with its value and, as a comment, where that came from. Secrets are redacted; the
    /// rest can be used as a configuration file.
    pub fn to_yaml(&self, schema: &Schema) -> String {
        print::to_yaml(schema, &self.settings)
    }
}

/// Reads the configuration: the flags, the environment, and the file that they or the usual places
/// lead to.
pub fn load(schema: &Schema, flags: &Flags, environment: &Environment) -> Result<Loaded, ConfigError> {
    let file = file::read(flags, environment)?;
    let named = file.as_ref().map(|(path, text)| (path.to_string_lossy(), text));
    let mut loaded =
        interpret(schema, flags, environment, named.as_ref().map(|(path, text)| (&**path, text.as_str())))?;
    loaded.file = file.map(|(path, _)| path);
    Ok(loaded)
}

/// Makes a configuration of what was given; `file` is a name and a text.
fn interpret(
    schema: &Schema,
    flags: &Flags,
    environment: &Environment,
    file: Option<(&str, &str)>,
) -> Result<Loaded, ConfigError> {
    let mut problems = Vec::new();
    let unknown_variables = environment.unknown(schema, &mut problems);
    let settings = settings::resolve(schema, flags, environment, file, &mut problems);
    let mut reader = Reader { settings: &settings, problems };
    let config = read(schema, &mut reader);
    match config {
        Some(config) if reader.problems.is_empty() => {
            Ok(Loaded { config, file: None, unknown_variables, settings })
        }
        _ => Err(ConfigError::Invalid(reader.problems)),
    }
}

/// Reads all sections, so that the problems of all are noted.
fn read(schema: &Schema, values: &mut Reader<'_>) -> Option<Config> {
    let keys: Vec<&Key> = schema.keys().collect();
    let web = Web::read(values);
    let roots = paths::read(values);
    let collectors = Collectors::read(schema.collectors, &keys, values);
    let ledger = Ledger::read(values);
    let business = Business::read(values);
    let prices = Prices::read(values);
    let currencies = Currencies::read(values);
    let ingest = Ingest::read(values);
    let sources = sources::read(values);
    let auth = Auth::read(values);
    let stripe = Stripe::read(values);
    let log = Log::read(values);
    Some(Config {
        web: web?,
        roots: roots?,
        collectors: collectors?,
        ledger: ledger?,
        business: business?,
        prices: prices?,
        currencies: currencies?,
        ingest: ingest?,
        sources: sources?,
        auth: auth?,
        stripe: stripe?,
        log: log?,
    })
}
