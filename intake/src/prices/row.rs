//! A row of a price file: what a model costs from one time to another.

use std::sync::Arc;

use pratiko_domain::money::Money;
use pratiko_domain::pricing::{
    ClassPrices, Hours, Price, PriceRow, ServiceTier, Step, Tariff, TariffError, Tariffs, TokenClass,
    Weekdays,
};
use pratiko_domain::time::{Date, Timestamp};

use super::read::{Entries, Reading, date};
use crate::yaml::{Node, Value};

/// What rows have unless they say otherwise.
#[derive(Debug, Clone)]
pub(super) struct Inherited {
    pub currency: Arc<str>,
    pub source: Option<Arc<str>>,
    pub checked: Option<Date>,
}

impl Default for Inherited {
    fn default() -> Self {
        Self { currency: "USD".into(), source: None, checked: None }
    }
}

const CLASSES: [&str; TokenClass::ALL.len()] = {
    let mut names = [""; TokenClass::ALL.len()];
    let mut position = 0;
    while position < names.len() {
        names[position] = TokenClass::ALL[position].name();
        position += 1;
    }
    names
};

/// The service tiers that a row names; what stands beside them is the standard one.
const TIERS: [ServiceTier; 4] =
    [ServiceTier::Batch, ServiceTier::Flex, ServiceTier::Priority, ServiceTier::Fast];

fn keys(others: &[&'static str]) -> Vec<&'static str> {
    others.iter().copied().chain(CLASSES).collect()
}

pub(super) fn read(reading: &mut Reading, node: Node, above: &Inherited) -> Option<PriceRow> {
    let line = node.line;
    let known = keys(&[
        "from", "until", "currency", "source", "checked", "above", "batch", "flex", "priority", "fast",
        "hours",
    ]);
    let mut entries = reading.section(node, "a price", &known)?;
    let from = instant(reading, &mut entries, "from", Timestamp::MIN);
    let until = instant(reading, &mut entries, "until", Timestamp::MAX);
    let inherited = reading.inherited(&mut entries, above);
    let hours = entries.take("hours");
    let tariffs = tariffs(reading, &mut entries, line)?;
    let at_hours = match hours {
        None => Vec::new(),
        Some(Node { value: Value::List(nodes), .. }) => {
            nodes.into_iter().filter_map(|node| at_hours(reading, node)).collect()
        }
        Some(Node { line, value }) => {
            reading.report(
                line,
                format!("hours is {}; write a list, each entry after a hyphen", value.described()),
            );
            Vec::new()
        }
    };
    // A row of whose times one is not known is not compared with others.
    Some(PriceRow {
        from: from?,
        until: until?,
        currency: inherited.currency,
        tariffs,
        at_hours,
        source: inherited.source,
        checked: inherited.checked,
    })
}

/// A date, which is its midnight in UTC, or a time with its zone; `otherwise` where nothing is said.
fn instant(
    reading: &mut Reading,
    entries: &mut Entries,
    key: &str,
    otherwise: Timestamp,
) -> Option<Timestamp> {
    let Some(node) = entries.take(key) else { return Some(otherwise) };
    let (line, text) = reading.text(Some(node), key)?;
    let instant = date(&text).map(Timestamp::from_date).or_else(|| text.parse().ok());
    if instant.is_none() {
        reading.report(
            line,
            format!("{key}: {text:?} is neither a date like 2026-03-01 nor a time like 2026-03-01T12:00:00Z"),
        );
    }
    instant
}

/// The standard tariff and those of other tiers.
fn tariffs(reading: &mut Reading, entries: &mut Entries, line: u64) -> Option<Tariffs> {
    let others = TIERS.map(|tier| (tier, entries.take(tier.name())));
    let standard = tariff(reading, entries, line)?;
    let mut tariffs = Tariffs::default();
    tariffs.set(ServiceTier::Standard, standard);
    let mut same: Vec<(ServiceTier, ServiceTier)> = Vec::new();
    let mut broken: Vec<ServiceTier> = Vec::new();
    for (tier, node) in others {
        let Some(Node { line, value }) = node else { continue };
        match value {
            Value::Scalar(text) => match (TIERS.into_iter().find(|other| other.name() == text), text.parse())
            {
                (Some(other), _) if other != tier => same.push((tier, other)),
                (_, Ok(factor)) => match factored(&tariffs, factor) {
                    Ok(tariff) => tariffs.set(tier, tariff),
                    Err(error) => {
                        broken.push(tier);
                        reading.report(line, format!("{}: {text}: {error}", tier.name()));
                    }
                },
                _ => {
                    broken.push(tier);
                    let is = "is neither a factor like 0.5, nor another tier, nor prices of its own";
                    reading.report(line, format!("{}: {text:?} {is}", tier.name()));
                }
            },
            value => {
                let known = keys(&["above"]);
                let section = reading.section(Node { line, value }, tier.name(), &known);
                let of_tier = section.and_then(|mut entries| tariff(reading, &mut entries, line));
                match of_tier {
                    Some(tariff) => tariffs.set(tier, tariff),
                    None => broken.push(tier),
                }
            }
        }
    }
    for (tier, other) in same {
        match tariffs.get(other).cloned() {
            Some(tariff) => tariffs.set(tier, tariff),
            // What is wrong with the other one was told.
            None if broken.contains(&other) => {}
            None => {
                reading.report(line, format!("{} is as {}, which has no prices", tier.name(), other.name()));
            }
        }
    }
    Some(tariffs)
}

fn factored(tariffs: &Tariffs, factor: Money) -> Result<Tariff, pratiko_domain::pricing::PriceError> {
    tariffs.get(ServiceTier::Standard).cloned().unwrap_or_default().times(factor)
}

/// The prices that stand in `entries`, with those of long requests.
fn tariff(reading: &mut Reading, entries: &mut Entries, line: u64) -> Option<Tariff> {
    let told_before = reading.told();
    let mut steps = Vec::new();
    if let Some(node) = entries.take("above") {
        let line = node.line;
        match node.value {
            Value::Map(sizes) => {
                for (size, node) in sizes {
                    steps.extend(step(reading, &size, node));
                }
            }
            other => reading.report(line, format!(
                "above is {}; write numbers of input tokens with the prices of longer requests below each",
                other.described()
            )),
        }
    }
    let prices = prices(reading, entries);
    match Tariff::new(prices, steps) {
        Ok(tariff) => Some(tariff),
        // A price that is wrong was told, and is there.
        Err(TariffError::Empty) if reading.told() > told_before => None,
        Err(error) => {
            reading.report(line, format!("{error}; prices have keys like input and output"));
            None
        }
    }
}

fn step(reading: &mut Reading, size: &str, node: Node) -> Option<Step> {
    let line = node.line;
    let above = size.replace('_', "").parse::<u64>();
    if above.is_err() {
        reading.report(line, format!("above: {size:?} is not a number of tokens"));
    }
    let mut entries = reading.section(node, "a price of long requests", &CLASSES)?;
    let prices = prices(reading, &mut entries);
    Some(Step { above: above.ok()?, prices })
}

fn prices(reading: &mut Reading, entries: &mut Entries) -> ClassPrices {
    let mut prices = ClassPrices::default();
    for class in TokenClass::ALL {
        let Some((line, text)) = reading.text(entries.take(class.name()), class.name()) else { continue };
        match price(&text) {
            Ok(price) => prices.set(class, price),
            Err(reason) => reading.report(line, format!("{}: {text:?} is no price: {reason}", class.name())),
        }
    }
    prices
}

fn price(text: &str) -> Result<Price, String> {
    let amount = super::decimal::exact(text, 0).map_err(|error| error.to_string())?;
    Price::per_million(amount).map_err(|error| error.to_string())
}

/// Prices at some hours.
fn at_hours(reading: &mut Reading, node: Node) -> Option<(Vec<Hours>, Tariffs)> {
    let line = node.line;
    let known = keys(&["utc", "days", "above", "batch", "flex", "priority", "fast"]);
    let mut entries = reading.section(node, "prices at some hours", &known)?;
    let days = match reading.text(entries.take("days"), "days") {
        None => Weekdays::ALL,
        Some((line, text)) => weekdays(&text).unwrap_or_else(|| {
            reading.report(
                line,
                format!("days: {text:?} is not like mon-fri; days are {}", Weekdays::NAMES.join(", ")),
            );
            Weekdays::ALL
        }),
    };
    let told_before = reading.told();
    let mut hours = Vec::new();
    for (line, text) in reading.texts(entries.take("utc"), "utc") {
        match span(&text) {
            Some((start, end)) => hours.push(Hours { start, end, days }),
            None => reading.report(line, format!("utc: {text:?} is not a span like 01:00-04:00")),
        }
    }
    if hours.is_empty() && reading.told() == told_before {
        reading.report(line, "prices at some hours have no hours; add utc: 01:00-04:00".to_owned());
    }
    Some((hours, tariffs(reading, &mut entries, line)?))
}

fn weekdays(text: &str) -> Option<Weekdays> {
    let day = |name: &str| Weekdays::NAMES.iter().position(|known| *known == name);
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    Some(Weekdays::range(day(first)?, day(last)?))
}

/// Minutes after midnight of `01:00-04:00`.
fn span(text: &str) -> Option<(u32, u32)> {
    let minute = |text: &str| {
        let (hour, minute) = text.split_once(':')?;
        let digits = |text: &str| {
            (text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit()))
                .then(|| text.parse::<u32>().ok())?
        };
        let (hour, minute) = (digits(hour)?, digits(minute)?);
        (hour < 24 && minute < 60 || (hour, minute) == (24, 0)).then_some(hour * 60 + minute)
    };
    let (start, end) = text.split_once('-')?;
    let (start, end) = (minute(start)?, minute(end)?);
    (start != end).then_some((start, end))
}
