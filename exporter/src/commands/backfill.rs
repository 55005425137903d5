//! `pratiko-exporter backfill …`.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use pratiko_domain::time::Timestamp;
use pratiko_intake::stripe::{Mode, Object};
use pratiko_metrics::SystemClock;

use super::ledger::Progress;
use super::running::{Writer, admin_token};
use super::{CommandError, print};
use crate::cli::{BackfillCommand, Moment};
use crate::config::{Config, Secret, read_secret_file};
use crate::daemon::stripe_policy;
use crate::stripe::{Api, Daemon, Destination, Done, Position, Question, Step, backfill};

pub(super) fn run(command: BackfillCommand, config: &Config) -> Result<(), CommandError> {
    let BackfillCommand::Stripe { since, only, restart, to, token_file } = command;
    let reach = since.map(|Moment(at)| Timestamp::from_micros(at.as_microsecond()));
    let kinds: Vec<Object> = if only.is_empty() {
        Object::ALL.to_vec()
    } else {
        Object::ALL.into_iter().filter(|kind| only.iter().any(|list| list.object() == *kind)).collect()
    };
    let mut api = Api::new(&config.stripe.api_base, api_key(config)?).map_err(CommandError::of)?;
    let mut destination = destination(config, to.as_deref(), token_file)?;
    let mut position = position(config, reach);
    if restart {
        position.forget(&kinds).map_err(CommandError::of)?;
    }
    if !position.is_beginning(&kinds) {
        print("going on where the last backfill was interrupted; --restart begins anew\n")?;
    }
    let policy = stripe_policy(config);
    let mut teller = Teller::new(kinds.clone());
    let result = backfill(&mut api, &kinds, reach, &policy, &mut destination, &mut position, |step| {
        teller.tell(step);
    });
    teller.progress.end();
    let done =
        result.map_err(|error| CommandError(format!("{error}; run the same backfill again, it goes on")))?;
    position.forget(&kinds).map_err(CommandError::of)?;
    report(&done)
}

fn api_key(config: &Config) -> Result<Secret, CommandError> {
    let Some(path) = &config.stripe.api_key_file else {
        let reason = "no key for Stripe's API is configured; make a restricted one that may read subscriptions, \
                      invoices, charges, refunds and disputes, put it into a file, and name that in \
                      stripe.api_key_file";
        return Err(CommandError(reason.to_owned()));
    };
    let keys = read_secret_file(path).map_err(CommandError::of)?;
    keys.into_iter().next().ok_or_else(|| CommandError(format!("{}: holds no key", path.display())))
}

fn position(config: &Config, since: Option<Timestamp>) -> Position {
    let mode = match config.stripe.mode {
        Mode::Live => "live",
        Mode::Test => "test",
    };
    let question = Question { base: config.stripe.api_base.clone(), since, mode: mode.to_owned() };
    Position::open(&config.ledger.path, question)
}

/// The ledger itself, unless a daemon has it: then that daemon, or the one at `to`.
fn destination(
    config: &Config,
    to: Option<&str>,
    token_file: Option<PathBuf>,
) -> Result<Destination, CommandError> {
    let mut config = config.clone();
    if let Some(file) = token_file {
        config.auth.admin.token_files = vec![file];
    }
    if let Some(url) = to {
        let token = admin_token(&config)?.ok_or_else(|| {
            CommandError(format!(
                "the exporter at {url} takes events of any age only with a token of scope admin; give a file with \
                 one as --token-file"
            ))
        })?;
        return Destination::daemon(url, Secret::new(token)).map_err(CommandError::of);
    }
    Ok(match Writer::open(&config)? {
        Writer::Own(recorder) => Destination::Ledger { recorder, clock: Arc::new(SystemClock) },
        Writer::Daemon(running) => {
            let (agent, url, token) = running.into_parts();
            Destination::Daemon(Daemon::new(agent, &url, token))
        }
    })
}

/// Tells how far it has come: with a bar on a terminal, with a line now and then elsewhere.
struct Teller {
    kinds: Vec<Object>,
    progress: Progress,
    told_at: Instant,
}

impl Teller {
    const PAUSE: Duration = Duration::from_secs(10);
    const BAR: usize = 20;

    fn new(kinds: Vec<Object>) -> Self {
        Self { kinds, progress: Progress::new(), told_at: Instant::now() }
    }

    fn tell(&mut self, step: &Step<'_>) {
        let Done { objects, accepted, .. } = step.done;
        let kind = step.kind.plural();
        let position = self.kinds.iter().position(|known| *known == step.kind).unwrap_or(0);
        let lists = position + usize::from(step.is_last);
        let filled = lists * Self::BAR / self.kinds.len().max(1);
        let bar = format!("{}{}", "#".repeat(filled), ".".repeat(Self::BAR - filled));
        self.progress.show(&format!("[{bar}] {kind}: {objects} objects, {accepted} new events"));
        if !self.progress.is_terminal() && (step.is_last || self.told_at.elapsed() >= Self::PAUSE) {
            self.told_at = Instant::now();
            let end = if step.is_last { ", all of them" } else { "" };
            eprintln!("{kind}{end}: {objects} objects so far, {accepted} new events");
        }
    }
}

fn report(done: &Done) -> Result<(), CommandError> {
    let Done { objects, accepted, duplicates, other_mode, problems, reasons, gaps } = done;
    let mut text = format!("{objects} objects: {accepted} events recorded, {duplicates} were known\n");
    // Writing to a string cannot fail.
    if *other_mode > 0 {
        let _ = writeln!(text, "{other_mode} objects are of the other mode (stripe.mode)");
    }
    if gaps.discounts > 0 {
        let _ = writeln!(
            text,
            "{} discounts were there without their coupon: those known before still hold",
            gaps.discounts
        );
    }
    if gaps.prices > 0 {
        let _ = writeln!(
            text,
            "{} items have a price with tiers, or in another currency than they are paid in, and are left out",
            gaps.prices
        );
    }
    for (reason, count) in reasons {
        let _ = writeln!(text, "{count} times: {reason}");
    }
    print(&text)?;
    if *problems > 0 {
        return Err(CommandError(format!("{problems} problems; everything else is recorded")));
    }
    Ok(())
}
