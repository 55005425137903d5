//! Google: <https://ai.google.dev/gemini-api/docs/pricing>.

use serde_json::json;

use crate::{Example, TODAY, with};

pub fn examples() -> Vec<Example> {
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
