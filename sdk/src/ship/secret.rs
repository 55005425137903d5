//! The credential, and that it is never shown.

use std::fmt;
use std::path::{Path, PathBuf};

/// A text that prints as `<redacted>`, whatever prints it.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

/// What a secret prints as.
const REDACTED: &str = "<redacted>";

impl Secret {
    /// Keeps `text` from being printed.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// `text` without this secret, should it be in there.
    pub(super) fn redact(&self, text: &str) -> String {
        if self.0.is_empty() { text.to_owned() } else { text.replace(&self.0, REDACTED) }
    }

    /// What goes into the header `Authorization`.
    pub(super) fn bearer(&self) -> String {
        format!("Bearer {}", self.0)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(REDACTED)
    }
}

impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(REDACTED)
    }
}

/// Where the exporter's ingest token comes from.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Token {
    /// There is none: the exporter refuses events without, but something in front of it may add one.
    #[default]
    None,
    /// This one.
    Fixed(Secret),
    /// The first line of this file that is neither empty nor begins with `#`. It is read anew for
    /// each request, so that a new token needs no restart, and may appear after the application.
    File(PathBuf),
}

/// Why there is no token to send.
#[derive(Debug, thiserror::Error)]
pub(super) enum TokenError {
    #[error("cannot read the token file {path}: {source}")]
    Read { path: PathBuf, source: std::io::Error },
    #[error("the token file {path} holds no token; write it on a line of its own")]
    Empty { path: PathBuf },
    #[error("the token file {path} holds the hash of a token; the token itself is needed to send events")]
    Hash { path: PathBuf },
    #[error("the token holds what no header can carry; write it in visible letters of ASCII")]
    Unprintable,
}

impl Token {
    /// The token as it is now.
    pub(super) fn read(&self) -> Result<Option<Secret>, TokenError> {
        let secret = match self {
            Self::None => return Ok(None),
            Self::Fixed(secret) => secret.clone(),
            Self::File(path) => from_file(path)?,
        };
        let is_visible = !secret.0.is_empty() && secret.0.bytes().all(|byte| byte.is_ascii_graphic());
        if is_visible { Ok(Some(secret)) } else { Err(TokenError::Unprintable) }
    }
}

fn from_file(path: &Path) -> Result<Secret, TokenError> {
    let text =
        std::fs::read_to_string(path).map_err(|source| TokenError::Read { path: path.to_owned(), source })?;
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    match lines.next() {
        Some(hash) if hash.starts_with("sha256:") => Err(TokenError::Hash { path: path.to_owned() }),
        Some(token) => Ok(Secret::new(token)),
        None => Err(TokenError::Empty { path: path.to_owned() }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ship::testing::TempDir;

    #[test]
    fn a_token_is_never_shown() {
        let token = Token::Fixed(Secret::new("hunter2"));
        assert_eq!(format!("{token:?} {}", Secret::new("hunter2")), "Fixed(<redacted>) <redacted>");
        assert_eq!(Secret::new("hunter2").redact("you sent hunter2!"), "you sent <redacted>!");
        assert_eq!(Secret::new("").redact("as it was"), "as it was");
    }

    #[test]
    fn a_token_file_is_read_as_it_is_now() {
        let directory = TempDir::new();
        let path = directory.path().join("token");
        let token = Token::File(path.clone());
        let said = || token.read().unwrap_err().to_string();
        assert!(said().starts_with("cannot read the token file "), "{}", said());
        std::fs::write(&path, "# nothing yet\n\n").unwrap();
        assert!(said().ends_with("holds no token; write it on a line of its own"), "{}", said());
        std::fs::write(&path, "sha256:00\n").unwrap();
        assert!(said().contains("the hash of a token"), "{}", said());
        std::fs::write(&path, "two words\n").unwrap();
        assert!(said().contains("visible letters"), "{}", said());
        std::fs::write(&path, "# of today\n  abc \n").unwrap();
        assert_eq!(token.read().unwrap(), Some(Secret::new("abc")));
    }
}
