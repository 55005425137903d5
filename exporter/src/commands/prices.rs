//! `pratiko-exporter prices …`.

use std::fmt::Write as _;
use std::path::Path;

use pratiko_domain::pricing::{
    Call, ClassPrices, Model, PriceList, PriceRow, PriceTable, Provider, Quote, ServiceTier, Tariff,
    TokenClass, Tokens, Unpriced,
};
use pratiko_domain::time::{Clock, Timestamp};
use pratiko_intake::prices::{Imported, genai_prices, litellm, write};
use pratiko_metrics::SystemClock;

use super::{CommandError, print};
use crate::cli::{ForeignList, Moment, PricesCommand, TokenCount};
use crate::config::Config;
use crate::prices::{Prices, read_file};

pub(super) fn run(command: PricesCommand, config: &Config) -> Result<(), CommandError> {
    match command {
        PricesCommand::List { provider, at, all } => {
            list(&*table(config)?, provider.as_deref(), (!all).then(|| instant(at)))
        }
        PricesCommand::Check { file } => check(&file),
        PricesCommand::Import { from, providers, file } => import(from, &providers, &file),
        PricesCommand::Explain { model, at, provider, tier, tokens } => {
            let asked = Asked { model, provider, tier, tokens: counted(&tokens)? };
            explain(&*table(config)?, &asked, instant(at))
        }
    }
}

fn table(config: &Config) -> Result<std::sync::Arc<PriceTable>, CommandError> {
    Ok(Prices::open(&config.prices).map_err(CommandError::of)?.table())
}

fn instant(moment: Option<Moment>) -> Timestamp {
    moment.map_or_else(|| SystemClock.now(), |moment| Timestamp::from_micros(moment.0.as_microsecond()))
}

fn check(file: &Path) -> Result<(), CommandError> {
    let list = read_file(file).map_err(CommandError::of)?;
    let models = || list.providers().iter().flat_map(|provider| &provider.models);
    let rows: usize = models().map(|model| model.rows.len()).sum();
    print(&format!("{}: {} models with {rows} prices, all good\n", file.display(), models().count()))
}

fn list(table: &PriceTable, provider: Option<&str>, at: Option<Timestamp>) -> Result<(), CommandError> {
    let mut text = String::new();
    let wanted = |of: &Provider| {
        provider.is_none_or(|name| {
            std::iter::once(&of.name).chain(&of.names).any(|known| known.eq_ignore_ascii_case(name))
        })
    };
    for list in table.lists() {
        for provider in list.providers().iter().filter(|provider| wanted(provider)) {
            for model in &provider.models {
                for row in rows(model, at) {
                    describe(&mut text, &row.id(list.name(), &provider.name, &model.name), row);
                }
            }
        }
    }
    if text.is_empty() {
        return Err(CommandError("there is no such price; prices list --all shows them all".to_owned()));
    }
    print(&text)
}

/// The row that holds at `at`, or all of them.
fn rows(model: &Model, at: Option<Timestamp>) -> impl Iterator<Item = &PriceRow> {
    let holding = at.map(|at| model.rows.iter().rev().find(|row| row.from <= at).filter(|row| row.holds(at)));
    let all = if holding.is_some() { &[] } else { model.rows.as_slice() };
    holding.flatten().into_iter().chain(all)
}

/// The row, a line for each tier and size.
fn describe(text: &mut String, id: &str, row: &PriceRow) {
    let special = row.at_hours.iter().map(|(_, tariffs)| ("+hours", tariffs));
    for (hours, tariffs) in std::iter::once(("", &row.tariffs)).chain(special) {
        for (tier, tariff) in tariffs.iter() {
            let tier =
                if tier == ServiceTier::Standard { String::new() } else { format!("#{}", tier.name()) };
            lines(text, &format!("{id}{hours}{tier}"), &row.currency, tariff);
        }
    }
}

fn lines(text: &mut String, id: &str, currency: &str, tariff: &Tariff) {
    let mut line = |id: &str, prices: &ClassPrices| {
        let prices: Vec<String> =
            prices.iter().map(|(class, price)| format!("{} {}", class.name(), price.amount())).collect();
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{id}\t{currency}\t{}", prices.join("  "));
    };
    line(id, tariff.prices());
    for step in tariff.steps() {
        line(&format!("{id}>{}", step.above), &step.prices);
    }
}

fn import(from: ForeignList, providers: &[String], file: &Path) -> Result<(), CommandError> {
    let bytes = std::fs::read(file).map_err(|error| CommandError(format!("{}: {error}", file.display())))?;
    let import = match from {
        ForeignList::Litellm => litellm::import(&bytes, Some("litellm")),
        ForeignList::GenaiPrices => genai_prices::import(&bytes, Some("genai-prices")),
    };
    let Imported { list, left_out } =
        import.map_err(|error| CommandError(format!("{}: {error}", file.display())))?;
    let list = only(list, providers)?;
    for line in &left_out {
        // A report beside the file, not in it; nobody to tell if the terminal is gone.
        let _ = std::io::Write::write_all(&mut std::io::stderr(), format!("left out: {line}\n").as_bytes());
    }
    print(&write(&list))
}

fn only(list: PriceList, names: &[String]) -> Result<PriceList, CommandError> {
    if names.is_empty() {
        return Ok(list);
    }
    let is_wanted = |provider: &&Provider| names.iter().any(|name| name.eq_ignore_ascii_case(&provider.name));
    let providers: Vec<Provider> = list.providers().iter().filter(is_wanted).cloned().collect();
    if providers.is_empty() {
        let known: Vec<&str> = list.providers().iter().map(|provider| provider.name.as_str()).collect();
        return Err(CommandError(format!(
            "none of these providers is in the list; it has {}",
            known.join(", ")
        )));
    }
    PriceList::new(list.name().map(str::to_owned), providers).map_err(CommandError::of)
}

/// What is to be explained.
struct Asked {
    model: String,
    provider: Option<String>,
    tier: Option<String>,
    tokens: Tokens,
}

fn counted(counts: &[TokenCount]) -> Result<Tokens, CommandError> {
    let mut tokens = Tokens::default();
    for TokenCount { class, count } in counts {
        let field = match class.as_str() {
            "input" => &mut tokens.input,
            "cache_read" => &mut tokens.cache_read,
            "cache_write" => &mut tokens.cache_write,
            "cache_write_1h" => &mut tokens.cache_write_1h,
            "output" => &mut tokens.output,
            "reasoning" => &mut tokens.reasoning,
            "audio_input" => &mut tokens.audio_input,
            "audio_output" => &mut tokens.audio_output,
            "image_input" => &mut tokens.image_input,
            "image_output" => &mut tokens.image_output,
            "request" => &mut tokens.requests,
            other => {
                let known: Vec<&str> = TokenClass::ALL.iter().map(|class| class.name()).collect();
                return Err(CommandError(format!("--tokens {other}: not one of {}", known.join(", "))));
            }
        };
        *field = *count;
    }
    Ok(tokens)
}

fn explain(table: &PriceTable, asked: &Asked, at: Timestamp) -> Result<(), CommandError> {
    let mut found = String::new();
    let mut reasons = Vec::new();
    for (provider, model) in meant(table, asked) {
        let tier = asked.tier.as_deref();
        let call = Call { provider: &provider, model, service_tier: tier, tokens: asked.tokens };
        match table.quote(&call, at) {
            Ok(quote) => {
                let _ = writeln!(found, "price     {}", quote.price);
                let _ = writeln!(found, "list      {}", quote.list.unwrap_or("bundled"));
                let (from, until) = (quote.row.from, quote.row.until);
                let from = if from == Timestamp::MIN { "always".to_owned() } else { from.to_string() };
                let until =
                    if until == Timestamp::MAX { "the next price".to_owned() } else { until.to_string() };
                let _ = writeln!(found, "holds     from {from} until {until}");
                if let Some(source) = &quote.row.source {
                    let checked = quote
                        .row
                        .checked
                        .map(|date| format!(", checked {:04}-{:02}-{:02}", date.year, date.month, date.day));
                    let _ = writeln!(found, "source    {source}{}", checked.unwrap_or_default());
                }
                if quote.lines.is_empty() {
                    describe(&mut found, &quote.row.id(quote.list, &provider, quote.model), quote.row);
                } else {
                    sum(&mut found, &quote);
                }
                found.push('\n');
            }
            Err(reason) => reasons.push(reason),
        }
    }
    if found.is_empty() {
        let unknown = |reason: &Unpriced| {
            matches!(reason, Unpriced::UnknownModel { .. } | Unpriced::UnknownProvider(_))
        };
        // That a model is unknown to most providers is no news.
        let told = reasons.iter().find(|reason| !unknown(reason)).or(reasons.first());
        let told = told.map_or_else(|| "there are no prices at all".to_owned(), ToString::to_string);
        return Err(CommandError(format!("such a call is unpriced: {told}")));
    }
    print(found.trim_end_matches('\n'))?;
    print("\n")
}

/// The lines of a quote and their sum.
fn sum(text: &mut String, quote: &Quote<'_>) {
    for line in &quote.lines {
        let (class, count, price) = (line.class.name(), line.count, line.price.amount().to_string());
        let per = if line.class == TokenClass::Request { "1" } else { "1000000" };
        let cost = exactly(line.cost().femtos());
        let _ = writeln!(text, "{class:<15} {count:>12} × {price:>12} / {per} = {cost}");
    }
    let _ = writeln!(text, "cost      {} {}", exactly(quote.total().femtos()), quote.row.currency);
}

/// The providers that may be meant, each with the name of the model.
fn meant<'a>(table: &PriceTable, asked: &'a Asked) -> Vec<(String, &'a str)> {
    let names: Vec<String> = {
        let of_lists = table.lists().iter().flat_map(PriceList::providers);
        let mut names: Vec<String> = of_lists.map(|provider| provider.name.clone()).collect();
        names.dedup();
        names
    };
    if let Some(provider) = &asked.provider {
        return vec![(provider.clone(), &asked.model)];
    }
    if let Some((first, rest)) = asked.model.split_once('/')
        && names.iter().any(|name| name.eq_ignore_ascii_case(first))
    {
        return vec![(first.to_owned(), rest)];
    }
    let mut seen = std::collections::HashSet::new();
    names
        .into_iter()
        .filter(|name| seen.insert(name.clone()))
        .map(|name| (name, asked.model.as_str()))
        .collect()
}

/// 10⁻¹⁵ of a unit as a decimal, without rounding.
fn exactly(femtos: i128) -> String {
    const UNIT: i128 = 1_000_000_000_000_000;
    let text = format!("{}.{:015}", femtos / UNIT, femtos % UNIT);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}
