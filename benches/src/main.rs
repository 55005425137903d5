//! Measures the daemon from outside, beside node_exporter and beside what the machine can do at most.
//!
//! Every figure that matters is a ratio of two things measured in the same run, in turns, so that it
//! holds on another machine too. `benches/run` builds what is measured and calls this.

mod client;
mod encoding;
mod events;
mod exporter;
mod figures;
mod floor;
mod ingest;
mod ledger;
mod memory;
mod postgres;
mod process;
mod random;
mod report;
mod samples;
mod scrape;
mod synthetic;

use std::error::Error;
use std::path::PathBuf;
use std::process::ExitCode;

use report::Report;

/// What can go wrong ends the run; a person reads why.
type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// Where things are.
struct Setting {
    /// The daemon that is measured.
    daemon: PathBuf,
    /// The node_exporter beside it.
    node_exporter: PathBuf,
    /// A directory for ledgers and logs.
    data: PathBuf,
}

/// A part: fills in its lines.
type Part = fn(&Setting, &mut Report) -> Result<()>;

const PARTS: &[(&str, Part)] = &[
    ("encoding", encoding::run),
    ("scrape", scrape::run),
    ("memory", memory::run),
    ("ingest", ingest::run),
    ("ingest-large", ingest::run_large),
    ("figures", figures::run),
    ("postgres", postgres::run),
    ("postgres-large", postgres::run_large),
    ("sqlite-large", postgres::run_large_file),
];

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("pratiko_benches: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let (Some(daemon), Some(node_exporter), Some(data)) =
        (arguments.next(), arguments.next(), arguments.next())
    else {
        return Err("usage: pratiko_benches DAEMON NODE_EXPORTER DATA_DIRECTORY [PART…]".into());
    };
    let setting = Setting { daemon: daemon.into(), node_exporter: node_exporter.into(), data: data.into() };
    std::fs::create_dir_all(&setting.data)?;
    let wanted: Vec<String> = arguments.collect();
    if let Some(unknown) = wanted.iter().find(|name| !PARTS.iter().any(|(part, _)| part == name)) {
        let names: Vec<&str> = PARTS.iter().map(|(name, _)| *name).collect();
        return Err(format!("{unknown}: there is no such part; there are {}", names.join(", ")).into());
    }
    let mut report = Report::default();
    for (name, part) in PARTS {
        if wanted.is_empty() || wanted.iter().any(|wanted| wanted == name) {
            eprintln!("{name}, at load {}", process::load_average());
            part(&setting, &mut report)?;
        }
    }
    println!("{report}");
    Ok(())
}
