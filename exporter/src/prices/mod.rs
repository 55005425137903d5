//! What models cost, by the files that the configuration names and the list that comes with the program.
//!
//! Files are read again when they change. A change that breaks one counts for nothing: calls are priced
//! as before, the log says what is wrong, and a metric tells.

mod check;
mod follow;
mod told;

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use pratiko_domain::event::LlmUsage;
use pratiko_domain::pricing::{PriceList, PriceTable, Priced};
use pratiko_domain::time::Timestamp;
use pratiko_intake::prices::{self, PriceFile, PriceFileError};
use pratiko_ledger::settings::Pricing;

pub use check::check;
pub use follow::FollowedPrices;

use crate::config;
use crate::stamp::{Stamp, has_changed};
use told::Told;

/// What models cost.
#[derive(Debug)]
pub struct Prices {
    files: Vec<PathBuf>,
    bundled: Option<PriceList>,
    state: RwLock<State>,
    reload_failures: AtomicU64,
    told: Told,
}

#[derive(Debug)]
struct State {
    table: Arc<PriceTable>,
    stamps: Vec<Option<Stamp>>,
    /// Why the files cannot be used as they are.
    broken: Option<String>,
}

/// Why there are no prices.
#[derive(Debug, thiserror::Error)]
pub enum PricesError {
    /// A file cannot be read.
    #[error("cannot read the price file {path}: {source}")]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A file is not one of prices.
    #[error("{}", of_file(.path, .error))]
    Invalid {
        /// The file.
        path: PathBuf,
        /// What is wrong in it.
        error: PriceFileError,
    },
    /// The list that comes with the program is wrong, which a test rules out.
    #[error("the bundled prices are wrong, which is a bug; prices.bundled: false does without them: {0}")]
    Bundled(PriceFileError),
}

/// Every problem on a line that begins with its place, as editors understand it.
pub fn of_file(path: &Path, error: &PriceFileError) -> String {
    let lines = error
        .problems
        .iter()
        .map(|problem| format!("{}:{}: {}", path.display(), problem.line, problem.message));
    lines.collect::<Vec<_>>().join("\n")
}

impl Prices {
    /// Reads all prices.
    pub fn open(config: &config::Prices) -> Result<Self, PricesError> {
        let bundled = config.bundled.then(prices::bundled).transpose().map_err(PricesError::Bundled)?;
        let stamps = stamps(&config.files);
        let table = read(&config.files, bundled.as_ref())?;
        Ok(Self {
            files: config.files.clone(),
            bundled,
            state: RwLock::new(State { table: Arc::new(table), stamps, broken: None }),
            reload_failures: AtomicU64::new(0),
            told: Told::default(),
        })
    }

    /// The prices that hold now.
    pub fn table(&self) -> Arc<PriceTable> {
        Arc::clone(&self.state.read().unwrap_or_else(PoisonError::into_inner).table)
    }

    /// Whether all files can be used as they are.
    pub fn is_ok(&self) -> bool {
        self.state.read().unwrap_or_else(PoisonError::into_inner).broken.is_none()
    }

    /// How often files had changed and could not be used.
    pub fn reload_failures(&self) -> u64 {
        self.reload_failures.load(Ordering::Relaxed)
    }

    /// Reads the files again whenever they change, for as long as what is returned is kept.
    pub fn follow(prices: &Arc<Self>) -> std::io::Result<FollowedPrices> {
        FollowedPrices::start(prices)
    }

    /// Reads the files again if one of them changed.
    pub fn reload_if_changed(&self) {
        {
            let state = self.state.read().unwrap_or_else(PoisonError::into_inner);
            let mut files = self.files.iter().zip(&state.stamps);
            if !files.any(|(file, stamp)| has_changed(file, stamp.as_ref())) {
                return;
            }
        }
        let stamps = stamps(&self.files);
        let result = read(&self.files, self.bundled.as_ref());
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        // A file that was only just written is read once more, to be sure; that is nothing new to tell.
        let identities = |stamps: &[Option<Stamp>]| -> Vec<_> {
            stamps.iter().map(|stamp| stamp.map(Stamp::identity)).collect()
        };
        let is_new = identities(&stamps) != identities(&state.stamps);
        state.stamps = stamps;
        match result {
            Ok(table) => {
                if is_new || state.broken.is_some() {
                    tracing::info!("read the price files again");
                    self.told.forget();
                }
                state.table = Arc::new(table);
                state.broken = None;
            }
            Err(error) => {
                let reason = error.to_string();
                if is_new || state.broken.as_ref() != Some(&reason) {
                    self.reload_failures.fetch_add(1, Ordering::Relaxed);
                    tracing::error!("calls are priced as before the price files changed: {reason}");
                }
                state.broken = Some(reason);
            }
        }
    }
}

impl Pricing for Prices {
    fn price(&self, usage: &LlmUsage, at: Timestamp) -> Option<Priced> {
        match self.table().price_usage(usage, at) {
            Ok(priced) => Some(priced),
            Err(reason) => {
                self.told.tell(usage, &reason);
                None
            }
        }
    }
}

fn stamps(files: &[PathBuf]) -> Vec<Option<Stamp>> {
    files.iter().map(|file| Stamp::of(file)).collect()
}

/// The table of all files and, below them, the bundled list.
fn read(files: &[PathBuf], bundled: Option<&PriceList>) -> Result<PriceTable, PricesError> {
    let mut lists = Vec::new();
    for path in files {
        lists.push(read_file(path)?.list);
    }
    lists.extend(bundled.cloned());
    Ok(PriceTable::new(lists))
}

/// Reads one file; its name stands before the ids of its prices.
fn read_file(path: &Path) -> Result<PriceFile, PricesError> {
    let text = std::fs::read_to_string(path)
        .map_err(|source| PricesError::Read { path: path.to_owned(), source })?;
    prices::read_closely(&text, Some(&list_name(path)))
        .map_err(|error| PricesError::Invalid { path: path.to_owned(), error })
}

/// The name of a list after its file, as far as ids of prices can have it.
fn list_name(path: &Path) -> String {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let fitting = |one: char| if one.is_ascii_alphanumeric() || "-_.".contains(one) { one } else { '-' };
    stem.chars().take(50).map(fitting).collect()
}

#[cfg(test)]
mod tests;
