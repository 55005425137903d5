//! `pratiko-exporter ledger erase`, `… audit` and `… reconcile`.

use std::fmt::Write;
use std::io::Read;

use pratiko_domain::time::Clock;
use pratiko_ledger::reconciling::Comparing;
use pratiko_ledger::recording::{Deed, Recorder};
use pratiko_metrics::SystemClock;
use serde_json::Value;

use super::ledger::open_to_read;
use super::running::Writer;
use super::{CommandError, print};
use crate::app::{ToldInvoice, described_comparison, described_erasure};
use crate::config::Config;
use crate::ledger::Place;

/// Forgets somebody.
pub(super) fn erase(config: &Config, id: &str) -> Result<(), CommandError> {
    let id = if id == "-" { read_id()? } else { id.to_owned() };
    let told = match Writer::open(config)? {
        Writer::Daemon(daemon) => daemon.delete(&format!("/api/v1/users/{}", percent_encoded(&id)))?,
        Writer::Own(mut recorder) => {
            let erased = recorder.erase(&id, SystemClock.now()).map_err(CommandError::of)?;
            let result = if erased.is_some() { "done" } else { "unknown" };
            write_down(&mut recorder, "ledger erase", Some(id), result)?;
            let unknown = || CommandError("nobody of this id is known: never told of".to_owned());
            described_erasure(&erased.ok_or_else(unknown)?)
        }
    };
    let files = match told["files_are_clean"].as_bool() {
        Some(true) => "and what the ledger's files held of it is overwritten (with PostgreSQL: freed)",
        _ => "and leaves the ledger's files as soon as nobody reads in them",
    };
    print(&format!(
        "erased since {}: the id is gone from {} ids of events too, {files}\nkeep a copy of the list of erasures \
         beside the ledger, apart from its backups\n",
        text(&told["erased_at"]),
        told["renamed_events"],
    ))
}

fn read_id() -> Result<String, CommandError> {
    let mut id = String::new();
    std::io::stdin().read_to_string(&mut id).map_err(CommandError::of)?;
    Ok(id.trim_end_matches(['\r', '\n']).to_owned())
}

/// As a part of a path.
fn percent_encoded(id: &str) -> String {
    id.bytes().fold(String::new(), |mut encoded, byte| {
        if byte.is_ascii_alphanumeric() || b"-_".contains(&byte) {
            encoded.push(byte.into());
        } else {
            let _ = write!(encoded, "%{byte:02X}");
        }
        encoded
    })
}

pub(super) fn write_down(
    recorder: &mut Recorder,
    action: &str,
    person: Option<String>,
    result: &str,
) -> Result<(), CommandError> {
    let actor = format!("command of user {}", rustix::process::getuid().as_raw());
    let deed = Deed { actor, action: action.to_owned(), person, result: result.to_owned() };
    recorder.audit(&deed, SystemClock.now()).map_err(CommandError::of)
}

/// Prints the audit log, the latest first.
pub(super) fn list(place: &Place, limit: usize) -> Result<(), CommandError> {
    let entries = open_to_read(place)?.store().audit(u64::MAX, limit).map_err(CommandError::of)?;
    let mut table = String::new();
    for (number, entry) in entries {
        let person = entry.person.map_or_else(|| "-".to_owned(), |hash| hash.to_string());
        let _ = writeln!(
            table,
            "{number:>6}  {:<27}  {:<27}  {:<36}  {person:<32}  {}",
            entry.at.to_string(),
            entry.actor,
            entry.action,
            entry.result
        );
    }
    print(&table)
}

/// Compares a provider's invoice with the ledger.
pub(super) fn reconcile(config: &Config, told: &ToldInvoice) -> Result<(), CommandError> {
    let invoiced = told.clone().read().map_err(CommandError::of)?;
    let comparison = match Writer::open(config)? {
        Writer::Daemon(daemon) => {
            let told = serde_json::to_value(told).map_err(CommandError::of)?;
            daemon.post("/api/v1/reconciliations", &told)?
        }
        Writer::Own(mut recorder) => {
            let mut comparing = Comparing::new(invoiced);
            while comparing.step(&mut recorder).map_err(CommandError::of)? {}
            let compared = comparing.finish(&mut recorder, SystemClock.now()).map_err(CommandError::of)?;
            let result = if compared.is_ok() { "done" } else { "nothing to compare" };
            write_down(&mut recorder, "ledger reconcile", None, result)?;
            described_comparison(&compared.map_err(CommandError::of)?)
        }
    };
    print(&table(&comparison))
}

/// The comparison as people read it.
fn table(comparison: &Value) -> String {
    let currency = text(&comparison["currency"]);
    let mut table = format!(
        "{} in {}, {currency}\n\n{:<40}  {:>10}  {:>10}  {:>20}\n",
        text(&comparison["provider"]),
        text(&comparison["month"]),
        "model",
        "calls",
        "unpriced",
        "ledger"
    );
    for model in comparison["models"].as_array().into_iter().flatten() {
        let _ = writeln!(
            table,
            "{:<40}  {:>10}  {:>10}  {:>20}",
            text(&model["model"]),
            model["calls"],
            model["unpriced_calls"],
            text(&model["ledger"])
        );
    }
    for (name, key) in [("ledger", "ledger"), ("invoice", "invoice"), ("ledger less invoice", "difference")] {
        let _ = writeln!(table, "{name:<40}  {:>10}  {:>10}  {:>20}", "", "", text(&comparison[key]));
    }
    let ratio = comparison["ratio"].as_f64().unwrap_or_default();
    let _ = writeln!(table, "{:<40}  {:>10}  {:>10}  {ratio:>20.4}", "ledger ÷ invoice", "", "");
    table
}

/// A text of JSON, without its quotes.
fn text(value: &Value) -> &str {
    value.as_str().unwrap_or("-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_id_can_be_a_part_of_a_path() {
        for (id, encoded) in
            [("usr_1", "usr_1"), ("a/b?c#d", "a%2Fb%3Fc%23d"), ("..", "%2E%2E"), ("é %", "%C3%A9%20%25")]
        {
            assert_eq!(percent_encoded(id), encoded);
        }
    }
}
