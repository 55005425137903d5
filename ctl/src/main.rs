//! `pratikoctl`.

use std::process::ExitCode;

use clap::Parser;
use pratiko_metrics::SystemClock;
use pratikoctl::{Cli, Command, demo};

fn main() -> ExitCode {
    let done = match Cli::parse().command {
        Command::Demo(arguments) => demo::run(&arguments, &SystemClock, &|| true),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("pratikoctl: {error}");
            ExitCode::FAILURE
        }
    }
}
