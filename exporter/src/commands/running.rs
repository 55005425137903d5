//! Whoever may write to the ledger: this command itself, or the daemon that has it.
//!
//! A ledger in a file has one writer. A command that changes it opens it, and if a daemon has it, asks the
//! daemon for the same over HTTP, with a token of scope admin that it finds where the configuration says.

use std::sync::Arc;
use std::time::Duration;

use pratiko_domain::time::Clock;
use pratiko_ledger::recording::Recorder;
use pratiko_ledger::store::StoreError;
use pratiko_metrics::SystemClock;
use serde_json::Value;
use ureq::tls::{TlsConfig, TlsProvider};
use ureq::{Agent, Body, http};

use super::{CommandError, ledger_settings};
use crate::config::{Config, Secret, plain_token_in};
use crate::daemon::address_of_daemon;
use crate::ledger::{OpenLedger, Place};

/// Whoever may write to the ledger.
pub(super) enum Writer {
    /// This command.
    Own(Box<Recorder>),
    /// The daemon.
    Daemon(Running),
}

impl Writer {
    /// The one of this configuration's ledger.
    pub fn open(config: &Config) -> Result<Self, CommandError> {
        match Place::of(&config.ledger).open().map(OpenLedger::into_store) {
            Ok(store) => {
                let settings = ledger_settings(config)?;
                let now = SystemClock.now();
                let recorder = Recorder::open(store, settings, now).map_err(CommandError::of)?;
                Ok(Self::Own(Box::new(recorder)))
            }
            Err(error @ StoreError::InUse(_)) => Running::find(config, &error).map(Self::Daemon),
            Err(error) => Err(CommandError::of(error)),
        }
    }
}

/// A daemon that runs and has the ledger.
pub(super) struct Running {
    agent: Agent,
    url: String,
    token: String,
}

/// Some of what is asked for looks through a month of events.
const PATIENCE: Duration = Duration::from_secs(600);

impl Running {
    /// The daemon that has this configuration's ledger, which is in use.
    fn find(config: &Config, in_use: &StoreError) -> Result<Self, CommandError> {
        let url = address_of_daemon(&config.ledger.path).map_err(CommandError::of)?;
        let url = url.ok_or_else(|| CommandError::of(in_use))?;
        let token = admin_token(config)?.ok_or_else(|| {
            CommandError(format!(
                "the ledger is in use by the daemon at {url}, which can be asked to do it with a token of scope \
                 admin; put one, in clear, into a file and name it under auth.admin.token_files of the \
                 configuration, or stop the daemon"
            ))
        })?;
        // The answer comes from this host, so that whoever could stand in the daemon's place here could as
        // well read the ledger.
        let tls = TlsConfig::builder()
            .provider(TlsProvider::Rustls)
            .unversioned_rustls_crypto_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .disable_verification(true)
            .build();
        let agent = Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(PATIENCE))
            .proxy(None)
            .tls_config(tls)
            .build();
        Ok(Self { agent: agent.into(), url, token })
    }

    /// What asks it, where it is, and the token that it takes.
    pub fn into_parts(self) -> (Agent, String, Secret) {
        (self.agent, self.url, Secret::new(self.token))
    }

    /// `DELETE`; what it answers.
    pub fn delete(&self, path: &str) -> Result<Value, CommandError> {
        let request = self.agent.delete(format!("{}{path}", self.url));
        self.answer(request.header("authorization", self.bearer()).call())
    }

    /// `POST` of JSON; what it answers.
    pub fn post(&self, path: &str, body: &Value) -> Result<Value, CommandError> {
        let request = self.agent.post(format!("{}{path}", self.url));
        let request = request.header("authorization", self.bearer()).content_type("application/json");
        self.answer(request.send(body.to_string()))
    }

    fn bearer(&self) -> String {
        format!("Bearer {}", self.token)
    }

    fn answer(&self, answer: Result<http::Response<Body>, ureq::Error>) -> Result<Value, CommandError> {
        let failed = |error: &dyn std::fmt::Display| {
            CommandError(format!("the daemon at {} has the ledger and does not answer: {error}", self.url))
        };
        let mut answer = answer.map_err(|error| failed(&error))?;
        let text = answer.body_mut().read_to_string().map_err(|error| failed(&error))?;
        let body: Value = serde_json::from_str(&text).map_err(|error| failed(&error))?;
        if answer.status().is_success() {
            return Ok(body);
        }
        let reason = body["error"].as_str().unwrap_or("it does not say why");
        Err(CommandError(format!(
            "the daemon at {} answers {}: {reason}",
            self.url,
            answer.status().as_u16()
        )))
    }
}

/// The first token of scope admin that stands in a file in clear.
pub(super) fn admin_token(config: &Config) -> Result<Option<String>, CommandError> {
    for path in &config.auth.admin.token_files {
        if let Some(token) = plain_token_in(path).map_err(CommandError::of)? {
            return Ok(Some(token));
        }
    }
    Ok(None)
}
