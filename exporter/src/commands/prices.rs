//! `pratiko-exporter prices …`.

use std::fmt::Write as _;
use std::path::Path;

use pratiko_domain::pricing::{
    Call, ClassPrices, PriceList, PriceRow, PriceTable, Provider, Quote, ServiceTier, Span, Tariff,
    TokenClass, Tokens, Unpriced,
};
use pratiko_domain::time::{Clock, Timestamp};
use pratiko_intake::prices::{Imported, genai_prices, litellm, write};
use pratiko_metrics::SystemClock;

use super::{CommandError, print};
use crate::cli::{ForeignList, Moment, PricesCommand, TokenCount};
use crate::config::Config;
use crate::config::nearest::nearest;
use crate::prices::{self, Prices};

pub(super) fn run(command: PricesCommand, config: &Config) -> Result<(), CommandError> {
    match command {
        PricesCommand::List { provider, at, all } => {
            list(&*table(config)?, provider.as_deref(), (!all).then(|| instant(at)))
        }
        PricesCommand::Check { file } => check(&file, config),
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

fn check(path: &Path, config: &Config) -> Result<(), CommandError> {
    let file = prices::check(path, &config.prices).map_err(CommandError::of)?;
    let place = path.display();
    for warning in &file.warnings {
        print(&format!("{place}:{}: warning: {}\n", warning.line, warning.message))?;
    }
    let models = || file.list.providers().iter().flat_map(|provider| &provider.models);
    let rows: usize = models().map(|model| model.rows.len()).sum();
    let verdict = match file.warnings.len() {
        0 => "all good".to_owned(),
        1 => "1 warning".to_owned(),
        several => format!("{several} warnings"),
    };
    print(&format!("{place}: {} models with {rows} prices, {verdict}\n", models().count()))
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
                let holds_then = |span: &Span| at.is_none_or(|at| span.from <= at && at < span.until);
                for (span, row) in model.holding().filter(|(span, _)| holds_then(span)) {
                    let id = row.id(list.name(), &provider.name, &model.name);
                    // Of many prices of a model, which one counts when is the question.
                    let holds = if at.is_none() { format!("\t{span}") } else { String::new() };
                    describe(&mut text, &id, row, &holds);
                }
            }
        }
    }
    if text.is_empty() {
        return Err(CommandError("there is no such price; prices list --all shows them all".to_owned()));
    }
    print(&text)
}

/// The row, a line for each tier and size, each of which ends with what `holds` says.
fn describe(text: &mut String, id: &str, row: &PriceRow, holds: &str) {
    let special = row.at_hours.iter().map(|(_, tariffs)| ("+hours", tariffs));
    for (hours, tariffs) in std::iter::once(("", &row.tariffs)).chain(special) {
        for (tier, tariff) in tariffs.iter() {
            let tier =
                if tier == ServiceTier::Standard { String::new() } else { format!("#{}", tier.name()) };
            lines(text, &format!("{id}{hours}{tier}"), &row.currency, tariff, holds);
        }
    }
}

fn lines(text: &mut String, id: &str, currency: &str, tariff: &Tariff, holds: &str) {
    let mut line = |id: &str, prices: &ClassPrices| {
        let prices: Vec<String> =
            prices.iter().map(|(class, price)| format!("{} {}", class.name(), price.amount())).collect();
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{id}\t{currency}\t{}{holds}", prices.join("  "));
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
    let meant = meant(table, asked);
    for (provider, model) in &meant {
        let tier = asked.tier.as_deref();
        let call = Call { provider, model, service_tier: tier, tokens: asked.tokens };
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
                    describe(&mut found, &quote.row.id(quote.list, provider, quote.model), quote.row, "");
                } else {
                    sum(&mut found, &quote);
                }
                found.push('\n');
            }
            Err(reason) => reasons.push(reason),
        }
    }
    if found.is_empty() {
        let told = why_unpriced(table, asked, &reasons);
        return Err(CommandError(format!("such a call is unpriced: {told}")));
    }
    print(found.trim_end_matches('\n'))?;
    print("\n")
}

/// Why none of the providers that may be meant has a price.
fn why_unpriced(table: &PriceTable, asked: &Asked, reasons: &[Unpriced]) -> String {
    let is_bare = asked.provider.is_none() && !asked.model.contains('/');
    // That a model is unknown to most providers is no news.
    let is_news = |reason: &&Unpriced| !matches!(reason, Unpriced::UnknownModel { .. });
    match reasons.iter().find(is_news).or(reasons.first()) {
        None => "there are no prices at all".to_owned(),
        Some(Unpriced::UnknownModel { .. }) if is_bare => {
            let model = &asked.model;
            format!("no provider of the price lists has the model {model}; PROVIDER/MODEL says whose it is")
        }
        Some(unknown @ Unpriced::UnknownProvider(name)) => {
            let mut known: Vec<&str> = table.provider_names().collect();
            known.sort_unstable();
            let near = nearest(&name.to_ascii_lowercase(), known);
            let meant = near.map(|near| format!(" (did you mean {near}?)")).unwrap_or_default();
            let slash = match asked.provider {
                // The names of some models have slashes themselves.
                None => "; --provider tells whose model it is, if this is a part of the model's name",
                Some(_) => "",
            };
            format!("{unknown}{meant}{slash}")
        }
        Some(other) => other.to_string(),
    }
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
    if let Some(provider) = &asked.provider {
        return vec![(provider.clone(), &asked.model)];
    }
    if let Some((first, rest)) = asked.model.split_once('/') {
        return vec![(first.to_owned(), rest)];
    }
    let mut names: Vec<&str> = Vec::new();
    for provider in table.lists().iter().flat_map(PriceList::providers) {
        if !names.contains(&provider.name.as_str()) {
            names.push(&provider.name);
        }
    }
    names.into_iter().map(|name| (name.to_owned(), asked.model.as_str())).collect()
}

/// 10⁻¹⁵ of a unit as a decimal, without rounding.
fn exactly(femtos: i128) -> String {
    const UNIT: i128 = 1_000_000_000_000_000;
    let text = format!("{}.{:015}", femtos / UNIT, femtos % UNIT);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}
