//! Why a web configuration file cannot be used. No message shows a value of the file: it holds secrets.

use std::io;
use std::path::{Path, PathBuf};

use serde_saphyr::Error as YamlError;

/// Why a web configuration file, or a file that it names, cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum WebConfigError {
    /// A file cannot be read.
    #[error("cannot read {path}: {source}")]
    Read {
        /// The configuration file, or a certificate or key that it names.
        path: PathBuf,
        /// Why it failed.
        source: io::Error,
    },
    /// The file is not YAML, or not of the expected shape.
    #[error("{path}, line {line}: {reason}")]
    Syntax {
        /// The configuration file.
        path: PathBuf,
        /// The line, from 1; 0 when it is not known.
        line: u64,
        /// What is wrong with it.
        reason: String,
    },
    /// A setting has a value that cannot be used.
    #[error("{path}: {key}: {reason}")]
    Invalid {
        /// The configuration file.
        path: PathBuf,
        /// The setting, as in `tls_server_config.min_version`.
        key: String,
        /// What is wrong with its value, and what to write instead.
        reason: String,
    },
}

/// A setting that cannot be used, before it is known which file it is in.
#[derive(Debug)]
pub struct Problem {
    key: String,
    reason: String,
}

impl Problem {
    /// `key` cannot be used because of `reason`.
    pub fn new(key: impl Into<String>, reason: impl Into<String>) -> Self {
        Self { key: key.into(), reason: reason.into() }
    }

    /// The same problem, of the file at `path`.
    pub fn of(self, path: &Path) -> WebConfigError {
        WebConfigError::Invalid { path: path.to_owned(), key: self.key, reason: self.reason }
    }
}

/// Says what YAML has to say about the file at `path`, naming the nearest known key for an unknown one.
pub(super) fn of_yaml(path: &Path, error: &YamlError) -> WebConfigError {
    let error = error.without_snippet();
    let line = error.location().map_or(0, |location| location.line());
    let reason = match error {
        YamlError::SerdeUnknownField { field, expected, .. } => unknown_key(field, expected),
        YamlError::DuplicateMappingKey { key: Some(key), .. } => format!("{key} is written twice"),
        // What was found instead may be a secret on the wrong line.
        YamlError::SerdeInvalidType { expected, .. } | YamlError::SerdeInvalidValue { expected, .. } => {
            format!("expected {expected}")
        }
        YamlError::Unexpected { expected, .. } => format!("expected {expected}"),
        YamlError::InvalidScalar { ty, .. } => format!("expected a value of type {ty}"),
        other => other.to_string(),
    };
    WebConfigError::Syntax { path: path.to_owned(), line, reason }
}

fn unknown_key(key: &str, known: &[&str]) -> String {
    match nearest(key, known.iter().copied()) {
        Some(nearest) => format!("unknown key {key}; did you mean {nearest}?"),
        None => format!("unknown key {key}; known here are {}", known.join(", ")),
    }
}

/// The known word that `word` is most likely a misspelling of.
pub(super) fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let lower = word.to_ascii_lowercase();
    known
        .into_iter()
        .map(|candidate| (strsim::jaro_winkler(&lower, &candidate.to_ascii_lowercase()), candidate))
        .filter(|(similarity, _)| *similarity > 0.8)
        .max_by(|left, right| left.0.total_cmp(&right.0))
        .map(|(_, candidate)| candidate)
}
