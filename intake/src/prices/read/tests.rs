use std::fmt::Write as _;

use pratiko_domain::pricing::{Call, PriceTable, Tokens};
use pratiko_domain::time::Timestamp;

use super::*;
use crate::prices::{bundled, write};

fn problems(text: &str) -> Vec<String> {
    read(text, None)
        .unwrap_err()
        .problems
        .iter()
        .map(|problem| format!("{}: {}", problem.line, problem.message))
        .collect()
}

const FILE: &str = r#"
name: acme
currency: EUR
checked: 2026-11-01
providers:
  - provider: openai
    names: [our-gateway]
    models:
      - model: gpt-x
        names: ["gpt-x-####-##-##", gpt-x-latest]
        prices:
          - {until: 2026-01-01, input: 2, output: 8}
          - from: 2026-01-01
            input: 1.25
            cache_read: 0.125
            output: 10
            above:
              272_000: {input: 2.5, cache_read: 0.25, output: 15}
            batch: 0.5
            priority: {input: 2.5, output: 20}
            fast: priority
            hours:
              - {utc: ["01:00-04:00", "22:30-00:30"], days: mon-fri, input: 3, output: 30, batch: 0.5}
      - model: whisper
        prices: {audio_input: 6, source: "https://example.com/prices"}
"#;

fn priced(list: PriceList, model: &str, tier: &str, input: u64, time: &str) -> (String, String) {
    let table = PriceTable::new(vec![list]);
    let tokens = Tokens { input, output: 1_000, requests: 1, ..Tokens::default() };
    let call = Call { provider: "our-gateway", model, service_tier: Some(tier), tokens };
    let priced = table.price(&call, time.parse().unwrap()).unwrap();
    (priced.price.clone(), format!("{} {}", priced.amount(), priced.currency))
}

#[test]
fn a_file_says_names_dates_tiers_sizes_and_hours() {
    let list = || read(FILE, Some("prices")).unwrap();
    let cases = [
        ("gpt-x", "standard", 1_000, "2025-12-31T23:59:59Z", "acme:openai/gpt-x", "0.01 EUR"),
        ("gpt-x", "standard", 1_000, "2026-01-01T00:30:00Z", "acme:openai/gpt-x@2026-01-01", "0.01125 EUR"),
        (
            "gpt-x-2026-01-01",
            "batch",
            1_000,
            "2026-01-03T02:00:00Z",
            "acme:openai/gpt-x@2026-01-01#batch",
            "0.005625 EUR",
        ),
        (
            "gpt-x",
            "batch",
            272_001,
            "2026-01-03T02:00:00Z",
            "acme:openai/gpt-x@2026-01-01#batch>272000",
            "0.34750125 EUR",
        ),
        ("gpt-x", "fast", 1_000, "2026-01-03T02:00:00Z", "acme:openai/gpt-x@2026-01-01#fast", "0.0225 EUR"),
        (
            "gpt-x",
            "batch",
            1_000,
            "2026-01-02T02:00:00Z",
            "acme:openai/gpt-x@2026-01-01+hours#batch",
            "0.0165 EUR",
        ),
    ];
    for (model, tier, input, time, price, amount) in cases {
        assert_eq!(
            priced(list(), model, tier, input, time),
            (price.to_owned(), amount.to_owned()),
            "{tier} {time}"
        );
    }
}

#[test]
fn what_is_written_reads_back_as_the_same() {
    for list in [read(FILE, None).unwrap(), bundled().unwrap()] {
        let text = write(&list);
        let again = read(&text, None).unwrap();
        assert_eq!(list.providers(), again.providers());
        assert_eq!(write(&again), text);
    }
}

#[test]
fn an_error_on_line_17_is_told_with_its_line_and_what_to_do() {
    let broken = FILE.trim_start().replace("272_000: {input: 2.5", "272_000: {input: free");
    assert!(broken.lines().nth(16).is_some_and(|line| line.contains("free")));
    let error = read(&broken, None).unwrap_err();
    let expected = "line 17: input: \"free\" is no price: not a decimal amount; write it like \"12.34\"";
    assert_eq!(error.to_string(), expected);
}

#[test]
fn every_mistake_is_told_where_it_is() {
    let cases = [
        ("providers: 3", "1: providers is \"3\"; write a list, each entry after a hyphen"),
        ("[1]", "1: a price file is a list; write its keys: name, currency, source, checked, providers"),
        (
            "provider: openai",
            "1: provider is not a key of a price file; known here: name, currency, source, checked, providers",
        ),
        ("currency: euro", "1: \"euro\" is not a currency; write its three letters, like USD"),
        ("name: a/b", "1: name: \"a/b\" is not of 1 to 50 letters, digits, points and hyphens"),
        ("source: \"a\\u0085b\"", "1: source is not a text of 1 to 200 characters on one line"),
        ("checked: soon", "1: \"soon\" is not a date; write it like 2026-03-01"),
    ];
    for (text, expected) in cases {
        assert_eq!(problems(text)[0], expected, "{text}");
    }
    let row = |row: &str| {
        let file = format!(
            "providers:\n  - provider: p\n    models:\n      - model: m\n        prices:\n          - {row}\n"
        );
        problems(&file).join(" | ")
    };
    for (text, expected) in [
        ("{input: -1}", "6: input: \"-1\" is no price: a price is not below zero"),
        (
            "{input: 2000000}",
            "6: input: \"2000000\" is no price: a price above 1000000 is not believed; prices are per million tokens",
        ),
        ("{input: 0.0000000001}", "6: input: \"0.0000000001\" is no price: it has more than nine decimals"),
        ("{input: 1, input: 2}", "6: this is not YAML"),
        (
            "{from: 2026-13-01, input: 1}",
            "6: from: \"2026-13-01\" is neither a date like 2026-03-01 nor a time like 2026-03-01T12:00:00Z",
        ),
        ("{from: 2026-01-01, until: 2026-01-01, input: 1}", "4: a price of m ends before it begins"),
        (
            "{input: 1, batch: cheap}",
            "6: batch: \"cheap\" is neither a factor like 0.5, nor another tier, nor prices of its own",
        ),
        ("{input: 1, batch: flex}", "6: batch is as flex, which has no prices"),
        (
            "{input: 1, batch: cheap, flex: batch}",
            "6: batch: \"cheap\" is neither a factor like 0.5, nor another tier, nor prices of its own",
        ),
        (
            "{input: 0.000000001, batch: 0.5}",
            "6: batch: 0.5: times this factor the price would have more than nine decimals; write the prices themselves",
        ),
        ("{input: 1, above: {many: {input: 2}}}", "6: above: \"many\" is not a number of tokens"),
        ("{input: 1, above: {5: {}}}", "6: there is no price in it; prices have keys like input and output"),
        ("{source: x}", "6: there is no price in it; prices have keys like input and output"),
        ("{input: 1, hours: [{input: 2}]}", "6: prices at some hours have no hours; add utc: 01:00-04:00"),
        ("{input: 1, hours: [{utc: 1-2, input: 2}]}", "6: utc: \"1-2\" is not a span like 01:00-04:00"),
        (
            "{input: 1, hours: [{utc: \"01:00-02:00\", days: always, input: 2}]}",
            "6: days: \"always\" is not like mon-fri; days are mon, tue, wed, thu, fri, sat, sun",
        ),
        ("{input: 1, inptu: 1}", "6: inptu is not a key of a price; known here:"),
    ] {
        let told = row(text);
        assert!(told.starts_with(expected) && !told.contains(" | "), "{text}: {told}");
    }
    let twice = "providers:\n  - provider: p\n    models:\n      - {model: m, prices: {input: 1}}\n      - {model: n, names: [M], prices: {input: 1}}\n";
    assert_eq!(problems(twice), ["5: m is already a name of the model m"]);
    let times =
        "providers:\n  - provider: p\n    models:\n      - {model: m, prices: [{input: 1}, {input: 2}]}\n";
    assert_eq!(problems(times), ["4: two prices of m hold from the same time on (always)"]);
    let wrong = times.replace("{input: 1}", "{from: soon, input: 1}");
    let told = problems(&wrong);
    assert!(told.len() == 1 && told[0].starts_with("4: from: \"soon\" is neither"), "{told:?}");
    assert_eq!(problems("providers:\n  - provider: p\n  - provider: P\n"), ["3: two providers are called p"]);
    let nameless = problems("providers:\n  - models: []\n  - models: []\n");
    let expected = ["2", "3"].map(|line| format!("{line}: provider: is missing; it names what follows"));
    assert_eq!(nameless, expected);
}

#[test]
fn bombs_are_refused_quickly() {
    let mut aliases = "a: &a [x, x, x, x, x, x, x, x, x]\n".to_owned();
    for (this, last) in ('b'..='k').zip('a'..) {
        writeln!(aliases, "{this}: &{this} [{}]", vec![format!("*{last}"); 9].join(", ")).unwrap();
    }
    let deep = "[".repeat(100_000);
    let large = "#".repeat(LARGEST + 1);
    for text in [aliases.as_str(), &deep, &large] {
        let start = std::time::Instant::now();
        assert_eq!(problems(text).len(), 1);
        assert!(start.elapsed().as_secs() < 5);
    }
}

#[test]
fn an_empty_file_has_no_prices() {
    assert!(read("", None).unwrap().providers().is_empty());
    assert!(read("# nothing\nproviders:\n", None).unwrap().providers().is_empty());
}

#[test]
fn the_bundled_list_says_where_each_price_is_from_and_when_it_was_checked() {
    let list = bundled().unwrap();
    let names: Vec<_> = list.providers().iter().map(|provider| provider.name.as_str()).collect();
    assert_eq!(names, ["openai", "anthropic", "google", "mistral", "deepseek", "aws.bedrock", "azure"]);
    for provider in list.providers() {
        assert!((5..=70).contains(&provider.models.len()), "{}", provider.name);
        for model in &provider.models {
            assert!(!model.rows.is_empty(), "{}", model.name);
            for row in &model.rows {
                assert!(row.source.as_deref().is_some_and(|source| source.starts_with("https://")));
                assert!(row.checked.is_some() && &*row.currency == "USD" && row.until > Timestamp::MIN);
            }
        }
    }
}

#[test]
fn no_bundled_price_is_taken_for_a_smaller_or_another_kind_of_model() {
    for provider in bundled().unwrap().providers() {
        // An id with its version, `…-v1:0`, has no siblings.
        for model in provider.models.iter().filter(|model| !model.name.contains(':')) {
            let siblings =
                ["-lite", "-image", "-tts", "-mini", "0"].map(|kind| format!("{}{kind}", model.name));
            for pattern in &model.names {
                let taken = siblings.iter().find(|sibling| pattern.matches(sibling));
                assert_eq!(taken, None, "{pattern} of {}", provider.name);
            }
        }
    }
}

#[test]
fn the_example_of_the_documentation_is_a_price_file() {
    let page = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/PRICES.md");
    let page = std::fs::read_to_string(page).unwrap();
    let blocks: Vec<&str> =
        page.split("```yaml\n").skip(1).filter_map(|rest| rest.split("```").next()).collect();
    let example = blocks.iter().find(|block| block.starts_with("name:")).unwrap();
    let list = read(example, None).unwrap();
    assert_eq!(list.providers().len(), 2);
    let table = PriceTable::new(vec![list, bundled().unwrap()]);
    let tokens = Tokens { input: 1_000_000, ..Tokens::default() };
    let cost = |provider, model| {
        let call = Call { provider, model, service_tier: None, tokens };
        table.price(&call, "2026-11-21T12:00:00Z".parse::<Timestamp>().unwrap()).unwrap()
    };
    assert_eq!(cost("our-gateway", "chat-prod").amount().to_string(), "2.2");
    let in_peak_hours =
        Call { provider: "our-gateway", model: "chat-prod", service_tier: Some("batch"), tokens };
    let batch = table.price(&in_peak_hours, "2026-11-23T02:00:00Z".parse().unwrap()).unwrap();
    assert_eq!(batch.price, "acme:openai/gpt-5@2026-01-01+hours#batch");
    assert_eq!(cost("openai", "gpt-4.1").price, "openai/gpt-4.1@2025-04-14");
    let own = cost("our-own-cluster", "llama");
    assert_eq!((own.amount().to_string(), own.currency), ("0.05".to_owned(), "EUR".to_owned()));
    assert_eq!(cost("our-own-cluster", "mistral-large-2512").price, "mistral/mistral-large-2512");
}

proptest::proptest! {
    /// Files with a few bytes changed, taken out or repeated are read or refused, and what is read can be
    /// written and read again.
    #[test]
    fn whatever_the_bytes_are_they_are_read_or_refused(
        edits in proptest::collection::vec((0.0..1.0_f64, proptest::prelude::any::<u8>(), 0..3_u8), 1..6),
    ) {
        let mut bytes = FILE.as_bytes().to_vec();
        for (place, byte, kind) in edits {
            let place = (place * bytes.len() as f64) as usize;
            match kind {
                0 => bytes[place] = byte,
                1 => { bytes.remove(place); }
                _ => {
                    let end = (place + usize::from(byte)).min(bytes.len());
                    let part = bytes[place..end].to_vec();
                    bytes.splice(place..place, part);
                }
            }
        }
        let Ok(text) = String::from_utf8(bytes) else { return Ok(()) };
        match read(&text, None) {
            Ok(list) => {
                let again = read(&write(&list), None).unwrap();
                proptest::prop_assert_eq!(again.providers(), list.providers());
            }
            Err(error) => proptest::prop_assert!(error.problems.iter().all(|problem| problem.line > 0)),
        }
    }
}

#[test]
fn what_is_probably_not_meant_so_is_told_of_a_file_that_can_be_used() {
    let warnings = |text: &str| -> Vec<String> {
        let file = read_closely(text, None).unwrap();
        file.warnings.iter().map(|warning| format!("{}: {}", warning.line, warning.message)).collect()
    };
    let told = |text: &str, beginning: &str| {
        let warnings = warnings(text);
        assert!(warnings.len() == 1 && warnings[0].starts_with(beginning), "{text}: {warnings:?}");
    };
    let model = |first: &str, second: &str| {
        format!(
            "providers:\n  - provider: p\n    models:\n      - model: m\n        prices:\n          - {first}\n          - {second}\n"
        )
    };
    told("# nothing\n", "1: no model has a price in it");
    told(
        &model("{until: 2026-01-01, input: 1}", "{from: 2025-12-01, input: 2}"),
        "7: the price of m before this one holds until 2026-01-01, and this one wins from 2025-12-01 on",
    );
    told(
        &model("{from: 2026-02-01, input: 2}", "{until: 2026-01-01, input: 1}"),
        "6: from 2026-01-01 until 2026-02-01 m has no price here",
    );
    told(
        &model("{until: 2026-01-01, input: 1}", "{from: 2026-01-01, input: 1, currency: EUX}"),
        "7: no reference rate of EUX is published",
    );
    assert!(warnings(FILE).is_empty());
    let file = read_closely("providers:\n  - provider: mine\n    like: [yours]\n", None).unwrap();
    assert_eq!((file.providers[0].line, file.providers[0].name.as_str()), (2, "mine"));
    assert_eq!((file.like[0].line, file.like[0].name.as_str()), (3, "yours"));
    assert!(file.warnings.is_empty());
}
