//! Who may read the metrics, send events, and administer.

use std::path::PathBuf;

use super::error::Origin;
use super::key::{DefaultValue::Depends, DefaultValue::Is, Key, Kind};
use super::reader::Reader;
use super::token::{TokenFileError, hash_of, read_token_file};
use crate::web::TokenHash;

/// Who may do what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Auth {
    /// Reading metrics and pages: open to all unless something is configured.
    pub metrics: Access,
    /// Sending events: closed unless something is configured.
    pub ingest: Access,
    /// The file to make at the first start, with a new token for sending events: nobody said which
    /// tokens there are. It is among the token files of `ingest`.
    pub ingest_token_to_make: Option<PathBuf>,
    /// Users' figures and erasure: closed unless something is configured.
    pub admin: Access,
}

/// The credentials for one purpose.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Access {
    /// Tokens that were given directly.
    pub tokens: Vec<TokenHash>,
    /// Files with further tokens.
    pub token_files: Vec<PathBuf>,
}

impl Access {
    /// Whether there is any credential.
    pub fn is_configured(&self) -> bool {
        !self.tokens.is_empty() || !self.token_files.is_empty()
    }

    /// All tokens: those given directly and those in the files as they are now.
    pub fn all_tokens(&self) -> Result<Vec<TokenHash>, TokenFileError> {
        let mut tokens = self.tokens.clone();
        for path in &self.token_files {
            tokens.extend(read_token_file(path)?);
        }
        Ok(tokens)
    }
}

static METRICS_TOKENS: Key = Key::without_flag(
    "auth.metrics.tokens",
    Kind::Tokens,
    Is(""),
    "Tokens that may read the metrics, each as its SHA-256. Without any, everybody may.",
);
static METRICS_TOKEN_FILES: Key = Key::new(
    "auth.metrics.token_files",
    Kind::List,
    Is(""),
    "Files with tokens that may read the metrics, or their SHA-256, one on a line.",
);
static INGEST_TOKENS: Key = Key::without_flag(
    "auth.ingest.tokens",
    Kind::Tokens,
    Is(""),
    "Tokens that may send events, each as its SHA-256.",
);
static INGEST_TOKEN_FILES: Key = Key::new(
    "auth.ingest.token_files",
    Kind::List,
    Depends {
        described: "unless auth.ingest.tokens is given: ingest-token in ledger.path, made at the first start",
        // It depends on another key and is set once that is known.
        value: |_| String::new(),
    },
    "Files with tokens that may send events, or their SHA-256, one on a line.",
);
static ADMIN_TOKENS: Key = Key::without_flag(
    "auth.admin.tokens",
    Kind::Tokens,
    Is(""),
    "Tokens that may see and erase single users, each as its SHA-256. Without any, nobody may.",
);
static ADMIN_TOKEN_FILES: Key = Key::new(
    "auth.admin.token_files",
    Kind::List,
    Is(""),
    "Files with tokens that may see and erase single users, or their SHA-256, one on a line.",
);

pub(super) static KEYS: &[&Key] = &[
    &METRICS_TOKENS,
    &METRICS_TOKEN_FILES,
    &INGEST_TOKENS,
    &INGEST_TOKEN_FILES,
    &ADMIN_TOKENS,
    &ADMIN_TOKEN_FILES,
];

impl Auth {
    pub(super) fn read(values: &mut Reader<'_>) -> Option<Self> {
        let metrics = access(&METRICS_TOKENS, &METRICS_TOKEN_FILES, values);
        let ingest = access(&INGEST_TOKENS, &INGEST_TOKEN_FILES, values);
        let admin = access(&ADMIN_TOKENS, &ADMIN_TOKEN_FILES, values);
        let is_default = values.settings.of(&INGEST_TOKEN_FILES).origin == Origin::Default;
        let ingest = ingest?;
        let ingest_token_to_make = ingest.token_files.first().filter(|_| is_default).cloned();
        Some(Self { metrics: metrics?, ingest, ingest_token_to_make, admin: admin? })
    }
}

fn access(tokens: &Key, files: &Key, values: &mut Reader<'_>) -> Option<Access> {
    let tokens = token_hashes(tokens, values);
    let token_files = values.paths(files);
    Some(Access { tokens: tokens?, token_files: token_files? })
}

fn token_hashes(key: &Key, values: &mut Reader<'_>) -> Option<Vec<TokenHash>> {
    let is_environment = matches!(values.settings.of(key).origin, Origin::Environment(_));
    let mut tokens = Vec::new();
    for (position, (text, line)) in values.texts(key)?.into_iter().enumerate() {
        // A file is copied, backed up and committed; an environment is made for one start.
        let token = if is_environment { hash_of(&text) } else { TokenHash::parse(&text).ok() };
        let Some(token) = token else {
            let place = format!("{}[{position}]", key.path);
            let message = if is_environment {
                format!("{place} is neither a token without spaces nor sha256: and 64 hexadecimal digits")
            } else {
                format!(
                    "{place} is not sha256: and 64 hexadecimal digits; `pratiko-exporter token` prints such \
                     a line, and a token itself belongs into a file named in token_files"
                )
            };
            values.refuse_within(key, line, message);
            return None;
        };
        tokens.push(token);
    }
    Some(tokens)
}
