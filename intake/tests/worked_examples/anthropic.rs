//! Anthropic: <https://platform.claude.com/docs/en/about-claude/pricing>.

use serde_json::json;

use crate::{Example, TODAY, anthropic, with};

pub fn examples() -> Vec<Example> {
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
