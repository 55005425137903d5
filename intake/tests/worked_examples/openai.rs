//! OpenAI: <https://developers.openai.com/api/docs/pricing>.

use serde_json::json;

use crate::{Example, TODAY, openai, with};

pub fn examples() -> Vec<Example> {
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
