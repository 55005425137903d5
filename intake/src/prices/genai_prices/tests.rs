use pratiko_domain::pricing::{Call, PriceTable, Tokens};
use pratiko_domain::time::Timestamp;

use super::*;
use crate::prices::{read, write};

/// In the form of the list; names and prices are made up.
const LIST: &str = r#"[
  {
    "id": "acme", "name": "Acme", "api_pattern": "https://api\\.example\\.com", "pricing_urls": ["https://example.com/prices"],
    "provider_match": {"contains": "acme"}, "extractors": [{"root": "usage", "mappings": []}],
    "models": [
      {
        "id": "m-pro", "context_window": 1000000,
        "match": {"or": [{"equals": "m-pro"}, {"regex": "^m-pro-\\d{4}-\\d{2}-\\d{2}$"}, {"starts_with": "m-pro@"}]},
        "prices": [
          {"prices": {"input_mtok": {"base": 3, "tiers": [{"start": 200000, "price": 6}]}, "output_mtok": {"base": 15, "tiers": [{"start": 200000, "price": 22.5}]}, "cache_read_mtok": 0.3, "web_searches_kcount": 10}},
          {"constraint": {"start_date": "2026-03-13"}, "prices": {"input_mtok": 2, "output_mtok": 10, "cache_read_mtok": 0.2}}
        ],
        "price_variants": [
          {"when": {"service_tier": "default"}, "prices": {}},
          {"when": {"processing": "batch"}, "constraint": {"start_date": "2026-10-14"}, "prices": {"input_mtok": 1, "output_mtok": 5}},
          {"when": {"speed": "fast"}, "prices": {"input_mtok": 8}},
          {"when": {"search_type": "fast"}, "prices": {"input_mtok": 9}}
        ]
      },
      {
        "id": "m-night", "match": {"contains": "night"},
        "prices": [
          {"prices": {"input_mtok": 1}},
          {"constraint": {"start_date": "2026-09-10"}, "prices": {"input_mtok": 2}},
          {"constraint": {"start_time": "01:00:00Z", "end_time": "04:00:00Z"}, "prices": {"input_mtok": 4}},
          {"constraint": {"start_time": "03:00:00Z", "end_time": "10:00:00Z"}, "prices": {"input_mtok": 8}}
        ]
      },
      {"id": "m-tts", "match": {"and": [{"starts_with": "m-speech"}, {"regex": "^(?!.*-lite)"}]}, "prices": {"input_audio_mtok": 5, "output_audio_mtok": 7}},
      {"id": "m-free", "match": {"equals": "m-free"}, "prices": {}},
      {"id": "m-hours", "match": {"equals": "m-hours"}, "prices": {"audio_hours": 3}},
      {"id": "m-regex", "match": {"regex": "a|b"}, "prices": {"input_mtok": 1, "requests_kcount": 12}},
      {"id": "m-new", "match": {"sounds_like": "m"}, "prices": {"input_mtok": 1}},
      {"id": "m-wrong", "match": {"equals": "w"}, "prices": {"input_mtok": "much", "output_mtok": 1e300}}
    ]
  },
  {"id": "cloud", "name": "Cloud", "api_pattern": "x", "fallback_model_providers": ["acme"], "models": []}
]"#;

fn cost(imported: &Imported, provider: &str, model: &str, tier: &str, tokens: Tokens, time: &str) -> String {
    let table = PriceTable::new(vec![imported.list.clone()]);
    let call = Call { provider, model, service_tier: Some(tier), tokens };
    match table.price(&call, time.parse::<Timestamp>().unwrap()) {
        Ok(priced) => priced.amount().to_string(),
        Err(error) => error.to_string(),
    }
}

#[test]
fn prices_are_found_by_date_hour_size_and_variant() {
    let imported = import(LIST.as_bytes(), None).unwrap();
    let tokens = Tokens { input: 1_000, output: 1_000, ..Tokens::default() };
    let long = Tokens { input: 200_001, output: 1_000, ..Tokens::default() };
    let cached = Tokens { cache_read: 1_000, ..Tokens::default() };
    let input = Tokens { input: 1_000_000, ..Tokens::default() };
    for (model, tier, tokens, time, expected) in [
        ("m-pro", "standard", tokens, "2026-03-12T23:59:59Z", "0.018"),
        ("m-pro", "standard", tokens, "2026-03-13T00:00:00Z", "0.012"),
        ("m-pro", "standard", long, "2026-03-12T00:00:00Z", "1.222506"),
        ("m-pro", "standard", long, "2026-03-13T00:00:00Z", "0.410002"),
        ("m-pro-2026-01-01", "batch", tokens, "2026-10-14T00:00:00Z", "0.006"),
        ("m-pro@x", "batch", cached, "2026-10-14T00:00:00Z", "0.0002"),
        ("m-pro", "fast", tokens, "2026-03-13T00:00:00Z", "0.018"),
        (
            "m-pro",
            "batch",
            tokens,
            "2026-10-13T00:00:00Z",
            "acme/m-pro@2026-03-13 has no prices for the service tier batch",
        ),
        ("the-night-one", "standard", input, "2026-09-09T00:30:00Z", "1"),
        ("the-night-one", "standard", input, "2026-09-10T00:30:00Z", "2"),
        ("the-night-one", "standard", input, "2026-09-10T01:00:00Z", "4"),
        ("the-night-one", "standard", input, "2026-09-10T03:30:00Z", "8"),
        (
            "m-speech-2",
            "standard",
            Tokens { audio_output: 1_000, ..Tokens::default() },
            "2026-01-01T00:00:00Z",
            "0.007",
        ),
        ("m-regex", "standard", Tokens { requests: 1, ..Tokens::default() }, "2026-01-01T00:00:00Z", "0.012"),
    ] {
        for provider in ["acme", "cloud"] {
            assert_eq!(
                cost(&imported, provider, model, tier, tokens, time),
                expected,
                "{model} {tier} {time}"
            );
        }
    }
}

#[test]
fn what_cannot_be_taken_is_told() {
    let imported = import(LIST.as_bytes(), None).unwrap();
    let told: Vec<String> = imported.left_out.iter().map(ToString::to_string).collect();
    for expected in [
        "web_searches_kcount: events do not tell what it charges for, or it has no place here: acme/m-pro",
        "audio_hours: events do not tell what it charges for, or it has no place here: acme/m-hours",
        "variants that are no service tier: they were not taken: acme/m-pro",
        "names that a rule excludes: they are matched, unless another model has the name: acme/m-tts",
        "models without a price per token: calls to them stay unpriced: acme/m-free, acme/m-hours, acme/m-wrong",
        "rules for names that are no patterns: names that only they match stay unpriced: acme/m-regex",
        "rules for names that were not understood: only its id is matched: acme/m-new",
        "input_mtok: the value is not a price that can be kept exactly: acme/m-wrong",
    ] {
        assert!(told.contains(&expected.to_owned()), "{expected}\n{told:#?}");
    }
}

#[test]
fn an_import_is_a_price_file() {
    let imported = import(LIST.as_bytes(), Some("genai-prices")).unwrap();
    let again = read(&write(&imported.list), None).unwrap();
    assert_eq!(again.providers(), imported.list.providers());
}

#[test]
fn the_later_form_is_read_too() {
    let wrapped = format!("{{\"units\": {{}}, \"providers\": {LIST}}}");
    let (one, other) = (import(LIST.as_bytes(), None).unwrap(), import(wrapped.as_bytes(), None).unwrap());
    assert_eq!(one.list.providers(), other.list.providers());
}

#[test]
fn other_json_and_bombs_are_refused() {
    let clauses = format!("{}{{\"equals\":\"x\"}}{}", "{\"or\":[".repeat(10_000), "]}".repeat(10_000));
    let deep = format!(
        "[{{\"id\":\"p\",\"models\":[{{\"id\":\"m\",\"match\":{clauses},\"prices\":{{\"input_mtok\":1}}}}]}}]"
    );
    let imported = import(deep.as_bytes(), None).unwrap();
    assert_eq!(imported.left_out[0].what, "rules for names that were not understood");
    let arrays = "[".repeat(1_000_000);
    for bytes in [b"{}".as_slice(), b"[7]", b"", arrays.as_bytes()] {
        let error = import(bytes, None).unwrap_err().to_string();
        assert!(error.starts_with("this is not genai-prices' list"), "{error}");
    }
}
