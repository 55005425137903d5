use pratiko_domain::pricing::{Call, PriceTable, Tokens};
use pratiko_domain::time::Timestamp;

use super::*;
use crate::prices::{read, write};

/// In the form of the list; names and prices are made up.
const LIST: &str = r#"{
    "sample_spec": {"litellm_provider": "one of the providers", "input_cost_per_token": 0.0},
    "gpt-x": {
        "litellm_provider": "openai",
        "mode": "chat",
        "max_input_tokens": 1000000,
        "source": "https://example.com/prices",
        "input_cost_per_token": 1.25e-06,
        "input_cost_per_token_above_272k_tokens": 2.5e-06,
        "input_cost_per_token_batches": 6.25e-07,
        "input_cost_per_token_flex": 0.000000625,
        "input_cost_per_token_priority": 2.5e-06,
        "cache_read_input_token_cost": 1.2500000000000002e-07,
        "output_cost_per_token": 1e-05,
        "output_cost_per_token_batches": 5e-06,
        "output_cost_per_token_flex": 5e-06,
        "output_cost_per_token_priority": 2e-05,
        "output_cost_per_token_ultrafast": 9e-05,
        "search_context_cost_per_query": {"search_context_size_low": 0.01},
        "supports_vision": true
    },
    "anthropic/claude-x": {
        "litellm_provider": "anthropic",
        "input_cost_per_token": 3e-06,
        "cache_creation_input_token_cost": 3.75e-06,
        "cache_creation_input_token_cost_above_1hr": 6e-06,
        "cache_creation_input_token_cost_above_1hr_above_200k_tokens": 1.2e-05,
        "output_cost_per_token": 1.5e-05
    },
    "dashscope/qwen-x": {
        "litellm_provider": "dashscope",
        "tiered_pricing": [
            {"range": [0, 256000.0], "input_cost_per_token": 5e-08, "output_cost_per_token": 4e-07},
            {"range": [256000.0, 1e6], "input_cost_per_token": 2.5e-07, "output_cost_per_token": 2e-06}
        ]
    },
    "sonar-x": {"litellm_provider": "perplexity", "input_cost_per_token": 1e-06},
    "grok-x": {"litellm_provider": "x_ai", "input_cost_per_token": 1e-06, "output_cost_per_token": 1e-06, "input_cost_per_request": 0.005},
    "perplexity/sonar-x": {"litellm_provider": "perplexity", "input_cost_per_token": 9e-06},
    "perplexity/perplexity/sonar-y": {"litellm_provider": "perplexity", "input_cost_per_token": 2e-06},
    "perplexity/sonar-y": {"litellm_provider": "perplexity", "input_cost_per_token": 3e-06},
    "free-x": {"litellm_provider": "ollama", "input_cost_per_token": 0.0, "output_cost_per_token": 0},
    "image-x": {"litellm_provider": "openai", "output_cost_per_image": 0.04},
    "stray": {"input_cost_per_token": 1e-06},
    "odd": {"litellm_provider": "openai", "input_cost_per_token": "cheap", "output_cost_per_token": -1e-06},
    "broken": 7
}"#;

fn price(
    imported: &Imported,
    provider: &str,
    model: &str,
    tier: &str,
    tokens: Tokens,
) -> Result<String, String> {
    let table = PriceTable::new(vec![imported.list.clone()]);
    let call = Call { provider, model, service_tier: Some(tier), tokens };
    table
        .price(&call, Timestamp::from_seconds(0))
        .map(|priced| priced.amount().to_string())
        .map_err(|error| error.to_string())
}

#[test]
fn prices_per_token_become_prices_per_million_with_their_tiers_and_sizes() {
    let imported = import(LIST.as_bytes(), Some("litellm")).unwrap();
    let tokens = Tokens { input: 1_000, output: 1_000, ..Tokens::default() };
    let long = Tokens { input: 272_001, ..tokens };
    let cached = Tokens { cache_read: 1_000_000, ..Tokens::default() };
    let written = Tokens { cache_write: 1_000, cache_write_1h: 1_000, ..Tokens::default() };
    let written_long = Tokens { input: 200_001, cache_write_1h: 1_000, ..Tokens::default() };
    let request = Tokens { input: 1_000, requests: 1, ..Tokens::default() };
    let tokens_of = |input| Tokens { input, ..Tokens::default() };
    for (provider, model, tier, tokens, expected) in [
        ("openai", "gpt-x", "standard", tokens, "0.01125"),
        ("openai", "gpt-x", "batch", tokens, "0.005625"),
        ("openai", "gpt-x", "flex", tokens, "0.005625"),
        ("openai", "gpt-x", "priority", tokens, "0.0225"),
        ("openai", "gpt-x", "standard", long, "0.6900025"),
        ("openai", "gpt-x", "standard", cached, "0.125"),
        ("anthropic", "claude-x", "standard", written, "0.00975"),
        ("anthropic", "anthropic/claude-x", "standard", written_long, "0.612003"),
        ("dashscope", "qwen-x", "standard", Tokens { input: 256_000, ..Tokens::default() }, "0.0128"),
        ("dashscope", "qwen-x", "standard", Tokens { input: 256_001, ..Tokens::default() }, "0.06400025"),
        // "perplexity/sonar-x" comes first in the alphabet, and is the same model.
        ("perplexity", "sonar-x", "standard", tokens_of(1_000), "0.009"),
        ("perplexity", "perplexity/sonar-y", "standard", tokens_of(1_000), "0.002"),
        ("perplexity", "sonar-y", "standard", tokens_of(1_000), "0.003"),
        ("x_ai", "grok-x", "standard", request, "0.006"),
    ] {
        assert_eq!(
            price(&imported, provider, model, tier, tokens).as_deref(),
            Ok(expected),
            "{model} {tier}"
        );
    }
    // The list has no price for cached tokens of a batch; ours has none then either.
    let told = price(&imported, "openai", "gpt-x", "batch", cached).unwrap_err();
    assert!(told.contains("no price for cache_read"), "{told}");
}

#[test]
fn what_cannot_be_taken_is_told() {
    let imported = import(LIST.as_bytes(), None).unwrap();
    let told: Vec<String> = imported.left_out.iter().map(ToString::to_string).collect();
    for expected in [
        "output_cost_per_token_ultrafast: events do not tell what it charges for, or it has no place here: gpt-x",
        "search_context_cost_per_query: events do not tell what it charges for, or it has no place here: gpt-x",
        "models whose every price is 0: the list says 0 for unknown prices too: free-x",
        "models without a price per token: calls to them stay unpriced: image-x, odd",
        "litellm_provider: without a provider a price cannot be found: stray",
        "input_cost_per_token: the value is not a price that can be kept exactly: odd",
        "output_cost_per_token: the value is not a price that can be kept exactly: odd",
        "the same model twice: only the first entry was taken: sonar-x",
        "not an object: the entry was not understood: broken",
    ] {
        assert!(told.contains(&expected.to_owned()), "{expected}\n{told:#?}");
    }
}

#[test]
fn an_import_is_a_price_file() {
    let imported = import(LIST.as_bytes(), Some("litellm")).unwrap();
    let again = read(&write(&imported.list), None).unwrap();
    assert_eq!(again.providers(), imported.list.providers());
}

#[test]
fn other_json_and_bombs_are_refused() {
    let deep = "[".repeat(1_000_000);
    let deep_inside = format!("{{\"m\": {}}}", "{\"a\":".repeat(100_000));
    let big = vec![b' '; (64 << 20) + 1];
    for bytes in [b"[]".as_slice(), b"nonsense", deep.as_bytes(), deep_inside.as_bytes(), &big, b"\xff"] {
        let error = import(bytes, None).unwrap_err().to_string();
        assert!(
            error.starts_with("this is not LiteLLM's list") || error.starts_with("the file has"),
            "{error}"
        );
    }
    // Depth where nobody looks is skipped, where somebody looks it is left out.
    let depth = [("{\"m\": {\"supports\": ", "}}"), ("{\"m\": {\"litellm_provider\": ", "}}")];
    for (before, after) in depth {
        let text = format!("{before}{}{}{after}", "[".repeat(50_000), "]".repeat(50_000));
        assert!(import(text.as_bytes(), None).is_ok_and(|imported| imported.left_out.len() == 1));
    }
}
