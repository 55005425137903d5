//! A history for a Prometheus that starts empty.
//!
//! What is scraped is simulated, and all that rules make of it is asked of a Prometheus server on the
//! simulated blocks: nothing that a rule says is said a second time here.

mod blocks;
mod columns;
mod error;
mod evaluation;
mod firing;
mod kept;
mod pages;
mod period;
mod prometheus;
mod rules;
mod simulation;

pub use error::HistoryError;
pub use simulation::Addresses;

use std::path::{Path, PathBuf};
use std::time::Instant;

use crate::company::Story;
use crate::progress::Progress;
use blocks::BlockMaker;
use columns::Columns;
use evaluation::Alarms;
use period::Period;
use pratiko_domain::time::Timestamp;
use prometheus::Prometheus;
use rules::Rules;
use simulation::Simulation;

/// What is wanted.
#[derive(Debug)]
pub struct Order {
    /// What happens.
    pub story: Story,
    /// When it is scraped first.
    pub from: Timestamp,
    /// Until when it is scraped.
    pub until: Timestamp,
    /// Where what is scraped is said to be.
    pub addresses: Addresses,
    /// The directory of the rules, if any.
    pub rules: Option<PathBuf>,
    /// Where files and blocks go.
    pub output: PathBuf,
    /// Whether the files stay when their blocks are made.
    pub keeps_files: bool,
}

/// Makes a history.
pub fn make(order: &Order) -> Result<PathBuf, HistoryError> {
    let began = Instant::now();
    let minute = |at: Timestamp| at.micros().div_euclid(60_000_000) * 60;
    let whole = Period { from: minute(order.from), until: minute(order.until) };
    let mut maker = BlockMaker::new(&order.output, order.keeps_files)?;
    let series = simulate(order, whole, &mut maker)?;
    eprintln!("{series} series were simulated after {:.0?}.", began.elapsed());
    if let Some(directory) = &order.rules {
        let rules = Rules::read(directory)?;
        evaluate(&rules, whole, &mut maker)?;
        eprintln!("Rules were evaluated after {:.0?}.", began.elapsed());
    }
    Ok(maker.blocks().to_owned())
}

fn simulate(order: &Order, whole: Period, maker: &mut BlockMaker) -> Result<usize, HistoryError> {
    let mut simulation = Simulation::new(order.story, &order.addresses)?;
    simulation.live_unseen(Timestamp::from_seconds(whole.from));
    let mut progress = Progress::new("simulation", whole.minutes());
    let mut series = 0;
    for period in whole.blocks() {
        let columns = simulation.live(period, |minutes| progress.add(minutes));
        series = series.max(columns.series());
        maker.make("raw", &columns)?;
    }
    maker.wait()?;
    Ok(series)
}

fn evaluate(rules: &Rules, whole: Period, maker: &mut BlockMaker) -> Result<(), HistoryError> {
    let blocks = whole.blocks();
    let recording: usize = rules.levels.iter().map(Vec::len).sum();
    let mut progress = Progress::new("rules", (recording + rules.alerts.len()) * blocks.len());
    for (number, level) in rules.levels.iter().enumerate() {
        let server = Prometheus::start(maker.blocks())?;
        for period in &blocks {
            let mut columns = Columns::new(*period);
            for rule in level {
                evaluation::record(&server, rule, *period, &mut columns)?;
                progress.add(1);
            }
            maker.make(&format!("recorded-{number}"), &columns)?;
        }
        // Before the next server starts, so that it finds what this one recorded.
        drop(server);
        maker.wait()?;
    }
    let server = Prometheus::start(maker.blocks())?;
    let mut alarms: Vec<Alarms> = rules.alerts.iter().map(|_| Alarms::default()).collect();
    for period in &blocks {
        let mut columns = Columns::new(*period);
        for (rule, alarms) in rules.alerts.iter().zip(&mut alarms) {
            evaluation::alert(&server, rule, *period, alarms, &mut columns)?;
            progress.add(1);
        }
        maker.make("alerts", &columns)?;
    }
    drop(server);
    maker.wait()
}

/// Copies blocks into the data directory of a Prometheus server. One that runs looks for new blocks every
/// minute; it sees each of these when it is whole.
pub fn load(blocks: &Path, data: &Path) -> Result<usize, HistoryError> {
    std::fs::create_dir_all(data).map_err(|error| HistoryError::file(data, error))?;
    let entries = std::fs::read_dir(blocks).map_err(|error| HistoryError::file(blocks, error))?;
    let mut count = 0;
    for block in entries.filter_map(Result::ok).map(|entry| entry.path()).filter(|path| path.is_dir()) {
        let Some(name) = block.file_name() else { continue };
        let unfinished = data.join(name).with_extension(UNFINISHED);
        copy(&block, &unfinished)
            .and_then(|()| std::fs::rename(&unfinished, data.join(name)))
            .map_err(|error| HistoryError::file(&block, error))?;
        count += 1;
    }
    Ok(count)
}

/// Prometheus takes no directory for a block that is called so, and removes it when it starts.
const UNFINISHED: &str = "tmp-for-creation";

fn copy(from: &Path, to: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(to)?;
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        let new = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &new)?;
        } else {
            std::fs::copy(entry.path(), new)?;
        }
    }
    Ok(())
}
