//! `pratikoctl`.

use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use clap::Parser;
use pratiko_metrics::SystemClock;
use pratikoctl::{Cli, Command, demo};
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;

fn main() -> ExitCode {
    let done = match Cli::parse().command {
        // A history that is asked to end has nothing to tidy up.
        Command::Demo(arguments) if arguments.command.is_some() => {
            demo::run(&arguments, &SystemClock, &|| true)
        }
        Command::Demo(arguments) => match end_on_signals() {
            Ok(is_over) => demo::run(&arguments, &SystemClock, &|| !is_over.load(Ordering::Relaxed)),
            Err(error) => Err(error.into()),
        },
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("pratikoctl: {error}");
            ExitCode::FAILURE
        }
    }
}

/// What becomes true with the first signal to end, so that what was written for others is taken away. The
/// second one ends at once.
fn end_on_signals() -> Result<Arc<AtomicBool>, std::io::Error> {
    let is_over = Arc::new(AtomicBool::new(false));
    for signal in [SIGINT, SIGTERM] {
        flag::register_conditional_shutdown(signal, 1, Arc::clone(&is_over))?;
        flag::register(signal, Arc::clone(&is_over))?;
    }
    Ok(is_over)
}
