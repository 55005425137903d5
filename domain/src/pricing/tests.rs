use proptest::prelude::*;

use super::*;
use crate::money::Money;
use crate::time::Timestamp;

fn money(text: &str) -> Money {
    text.parse().unwrap()
}

fn prices(of: &[(TokenClass, &str)]) -> ClassPrices {
    let mut prices = ClassPrices::default();
    for (class, amount) in of {
        prices.set(*class, Price::per_million(money(amount)).unwrap());
    }
    prices
}

fn in_and_out(input: &str, output: &str) -> ClassPrices {
    prices(&[(TokenClass::Input, input), (TokenClass::Output, output)])
}

fn row(from: Option<&str>, input: &str, output: &str) -> PriceRow {
    let row = PriceRow::new("USD", Tariff::flat(in_and_out(input, output)));
    PriceRow { from: from.map_or(Timestamp::MIN, at), ..row }
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn model(name: &str, names: &[&str], rows: Vec<PriceRow>) -> Model {
    let names = names.iter().map(|name| name.parse().unwrap()).collect();
    Model { name: name.to_owned(), names, rows }
}

fn list(name: Option<&str>, provider: &str, models: Vec<Model>) -> PriceList {
    let provider = Provider { name: provider.to_owned(), models, ..Provider::default() };
    PriceList::new(name.map(str::to_owned), vec![provider]).unwrap()
}

const TOKENS: Tokens = Tokens {
    input: 1_000_000,
    output: 1_000_000,
    cache_read: 0,
    cache_write: 0,
    cache_write_1h: 0,
    reasoning: 0,
    audio_input: 0,
    audio_output: 0,
    image_input: 0,
    image_output: 0,
    requests: 1,
};

fn call(model: &str) -> Call<'_> {
    Call { provider: "acme", model, service_tier: None, tokens: TOKENS }
}

fn price_of(table: &PriceTable, model: &str, time: &str) -> Found {
    table.price(&call(model), at(time)).map(|priced| (priced.price.clone(), priced.amount().to_string()))
}

type Found = Result<(String, String), Unpriced>;

macro_rules! found {
    ($price:literal, $amount:literal) => {
        Ok(($price.to_owned(), $amount.to_owned()))
    };
}

const NOON: &str = "2026-06-01T12:00:00Z";

#[test]
fn a_price_changes_at_midnight_and_not_a_microsecond_earlier() {
    let rows = vec![row(Some("2026-07-01T00:00:00Z"), "2", "3"), row(None, "5", "7")];
    let table = PriceTable::new(vec![list(None, "acme", vec![model("m", &[], rows)])]);
    assert_eq!(price_of(&table, "m", "2026-06-30T23:59:59.999999Z"), found!("acme/m", "12"));
    assert_eq!(price_of(&table, "m", "2026-07-01T00:00:00Z"), found!("acme/m@2026-07-01", "5"));
}

#[test]
fn a_price_that_ended_holds_no_more_and_the_next_one_not_yet() {
    let old = PriceRow { until: at("2026-03-01T00:00:00Z"), ..row(None, "1", "1") };
    let new = row(Some("2026-04-01T00:00:00Z"), "2", "2");
    let table = PriceTable::new(vec![list(None, "acme", vec![model("m", &[], vec![old, new])])]);
    assert!(price_of(&table, "m", "2026-02-28T23:59:59Z").is_ok());
    let gap = price_of(&table, "m", "2026-03-01T00:00:00Z");
    let told = gap.unwrap_err().to_string();
    let holds = "its known prices hold until 2026-03-01, from 2026-04-01 on";
    assert_eq!(told, format!("the model m of acme has no price for that time; {holds}"));
    assert!(price_of(&table, "m", "2026-04-01T00:00:00Z").is_ok());
}

#[test]
fn a_name_comes_before_patterns_and_the_pattern_that_tells_more_before_others() {
    let models = vec![
        model("any", &["claude*"], vec![row(None, "1", "1")]),
        model("sonnet", &["claude-sonnet-*"], vec![row(None, "2", "2")]),
        model("exact", &["claude-sonnet-9"], vec![row(None, "3", "3")]),
    ];
    let table = PriceTable::new(vec![list(None, "acme", models)]);
    assert_eq!(price_of(&table, "Claude-Sonnet-9", NOON), found!("acme/exact", "6"));
    assert_eq!(price_of(&table, "claude-sonnet-8", NOON), found!("acme/sonnet", "4"));
    assert_eq!(price_of(&table, "claude-opus-1", NOON), found!("acme/any", "2"));
    assert_eq!(price_of(&table, "publishers/acme/models/claude-sonnet-8", NOON), found!("acme/sonnet", "4"));
}

#[test]
fn what_is_behind_a_slash_is_a_name_too_and_the_whole_name_tells_no_less() {
    let models = vec![
        model("regional", &["*claude-9-########*"], vec![row(None, "2", "2")]),
        model("global.claude-9", &["global.claude-9-########*"], vec![row(None, "1", "1")]),
        model("eu/gpt", &[], vec![row(None, "4", "4")]),
        model("gpt", &[], vec![row(None, "3", "3")]),
    ];
    let table = PriceTable::new(vec![list(None, "acme", models)]);
    for (name, expected) in [
        ("arn:aws:x:1:profile/global.claude-9-20260101-v1:0", found!("acme/global.claude-9", "2")),
        ("arn:aws:x:1:profile/global.claude-9", found!("acme/global.claude-9", "2")),
        ("arn:aws:x:1:profile/eu.claude-9-20260101-v1:0", found!("acme/regional", "4")),
        ("azure/eu/gpt", found!("acme/eu/gpt", "8")),
        ("azure/us/gpt", found!("acme/gpt", "6")),
    ] {
        assert_eq!(price_of(&table, name, NOON), expected, "{name}");
    }
}

#[test]
fn ones_own_list_wins_for_the_models_and_times_it_has() {
    let own = list(Some("own"), "acme", vec![model("m", &[], vec![row(Some(NOON), "1", "1")])]);
    let models = vec![model("m", &[], vec![row(None, "5", "5")]), model("n", &[], vec![row(None, "7", "7")])];
    let table = PriceTable::new(vec![own, list(None, "acme", models)]);
    assert_eq!(price_of(&table, "m", NOON), found!("own:acme/m@2026-06-01T12:00:00Z", "2"));
    assert_eq!(price_of(&table, "m", "2026-06-01T11:59:59Z"), found!("acme/m", "10"));
    assert_eq!(price_of(&table, "n", NOON), found!("acme/n", "14"));
}

#[test]
fn lists_share_the_names_of_providers() {
    let below = Provider {
        name: "acme".into(),
        names: vec!["acme.cloud".into()],
        models: vec![model("m", &[], vec![row(None, "5", "5")])],
        ..Provider::default()
    };
    let own = Provider { name: "Acme.Cloud".into(), names: vec!["gateway".into()], ..Provider::default() };
    let own = Provider { models: vec![model("n", &[], vec![row(None, "1", "1")])], ..own };
    let table = PriceTable::new(vec![
        PriceList::new(Some("own".into()), vec![own]).unwrap(),
        PriceList::new(None, vec![below]).unwrap(),
    ]);
    for (provider, model, expected) in
        [("gateway", "m", "acme/m"), ("ACME", "n", "own:acme/n"), ("acme.cloud", "m", "acme/m")]
    {
        let priced = table.price(&Call { provider, ..call(model) }, at(NOON)).unwrap();
        assert_eq!(priced.price, expected, "{provider} {model}");
    }
}

#[test]
fn a_provider_may_sell_the_models_of_another() {
    let seller = Provider { name: "cloud".into(), like: vec!["acme".into()], ..Provider::default() };
    let maker = Provider {
        name: "acme".into(),
        models: vec![model("m", &[], vec![row(None, "5", "5")])],
        ..Provider::default()
    };
    let table = PriceTable::new(vec![PriceList::new(None, vec![seller, maker]).unwrap()]);
    let priced = table.price(&Call { provider: "cloud", ..call("m") }, at(NOON)).unwrap();
    assert_eq!(priced.price, "acme/m");
}

#[test]
fn crossing_the_limit_by_one_token_prices_the_whole_request_anew() {
    let long = Step { above: 200_000, prices: in_and_out("6", "22.5") };
    let tariff = Tariff::new(in_and_out("3", "15"), vec![long]).unwrap();
    let table =
        PriceTable::new(vec![list(None, "acme", vec![model("m", &[], vec![PriceRow::new("USD", tariff)])])]);
    let price = |input| {
        let tokens = Tokens { input, output: 1_000, ..Tokens::default() };
        let priced = table.price(&Call { tokens, ..call("m") }, at(NOON)).unwrap();
        (priced.price.clone(), priced.amount().to_string())
    };
    assert_eq!(price(200_000), ("acme/m".to_owned(), "0.615".to_owned()));
    assert_eq!(price(200_001), ("acme/m>200000".to_owned(), "1.222506".to_owned()));
}

#[test]
fn what_was_cached_or_is_no_text_makes_a_request_long_too() {
    let tokens =
        Tokens { input: 1, cache_read: 2, cache_write: 4, cache_write_1h: 8, audio_input: 16, ..TOKENS };
    let tokens = Tokens { image_input: 32, audio_output: 64, image_output: 128, ..tokens };
    assert_eq!(tokens.whole_input(), 63);
}

#[test]
fn a_tier_has_prices_of_its_own_or_none() {
    let mut row = row(None, "2", "8");
    row.tariffs.set(ServiceTier::Batch, Tariff::flat(in_and_out("1", "4")));
    let table = PriceTable::new(vec![list(None, "acme", vec![model("m", &[], vec![row])])]);
    let tier = |tier| table.price(&Call { service_tier: Some(tier), ..call("m") }, at(NOON));
    assert_eq!(tier("default").unwrap().price, "acme/m");
    let batch = tier("batch").unwrap();
    assert_eq!((batch.price.as_str(), batch.amount()), ("acme/m#batch", money("5")));
    let flex = Unpriced::TierWithoutPrice { price: "acme/m".into(), tier: ServiceTier::Flex };
    assert_eq!(tier("FLEX"), Err(flex));
    assert_eq!(tier("auto"), Err(Unpriced::UnknownTier("auto".into())));
}

#[test]
fn a_class_without_a_price_leaves_the_call_unpriced_and_says_which() {
    let table = PriceTable::new(vec![list(None, "acme", vec![model("m", &[], vec![row(None, "1", "1")])])]);
    let tokens = Tokens { audio_output: 5, ..TOKENS };
    let missing =
        Unpriced::ClassWithoutPrice { price: "acme/m".into(), class: TokenClass::AudioOutput, count: 5 };
    assert_eq!(table.price(&Call { tokens, ..call("m") }, at(NOON)), Err(missing));
    let model = Unpriced::UnknownModel { provider: "acme".into(), model: "x".into() };
    assert_eq!(table.price(&call("x"), at(NOON)), Err(model));
    let stranger = Call { provider: "nobody", ..call("m") };
    assert_eq!(table.price(&stranger, at(NOON)), Err(Unpriced::UnknownProvider("nobody".into())));
}

#[test]
fn a_successful_call_that_tells_no_tokens_is_not_free_unless_the_model_is() {
    let free = vec![row(None, "0", "0")];
    let models = vec![model("m", &[], vec![row(None, "1", "1")]), model("free", &[], free)];
    let table = PriceTable::new(vec![list(None, "acme", models)]);
    let cost = |model, requests| {
        let tokens = Tokens { requests, ..Tokens::default() };
        table.price(&Call { tokens, ..call(model) }, at(NOON)).map(|priced| priced.amount())
    };
    assert_eq!(cost("m", 1), Err(Unpriced::NothingTold { price: "acme/m".into() }));
    assert_eq!(cost("m", 0), Ok(Money::ZERO));
    assert_eq!(cost("free", 1), Ok(Money::ZERO));
}

#[test]
fn reasoning_is_output_unless_it_has_a_price() {
    let tokens = Tokens { output: 1_000_000, reasoning: 400_000, ..Tokens::default() };
    let cost = |prices| {
        let row = PriceRow::new("USD", Tariff::flat(prices));
        let table = PriceTable::new(vec![list(None, "acme", vec![model("m", &[], vec![row])])]);
        table.price(&Call { tokens, ..call("m") }, at(NOON)).unwrap().amount()
    };
    assert_eq!(cost(prices(&[(TokenClass::Output, "10")])), money("10"));
    assert_eq!(cost(prices(&[(TokenClass::Output, "10"), (TokenClass::Reasoning, "5")])), money("8"));
}

#[test]
fn a_price_per_request_counts_requests() {
    let prices = prices(&[(TokenClass::Input, "1"), (TokenClass::Request, "0.005")]);
    let row = PriceRow::new("USD", Tariff::flat(prices));
    let table = PriceTable::new(vec![list(None, "acme", vec![model("m", &[], vec![row])])]);
    let tokens = Tokens { input: 1_000, requests: 3, ..Tokens::default() };
    assert_eq!(table.price(&Call { tokens, ..call("m") }, at(NOON)).unwrap().amount(), money("0.016"));
}

#[test]
fn other_prices_hold_at_the_hours_of_working_days() {
    let peak = Hours { start: 60, end: 240, days: Weekdays::range(0, 4) };
    let mut tariffs = Tariffs::default();
    tariffs.set(ServiceTier::Standard, Tariff::flat(in_and_out("2", "2")));
    let row = PriceRow { at_hours: vec![(vec![peak], tariffs)], ..row(None, "1", "1") };
    let table = PriceTable::new(vec![list(None, "acme", vec![model("m", &[], vec![row])])]);
    // 2026-11-20 is a Friday.
    for (time, expected) in [
        ("2026-11-20T00:59:59.999999Z", "2"),
        ("2026-11-20T01:00:00Z", "4"),
        ("2026-11-20T03:59:59.999999Z", "4"),
        ("2026-11-20T04:00:00Z", "2"),
        ("2026-11-21T02:00:00Z", "2"),
        ("2026-11-23T02:00:00Z", "4"),
    ] {
        assert_eq!(price_of(&table, "m", time).unwrap().1, expected, "{time}");
    }
    assert_eq!(price_of(&table, "m", "2026-11-20T02:00:00Z").unwrap().0, "acme/m+hours");
    // The hours have tiers of their own, and it is those that lack one.
    let batch = Call { service_tier: Some("batch"), ..call("m") };
    let missing = Unpriced::TierWithoutPrice { price: "acme/m+hours".into(), tier: ServiceTier::Batch };
    assert_eq!(table.price(&batch, at("2026-11-20T02:00:00Z")), Err(missing));
}

#[test]
fn hours_may_go_over_midnight() {
    let hours = Hours { start: 16 * 60 + 30, end: 30, days: Weekdays::ALL };
    assert!(hours.contain(at("2026-11-20T16:30:00Z")) && hours.contain(at("2026-11-20T00:29:59Z")));
    assert!(!hours.contain(at("2026-11-20T00:30:00Z")) && !hours.contain(at("2026-11-20T16:29:59Z")));
}

#[test]
fn names_and_times_that_are_taken_are_refused() {
    let twice = vec![model("m", &["x*"], vec![]), model("n", &["X*"], vec![])];
    let provider = |models| Provider { name: "acme".into(), models, ..Provider::default() };
    let error = PriceList::new(None, vec![provider(twice)]).unwrap_err();
    assert_eq!(error.to_string(), "x* is already a name of the model m");
    let rows = vec![row(Some(NOON), "1", "1"), row(Some(NOON), "2", "2")];
    let error = PriceList::new(None, vec![provider(vec![model("m", &[], rows)])]).unwrap_err();
    assert!(matches!(error, PriceListError::SameTime { model: 0, .. }), "{error}");
    let error = PriceList::new(None, vec![provider(vec![]), provider(vec![])]).unwrap_err();
    assert!(matches!(error, PriceListError::SameProvider { provider: 1, .. }), "{error}");
}

#[test]
fn a_price_that_cannot_be_right_is_refused() {
    assert_eq!(Price::per_million(money("-1")), Err(PriceError::Negative));
    assert_eq!(Price::per_million(money("1000000.000000001")), Err(PriceError::TooHigh));
    let fine = Price::per_million(money("0.000000001")).unwrap();
    assert_eq!(fine.times(money("0.5")), Err(PriceError::TooFine));
}

proptest! {
    /// The cost is the exact sum of tokens times prices, as fractions of integers; rounding happens
    /// once and is at most half of 10⁻⁹.
    #[test]
    fn tokens_times_prices_never_lose_a_unit(
        counts in proptest::collection::vec(0_u64..1 << 40, 10),
        nanos in proptest::collection::vec(0_u64..=1_000_000_000_000_000, 10),
    ) {
        let mut prices = ClassPrices::default();
        let classes: Vec<_> =
            TokenClass::ALL.into_iter().filter(|class| *class != TokenClass::Reasoning).collect();
        for (class, nanos) in classes.iter().zip(&nanos) {
            prices.set(*class, Price::per_million(Money::from_nanos(i128::from(*nanos))).unwrap());
        }
        let tokens = Tokens {
            input: counts[0], cache_read: counts[1], cache_write: counts[2], cache_write_1h: counts[3],
            output: counts[4], audio_input: counts[5], audio_output: counts[6], image_input: counts[7],
            image_output: counts[8], requests: counts[9], reasoning: counts[4] / 2,
        };
        let row = PriceRow::new("USD", Tariff::flat(prices));
        let table = PriceTable::new(vec![list(None, "acme", vec![model("m", &[], vec![row])])]);
        let priced = table.price(&Call { tokens, ..call("m") }, at(NOON)).unwrap();
        // Whole tokens and the rest of a million apart: no step of this can overflow or round.
        let (mut nano, mut rest) = (0_i128, 0_i128);
        for (position, count) in counts.iter().enumerate() {
            let product = i128::from(*count) * i128::from(nanos[position]);
            let per = if position == 9 { 1 } else { 1_000_000 };
            nano += product / per;
            rest += product % per * (1_000_000 / per);
        }
        nano += rest / 1_000_000;
        rest %= 1_000_000;
        prop_assert_eq!(priced.exact.femtos(), nano * 1_000_000 + rest);
        let error = (priced.amount().nanos() * 1_000_000 - priced.exact.femtos()).abs();
        prop_assert!(error <= 500_000);
        if error == 500_000 {
            prop_assert_eq!(priced.amount().nanos() % 2, 0);
        }
    }

    /// What is matched by rules of our own is matched as a regular expression would.
    #[test]
    fn a_pattern_matches_as_its_parts_say(prefix in "[a-c]{0,3}", middle in "[a-c]{0,3}", suffix in "[a-c]{1,3}", name in "[a-c]{0,9}") {
        let pattern: Pattern = format!("{prefix}*{middle}*{suffix}").parse().unwrap();
        let expected = (|| {
            let rest = name.strip_prefix(&prefix)?;
            let at = rest.find(&middle)?;
            rest[at + middle.len()..].ends_with(&suffix).then_some(())
        })();
        prop_assert_eq!(pattern.matches(&name), expected.is_some());
    }
}
