//! What an exporter keeps in memory after a day's worth of scrapes.

use crate::client::scrape_request;
use crate::exporter::Exporter;
use crate::ledger::fresh;
use crate::process::Memory;
use crate::report::{Limit, Report};
use crate::{Result, Setting};

const SCRAPES: usize = 10_000;

/// Measures; see the module.
pub fn run(setting: &Setting, report: &mut Report) -> Result<()> {
    let directory = fresh(setting, "memory")?;
    let ours = Exporter::ours(setting, &directory)?;
    let theirs = Exporter::theirs(setting)?;
    let request = scrape_request(true);
    for exporter in [&ours, &theirs] {
        let mut client = exporter.client()?;
        for _ in 0..SCRAPES {
            client.send(&request)?;
        }
    }
    let (a, b) = (Memory::of(ours.pid())?, Memory::of(theirs.pid())?);
    let mut compare = |what: &str, ours: f64, theirs: f64, limit: Limit| {
        report.compare(
            format!("{what} after {SCRAPES} scrapes"),
            "MiB",
            ours / 1024.0,
            theirs / 1024.0,
            limit,
        );
    };
    compare("resident memory", a.resident, b.resident, Limit::AtMost(0.5));
    compare("proportional memory", a.proportional, b.proportional, Limit::None);
    compare("memory without a file behind it", a.anonymous, b.anonymous, Limit::None);
    drop(ours);
    std::fs::remove_dir_all(directory)?;
    Ok(())
}
