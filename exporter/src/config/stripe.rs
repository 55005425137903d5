//! Stripe: how webhooks are believed, where its API is, and what counts.

use std::path::{Path, PathBuf};

use pratiko_domain::money::Money;
use pratiko_intake::stripe::{Coupons, Mode, signature};

use super::error::Origin;
use super::key::{DefaultValue::Is, Key, Kind};
use super::reader::Reader;
use super::secret::Secret;

/// Stripe: how webhooks are believed, where its API is, and what counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stripe {
    /// Signing secrets that were given in the environment.
    pub webhook_secrets: Vec<Secret>,
    /// Files with further signing secrets.
    pub webhook_secret_files: Vec<PathBuf>,
    /// How old or how far ahead a signature may be.
    pub tolerance: signature::Tolerance,
    /// The largest body of a webhook, in bytes.
    pub max_body_bytes: usize,
    /// Which of the account's two modes counts.
    pub mode: Mode,
    /// Which discounts lower the recurring revenue.
    pub coupons: Coupons,
    /// The tax within prices that include it and do not say how much, in percent.
    pub inclusive_tax_percent: Money,
    /// Where the API is.
    pub api_base: String,
    /// The file with the key for it.
    pub api_key_file: Option<PathBuf>,
}

static WEBHOOK_SECRETS: Key = Key::without_flag(
    "stripe.webhook_secrets",
    Kind::Secrets,
    Is(""),
    "Signing secrets of webhook endpoints (whsec_…), in the environment only. Without any, and without files, \
     webhooks are refused.",
);
static WEBHOOK_SECRET_FILES: Key = Key::new(
    "stripe.webhook_secret_files",
    Kind::List,
    Is(""),
    "Files with signing secrets of webhook endpoints, one on a line. While a secret is rolled, both are right.",
);
static TOLERANCE: Key =
    Key::new("stripe.tolerance", Kind::Duration, Is("5m"), "How old the signature of a webhook may be.");
static CLOCK_SKEW: Key = Key::new(
    "stripe.clock_skew",
    Kind::Duration,
    Is("5m"),
    "How far ahead of the clock of this host the signature of a webhook may be.",
);
static MAX_BODY_BYTES: Key =
    Key::new("stripe.max_body_bytes", Kind::Size, Is("1MiB"), "Largest body of a webhook.");
static MODE: Key = Key::new(
    "stripe.mode",
    Kind::OneOf(&["live", "test"]),
    Is("live"),
    "Which mode of the account counts: live is real money; test takes the test mode for real, for a staging \
     environment. What is of the other mode is ignored.",
);
static COUPONS: Key = Key::new(
    "stripe.coupons",
    Kind::OneOf(&["while_active", "forever_only", "ignored"]),
    Is("while_active"),
    "Which coupons lower the recurring revenue: while_active, each for as long as it lasts, as in ChartMogul and \
     ProfitWell; forever_only, as in Stripe's own figures; ignored, none.",
);
static INCLUSIVE_TAX: Key = Key::new(
    "stripe.inclusive_tax_percent",
    Kind::Percent,
    Is("0"),
    "The tax within prices that include tax and do not name its rate: revenue is counted without it.",
);
static API_BASE: Key = Key::new(
    "stripe.api_base",
    Kind::Text,
    Is("https://api.stripe.com"),
    "Where the API is that backfill stripe asks.",
);
static API_KEY_FILE: Key = Key::new(
    "stripe.api_key_file",
    Kind::Path,
    Is(""),
    "File with the key that backfill stripe uses; a restricted one that may only read is enough.",
);

pub(super) static KEYS: &[&Key] = &[
    &WEBHOOK_SECRETS,
    &WEBHOOK_SECRET_FILES,
    &TOLERANCE,
    &CLOCK_SKEW,
    &MAX_BODY_BYTES,
    &MODE,
    &COUPONS,
    &INCLUSIVE_TAX,
    &API_BASE,
    &API_KEY_FILE,
];

impl Stripe {
    pub(super) fn read(values: &mut Reader<'_>) -> Option<Self> {
        let webhook_secrets = secrets(values);
        let webhook_secret_files = values.paths(&WEBHOOK_SECRET_FILES);
        let past = values.duration(&TOLERANCE);
        let future = values.duration_or_zero(&CLOCK_SKEW);
        let max_body_bytes = values.size(&MAX_BODY_BYTES);
        let mode = values.choice(&MODE, &[("live", Mode::Live), ("test", Mode::Test)]);
        let coupons = values.choice(
            &COUPONS,
            &[
                ("while_active", Coupons::WhileActive),
                ("forever_only", Coupons::ForeverOnly),
                ("ignored", Coupons::Ignored),
            ],
        );
        let inclusive_tax_percent = values.percent(&INCLUSIVE_TAX);
        let api_base = values.text(&API_BASE);
        let api_key_file = values.text(&API_KEY_FILE);
        Some(Self {
            webhook_secrets: webhook_secrets?,
            webhook_secret_files: webhook_secret_files?,
            tolerance: signature::Tolerance { past: past?, future: future? },
            max_body_bytes: max_body_bytes?,
            mode: mode?,
            coupons: coupons?,
            inclusive_tax_percent: inclusive_tax_percent?,
            api_base: api_base?,
            api_key_file: Some(api_key_file?).filter(|path| !path.is_empty()).map(PathBuf::from),
        })
    }

    /// All signing secrets: those given directly and those in the files as they are now.
    pub fn all_webhook_secrets(&self) -> Result<signature::Secrets, SecretFileError> {
        let mut secrets = self.webhook_secrets.clone();
        for path in &self.webhook_secret_files {
            secrets.extend(read_secret_file(path)?);
        }
        Ok(signature::Secrets::new(secrets.iter().map(Secret::expose)))
    }
}

fn secrets(values: &mut Reader<'_>) -> Option<Vec<Secret>> {
    let texts = values.texts(&WEBHOOK_SECRETS)?;
    let is_in_file = matches!(values.settings.of(&WEBHOOK_SECRETS).origin, Origin::File { .. });
    if let Some((_, line)) = texts.first().filter(|_| is_in_file) {
        // A configuration file is copied, backed up and committed.
        let message = format!(
            "{} belongs into the environment, or the secrets into a file named in {}",
            WEBHOOK_SECRETS.path, WEBHOOK_SECRET_FILES.path
        );
        values.refuse_within(&WEBHOOK_SECRETS, *line, message);
        return None;
    }
    Some(texts.into_iter().map(|(text, _)| Secret::new(text)).collect())
}

/// Why the secrets in a file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SecretFileError {
    /// The file cannot be read.
    #[error("cannot read the file with secrets {path}: {source}")]
    Read {
        /// The file.
        path: PathBuf,
        /// Why it failed.
        source: std::io::Error,
    },
    /// There is no secret in it.
    #[error("the file {path} holds no secret; write one on a line of its own")]
    Empty {
        /// The file.
        path: PathBuf,
    },
}

/// Reads a file with a secret on each line; `#` begins a comment.
pub fn read_secret_file(path: &Path) -> Result<Vec<Secret>, SecretFileError> {
    let text = std::fs::read_to_string(path)
        .map_err(|source| SecretFileError::Read { path: path.to_owned(), source })?;
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    let secrets: Vec<Secret> = lines.map(Secret::new).collect();
    if secrets.is_empty() {
        return Err(SecretFileError::Empty { path: path.to_owned() });
    }
    Ok(secrets)
}
