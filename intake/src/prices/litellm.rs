//! `LiteLLM`'s `model_prices_and_context_window.json`: one object per model, prices per token in USD.
//!
//! It has no dates: its prices hold always. What it says of a tier or of long requests by key suffix
//! (`_batches`, `_flex`, `_priority`, `_above_200k_tokens`, `_above_1hr`) is taken; what its keys charge
//! by second, page, character, query or session is not, since events do not tell these.

use std::collections::{BTreeMap, HashSet};

use pratiko_domain::pricing::{
    ClassPrices, Model, Pattern, Price, PriceList, PriceRow, Provider, ServiceTier, Step, Tariff, Tariffs,
    TokenClass,
};
use serde_json::value::RawValue;

use super::imported::{Aside, ImportError, Imported};
use super::read::is_plain;
use super::{decimal, json};

const FORMAT: &str = "LiteLLM's list, an object with an object for each model";

/// Reads the list. `name` stands before the ids of its prices.
pub fn import(bytes: &[u8], name: Option<&str>) -> Result<Imported, ImportError> {
    let models: json::Object<'_> = json::read(bytes, FORMAT)?;
    let mut aside = Aside::default();
    let mut providers: BTreeMap<String, Provider> = BTreeMap::new();
    let mut taken: BTreeMap<String, HashSet<String>> = BTreeMap::new();
    for (key, raw) in models {
        // The list describes itself in an entry of this name.
        if key == "sample_spec" {
            continue;
        }
        let Some((provider_name, row)) = entry(&key, raw, &mut aside) else { continue };
        let (called, pattern) = names(&key, &provider_name);
        if !is_plain(&provider_name) || !called.parse().is_ok_and(|name: Pattern| name.is_name()) {
            aside.put("names that a price file cannot have", &key, "calls to them stay unpriced");
            continue;
        }
        if !taken.entry(provider_name.clone()).or_default().insert(called.to_ascii_lowercase()) {
            aside.put("the same model twice", &key, "only the first entry was taken");
            continue;
        }
        let provider = providers
            .entry(provider_name.clone())
            .or_insert_with(|| Provider { name: provider_name, ..Provider::default() });
        provider.models.push(Model { name: called, names: pattern.into_iter().collect(), rows: vec![row] });
    }
    for provider in providers.values_mut() {
        keep_distinct(&mut provider.models);
    }
    let list = PriceList::new(name.map(str::to_owned), providers.into_values().collect())?;
    Ok(Imported { list, left_out: aside.left_out() })
}

/// The whole key of a model may be the name of another; that one has it then.
fn keep_distinct(models: &mut [Model]) {
    let own: HashSet<String> = models.iter().map(|model| model.name.to_ascii_lowercase()).collect();
    for model in models {
        model.names.retain(|name| !own.contains(name.as_str()));
    }
}

/// The provider and the price of one entry.
fn entry(key: &str, raw: &RawValue, aside: &mut Aside) -> Option<(String, PriceRow)> {
    let Ok(fields) = serde_json::from_str::<json::Object<'_>>(raw.get()) else {
        aside.put("not an object", key, "the entry was not understood");
        return None;
    };
    let text = |field: &str| fields.get(field).and_then(|raw| serde_json::from_str::<String>(raw.get()).ok());
    let Some(provider) = text("litellm_provider") else {
        aside.put("litellm_provider", key, "without a provider a price cannot be found");
        return None;
    };
    let mut gathered: BTreeMap<(ServiceTier, u64), ClassPrices> = BTreeMap::new();
    for (field, raw) in &fields {
        if field == "tiered_pricing" {
            ranges(key, raw, &mut gathered, aside);
        } else if let Some(place) = place_of(field) {
            if let Some(price) = price(place.class, raw) {
                gathered.entry((place.tier, place.above)).or_default().set(place.class, price);
            } else {
                aside.put(field, key, "the value is not a price that can be kept exactly");
            }
        } else if is_a_price(field) {
            aside.put(field, key, "events do not tell what it charges for, or it has no place here");
        }
    }
    if gathered.values().all(ClassPrices::is_empty) {
        aside.put("models without a price per token", key, "calls to them stay unpriced");
        return None;
    }
    if gathered.values().flat_map(ClassPrices::iter).all(|(_, price)| price.nanos() == 0) {
        aside.put("models whose every price is 0", key, "the list says 0 for unknown prices too");
        return None;
    }
    let Some(tariffs) = tariffs(&gathered) else {
        aside.put("models with prices of some tiers or sizes only", key, "calls to them stay unpriced");
        return None;
    };
    let mut row = PriceRow::new("USD", Tariff::default());
    row.tariffs = tariffs;
    row.source = text("source").filter(|source| is_plain(source)).map(Into::into);
    Some((provider_name(&provider), row))
}

/// The tariffs of what was gathered by tier and size; what long requests cost as others is not
/// repeated in the list.
fn tariffs(gathered: &BTreeMap<(ServiceTier, u64), ClassPrices>) -> Option<Tariffs> {
    let mut tariffs = Tariffs::default();
    for tier in ServiceTier::ALL {
        let Some(usual) = gathered.get(&(tier, 0)).copied() else { continue };
        let steps = gathered.range((tier, 1)..=(tier, u64::MAX)).map(|((_, above), of_size)| {
            let mut prices = usual;
            of_size.iter().for_each(|(class, price)| prices.set(class, price));
            Step { above: *above, prices }
        });
        tariffs.set(tier, Tariff::new(usual, steps.collect()).ok()?);
    }
    tariffs.get(ServiceTier::Standard).is_some().then_some(tariffs)
}

/// Which price a key is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Place {
    class: TokenClass,
    tier: ServiceTier,
    /// 0 for requests of the usual length.
    above: u64,
}

const KEYS: [(&str, TokenClass); 11] = [
    ("cache_creation_input_token_cost_above_1hr", TokenClass::CacheWriteHour),
    ("cache_creation_input_token_cost", TokenClass::CacheWrite),
    ("cache_read_input_token_cost", TokenClass::CacheRead),
    ("input_cost_per_token", TokenClass::Input),
    ("output_cost_per_token", TokenClass::Output),
    ("output_cost_per_reasoning_token", TokenClass::Reasoning),
    ("input_cost_per_audio_token", TokenClass::AudioInput),
    ("output_cost_per_audio_token", TokenClass::AudioOutput),
    ("input_cost_per_image_token", TokenClass::ImageInput),
    ("output_cost_per_image_token", TokenClass::ImageOutput),
    ("input_cost_per_request", TokenClass::Request),
];

fn place_of(key: &str) -> Option<Place> {
    let (class, mut rest) =
        KEYS.iter().find_map(|(known, class)| Some((*class, key.strip_prefix(known)?)))?;
    let mut place = Place { class, tier: ServiceTier::Standard, above: 0 };
    if let Some(sized) = rest.strip_prefix("_above_") {
        let (thousands, after) = sized.split_once("k_tokens")?;
        place.above = thousands.parse::<u64>().ok()?.checked_mul(1_000).filter(|above| *above > 0)?;
        rest = after;
    }
    place.tier = match rest {
        "" => ServiceTier::Standard,
        "_batches" => ServiceTier::Batch,
        "_flex" => ServiceTier::Flex,
        "_priority" => ServiceTier::Priority,
        _ => return None,
    };
    Some(place)
}

fn is_a_price(key: &str) -> bool {
    key.contains("_cost") || key.contains("cost_") || key.contains("pricing")
}

/// A price per token, or per request, in our unit.
fn price(class: TokenClass, raw: &RawValue) -> Option<Price> {
    let to_a_million = if class == TokenClass::Request { 0 } else { 6 };
    Price::per_million(decimal::meant(raw.get(), to_a_million).ok()?).ok()
}

/// Prices by ranges of input: each holds above its lower end.
fn ranges(
    key: &str,
    raw: &RawValue,
    gathered: &mut BTreeMap<(ServiceTier, u64), ClassPrices>,
    aside: &mut Aside,
) {
    let Ok(ranges) = serde_json::from_str::<Vec<json::Object<'_>>>(raw.get()) else {
        return aside.put("tiered_pricing", key, "its ranges were not understood");
    };
    for fields in ranges {
        let range = fields.get("range").and_then(|raw| serde_json::from_str::<[f64; 2]>(raw.get()).ok());
        let Some([above, _]) = range.filter(|[above, _]| (0.0..1e12).contains(above)) else {
            aside.put("tiered_pricing", key, "its ranges were not understood");
            continue;
        };
        for (field, raw) in fields.iter().filter(|(field, _)| *field != "range") {
            let place = place_of(field).filter(|place| place.above == 0);
            match (place, place.and_then(|place| price(place.class, raw))) {
                (Some(place), Some(price)) => {
                    gathered.entry((place.tier, above as u64)).or_default().set(place.class, price);
                }
                _ => aside.put("tiered_pricing", key, "a price of its ranges was not understood"),
            }
        }
    }
}

/// `LiteLLM` splits some providers by the interface that it uses.
fn provider_name(name: &str) -> String {
    if name.starts_with("vertex_ai") {
        return "vertex_ai".to_owned();
    }
    match name {
        "bedrock_converse" | "bedrock_mantle" => "bedrock".to_owned(),
        "azure_ai" => "azure".to_owned(),
        other => other.to_owned(),
    }
}

/// The model's name without its provider's, and the whole key as another name.
fn names(key: &str, provider: &str) -> (String, Option<Pattern>) {
    match key.split_once('/') {
        Some((first, rest)) if !rest.is_empty() && provider_name(first) == provider => {
            (rest.to_owned(), key.parse().ok().filter(Pattern::is_name))
        }
        _ => (key.to_owned(), None),
    }
}

#[cfg(test)]
mod tests;
