//! `pratiko-exporter config …`.

use pratiko_ledger::store::postgres::Address;

use super::{CommandError, print};
use crate::cli::ConfigCommand;
use crate::config::{Config, Loaded, RatesSource, Schema, SqlSource, read_secret_file};
use crate::daemon;
use crate::ledger::Place;
use crate::prices::Prices;
use crate::web::Web;

pub(super) fn run(command: &ConfigCommand, loaded: &Loaded, schema: &Schema) -> Result<(), CommandError> {
    match command {
        ConfigCommand::Check { .. } => check(loaded),
        ConfigCommand::Print => print(&loaded.to_yaml(schema)),
    }
}

/// Reading it found nothing wrong; what is left are the things that it names.
fn check(loaded: &Loaded) -> Result<(), CommandError> {
    daemon::collectors(&loaded.config).map_err(CommandError::of)?;
    Web::open(loaded.config.web.config_file.clone()).map_err(CommandError::of)?;
    Prices::open(&loaded.config.prices).map_err(CommandError::of)?;
    let auth = &loaded.config.auth;
    for access in [&auth.metrics, &auth.admin] {
        access.all_tokens().map_err(CommandError::of)?;
    }
    if auth.ingest_token_to_make.as_ref().is_none_or(|made| made.exists()) {
        auth.ingest.all_tokens().map_err(CommandError::of)?;
    }
    loaded.config.stripe.all_webhook_secrets().map_err(CommandError::of)?;
    if let Some(key) = &loaded.config.stripe.api_key_file {
        read_secret_file(key).map_err(CommandError::of)?;
    }
    Place::of(&loaded.config.ledger).check().map_err(CommandError::of)?;
    loaded.config.sources.iter().try_for_each(check_source)?;
    check_rates(&loaded.config)?;
    let file = loaded.file.as_ref().map_or_else(|| "no file".to_owned(), |file| file.display().to_string());
    print(&format!("{file}: the configuration is good\n"))
}

/// Whether the file of a source holds an address. Nobody connects: that would need the network.
fn check_source(source: &SqlSource) -> Result<(), CommandError> {
    let complain = |error: String| {
        CommandError(format!("{}: {error}; sources.sql.url_file names it", source.url_file.display()))
    };
    let url = std::fs::read_to_string(&source.url_file).map_err(|error| complain(error.to_string()))?;
    url.trim().parse::<Address>().map(|_| ()).map_err(|error| complain(error.to_string()))
}

fn check_rates(config: &Config) -> Result<(), CommandError> {
    let RatesSource::File(file) = &config.currencies.source else { return Ok(()) };
    std::fs::metadata(file)
        .map(|_| ())
        .map_err(|error| CommandError(format!("{}: {error}; currencies.file names it", file.display())))
}
