//! Calls priced by a table, and priced again when the table was wrong.

use std::sync::{Arc, Mutex};

use pratiko_domain::currency::DailyRates;
use pratiko_domain::event::LlmUsage;
use pratiko_domain::money::Money;
use pratiko_domain::plan::PlanSlot;
use pratiko_domain::pricing::{
    ClassPrices, Model, Price, PriceList, PriceRow, PriceTable, Priced, Provider, Tariff, TokenClass,
};
use pratiko_domain::time::{Date, Timestamp, Window};
use pratiko_ledger::Settings;
use pratiko_ledger::recording::{Calls, Changed, PriceChange, Repricing, plan_repricing};
use pratiko_ledger::settings::Pricing;
use pratiko_ledger::store::{CorrectedTotal, Total};
use serde_json::json;

use crate::world::{World, at, cost, usage, usage_with};

/// Prices that somebody changes.
#[derive(Default)]
struct Prices(Mutex<PriceTable>);

impl Prices {
    /// From now on these are the dollars per million tokens of input and of output, from `from` on.
    fn are(&self, models: &[(&str, Option<&str>, &str)]) {
        let models = models.iter().map(|(name, from, amount)| {
            let price = Price::per_million(amount.parse().unwrap()).unwrap();
            let mut prices = ClassPrices::default();
            prices.set(TokenClass::Input, price);
            prices.set(TokenClass::Output, price);
            let row = PriceRow::new("USD", Tariff::flat(prices));
            let row = PriceRow { from: from.map_or(Timestamp::MIN, at), ..row };
            Model { name: (*name).to_owned(), names: Vec::new(), rows: vec![row] }
        });
        let provider = Provider { name: "openai".into(), models: models.collect(), ..Provider::default() };
        let list = PriceList::new(None, vec![provider]).unwrap();
        *self.0.lock().unwrap() = PriceTable::new(vec![list]);
    }
}

impl Pricing for Prices {
    fn price(&self, usage: &LlmUsage, at: Timestamp) -> Option<Priced> {
        self.0.lock().unwrap().price_usage(usage, at).ok()
    }
}

fn world() -> (World, Arc<Prices>) {
    let prices = Arc::new(Prices::default());
    let pricing = Arc::clone(&prices) as Arc<dyn Pricing>;
    let mut world = World::with_settings(Settings { pricing, ..Settings::default() });
    let now = world.now;
    world.recorder().add_rates(&dollars(9, "2"), now).unwrap();
    (world, prices)
}

fn dollars(day: u8, rate: &str) -> Vec<DailyRates> {
    let day = Date { year: 2026, month: 3, day };
    vec![DailyRates { day, rates: vec![("USD".to_owned(), rate.parse().unwrap())] }]
}

fn calls() -> Calls {
    Calls { from: Timestamp::MIN, until: Timestamp::MAX, model: None }
}

const NOON: &str = "2026-03-10T11:00:00Z";

/// A million tokens in all, none of them with a cost.
fn call(id: &str, time: &str, model: &str) -> pratiko_domain::event::Event {
    let more = json!({ "model": model, "tokens": { "input": 600_000, "output": 400_000 } });
    usage_with(id, at(time), Some("ada"), &more)
}

fn plan(world: &mut World, calls: &Calls) -> Repricing {
    let settings = Arc::clone(&world.settings);
    let mut store = world.store();
    plan_repricing(&mut store, &settings, calls, |_| {}).unwrap()
}

fn spent(world: &mut World) -> String {
    let snapshot = world.snapshot();
    cost(&snapshot, PlanSlot::NONE, Window::Day)
}

fn total_cost(world: &mut World) -> Money {
    let snapshot = world.snapshot();
    let of = |(total, value): &(Total, i128)| matches!(total, Total::LlmCost(..)).then_some(*value);
    Money::from_nanos(snapshot.totals.iter().filter_map(of).sum())
}

fn change(model: &str, before: Option<&str>, after: &str) -> PriceChange {
    PriceChange { model: model.into(), before: before.map(str::to_owned), after: after.into() }
}

fn changed(calls: u64, before: &str, after: &str) -> Changed {
    let (before, after) = (before.parse().unwrap(), after.parse().unwrap());
    Changed { calls, before, after, without_rate: 0 }
}

#[test]
fn a_call_is_priced_when_it_is_recorded_by_the_price_of_its_time() {
    let (mut world, prices) = world();
    prices.are(&[("m", Some("2026-03-10T10:00:00Z"), "3")]);
    world.accept(vec![
        call("before", "2026-03-10T09:59:59Z", "m"),
        call("after", "2026-03-10T10:00:00Z", "m"),
        usage("told", at(NOON), "ada", "0.25"),
    ]);
    // Three dollars at two dollars a euro, and what was told.
    assert_eq!(spent(&mut world), "1.75");
    let unpriced: i128 = {
        let snapshot = world.snapshot();
        let of = |(total, value): &(Total, i128)| matches!(total, Total::LlmUnpriced(_)).then_some(*value);
        snapshot.totals.iter().filter_map(of).sum()
    };
    assert_eq!(unpriced, 1);
}

#[test]
fn later_prices_change_nothing_until_somebody_says_so() {
    let (mut world, prices) = world();
    world.accept(vec![
        call("new-1", NOON, "m"),
        call("new-2", NOON, "m"),
        call("other", NOON, "unknown"),
        usage("told", at(NOON), "ada", "0.25"),
    ]);
    assert_eq!(spent(&mut world), "0.25");
    prices.are(&[("m", None, "3")]);
    assert_eq!(spent(&mut world), "0.25");

    let planned = plan(&mut world, &calls());
    assert_eq!((planned.calls, planned.told, planned.unchanged), (4, 1, 0));
    assert_eq!(planned.unpriced, [("openai/unknown".to_owned(), 1)].into());
    assert_eq!(planned.changes, [(change("openai/m", None, "openai/m"), changed(2, "0", "3"))].into());
    assert_eq!(spent(&mut world), "0.25");

    let now = world.now;
    assert_eq!(world.recorder().reprice(&calls(), now).unwrap(), 2);
    assert_eq!(spent(&mut world), "3.25");
    assert_eq!(world.recorder().reprice(&calls(), now).unwrap(), 0);
    world.reopen();
    assert_eq!(spent(&mut world), "3.25");
    assert_eq!(plan(&mut world, &calls()).total(), Changed::default());
    // Told again, they are what they were.
    let verdicts = world.record(vec![call("new-1", NOON, "m")]);
    assert_eq!(verdicts, [pratiko_ledger::recording::Verdict::Duplicate]);
}

#[test]
fn a_lower_price_makes_no_counter_fall() {
    let (mut world, prices) = world();
    prices.are(&[("m", None, "10")]);
    world.accept(vec![call("call", NOON, "m")]);
    assert_eq!((spent(&mut world).as_str(), total_cost(&mut world)), ("5", Money::from_units(5)));
    prices.are(&[("m", Some("2026-01-01T00:00:00Z"), "4")]);
    let planned = plan(&mut world, &calls());
    let expected = change("openai/m", Some("openai/m"), "openai/m@2026-01-01");
    assert_eq!(planned.changes, [(expected, changed(1, "5", "2"))].into());
    let now = world.now;
    assert_eq!(world.recorder().reprice(&calls(), now).unwrap(), 1);
    assert_eq!(spent(&mut world), "2");
    assert_eq!(total_cost(&mut world), Money::from_units(5));
    let corrections = world.total(Total::Corrections(CorrectedTotal::LlmCost));
    assert_eq!(corrections, Money::from_units(3).nanos());
}

#[test]
fn a_price_that_went_away_takes_no_cost_with_it() {
    let (mut world, prices) = world();
    prices.are(&[("m", None, "10")]);
    world.accept(vec![call("call", NOON, "m")]);
    prices.are(&[]);
    assert_eq!(plan(&mut world, &calls()).unpriced, [("openai/m".to_owned(), 1)].into());
    let now = world.now;
    assert_eq!(world.recorder().reprice(&calls(), now).unwrap(), 0);
    assert_eq!(spent(&mut world), "5");
}

#[test]
fn the_rate_that_converted_a_call_converts_it_again() {
    let (mut world, prices) = world();
    world.pass(2 * 86_400);
    let now = world.now;
    prices.are(&[("m", None, "10")]);
    // As if the days between had been holidays.
    world.recorder().add_rates(&dollars(12, "3"), now).unwrap();
    world.accept(vec![call("call", "2026-03-12T11:00:00Z", "m")]);
    // A rate of a later day, still before the call, becomes known only now.
    world.recorder().add_rates(&dollars(11, "1"), now).unwrap();
    prices.are(&[("m", None, "4")]);
    assert_eq!(plan(&mut world, &calls()).total(), changed(1, "5", "2"));
    assert_eq!(world.recorder().reprice(&calls(), now).unwrap(), 1);
    assert_eq!(spent(&mut world), "2");
    assert_eq!(total_cost(&mut world), Money::from_units(5));
    assert_eq!(world.total(Total::Corrections(CorrectedTotal::LlmCost)), Money::from_units(3).nanos());
}

#[test]
fn a_call_without_a_rate_is_priced_and_waits_for_it() {
    let (mut world, prices) = world();
    let now = world.now;
    // Before the first rate.
    world.accept(vec![call("call", "2026-03-09T11:00:00Z", "m")]);
    prices.are(&[("m", None, "10")]);
    let planned = plan(&mut world, &calls()).total();
    assert_eq!(planned, Changed { without_rate: 1, ..changed(1, "0", "0") });
    assert_eq!(world.recorder().reprice(&calls(), now).unwrap(), 1);
    assert_eq!(total_cost(&mut world), Money::ZERO);
    let added = world.recorder().add_rates(&dollars(8, "4"), now).unwrap();
    assert_eq!(added.converted, 1);
    assert_eq!(total_cost(&mut world), "2.5".parse().unwrap());
}

#[test]
fn only_the_calls_that_are_meant_are_priced_again() {
    let (mut world, prices) = world();
    let now = world.now;
    world.accept(vec![
        call("a", "2026-03-10T09:00:00Z", "m"),
        call("b", "2026-03-10T10:00:00Z", "m"),
        call("c", "2026-03-10T11:00:00Z", "n-2026-01-01"),
    ]);
    prices.are(&[("m", None, "2"), ("n-2026-01-01", None, "2")]);
    let these = |from: &str, until: &str, model: Option<&str>| Calls {
        from: at(from),
        until: at(until),
        model: model.map(|model| model.parse().unwrap()),
    };
    let span = these("2026-03-10T09:00:00Z", "2026-03-10T10:00:00Z", None);
    assert_eq!(plan(&mut world, &span).total().calls, 1);
    let dated = these("2026-03-01T00:00:00Z", "2026-04-01T00:00:00Z", Some("openai/n-####-##-##"));
    assert_eq!(world.recorder().reprice(&dated, now).unwrap(), 1);
    let named = these("2026-03-01T00:00:00Z", "2026-04-01T00:00:00Z", Some("M"));
    assert_eq!(world.recorder().reprice(&named, now).unwrap(), 2);
    assert_eq!(spent(&mut world), "3");
}
