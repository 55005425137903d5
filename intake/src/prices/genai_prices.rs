//! genai-prices' JSON: providers with their models, prices per million tokens in USD, by date.
//!
//! Prices by start date, by hours of the day and by size of the request are taken, and the variants
//! for batches, service tiers and speed. There, what a variant does not name costs as usual.

mod matching;
mod prices;

use pratiko_domain::pricing::{Model, Pattern, PriceList, Provider};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::imported::{Aside, ImportError, Imported};
use super::json;
use super::read::is_plain;

const FORMAT: &str = "genai-prices' list, an array of providers";

#[derive(Deserialize)]
struct ForeignProvider<'a> {
    id: String,
    #[serde(default)]
    pricing_urls: Option<Vec<String>>,
    #[serde(default)]
    fallback_model_providers: Option<Vec<String>>,
    #[serde(borrow)]
    models: Vec<&'a RawValue>,
}

#[derive(Deserialize)]
struct ForeignModel<'a> {
    id: String,
    #[serde(borrow, rename = "match")]
    matching: &'a RawValue,
    #[serde(borrow)]
    prices: &'a RawValue,
    #[serde(borrow, default)]
    price_variants: Option<Vec<&'a RawValue>>,
}

/// Later versions of the format put the array below a key.
#[derive(Deserialize)]
struct Wrapped<'a> {
    #[serde(borrow)]
    providers: Vec<ForeignProvider<'a>>,
}

/// Reads the list. `name` stands before the ids of its prices.
pub fn import(bytes: &[u8], name: Option<&str>) -> Result<Imported, ImportError> {
    let is_wrapped = bytes.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'{');
    let foreign: Vec<ForeignProvider<'_>> = if is_wrapped {
        json::read::<Wrapped<'_>>(bytes, FORMAT)?.providers
    } else {
        json::read(bytes, FORMAT)?
    };
    let mut aside = Aside::default();
    let mut providers: Vec<Provider> = Vec::new();
    for foreign in foreign {
        if providers.iter().any(|provider| provider.name.eq_ignore_ascii_case(&foreign.id)) {
            aside.put("the same provider twice", &foreign.id, "only the first was taken");
            continue;
        }
        if !is_plain(&foreign.id) {
            aside.put("names that a price file cannot have", &foreign.id, "calls to them stay unpriced");
            continue;
        }
        providers.push(provider(foreign, &mut aside));
    }
    let list = PriceList::new(name.map(str::to_owned), providers)?;
    Ok(Imported { list, left_out: aside.left_out() })
}

fn provider(foreign: ForeignProvider<'_>, aside: &mut Aside) -> Provider {
    let source = foreign.pricing_urls.unwrap_or_default().into_iter().find(|source| is_plain(source));
    let mut taken = std::collections::HashSet::new();
    let mut models = Vec::new();
    for raw in foreign.models {
        let Ok(foreign_model) = serde_json::from_str::<ForeignModel<'_>>(raw.get()) else {
            aside.put("models that were not understood", &foreign.id, "calls to them stay unpriced");
            continue;
        };
        let what = format!("{}/{}", foreign.id, foreign_model.id);
        if !foreign_model.id.parse().is_ok_and(|name: Pattern| name.is_name()) {
            aside.put("names that a price file cannot have", &what, "calls to them stay unpriced");
            continue;
        }
        if !taken.insert(foreign_model.id.to_ascii_lowercase()) {
            aside.put("names of two models", &what, "the first model keeps the name");
            continue;
        }
        let rows = prices::rows(
            &what,
            foreign_model.prices,
            &foreign_model.price_variants.unwrap_or_default(),
            source.as_deref(),
            aside,
        );
        if rows.is_empty() {
            continue;
        }
        let mut names = matching::names(&what, foreign_model.matching, aside);
        let own = foreign_model.id.to_ascii_lowercase();
        names.retain(|name| {
            if name.as_str() == own {
                return false;
            }
            let is_new = taken.insert(name.as_str().to_owned());
            if !is_new {
                aside.put(
                    "names of two models",
                    &format!("{what} ({name})"),
                    "the first model keeps the name",
                );
            }
            is_new
        });
        models.push(Model { name: foreign_model.id, names, rows });
    }
    let mut like = foreign.fallback_model_providers.unwrap_or_default();
    like.retain(|name| is_plain(name));
    Provider { name: foreign.id, names: Vec::new(), like, models }
}

#[cfg(test)]
mod tests;
