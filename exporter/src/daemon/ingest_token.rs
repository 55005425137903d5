//! The token for sending events that is made at the first start, so that nobody has to configure
//! anything before a first event, and nothing is open to everybody either.

use std::fs::{DirBuilder, OpenOptions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use crate::config::Config;
use crate::web::Token;

/// What came of it.
pub(super) enum IngestToken {
    /// The configuration names tokens of its own.
    Configured,
    /// It is in this file.
    InFile {
        /// The file.
        path: PathBuf,
        /// Whether it was made just now.
        is_new: bool,
    },
    /// There is none: nobody can send events until that is mended.
    Missing,
}

impl IngestToken {
    /// Whether the file, if there is to be one, can be read.
    pub(super) fn is_usable(&self) -> bool {
        !matches!(self, Self::Missing)
    }
}

/// Makes the token's file unless it is there. That it cannot be made costs sending events alone.
pub(super) fn make_if_missing(config: &Config) -> IngestToken {
    let Some(path) = &config.auth.ingest_token_to_make else { return IngestToken::Configured };
    match make(path) {
        Ok(is_new) => IngestToken::InFile { path: path.clone(), is_new },
        Err(error) => {
            tracing::error!(
                path = %path.display(), %error,
                "cannot make the token for sending events; until then none can be sent (ledger.path)"
            );
            IngestToken::Missing
        }
    }
}

/// True if it was not there.
fn make(path: &Path) -> std::io::Result<bool> {
    if let Some(directory) = path.parent() {
        DirBuilder::new().recursive(true).mode(0o700).create(directory)?;
    }
    if path.exists() {
        return Ok(false);
    }
    let token = Token::generate().map_err(std::io::Error::other)?;
    // Whole or not at all: a half-written token after a crash would be a token nobody knows.
    let unfinished = path.with_extension("new");
    let mut file =
        OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&unfinished)?;
    writeln!(file, "{}", token.reveal())?;
    file.sync_all()?;
    match std::fs::rename(&unfinished, path) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(false),
        other => other.map(|()| true),
    }
}
