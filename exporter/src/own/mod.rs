//! What the exporter says of itself: its process, its listener, the ledger's health, what it was sent.

mod histogram;
mod ingest;
mod process;

pub use histogram::Histogram;
pub use ingest::{IngestCounts, IngestResult, Refused};
pub use process::Process;

use std::path::Path;
use std::time::Duration;

use pratiko_ledger::figures::Snapshot;
use pratiko_ledger::{CommitStatistics, Ledger};
use pratiko_metrics::catalogue;
use pratiko_metrics::exposition::{Kind, Page};

use crate::cli::{REVISION, VERSION};
use crate::web::WebCounts;

/// The version, and how the listener is doing.
pub fn write_exporter(counts: WebCounts, config_ok: bool, open_to_network: bool, page: &mut Page) {
    catalogue::EXPORTER_BUILD_INFO
        .family(page)
        .sample(&[("version", VERSION), ("revision", REVISION.unwrap_or(""))], 1);
    // The node mixin counts hosts by this name.
    page.family(
        "node_exporter_build_info",
        Kind::Gauge,
        "The program that serves the host metrics: pratiko-exporter.",
    )
    .sample(&[("version", VERSION), ("revision", REVISION.unwrap_or(""))], 1);
    catalogue::EXPORTER_WEB_CONFIG_OK.family(page).sample(&[], config_ok);
    catalogue::EXPORTER_OPEN_TO_NETWORK.family(page).sample(&[], open_to_network);
    catalogue::EXPORTER_CONNECTIONS.family(page).sample(&[], counts.connections_open);
    catalogue::EXPORTER_CONNECTIONS_EVICTED_TOTAL.family(page).sample(&[], counts.connections_evicted);
    catalogue::EXPORTER_UNAUTHORIZED_REQUESTS_TOTAL.family(page).sample(&[], counts.refused_by_auth);
    catalogue::EXPORTER_TLS_FAILURES_TOTAL.family(page).sample(&[], counts.tls_handshake_failures);
}

/// How the ledger is doing. `age` is that of the last snapshot.
pub fn write_ledger(
    ledger: &Ledger,
    directory: &Path,
    snapshot: Option<&Snapshot>,
    age: Option<Duration>,
    last_event_age: Option<Duration>,
    page: &mut Page,
) {
    if let Some(age) = age {
        catalogue::LEDGER_SNAPSHOT_AGE_SECONDS.family(page).sample(&[], age.as_secs_f64());
    }
    if let Some(age) = last_event_age {
        catalogue::LEDGER_LAST_EVENT_AGE_SECONDS.family(page).sample(&[], age.as_secs_f64());
    }
    if snapshot.is_some() {
        catalogue::LEDGER_SIZE_BYTES.family(page).sample(&[], size_of(directory));
    }
    catalogue::LEDGER_QUEUED_EVENTS.family(page).sample(&[], ledger.queued_events());
    let commits = ledger.commits();
    catalogue::LEDGER_COMMIT_DURATION_SECONDS.family(page).histogram(
        &[],
        CommitStatistics::BOUNDS.into_iter().zip(commits.buckets),
        commits.slower,
        commits.seconds,
    );
    catalogue::LEDGER_COMMIT_FAILURES_TOTAL.family(page).sample(&[], commits.failures);
    catalogue::LEDGER_REFRESH_DURATION_SECONDS.family(page).sample(&[], commits.refresh_seconds);
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
