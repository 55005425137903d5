//! `pratiko-exporter ledger explain`.

use std::collections::HashMap;
use std::io::{BufWriter, ErrorKind, Write};

use pratiko_domain::time::Clock;
use pratiko_ledger::explain::{Explained, Question, Row, explain};
use pratiko_ledger::store::{PartyNumber, Store};
use pratiko_metrics::SystemClock;

use super::ledger::open_to_read;
use super::{CommandError, ledger_settings};
use crate::config::Config;
use crate::ledger::Place;

/// Prints the events behind a figure, also while the ledger is written. An error if they are not all of it.
pub(super) fn run(config: &Config, question: &Question, with_ids: bool) -> Result<(), CommandError> {
    let mut ledger = open_to_read(&Place::of(&config.ledger))?;
    let store = ledger.store();
    let names = if with_ids { ids(store)? } else { HashMap::new() };
    let mut lines = BufWriter::new(std::io::stdout().lock());
    let mut failure = header(&mut lines).err();
    let settings = ledger_settings(config)?;
    let explained = explain(store, &settings, question, SystemClock.now(), &mut |row| {
        if failure.is_none() {
            failure = line(&mut lines, &row, &names).err();
        }
    });
    let explained = explained.map_err(CommandError::of)?;
    let printed = failure.map_or_else(|| sums(&mut lines, &explained), Err);
    match printed {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            return Err(CommandError(format!("cannot write to standard output: {error}")));
        }
        _ => {}
    }
    if explained.agrees() {
        return Ok(());
    }
    Err(CommandError(
        "the events are not all of the figure: the ledger's roll-ups say something else; `pratiko-exporter ledger \
         verify` says where"
            .to_owned(),
    ))
}

fn ids(store: &mut dyn Store) -> Result<HashMap<PartyNumber, String>, CommandError> {
    let mut ids = HashMap::new();
    store
        .each_party(&mut |number, id| {
            ids.insert(number, id.to_owned());
        })
        .map_err(CommandError::of)?;
    Ok(ids)
}

fn header(lines: &mut dyn Write) -> std::io::Result<()> {
    columns(lines, ["amount", "part", "party", "plan", "time", "event (source id)", "what"])
}

fn columns(lines: &mut dyn Write, columns: [&str; 7]) -> std::io::Result<()> {
    let [amount, part, party, plan, time, event, what] = columns;
    writeln!(lines, "{amount:>20}  {part:<13}  {party:<12}  {plan:<12}  {time:<27}  {event:<40}  {what}")
}

fn line(lines: &mut dyn Write, row: &Row, names: &HashMap<PartyNumber, String>) -> std::io::Result<()> {
    let party = match row.party {
        0 => "-".to_owned(),
        number => names.get(&number).cloned().unwrap_or_else(|| number.to_string()),
    };
    let plan = if row.plan.is_empty() { "-" } else { &row.plan };
    let event = format!("{} {}", row.source, row.id);
    let cells = [&row.amount.to_string(), row.part, &party, plan, &row.at.to_string(), &event, &row.what];
    columns(lines, cells)
}

fn sums(lines: &mut dyn Write, explained: &Explained) -> std::io::Result<()> {
    writeln!(lines)?;
    for (part, (rows, sum)) in &explained.parts {
        writeln!(lines, "{:>20}  {part:<13}  {rows} rows", sum.to_string())?;
    }
    let or_none = |value: &Option<String>| value.clone().unwrap_or_else(|| "none".to_owned());
    let (metric, at) = (&explained.metric, explained.at);
    writeln!(lines, "{:>20}  by these rows: {metric}, at {at}", or_none(&explained.of_rows))?;
    match &explained.of_ledger {
        Some(value) => writeln!(lines, "{:>20}  by the ledger's own figure", or_none(value))?,
        None => writeln!(
            lines,
            "{:>20}  the ledger's own figures are by whole hours; it cannot be compared",
            "-"
        )?,
    }
    lines.flush()
}
