//! `pratiko-exporter config …`.

use super::{CommandError, print};
use crate::cli::ConfigCommand;
use crate::config::{Loaded, Schema};
use crate::daemon;
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
    let file = loaded.file.as_ref().map_or_else(|| "no file".to_owned(), |file| file.display().to_string());
    print(&format!("{file}: the configuration is good\n"))
}
