//! genai-prices' prices, their conditions and their variants, as rows.

use std::collections::{BTreeMap, BTreeSet};

use pratiko_domain::pricing::{
    ClassPrices, Hours, Price, PriceRow, ServiceTier, Step, Tariff, Tariffs, TokenClass, Weekdays,
};
use pratiko_domain::time::Timestamp;
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::prices::imported::Aside;
use crate::prices::{decimal, read};

#[derive(Deserialize)]
struct Conditional<'a> {
    #[serde(default)]
    constraint: Option<Constraint>,
    #[serde(borrow)]
    prices: BTreeMap<String, &'a RawValue>,
}

#[derive(Deserialize)]
struct Variant<'a> {
    when: BTreeMap<String, String>,
    #[serde(default)]
    constraint: Option<Constraint>,
    #[serde(borrow)]
    prices: BTreeMap<String, &'a RawValue>,
}

#[derive(Deserialize, Clone)]
#[serde(untagged)]
enum Constraint {
    From { start_date: String },
    Hours { start_time: String, end_time: String },
}

#[derive(Deserialize)]
struct Tiered<'a> {
    #[serde(borrow)]
    base: &'a RawValue,
    #[serde(borrow)]
    tiers: Vec<Tier<'a>>,
}

#[derive(Deserialize)]
struct Tier<'a> {
    start: u64,
    #[serde(borrow)]
    price: &'a RawValue,
}

/// Prices by class, each for requests above some sizes; 0 for all.
type BySize = BTreeMap<TokenClass, BTreeMap<u64, Price>>;

/// A price, or a variant, from when on it holds.
struct Dated<T> {
    from: Timestamp,
    what: T,
}

/// The rows of a model; none if it has no price that can be taken.
pub(super) fn rows(
    what: &str,
    raw: &RawValue,
    variants: &[&RawValue],
    source: Option<&str>,
    aside: &mut Aside,
) -> Vec<PriceRow> {
    let Some((dated, hours)) = conditions(what, raw, aside) else {
        aside.put("models whose prices were not understood", what, "calls to them stay unpriced");
        return Vec::new();
    };
    if dated.iter().all(|dated| dated.what.is_empty()) {
        aside.put("models without a price per token", what, "calls to them stay unpriced");
        return Vec::new();
    }
    let variants: Vec<_> = variants.iter().filter_map(|raw| variant(what, raw, aside)).collect();
    let starts: BTreeSet<Timestamp> =
        dated.iter().map(|dated| dated.from).chain(variants.iter().map(|variant| variant.from)).collect();
    let mut rows = Vec::new();
    for from in starts {
        // The last that holds counts; where none does yet, the first.
        let usual = dated.iter().rfind(|dated| dated.from <= from).or(dated.first());
        let Some(usual) = usual.filter(|usual| !usual.what.is_empty()) else { continue };
        let held: Vec<_> =
            variants.iter().filter(|variant| variant.from <= from).map(|variant| &variant.what).collect();
        let Some(tariffs) = tariffs(&usual.what, &held) else {
            aside.put("models whose prices were not understood", what, "calls to them stay unpriced");
            return Vec::new();
        };
        let mut row = PriceRow::new("USD", Tariff::default());
        row.tariffs = tariffs;
        row.from = from;
        row.source = source.map(Into::into);
        for (hours, prices) in hours.iter().rev() {
            row.at_hours.extend(self::tariffs(prices, &held).map(|tariffs| (vec![*hours], tariffs)));
        }
        rows.push(row);
    }
    rows
}

type Conditions = (Vec<Dated<BySize>>, Vec<(Hours, BySize)>);

/// The prices by date, and those at some hours of every day.
fn conditions(what: &str, raw: &RawValue, aside: &mut Aside) -> Option<Conditions> {
    let always = |prices| vec![Conditional { constraint: None, prices }];
    let listed: Vec<Conditional<'_>> = if raw.get().trim_start().starts_with('[') {
        serde_json::from_str(raw.get()).ok()?
    } else {
        always(serde_json::from_str(raw.get()).ok()?)
    };
    let (mut dated, mut hours) = (Vec::new(), Vec::new());
    for Conditional { constraint, prices } in listed {
        let prices = by_size(what, &prices, aside);
        match constraint {
            None => dated.push(Dated { from: Timestamp::MIN, what: prices }),
            Some(Constraint::From { start_date }) => {
                dated.push(Dated { from: Timestamp::from_date(read::date(&start_date)?), what: prices });
            }
            Some(Constraint::Hours { start_time, end_time }) => {
                let hour =
                    Hours { start: minute(&start_time)?, end: minute(&end_time)?, days: Weekdays::ALL };
                hours.push((hour, prices));
            }
        }
    }
    Some((dated, hours))
}

/// Minutes after midnight UTC of `00:30:00Z`.
fn minute(text: &str) -> Option<u32> {
    let in_utc = if text.ends_with('Z') || text.contains('+') { text.to_owned() } else { format!("{text}Z") };
    let instant: Timestamp = format!("1970-01-02T{in_utc}").parse().ok()?;
    u32::try_from(instant.micros_of_day() / 60_000_000).ok()
}

/// A variant of some service tier, with the prices that it changes.
fn variant(what: &str, raw: &RawValue, aside: &mut Aside) -> Option<Dated<(ServiceTier, BySize)>> {
    let Ok(Variant { when, constraint, prices }) = serde_json::from_str(raw.get()) else {
        aside.put("variants that were not understood", what, "calls of them stay unpriced");
        return None;
    };
    let mut conditions = when.iter();
    let tier = match (conditions.next(), conditions.next()) {
        (Some((key, value)), None) => match (key.as_str(), value.as_str()) {
            ("processing", "batch") => Some(ServiceTier::Batch),
            ("speed", "fast") => Some(ServiceTier::Fast),
            ("service_tier", tier) => ServiceTier::named(tier),
            _ => None,
        },
        _ => None,
    };
    let from = match constraint {
        None => Some(Timestamp::MIN),
        Some(Constraint::From { start_date }) => read::date(&start_date).map(Timestamp::from_date),
        Some(Constraint::Hours { .. }) => None,
    };
    match (tier, from) {
        // The usual prices, said once more.
        (Some(ServiceTier::Standard), _) if prices.is_empty() => None,
        (Some(tier), Some(from)) if tier != ServiceTier::Standard => {
            Some(Dated { from, what: (tier, by_size(what, &prices, aside)) })
        }
        _ => {
            aside.put("variants that are no service tier", what, "they were not taken");
            None
        }
    }
}

/// The prices by class and size.
fn by_size(what: &str, prices: &BTreeMap<String, &RawValue>, aside: &mut Aside) -> BySize {
    let mut by_size = BySize::new();
    for (key, raw) in prices {
        let Some((class, shift)) = class_of(key) else {
            aside.put(key, what, "events do not tell what it charges for, or it has no place here");
            continue;
        };
        match sizes(raw, shift) {
            Some(sizes) => {
                by_size.insert(class, sizes);
            }
            None => aside.put(key, what, "the value is not a price that can be kept exactly"),
        }
    }
    by_size
}

fn sizes(raw: &RawValue, shift: i32) -> Option<BTreeMap<u64, Price>> {
    let price = |raw: &RawValue| Price::per_million(decimal::meant(raw.get(), shift).ok()?).ok();
    if !raw.get().starts_with('{') {
        return Some(BTreeMap::from([(0, price(raw)?)]));
    }
    let Tiered { base, tiers } = serde_json::from_str(raw.get()).ok()?;
    let steps = tiers.iter().map(|tier| Some((tier.start, price(tier.price)?)));
    std::iter::once(Some((0, price(base)?))).chain(steps).collect()
}

/// What a key charges for, and the power of ten to our unit.
fn class_of(key: &str) -> Option<(TokenClass, i32)> {
    Some(match key {
        "input_mtok" => (TokenClass::Input, 0),
        "cache_read_mtok" => (TokenClass::CacheRead, 0),
        "cache_write_mtok" | "cache_write_5m_mtok" => (TokenClass::CacheWrite, 0),
        "cache_write_1h_mtok" => (TokenClass::CacheWriteHour, 0),
        "output_mtok" => (TokenClass::Output, 0),
        "output_reasoning_mtok" => (TokenClass::Reasoning, 0),
        "input_audio_mtok" => (TokenClass::AudioInput, 0),
        "output_audio_mtok" => (TokenClass::AudioOutput, 0),
        "input_image_mtok" => (TokenClass::ImageInput, 0),
        "output_image_mtok" => (TokenClass::ImageOutput, 0),
        "requests_kcount" => (TokenClass::Request, -3),
        _ => return None,
    })
}

/// The usual tariff and those of the variants, the first variant of a tier before later ones.
fn tariffs(usual: &BySize, variants: &[&(ServiceTier, BySize)]) -> Option<Tariffs> {
    let mut tariffs = Tariffs::default();
    tariffs.set(ServiceTier::Standard, tariff(usual)?);
    for tier in ServiceTier::ALL {
        let of_tier = variants.iter().filter(|(of, _)| *of == tier).map(|(_, prices)| prices);
        let mut merged = None;
        for prices in of_tier.rev() {
            let merged: &mut BySize = merged.get_or_insert_with(|| usual.clone());
            merged.extend(prices.iter().map(|(class, sizes)| (*class, sizes.clone())));
        }
        if let Some(merged) = merged {
            tariffs.set(tier, tariff(&merged)?);
        }
    }
    Some(tariffs)
}

fn tariff(by_size: &BySize) -> Option<Tariff> {
    let above: BTreeSet<u64> = by_size.values().flat_map(|sizes| sizes.keys().copied()).collect();
    let prices_above = |size: u64| {
        let mut prices = ClassPrices::default();
        for (class, sizes) in by_size {
            if let Some((_, price)) = sizes.range(..=size).next_back() {
                prices.set(*class, *price);
            }
        }
        prices
    };
    let steps = above.into_iter().filter(|above| *above > 0);
    let steps = steps.map(|above| Step { above, prices: prices_above(above) }).collect();
    Tariff::new(prices_above(0), steps).ok()
}
