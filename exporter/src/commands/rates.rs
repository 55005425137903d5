//! `pratiko-exporter rates …`.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::path::{Path, PathBuf};

use pratiko_domain::currency::{DailyRates, Rates, is_code};
use pratiko_domain::time::{Clock, Quarter};
use pratiko_ledger::recording::Recorder;
use pratiko_ledger::store::StoreError;
use pratiko_metrics::SystemClock;

use super::ledger::open_to_read;
use super::{CommandError, ledger_settings, print};
use crate::cli::RatesCommand;
use crate::config::Config;
use crate::ledger::{OpenLedger, Place};
use crate::rates::read_file;

pub(super) fn run(command: RatesCommand, config: &Config) -> Result<(), CommandError> {
    match command {
        RatesCommand::List { currency: None } => list(&known_rates(config)?),
        RatesCommand::List { currency: Some(currency) } => list_one(&known_rates(config)?, &currency),
        RatesCommand::Check { file } => check(&file),
        RatesCommand::Import { files } => import(config, &files),
    }
}

fn known_rates(config: &Config) -> Result<Rates, CommandError> {
    let loaded = open_to_read(&Place::of(&config.ledger))?
        .store()
        .load(Quarter(i64::MAX))
        .map_err(CommandError::of)?;
    let mut rates = Rates::default();
    for DailyRates { day, rates: of_day } in loaded.rates {
        for (currency, rate) in of_day {
            rates.insert(day, &currency, rate).map_err(CommandError::of)?;
        }
    }
    Ok(rates)
}

fn list(rates: &Rates) -> Result<(), CommandError> {
    if rates.is_empty() {
        return print("the ledger knows no reference rates; docs/CURRENCIES.md says where they come from\n");
    }
    let mut table = "currency  first       last        units per euro\n".to_owned();
    for currency in rates.currencies() {
        let (first, last) = (rates.of_currency(currency).next(), rates.of_currency(currency).next_back());
        if let (Some((first, _)), Some((last, rate))) = (first, last) {
            let _ = writeln!(table, "{currency:<8}  {first}  {last}  {rate}");
        }
    }
    print(&table)
}

fn list_one(rates: &Rates, currency: &str) -> Result<(), CommandError> {
    if !is_code(currency) {
        return Err(CommandError(format!("{currency:?} is not a currency code of three capital letters")));
    }
    let mut table = String::new();
    for (day, rate) in rates.of_currency(currency) {
        let _ = writeln!(table, "{day}  {rate}");
    }
    if table.is_empty() {
        let known: Vec<&str> = rates.currencies().collect();
        let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
        return Err(CommandError(format!("the ledger knows no rate of {currency}; known are: {known}")));
    }
    print(&table)
}

fn check(file: &Path) -> Result<(), CommandError> {
    let days = read_file(file).map_err(CommandError::of)?;
    print(&format!("{}: {}\n", file.display(), described(&days)))
}

fn described(days: &[DailyRates]) -> String {
    let currencies: BTreeSet<&str> =
        days.iter().flat_map(|day| &day.rates).map(|(currency, _)| currency.as_str()).collect();
    let span = match days {
        [day] => format!("1 day, {}", day.day),
        [first, .., last] => format!("{} days from {} to {}", days.len(), first.day, last.day),
        [] => "no day".to_owned(),
    };
    let count = days.iter().map(|day| day.rates.len()).sum::<usize>();
    format!("{count} rates of {} currencies on {span}", currencies.len())
}

fn import(config: &Config, files: &[PathBuf]) -> Result<(), CommandError> {
    let clock = SystemClock;
    let read: Vec<(&PathBuf, Vec<DailyRates>)> = files
        .iter()
        .map(|file| Ok((file, read_file(file).map_err(CommandError::of)?)))
        .collect::<Result<_, CommandError>>()?;
    let store =
        Place::of(&config.ledger).open().map(OpenLedger::into_store).map_err(|error| {
            match error {
        StoreError::InUse(_) => CommandError(
            "the daemon has the ledger open; stop it for the import, or give it the file as currencies.file"
                .to_owned(),
        ),
        error => CommandError::of(error),
    }
        })?;
    let settings = ledger_settings(config)?;
    let mut recorder = Recorder::open(store, settings, clock.now()).map_err(CommandError::of)?;
    let mut conflicts = 0;
    for (file, days) in read {
        let added = recorder.add_rates(&days, clock.now()).map_err(CommandError::of)?;
        print(&format!(
            "{}: {}; {} were new, {} amounts had waited for them\n",
            file.display(),
            described(&days),
            added.new,
            added.converted
        ))?;
        for conflict in &added.conflicts {
            print(&format!("{}: {conflict}\n", file.display()))?;
        }
        conflicts += added.conflicts.len();
    }
    // Revenue is valued at the new rates.
    recorder.refresh(clock.now()).map_err(CommandError::of)?;
    if conflicts > 0 {
        return Err(CommandError(format!(
            "{conflicts} rates contradict known ones; everything else was added"
        )));
    }
    Ok(())
}
