//! How the ledger is doing. It knows no metrics itself.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use pratiko_domain::time::Clock;
use pratiko_ledger::{CommitStatistics, Ledger};
use pratiko_metrics::exposition::Page;
use pratiko_metrics::{FamilyName, Source, catalogue};

/// How the ledger is doing.
pub struct LedgerSource {
    /// The ledger.
    pub ledger: Ledger,
    /// Where its files are, if it is in files.
    pub directory: Option<PathBuf>,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
}

impl Source for LedgerSource {
    fn families(&self) -> Vec<FamilyName> {
        let families = [
            &catalogue::LEDGER_SNAPSHOT_AGE_SECONDS,
            &catalogue::LEDGER_LAST_EVENT_AGE_SECONDS,
            &catalogue::LEDGER_SIZE_BYTES,
            &catalogue::LEDGER_QUEUED_EVENTS,
            &catalogue::LEDGER_COMMIT_DURATION_SECONDS,
            &catalogue::LEDGER_COMMIT_FAILURES_TOTAL,
            &catalogue::LEDGER_REFRESH_DURATION_SECONDS,
        ];
        families.map(FamilyName::from).into()
    }

    fn write(&self, page: &mut Page) {
        if let Some(snapshot) = self.ledger.snapshot() {
            let now = self.clock.now();
            catalogue::LEDGER_SNAPSHOT_AGE_SECONDS.family(page).sample(&[], now.since(snapshot.taken_at));
            if let Some(recorded) = snapshot.last_recorded {
                catalogue::LEDGER_LAST_EVENT_AGE_SECONDS.family(page).sample(&[], now.since(recorded));
            }
            let size = match &self.directory {
                Some(directory) => Some(size_of(directory)),
                None => self.ledger.commits().size_bytes,
            };
            if let Some(size) = size {
                catalogue::LEDGER_SIZE_BYTES.family(page).sample(&[], size);
            }
        }
        catalogue::LEDGER_QUEUED_EVENTS.family(page).sample(&[], self.ledger.queued_events());
        let commits = self.ledger.commits();
        catalogue::LEDGER_COMMIT_DURATION_SECONDS.family(page).histogram(
            &[],
            CommitStatistics::BOUNDS.into_iter().zip(commits.buckets),
            commits.slower,
            commits.seconds,
        );
        catalogue::LEDGER_COMMIT_FAILURES_TOTAL.family(page).sample(&[], commits.failures);
        catalogue::LEDGER_REFRESH_DURATION_SECONDS.family(page).sample(&[], commits.refresh_seconds);
    }
}

/// The size of everything in the ledger's directory that is the ledger's.
fn size_of(directory: &Path) -> u64 {
    let name = pratiko_ledger::store::sqlite::FILE_NAME;
    [name.to_owned(), format!("{name}-wal")]
        .iter()
        .filter_map(|name| std::fs::metadata(directory.join(name)).ok())
        .map(|file| file.len())
        .sum()
}
