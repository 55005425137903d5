//! `pratiko-exporter ledger reprice`.

use std::fmt::Write as _;

use pratiko_domain::money::Money;
use pratiko_domain::pricing::Pattern;
use pratiko_domain::time::Clock;
use pratiko_ledger::recording::{Calls, Recorder, Repricing, plan_repricing};
use pratiko_metrics::SystemClock;

use super::audit::write_down;
use super::ledger::{Progress, open_alone, open_to_read, span};
use super::{CommandError, ledger_settings, print};
use crate::cli::Moment;
use crate::config::Config;
use crate::ledger::Place;

pub(super) fn run(
    config: &Config,
    apply: bool,
    (since, until): (Option<Moment>, Option<Moment>),
    model: Option<&str>,
) -> Result<(), CommandError> {
    let model = model.map(str::parse::<Pattern>).transpose();
    let model = model.map_err(|error| CommandError(format!("--model: {error}")))?;
    let (from, until) = span(since, until);
    let calls = Calls { from, until, model };
    let settings = ledger_settings(config)?;
    let place = Place::of(&config.ledger);
    let mut ledger = open_to_read(&place)?;
    if apply {
        // Before anything is looked at: what cannot be changed need not be told.
        drop(ledger);
        let then = "stop the daemon, and do it again; --dry-run reads beside it";
        ledger = open_alone(&place, then)?;
    }
    let mut progress = Progress::new();
    let looked_at = |calls: u64| progress.show(&format!("{calls} calls looked at"));
    let plan = plan_repricing(ledger.store(), &settings, &calls, looked_at).map_err(CommandError::of)?;
    progress.end();
    print(&described(&plan))?;
    if !apply {
        return print("nothing was changed; --apply instead of --dry-run changes it\n");
    }
    let clock = SystemClock;
    let mut recorder =
        Recorder::open(ledger.into_store(), settings, clock.now()).map_err(CommandError::of)?;
    let changed = recorder.reprice(&calls, clock.now()).map_err(CommandError::of)?;
    write_down(&mut recorder, "ledger reprice", None, &format!("{changed} calls"))?;
    recorder.refresh(clock.now()).map_err(CommandError::of)?;
    print(&format!("{changed} calls were priced again; what they cost before is kept on record\n"))
}

/// What changes, a line for each model and price.
fn described(plan: &Repricing) -> String {
    let Repricing { calls, told, unchanged, unpriced, changes } = plan;
    let mut text = String::new();
    // Writing to a string cannot fail.
    let _ = writeln!(text, "calls                     {calls}");
    let _ = writeln!(text, "told their cost           {told}");
    let _ = writeln!(text, "cost what they did        {unchanged}");
    let _ = writeln!(text, "without a price, unchanged {}", unpriced.values().sum::<u64>());
    for (model, calls) in unpriced {
        let _ = writeln!(text, "  {model}: {calls}");
    }
    let total = plan.total();
    let _ = writeln!(text, "priced anew               {}", total.calls);
    for (change, changed) in changes {
        let before = change.before.as_deref().unwrap_or("unpriced");
        let waiting = match changed.without_rate {
            0 => String::new(),
            calls => format!(", {calls} of them wait for a reference rate"),
        };
        let _ = writeln!(
            text,
            "  {}: {before} -> {}: {} calls, {} -> {} EUR ({}){waiting}",
            change.model,
            change.after,
            changed.calls,
            changed.before,
            changed.after,
            signed(changed.after - changed.before)
        );
    }
    let difference = signed(total.after - total.before);
    let _ =
        writeln!(text, "cost of these calls       {} -> {} EUR ({difference})", total.before, total.after);
    text
}

fn signed(amount: Money) -> String {
    if amount.is_negative() { amount.to_string() } else { format!("+{amount}") }
}
