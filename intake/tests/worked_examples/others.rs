//! Mistral, `DeepSeek`, AWS Bedrock and Azure: the pages that their price lists name.

use serde_json::json;

use crate::{Example, TODAY};

pub fn examples() -> Vec<Example> {
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
