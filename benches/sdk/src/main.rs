//! Measures the SDK beside other Rust metrics libraries, and beside what the machine can do at most.
//!
//! Every contender of a group is measured in turns, in many short slices, and what is printed is the
//! median of its slices and of their ratios to the group's limits: on a machine that others use too,
//! read the ratios.
//!
//! ```text
//! pratiko_sdk_benches [--rounds N] [--crowded] [GROUP…]
//! ```
//!
//! `--crowded` first starts more threads that record than the SDK gives cells of their own: the worst
//! case of its counters and histograms.

mod allocations;
mod cases;
mod clock;
mod driver;
mod exposers;
mod group;
mod labels;
mod limits;
mod ours;
mod peers;
mod report;
mod statistics;

use std::process::ExitCode;

use group::Group;

/// Slices for each contender.
const ROUNDS: usize = 41;

/// A part of the run: prints its tables.
enum Part {
    /// Operations of some nanoseconds.
    Recording(fn() -> Group),
    /// Pages of some milliseconds.
    Pages(fn(usize)),
}

const PARTS: [(&str, Part); 10] = [
    ("counter", Part::Recording(cases::counter::group)),
    ("labelled-2", Part::Recording(cases::labelled_two::group)),
    ("labelled-4", Part::Recording(cases::labelled_four::group)),
    ("many-series", Part::Recording(cases::many_series::group)),
    ("histogram", Part::Recording(cases::histogram::group)),
    ("money", Part::Recording(cases::money::group)),
    ("llm-call", Part::Recording(cases::llm_call::group)),
    ("llm-call-labels", Part::Recording(cases::llm_call_labels::group)),
    ("encoding", Part::Pages(cases::encoding::run)),
    ("scraping", Part::Pages(cases::scraping::run)),
];

/// What was asked for.
struct Wanted {
    rounds: usize,
    is_crowded: bool,
    /// All of them without any.
    groups: Vec<String>,
}

fn main() -> ExitCode {
    match arguments() {
        Ok(wanted) => {
            run(&wanted);
            ExitCode::SUCCESS
        }
        Err(problem) => {
            eprintln!("pratiko_sdk_benches: {problem}");
            ExitCode::FAILURE
        }
    }
}

fn arguments() -> Result<Wanted, String> {
    let mut wanted = Wanted { rounds: ROUNDS, is_crowded: false, groups: Vec::new() };
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        if argument == "--rounds" {
            wanted.rounds = arguments
                .next()
                .and_then(|text| text.parse().ok())
                .filter(|rounds| *rounds > 0)
                .ok_or("--rounds wants a number above zero")?;
        } else if argument == "--crowded" {
            wanted.is_crowded = true;
        } else if PARTS.iter().any(|(name, _)| *name == argument) {
            wanted.groups.push(argument);
        } else {
            let names = PARTS.map(|(name, _)| name).join(", ");
            return Err(format!("{argument}: there is no such group; there are {names}"));
        }
    }
    Ok(wanted)
}

fn run(wanted: &Wanted) {
    let Wanted { rounds, is_crowded, groups } = wanted;
    if *is_crowded {
        ours::take_every_slot();
    }
    let crew = driver::Crew::new();
    for (name, part) in PARTS {
        if !groups.is_empty() && !groups.iter().any(|wanted| *wanted == name) {
            continue;
        }
        eprintln!("{name}");
        match part {
            Part::Recording(group) => {
                let group = group();
                let measured = crew.measure(&group, *rounds);
                print!("{}", report::Recording { group: &group, measured: &measured });
            }
            Part::Pages(run) => run(*rounds),
        }
    }
    if crew.lost() > 0 {
        println!("{} of {} slices were lost: others used the machine.", crew.lost(), crew.slices());
    }
}
