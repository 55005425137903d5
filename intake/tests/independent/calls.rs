//! Calls that use every price of the bundled list.

use std::fmt;

use pratiko_domain::pricing::{
    Call, ClassPrices, Model, PriceList, PriceRow, PriceTable, Provider, ServiceTier, TokenClass, Tokens,
};
use pratiko_domain::time::Timestamp;

/// A call, and how the package is told of it.
pub struct Told {
    pub provider: String,
    pub model: String,
    /// All its names, of which the package may know only some.
    pub names: Vec<String>,
    pub tier: ServiceTier,
    pub tokens: Tokens,
    pub at: Timestamp,
}

impl fmt::Display for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { provider, model, tier, tokens, at, .. } = self;
        write!(f, "{provider}/{model}#{} at {at}: {tokens:?}", tier.name())
    }
}

impl Told {
    pub fn exact_cost(&self, table: &PriceTable) -> i128 {
        let tier = Some(self.tier.name());
        let call =
            Call { provider: &self.provider, model: &self.model, service_tier: tier, tokens: self.tokens };
        table.price(&call, self.at).unwrap_or_else(|error| panic!("{self}: {error}")).exact.femtos()
    }

    /// The package counts inclusively: what is cached, audio and images are part of the input.
    pub fn json(&self) -> serde_json::Value {
        let Tokens {
            cache_read,
            cache_write,
            cache_write_1h,
            output,
            audio_input,
            audio_output,
            image_input,
            image_output,
            ..
        } = self.tokens;
        let usage = [
            ("input_tokens", self.tokens.whole_input()),
            ("cache_read_tokens", cache_read),
            ("cache_write_tokens", cache_write + cache_write_1h),
            ("cache_write_1h_tokens", cache_write_1h),
            ("output_tokens", output + audio_output + image_output),
            ("input_audio_tokens", audio_input),
            ("output_audio_tokens", audio_output),
            ("input_image_tokens", image_input),
            ("output_image_tokens", image_output),
        ];
        let used = usage.into_iter().filter(|(_, count)| *count > 0);
        let usage: serde_json::Map<_, _> = used.map(|(key, count)| (key.to_owned(), count.into())).collect();
        // Ours never caches audio or images; the package wants to be told so.
        let mut usage = usage;
        if cache_read > 0 {
            usage.insert("cache_audio_read_tokens".to_owned(), 0.into());
            usage.insert("cache_image_read_tokens".to_owned(), 0.into());
        }
        let context = match (self.tier, self.provider.as_str()) {
            (ServiceTier::Standard, _) => serde_json::json!({}),
            (ServiceTier::Batch, _) => serde_json::json!({"processing": "batch"}),
            (ServiceTier::Fast, "anthropic") => serde_json::json!({"speed": "fast"}),
            (tier, _) => serde_json::json!({"service_tier": tier.name()}),
        };
        let provider = if self.provider == "aws.bedrock" { "aws" } else { &self.provider };
        serde_json::json!({
            "provider": provider, "models": self.names, "usage": usage, "context": context, "at": self.at.to_string(),
        })
    }
}

/// An amount in dollars in 10⁻¹⁵ dollars.
pub fn exact(dollars: &str) -> i128 {
    let (whole, fraction) = dollars.split_once('.').unwrap_or((dollars, ""));
    let fraction = fraction.trim_end_matches('0');
    assert!(fraction.len() <= 15, "{dollars}");
    format!("{whole}{fraction:0<15}").parse().unwrap()
}

/// Calls of every model at every time that its prices differ, of every tier and size, and at special hours.
pub fn calls(table: &PriceTable) -> Vec<Told> {
    let providers = table.lists().iter().flat_map(PriceList::providers);
    providers
        .flat_map(|provider| provider.models.iter().flat_map(|model| of_model(provider, model)))
        .collect()
}

fn of_model(provider: &Provider, model: &Model) -> Vec<Told> {
    let exact = model.names.iter().filter(|name| name.is_name()).map(|name| name.as_str().to_owned());
    let names: Vec<String> = std::iter::once(model.name.clone()).chain(exact).collect();
    let mut calls = Vec::new();
    for (position, row) in model.rows.iter().enumerate() {
        for at in times(row, model.rows.get(position + 1)) {
            let (tariffs, _) = row.tariffs_at(at);
            for (tier, tariff) in tariffs.iter() {
                let steps = tariff.steps().iter().map(|step| (step.above, &step.prices));
                for (above, prices) in std::iter::once((0, tariff.prices())).chain(steps) {
                    calls.extend(usages(prices, above).into_iter().map(|tokens| Told {
                        provider: provider.name.clone(),
                        model: model.name.clone(),
                        names: names.clone(),
                        tier,
                        tokens,
                        at,
                    }));
                }
            }
        }
    }
    calls
}

/// Times at which the row holds: one that is not before the package's own history of tiers, where it
/// can be, its first instant, and the same day at every special hour.
fn times(row: &PriceRow, next: Option<&PriceRow>) -> Vec<Timestamp> {
    let instant = |text: &str| text.parse::<Timestamp>().unwrap();
    let end = next.map_or(row.until, |next| next.from.min(row.until));
    let today = instant("2026-11-20T12:00:00Z");
    let inside = if row.holds(today) && today < end {
        today
    } else if row.from > today || end == Timestamp::MAX {
        row.from
    } else {
        end.minus(std::time::Duration::from_secs(12 * 3600)).max(row.from)
    };
    let midnight = Timestamp::from_date(inside.utc_date());
    let mut times = vec![inside];
    for (hours, _) in &row.at_hours {
        times.extend(
            hours
                .iter()
                .map(|hours| midnight.plus(std::time::Duration::from_secs(u64::from(hours.start) * 60))),
        );
    }
    times.retain(|at| *at >= row.from && *at < end);
    times
}

/// Odd numbers of tokens of every class that has a price, all at once and each alone.
fn usages(prices: &ClassPrices, above: u64) -> Vec<Tokens> {
    let mut all = Tokens { input: above + 1, ..Tokens::default() };
    let mut each = Vec::new();
    for (position, (class, _)) in prices.iter().enumerate() {
        let count = 1_237 + 1_000 * position as u64;
        *counted(&mut all, class) += count;
        if above == 0 {
            let mut one = Tokens::default();
            *counted(&mut one, class) += count;
            each.push(one);
        }
    }
    all.reasoning = all.output / 3;
    each.push(all);
    each
}

fn counted(tokens: &mut Tokens, class: TokenClass) -> &mut u64 {
    match class {
        TokenClass::Input => &mut tokens.input,
        TokenClass::CacheRead => &mut tokens.cache_read,
        TokenClass::CacheWrite => &mut tokens.cache_write,
        TokenClass::CacheWriteHour => &mut tokens.cache_write_1h,
        TokenClass::Output => &mut tokens.output,
        TokenClass::Reasoning => &mut tokens.reasoning,
        TokenClass::AudioInput => &mut tokens.audio_input,
        TokenClass::AudioOutput => &mut tokens.audio_output,
        TokenClass::ImageInput => &mut tokens.image_input,
        TokenClass::ImageOutput => &mut tokens.image_output,
        TokenClass::Request => &mut tokens.requests,
    }
}
