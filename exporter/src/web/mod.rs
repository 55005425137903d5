//! Everything between a listener and the router: connections, TLS, credentials.
//!
//! Nothing here knows a route. [`Web::open`] reads the web configuration file, [`Access`] says who may
//! pass, and [`serve`] puts a router behind both.

mod access;
mod body;
mod client_certificates;
pub mod config;
mod connections;
mod counters;
mod limits;
mod peer;
mod rate_limit;
mod refusal;
mod reload;
mod server;
mod service;
mod subject_names;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
mod tls;
mod tokens;
mod users;
mod watched;

use std::path::PathBuf;
use std::sync::Arc;

pub use access::{Access, Guarded, RequireScope, Scope, Tokens};
pub use config::WebConfigError;
pub use counters::WebCounts;
pub use limits::Limits;
pub use peer::Peer;
pub use refusal::Refusal;
pub use server::serve;
pub use tokens::{Caller, Token, TokenHash, TokenHashError, TokenHashes};

use counters::Counters;
use rate_limit::Bucket;
use reload::{Broken, Reload, Settings};
use users::Passwords;

/// The web configuration, kept up to date, and what goes with it.
#[derive(Debug)]
pub struct Web {
    reload: Reload,
    passwords: Passwords,
    bucket: Bucket,
    counters: Arc<Counters>,
}

/// Why the web layer cannot start.
#[derive(Debug, thiserror::Error)]
pub enum WebError {
    /// The file cannot be used.
    #[error(transparent)]
    Config(#[from] WebConfigError),
    /// The system gave no random bytes.
    #[error("cannot get random bytes from the system: {0}")]
    Random(#[from] getrandom::Error),
}

impl Web {
    /// Reads the web configuration file and the files it names; without one, plain HTTP for everybody.
    pub fn open(path: Option<PathBuf>) -> Result<Self, WebError> {
        let counters = Arc::<Counters>::default();
        Ok(Self {
            reload: Reload::open(path)?,
            passwords: Passwords::new(Arc::clone(&counters))?,
            bucket: Bucket::default(),
            counters,
        })
    }

    /// Whether the file, as it is now, can be used. While it cannot, everything is refused.
    pub fn config_ok(&self) -> bool {
        self.settings().is_ok()
    }

    /// Whether connections are encrypted.
    pub fn is_tls(&self) -> bool {
        match self.settings() {
            Ok(settings) => settings.tls.is_some(),
            Err(Broken { had_tls }) => had_tls,
        }
    }

    /// What has been counted so far.
    pub fn counts(&self) -> WebCounts {
        self.counters.read()
    }

    fn settings(&self) -> Result<Arc<Settings>, Broken> {
        self.reload.current()
    }
}
