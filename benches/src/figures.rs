//! What a large ledger costs those who only read: taking the figures, and scraping them, with a
//! million users and ten million events beside ten users and a thousand events.

use std::path::Path;
use std::time::Duration;

use crate::events::{Events, Ids};
use crate::exporter::Exporter;
use crate::ingest::{request, wait_until_open};
use crate::ledger::{fill, fresh, large};
use crate::process::Memory;
use crate::report::{Limit, Report};
use crate::scrape::{Side, back_to_back, write_pair};
use crate::{Result, Setting};

const REFRESHES: usize = 7;
/// Within measurement: the same daemon twice differs by that much.
const NOT_SLOWER: Limit = Limit::AtMost(1.1);

/// Measures; see the module.
pub fn run(setting: &Setting, report: &mut Report) -> Result<()> {
    let large_directory = large(setting)?;
    let small_directory = fresh(setting, "figures")?;
    fill(&small_directory, 1000, 10)?;
    let large = Exporter::ours(setting, &large_directory)?;
    let small = Exporter::ours(setting, &small_directory)?;
    wait_until_open(&large)?;
    wait_until_open(&small)?;
    let of_large = refresh_seconds(&large, &large_directory)?;
    let of_small = refresh_seconds(&small, &small_directory)?;
    let what = "taking the figures of ten million events, beside a thousand";
    report.compare(what, "ms", of_large * 1e3, of_small * 1e3, Limit::None);
    let (mut a, mut b) = (Side::new(&large)?, Side::new(&small)?);
    back_to_back(&mut a, &mut b, false)?;
    write_pair(report, "scrapes with a million users, beside ten", &a, &b, NOT_SLOWER);
    let resident = |exporter: &Exporter| Memory::of(exporter.pid()).map(|memory| memory.resident / 1024.0);
    let what = "resident memory with a million users, beside ten";
    report.compare(what, "MiB", resident(&large)?, resident(&small)?, Limit::None);
    drop((large, small));
    std::fs::remove_dir_all(small_directory)?;
    Ok(())
}

/// How long taking the figures takes after an event came: the middle of some.
fn refresh_seconds(daemon: &Exporter, directory: &Path) -> Result<f64> {
    let token = std::fs::read_to_string(directory.join("ingest-token"))?;
    let mut events = Events::new(10, Ids::Ordered)?;
    let mut client = daemon.client()?;
    let mut took = Vec::with_capacity(REFRESHES);
    for _ in 0..REFRESHES {
        client.send(&request(&mut events, 1, token.trim()))?;
        // The figures follow within half a second, or within ten times as long as they took last.
        std::thread::sleep(Duration::from_secs(2));
        let seconds = daemon.value("pratiko_ledger_refresh_duration_seconds")?;
        took.push(seconds.ok_or("the daemon does not say how long its figures took")?);
    }
    took.sort_unstable_by(f64::total_cmp);
    Ok(took[took.len() / 2])
}
