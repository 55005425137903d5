//! `pratiko-exporter`: runs the daemon, or one of its commands.

use std::process::ExitCode;
use std::sync::Arc;

use pratiko_exporter::cli::Invocation;
use pratiko_exporter::config::{self, Config, Environment, Schema};
use pratiko_exporter::daemon::Daemon;
use pratiko_exporter::{commands, logging};
use pratiko_metrics::SystemClock;
use rustix::process::{Resource, getrlimit, setrlimit};
use tokio::signal::unix::{SignalKind, signal};

fn main() -> ExitCode {
    let schema = Schema::of_this_exporter();
    let invocation = Invocation::parse(&schema, std::env::args_os()).unwrap_or_else(|error| error.exit());
    let environment = Environment::of_this_process();
    let loaded = match config::load(&schema, &invocation.flags, &environment) {
        Ok(loaded) => loaded,
        Err(error) => return fail(&error),
    };
    if let Err(error) = logging::start(loaded.config.log) {
        return fail(&error);
    }
    for name in &loaded.unknown_variables {
        tracing::warn!(name, "this environment variable means nothing to the exporter");
    }
    let result = match invocation.command {
        Some(command) => commands::run(command, &loaded, &schema).map_err(|error| error.to_string()),
        None => run(&loaded.config),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(&error),
    }
}

fn fail(error: &dyn std::fmt::Display) -> ExitCode {
    eprintln!("pratiko-exporter: {error}");
    ExitCode::FAILURE
}

fn run(config: &Config) -> Result<(), String> {
    raise_file_limit();
    // One thread answers everybody: requests are short, whatever could block or takes long has its own
    // thread, and a second one would cost more in memory and in waking each other than it answers.
    let runtime = tokio::runtime::Builder::new_current_thread()
        .max_blocking_threads(4)
        .enable_all()
        .build()
        .map_err(|error| format!("cannot start: {error}"))?;
    runtime.block_on(async {
        let stop = told_to_stop();
        let daemon = Daemon::start(config, Arc::new(SystemClock)).map_err(|error| error.to_string())?;
        daemon.serve(stop).await.map_err(|error| format!("cannot serve: {error}"))
    })?;
    tracing::info!("stopped");
    Ok(())
}

/// Signals are handled from the call on: one that comes while the daemon starts stops it as well as a
/// later one.
fn told_to_stop() -> impl Future<Output = ()> {
    let signals = (signal(SignalKind::terminate()), signal(SignalKind::interrupt()));
    async move {
        let (Ok(mut terminate), Ok(mut interrupt)) = signals else {
            tracing::error!("signals cannot be handled; only SIGKILL will stop this process");
            return std::future::pending().await;
        };
        tokio::select! {
            _ = terminate.recv() => tracing::info!("SIGTERM: stopping"),
            _ = interrupt.recv() => tracing::info!("SIGINT: stopping"),
        }
    }
}

/// Collectors keep files open and clients keep connections: the usual soft limit of 1024 descriptors
/// is for programs that use `select`.
fn raise_file_limit() {
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    if let Err(error) = setrlimit(Resource::Nofile, limit) {
        tracing::debug!(%error, "the limit of open files stays as it is");
    }
}
