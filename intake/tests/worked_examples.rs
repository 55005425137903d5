//! Calls whose costs were worked out by hand from the providers' published prices, exact to 10⁻⁹.
//!
//! Each example is an event's data as it is sent, the time of the call, the price that must hold, and
//! the sum: tokens × dollars per million, as one would write it on paper.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on ends")]
#![expect(clippy::needless_pass_by_value, reason = "`json!` reads better without a borrow before it")]

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

fn of_openai() -> Vec<Example> {
    vec![
        Example {
            about: "plain",
            at: TODAY,
            data: openai("gpt-5", json!({ "input": 1_000, "output": 500 })),
            price: "openai/gpt-5@2025-08-07",
            sum: &[(1_000, "1.25"), (500, "10")],
            cost: "0.00625",
        },
        Example {
            about: "cached input is part of the input",
            at: TODAY,
            data: openai("gpt-5-2025-08-07", json!({ "input": 10_000, "cache_read": 8_000, "output": 123 })),
            price: "openai/gpt-5@2025-08-07",
            sum: &[(2_000, "1.25"), (8_000, "0.125"), (123, "10")],
            cost: "0.00473",
        },
        Example {
            about: "reasoning is part of the output and is charged once",
            at: TODAY,
            data: openai("o3", json!({ "input": 321, "output": 4_321, "reasoning": 4_000 })),
            price: "openai/o3@2025-06-10",
            sum: &[(321, "2"), (4_321, "8")],
            cost: "0.03521",
        },
        Example {
            about: "the last instant before a price was cut",
            at: "2025-06-09T23:59:59.999999Z",
            data: openai("o3", json!({ "input": 1_000, "output": 1_000 })),
            price: "openai/o3@2025-04-16",
            sum: &[(1_000, "10"), (1_000, "40")],
            cost: "0.05",
        },
        Example {
            about: "the midnight at which it was cut",
            at: "2025-06-10T00:00:00Z",
            data: openai("o3", json!({ "input": 1_000, "output": 1_000 })),
            price: "openai/o3@2025-06-10",
            sum: &[(1_000, "2"), (1_000, "8")],
            cost: "0.01",
        },
        Example {
            about: "midnight in UTC, told in another zone",
            at: "2026-08-21T01:30:00+02:00",
            data: openai("gpt-5.6-sol", json!({ "input": 2_000, "output": 100 })),
            price: "openai/gpt-5.6-sol",
            sum: &[(2_000, "5"), (100, "30")],
            cost: "0.013",
        },
        Example {
            about: "and after it",
            at: "2026-08-21T02:00:00+02:00",
            data: openai("gpt-5.6-sol", json!({ "input": 2_000, "output": 100 })),
            price: "openai/gpt-5.6-sol@2026-08-21",
            sum: &[(2_000, "4"), (100, "20")],
            cost: "0.01",
        },
        Example {
            about: "a batch costs half",
            at: TODAY,
            data: with(
                openai("gpt-6-sol", json!({ "input": 7_777, "output": 333 })),
                "service_tier",
                "batch",
            ),
            price: "openai/gpt-6-sol#batch",
            sum: &[(7_777, "1"), (333, "5")],
            cost: "0.009442",
        },
        Example {
            about: "flex, with cached input at a published price that was rounded up",
            at: TODAY,
            data: with(
                openai("gpt-5.4", json!({ "input": 1_500, "cache_read": 501, "output": 7 })),
                "service_tier",
                "flex",
            ),
            price: "openai/gpt-5.4@2026-03-05#flex",
            sum: &[(999, "1.25"), (501, "0.13"), (7, "7.5")],
            cost: "0.00136638",
        },
        Example {
            about: "priority",
            at: TODAY,
            data: with(
                openai("gpt-4.1-mini", json!({ "input": 1_234, "output": 56 })),
                "service_tier",
                "priority",
            ),
            price: "openai/gpt-4.1-mini@2025-04-14#priority",
            sum: &[(1_234, "0.7"), (56, "2.8")],
            cost: "0.0010206",
        },
        Example {
            about: "the answer says default when a request for priority was served as usual",
            at: TODAY,
            data: with(
                openai("gpt-4.1-mini", json!({ "input": 1_234, "output": 56 })),
                "service_tier",
                "default",
            ),
            price: "openai/gpt-4.1-mini@2025-04-14",
            sum: &[(1_234, "0.4"), (56, "1.6")],
            cost: "0.0005832",
        },
        Example {
            about: "exactly at the limit of length",
            at: TODAY,
            data: openai("gpt-6.1-sol", json!({ "input": 272_000, "output": 1_000 })),
            price: "openai/gpt-6.1-sol",
            sum: &[(272_000, "2"), (1_000, "10")],
            cost: "0.554",
        },
        Example {
            about: "one token above it prices everything anew, what is cached and written too",
            at: TODAY,
            data: openai(
                "gpt-6.1-sol",
                json!({ "input": 272_001, "cache_read": 200_000, "cache_write": 2_001, "output": 1_000 }),
            ),
            price: "openai/gpt-6.1-sol>272000",
            sum: &[(70_000, "4"), (200_000, "0.2"), (2_001, "5"), (1_000, "15")],
            cost: "0.345005",
        },
        Example {
            about: "a long batch",
            at: TODAY,
            data: with(
                openai("gpt-5.6-luna", json!({ "input": 300_000, "output": 2_000 })),
                "service_tier",
                "batch",
            ),
            price: "openai/gpt-5.6-luna@2026-07-30#batch>272000",
            sum: &[(300_000, "0.2"), (2_000, "0.9")],
            cost: "0.0618",
        },
        Example {
            about: "an image is made: text and an image in, an image out",
            at: TODAY,
            data: openai("gpt-image-1.5", json!({ "input": 50, "image": 4_483, "image_output": 4_160 })),
            price: "openai/gpt-image-1.5",
            sum: &[(50, "5"), (323, "8"), (4_160, "32")],
            cost: "0.135954",
        },
        Example {
            about: "speech in and out",
            at: TODAY,
            data: openai(
                "gpt-realtime",
                json!({ "input": 40, "audio": 1_500, "audio_output": 900, "output": 60 }),
            ),
            price: "openai/gpt-realtime",
            sum: &[(40, "4"), (600, "32"), (900, "64"), (60, "16")],
            cost: "0.07792",
        },
        Example {
            about: "embeddings have no output; a cost far below a cent keeps its digits",
            at: TODAY,
            data: openai("text-embedding-3-small", json!({ "input": 7 })),
            price: "openai/text-embedding-3-small",
            sum: &[(7, "0.02")],
            cost: "0.00000014",
        },
        Example {
            about: "a streamed answer is told once, at its end, with the whole usage",
            at: TODAY,
            data: with(
                openai("gpt-4o-mini", json!({ "input": 842, "output": 1_311 })),
                "outcome",
                "abandoned",
            ),
            price: "openai/gpt-4o-mini@2024-07-18",
            sum: &[(842, "0.15"), (1_311, "0.6")],
            cost: "0.0009129",
        },
    ]
}

fn of_anthropic() -> Vec<Example> {
    vec![
        Example {
            about: "caches written for five minutes and for an hour, and read, beside the input",
            at: TODAY,
            data: anthropic(
                "claude-opus-5-5",
                json!({ "input": 100, "cache_read": 20_000, "cache_write": 3_000, "cache_write_1h": 1_000, "output": 700 }),
            ),
            price: "anthropic/claude-opus-5-5",
            sum: &[(100, "4"), (20_000, "0.2"), (2_000, "5"), (1_000, "8"), (700, "20")],
            cost: "0.0364",
        },
        Example {
            about: "the same call told inclusively costs the same",
            at: TODAY,
            data: json!({
                "provider": "anthropic", "model": "claude-opus-5-5",
                "tokens": { "input": 23_100, "cache_read": 20_000, "cache_write": 3_000, "cache_write_1h": 1_000, "output": 700 },
            }),
            price: "anthropic/claude-opus-5-5",
            sum: &[(100, "4"), (20_000, "0.2"), (2_000, "5"), (1_000, "8"), (700, "20")],
            cost: "0.0364",
        },
        Example {
            about: "a batch halves the prices of caches too; half a nano-dollar of a token is not lost",
            at: TODAY,
            data: with(
                anthropic("claude-haiku-5-5", json!({ "input": 333, "cache_write": 111, "output": 1 })),
                "service_tier",
                "batch",
            ),
            price: "anthropic/claude-haiku-5-5#batch",
            // 0.00001665 + 0.0000069375 + 0.00000025 = 0.0000238375: half a nano, rounded to even.
            sum: &[(333, "0.05"), (111, "0.0625"), (1, "0.25")],
            cost: "0.000023838",
        },
        Example {
            about: "cached tokens count towards the length: 100001 in all",
            at: TODAY,
            data: anthropic("claude-haiku-5-5", json!({ "input": 1, "cache_read": 100_000, "output": 200 })),
            price: "anthropic/claude-haiku-5-5>100000",
            sum: &[(1, "0.5"), (100_000, "0.05"), (200, "2.5")],
            cost: "0.0055005",
        },
        Example {
            about: "a long request before the surcharge was dropped",
            at: "2026-03-12T23:59:59Z",
            data: anthropic("claude-sonnet-4-6", json!({ "input": 250_000, "output": 4_000 })),
            price: "anthropic/claude-sonnet-4-6>200000",
            sum: &[(250_000, "6"), (4_000, "22.5")],
            cost: "1.59",
        },
        Example {
            about: "and at the midnight from which on there is none",
            at: "2026-03-13T00:00:00Z",
            data: anthropic("claude-sonnet-4-6", json!({ "input": 250_000, "output": 4_000 })),
            price: "anthropic/claude-sonnet-4-6@2026-03-13",
            sum: &[(250_000, "3"), (4_000, "15")],
            cost: "0.81",
        },
        Example {
            about: "fast mode",
            at: TODAY,
            data: with(
                anthropic("claude-opus-5", json!({ "input": 10, "output": 1_999 })),
                "service_tier",
                "fast",
            ),
            price: "anthropic/claude-opus-5#fast",
            sum: &[(10, "10"), (1_999, "50")],
            cost: "0.10005",
        },
        Example {
            about: "a dated name of an older model",
            at: TODAY,
            data: anthropic(
                "claude-3-5-haiku-20241022",
                json!({ "input": 1_024, "cache_read": 2_048, "output": 512 }),
            ),
            price: "anthropic/claude-3-5-haiku",
            sum: &[(1_024, "0.8"), (2_048, "0.08"), (512, "4")],
            cost: "0.00303104",
        },
    ]
}

fn of_google() -> Vec<Example> {
    let google = |model: &str, tokens| json!({ "provider": "gcp.gemini", "model": model, "tokens": tokens });
    vec![
        Example {
            about: "text, sound and a picture, of which sound costs more",
            at: TODAY,
            data: google(
                "gemini-2.5-flash",
                json!({ "input": 1_000, "audio": 2_000, "image": 258, "output": 300 }),
            ),
            price: "google/gemini-2.5-flash",
            sum: &[(1_000, "0.3"), (2_000, "1"), (258, "0.3"), (300, "2.5")],
            cost: "0.0031274",
        },
        Example {
            about: "thoughts are output; a long request",
            at: TODAY,
            data: google(
                "models/gemini-2.5-pro",
                json!({ "input": 210_000, "cache_read": 10_000, "output": 9_000, "reasoning": 6_000 }),
            ),
            price: "google/gemini-2.5-pro>200000",
            sum: &[(200_000, "2.5"), (10_000, "0.25"), (9_000, "15")],
            cost: "0.6375",
        },
        Example {
            about: "a picture is made",
            at: TODAY,
            data: google(
                "gemini-3-pro-image",
                json!({ "input": 80, "image": 1_120, "image_output": 1_120, "output": 900 }),
            ),
            price: "google/gemini-3-pro-image-preview",
            sum: &[(80, "2"), (1_120, "120"), (900, "12")],
            cost: "0.14536",
        },
        Example {
            about: "the last moment of introductory prices",
            at: "2026-11-30T23:59:59.999999Z",
            data: google("gemini-4-argon", json!({ "input": 5_000, "output": 5_000 })),
            price: "google/gemini-4-argon",
            sum: &[(5_000, "2"), (5_000, "10")],
            cost: "0.06",
        },
        Example {
            about: "priority, 1.8 times the price, after them",
            at: "2026-12-01T00:00:00Z",
            data: with(
                google("gemini-4-argon", json!({ "input": 5_000, "output": 5_000 })),
                "service_tier",
                "ON_DEMAND_PRIORITY",
            ),
            price: "google/gemini-4-argon@2026-12-01#priority",
            sum: &[(5_000, "7.2"), (5_000, "36")],
            cost: "0.216",
        },
    ]
}

fn of_others() -> Vec<Example> {
    vec![
        Example {
            about: "Mistral: three prices within two weeks, of which the second",
            at: "2026-10-28T23:59:59Z",
            data: json!({ "provider": "mistral_ai", "model": "mistral-large-4", "tokens": { "input": 3_000, "output": 1_000 } }),
            price: "mistral/mistral-large-4@2026-10-20",
            sum: &[(3_000, "1.36"), (1_000, "4.18")],
            cost: "0.00826",
        },
        Example {
            about: "Mistral: a batch with cached input, after the third",
            at: TODAY,
            data: json!({
                "provider": "mistral_ai", "model": "mistral-large-4", "service_tier": "batch",
                "tokens": { "input": 3_000, "cache_read": 1_001, "output": 1_000 },
            }),
            price: "mistral/mistral-large-4@2026-10-29#batch",
            sum: &[(1_999, "0.35"), (1_001, "0.035"), (1_000, "1.05")],
            cost: "0.001784685",
        },
        Example {
            about: "DeepSeek: peak hours of a Friday",
            at: "2026-11-20T03:59:59.999999Z",
            data: json!({ "provider": "deepseek", "model": "deepseek-v4-pro", "tokens": { "input": 1_000, "cache_read": 900, "output": 100 } }),
            price: "deepseek/deepseek-v4-pro@2026-08-23+hours",
            sum: &[(100, "1.32"), (900, "0.044"), (100, "3.96")],
            cost: "0.0005676",
        },
        Example {
            about: "DeepSeek: the same hours of a Saturday",
            at: "2026-11-21T03:59:59.999999Z",
            data: json!({ "provider": "deepseek", "model": "deepseek-v4-pro", "tokens": { "input": 1_000, "cache_read": 900, "output": 100 } }),
            price: "deepseek/deepseek-v4-pro@2026-08-23",
            sum: &[(100, "0.66"), (900, "0.022"), (100, "1.98")],
            cost: "0.0002838",
        },
        Example {
            about: "DeepSeek: a change at 16:00 UTC and not at midnight",
            at: "2025-09-05T16:00:00Z",
            data: json!({ "provider": "deepseek", "model": "deepseek-chat", "tokens": { "input": 500, "output": 500 } }),
            price: "deepseek/deepseek-chat@2025-09-05T16:00:00Z",
            sum: &[(500, "0.56"), (500, "1.68")],
            cost: "0.00112",
        },
        Example {
            about: "AWS Bedrock: a model in one region costs a tenth more",
            at: TODAY,
            data: json!({
                "provider": "aws.bedrock", "model": "eu.anthropic.claude-sonnet-4-5-20250929-v1:0", "convention": "exclusive",
                "tokens": { "input": 1_000, "cache_read": 2_000, "output": 300 },
            }),
            price: "aws.bedrock/anthropic.claude-sonnet-4-5-20250929-v1:0",
            sum: &[(1_000, "3.3"), (2_000, "0.33"), (300, "16.5")],
            cost: "0.00891",
        },
        Example {
            about: "AWS Bedrock: the global endpoint, by its ARN",
            at: TODAY,
            data: json!({
                "provider": "aws.bedrock", "convention": "exclusive",
                "model": "arn:aws:bedrock:eu-west-1:123456789012:inference-profile/global.anthropic.claude-sonnet-4-5-20250929-v1:0",
                "tokens": { "input": 1_000, "cache_read": 2_000, "output": 300 },
            }),
            price: "aws.bedrock/global.anthropic.claude-sonnet-4-5-20250929-v1:0",
            sum: &[(1_000, "3"), (2_000, "0.3"), (300, "15")],
            cost: "0.0081",
        },
        Example {
            about: "Azure: a batch, under the name that Azure gave the model",
            at: TODAY,
            data: json!({ "provider": "azure.ai.openai", "model": "gpt-4o-2024-11-20", "service_tier": "batch", "tokens": { "input": 640, "output": 32 } }),
            price: "azure/gpt-4o#batch",
            sum: &[(640, "1.25"), (32, "5")],
            cost: "0.00096",
        },
    ]
}

fn examples() -> Vec<Example> {
    [of_openai(), of_anthropic(), of_google(), of_others()].into_iter().flatten().collect()
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
    assert_eq!(told.to_string(), "the model gpt-5 of openai has no price for that time");
}
