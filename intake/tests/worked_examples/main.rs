//! Calls whose costs were worked out by hand from the providers' published prices, exact to 10⁻⁹.
//!
//! Each example is an event's data as it is sent, the time of the call, the price that must hold, and
//! the sum: tokens × dollars per million, as one would write it on paper.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on ends")]
#![expect(clippy::needless_pass_by_value, reason = "`json!` reads better without a borrow before it")]

mod anthropic;
mod google;
mod openai;
mod others;

use pratiko_domain::event::LlmUsage;
use pratiko_domain::pricing::PriceTable;
use pratiko_domain::time::Timestamp;
use pratiko_intake::prices::bundled;
use serde_json::json;

struct Example {
    /// What is special about it.
    about: &'static str,
    at: &'static str,
    data: serde_json::Value,
    price: &'static str,
    /// The sum in dollars, written out: tokens times dollars per million tokens.
    sum: &'static [(u64, &'static str)],
    /// What that makes, rounded to 10⁻⁹.
    cost: &'static str,
}

const TODAY: &str = "2026-11-20T12:00:00Z";

fn openai(model: &str, tokens: serde_json::Value) -> serde_json::Value {
    json!({ "provider": "openai", "model": model, "tokens": tokens })
}

/// Anthropic's numbers exclude what is cached.
fn anthropic(model: &str, tokens: serde_json::Value) -> serde_json::Value {
    json!({ "provider": "anthropic", "model": model, "tokens": tokens, "convention": "exclusive" })
}

fn with(mut data: serde_json::Value, key: &str, value: &str) -> serde_json::Value {
    data[key] = value.into();
    data
}

fn examples() -> Vec<Example> {
    [openai::examples(), anthropic::examples(), google::examples(), others::examples()]
        .into_iter()
        .flatten()
        .collect()
}

/// Dollars in 10⁻¹⁵ dollars.
fn femtos(dollars: &str) -> i128 {
    let (whole, fraction) = dollars.split_once('.').unwrap_or((dollars, ""));
    format!("{whole}{fraction:0<15}").parse().unwrap()
}

#[test]
fn every_example_costs_what_was_worked_out_by_hand() {
    let table = PriceTable::new(vec![bundled().unwrap()]);
    let examples = examples();
    assert!(examples.len() >= 25);
    for Example { about, at, data, price, sum, cost } in examples {
        let usage: LlmUsage = serde_json::from_value(data).unwrap();
        let priced = table.price_usage(&usage, at.parse::<Timestamp>().unwrap()).unwrap();
        assert_eq!(priced.price, price, "{about}");
        assert_eq!(priced.currency, "USD", "{about}");
        let by_hand: i128 =
            sum.iter().map(|(tokens, dollars)| i128::from(*tokens) * femtos(dollars) / 1_000_000).sum();
        assert_eq!(priced.exact.femtos(), by_hand, "{about}: the sum");
        assert_eq!(priced.amount().to_string(), cost, "{about}");
    }
}

#[test]
fn what_has_no_price_is_unpriced_and_says_why() {
    let table = PriceTable::new(vec![bundled().unwrap()]);
    let at = TODAY.parse::<Timestamp>().unwrap();
    for (data, reason) in [
        (openai("gpt-99", json!({ "input": 1 })), "no price list has the model gpt-99 of openai"),
        (
            json!({ "provider": "acme", "model": "gpt-5", "tokens": { "input": 1 } }),
            "no price list has the provider acme",
        ),
        (
            openai("gpt-5", json!({ "input": 1, "audio": 1 })),
            "openai/gpt-5@2025-08-07 has no price for audio_input",
        ),
        (
            with(openai("gpt-4.1", json!({ "input": 1 })), "service_tier", "flex"),
            "openai/gpt-4.1@2025-04-14 has no prices for the service tier flex",
        ),
        (with(openai("gpt-5", json!({ "input": 1 })), "service_tier", "auto"), "`auto` is no service tier"),
        (
            with(openai("o3", json!({ "input": 9, "cache_read": 9 })), "service_tier", "batch"),
            "openai/o3@2025-06-10#batch has no price for cache_read",
        ),
    ] {
        let usage: LlmUsage = serde_json::from_value(data).unwrap();
        let told = table.price_usage(&usage, at).unwrap_err().to_string();
        assert!(told.starts_with(reason), "{told}");
    }
}

#[test]
fn before_a_model_was_there_it_had_no_price() {
    let table = PriceTable::new(vec![bundled().unwrap()]);
    let usage: LlmUsage = serde_json::from_value(openai("gpt-5", json!({ "input": 1 }))).unwrap();
    let told = table.price_usage(&usage, "2025-08-06T23:59:59Z".parse().unwrap()).unwrap_err();
    let expected =
        "the model gpt-5 of openai has no price for that time; its known prices hold from 2025-08-07 on";
    assert_eq!(told.to_string(), expected);
}
