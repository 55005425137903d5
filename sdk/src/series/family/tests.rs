//! Families: their labels, their caps, and what they refuse.

use super::*;
use crate::exposition::Format;
use crate::{Counter, Gauge, Registry};
use pratiko_domain::money::Money;
use std::time::Duration;

crate::label_values! {
    enum Outcome { Success = "success", Error = "error" }
}
crate::labels! {
    struct ByOutcome { outcome: Outcome }
}
crate::labels! {
    struct ByTenant<'a> { tenant: &'a str, model: &'a str }
}
crate::labels! {
    struct ByRoute<'a> { route: &'a str, outcome: Outcome }
}

#[test]
fn labels_whose_texts_run_together_the_same_way_are_different_series() {
    let registry = Registry::new();
    let costs: Family<Counter<Money>, ByTenant<'static>> =
        registry.counters(Definition::new("cost_eur_total", "Cost.")).unwrap();
    costs.with(&ByTenant { tenant: "acme", model: "gpt-5" }).add(Money::from_units(1));
    costs.with(&ByTenant { tenant: "acmeg", model: "pt-5" }).add(Money::from_units(2));
    costs.with(&ByTenant { tenant: "", model: "acmegpt-5" }).add(Money::from_units(4));
    let text = registry.text(Format::Text);
    for line in [
        "cost_eur_total{tenant=\"acme\",model=\"gpt-5\"} 1\n",
        "cost_eur_total{tenant=\"acmeg\",model=\"pt-5\"} 2\n",
        "cost_eur_total{tenant=\"\",model=\"acmegpt-5\"} 4\n",
    ] {
        assert!(text.contains(line), "{text}");
    }
}

#[test]
fn closed_sets_are_there_from_the_start() {
    let registry = Registry::new();
    let calls: Family<Counter, ByOutcome> =
        registry.counters(Definition::new("calls_total", "Calls.")).unwrap();
    calls.with(&ByOutcome { outcome: Outcome::Error }).increment();
    let text = registry.text(Format::Text);
    assert!(
        text.contains("calls_total{outcome=\"success\"} 0\ncalls_total{outcome=\"error\"} 1\n"),
        "{text}"
    );
}

crate::label_values! {
    enum Letter {
        A = "a", B = "b", C = "c", D = "d", E = "e", F = "f", G = "g", H = "h",
        I = "i", J = "j", K = "k", L = "l", M = "m", N = "n", O = "o",
    }
}
crate::labels! {
    struct ByLetters { first: Letter, second: Letter }
}

#[test]
fn of_a_large_closed_set_only_what_is_used_is_there() {
    let registry = Registry::new();
    let pairs: Family<Counter, ByLetters> =
        registry.counters(Definition::new("pairs_total", "Pairs.")).unwrap();
    assert_eq!((registry.text(Format::Text), pairs.series()), (String::new(), 0));
    for first in Letter::ALL {
        pairs.with(&ByLetters { first: *first, second: Letter::O }).increment();
        pairs.with(&ByLetters { first: *first, second: Letter::O }).increment();
    }
    assert_eq!(pairs.series(), Letter::ALL.len());
    let text = registry.text(Format::Text);
    assert_eq!(text.matches(",second=\"o\"} 2\n").count(), Letter::ALL.len(), "{text}");
}

struct Beyond;

impl Labels for Beyond {
    type Set = Self;
    const NAMES: &'static [&'static str] = &["outcome"];
    const VALUES: &'static [&'static [&'static str]] = &[&["success", "error"]];
    const FOLDED: &'static [bool] = &[false];
    fn each(&self, mut see: impl FnMut(&str)) {
        see("what");
    }
    fn position(&self) -> usize {
        2
    }
}

#[test]
fn what_falls_beside_a_closed_set_is_counted() {
    let registry = Registry::new();
    let calls: Family<Counter, Beyond> = registry.counters(Definition::new("calls_total", "Calls.")).unwrap();
    assert!(!registry.text(Format::Text).contains("folded"));
    calls.with(&Beyond).increment();
    let text = registry.text(Format::Text);
    assert!(text.contains("pratiko_metrics_folded_total{family=\"calls_total\"} 1\n"), "{text}");
}

#[test]
fn past_the_cap_texts_become_other_and_closed_values_stay() {
    let registry = Registry::new();
    let definition = Definition::new("requests_total", "Requests.").with_most_series(2);
    let requests: Family<Counter, ByRoute<'static>> = registry.counters(definition).unwrap();
    for route in ["/a", "/b", "/c", "/d", "/a", "/c"] {
        requests.with(&ByRoute { route, outcome: Outcome::Error }).increment();
    }
    let text = registry.text(Format::Text);
    assert!(text.contains("requests_total{route=\"/a\",outcome=\"error\"} 2\n"), "{text}");
    assert!(text.contains("requests_total{route=\"other\",outcome=\"error\"} 3\n"), "{text}");
    assert!(text.contains("pratiko_metrics_folded_total{family=\"requests_total\"} 3\n"), "{text}");
    assert_eq!(requests.series(), 3);
}

struct Status<'a>(&'a str);

impl crate::LabelValue for Status<'_> {
    const VALUES: &'static [&'static str] = &[];
    const IS_FOLDED: bool = false;
    fn text(&self) -> &str {
        self.0
    }
    fn position(&self) -> usize {
        0
    }
}

struct ByStatus<'a>(&'a str, Status<'a>);

impl Labels for ByStatus<'_> {
    type Set = ByStatus<'static>;
    const NAMES: &'static [&'static str] = &["route", "status"];
    const VALUES: &'static [&'static [&'static str]] = &[&[], &[]];
    const FOLDED: &'static [bool] = &[true, false];
    fn each(&self, mut see: impl FnMut(&str)) {
        see(self.0);
        see(crate::LabelValue::text(&self.1));
    }
    fn position(&self) -> usize {
        0
    }
}

#[test]
fn a_text_that_is_too_long_stands_on_no_page() {
    let registry = Registry::new();
    let definition = Definition::new("requests_total", "Requests.").with_most_series(3);
    let requests: Family<Counter, ByStatus<'static>> = registry.counters(definition).unwrap();
    let longest = "l".repeat(LONGEST_NAME_BYTES);
    let too_long = "m".repeat(1_000_000);
    // Its 256th byte is the middle of a character.
    let status = format!("s{}", "é".repeat(1_000));
    for _ in 0..2 {
        requests.with(&ByStatus(&longest, Status("200"))).increment();
        requests.with(&ByStatus(&too_long, Status("200"))).increment();
        requests.with(&ByStatus("/a", Status(&status))).increment();
        requests.with(&ByStatus("/full", Status(&status))).increment();
    }
    let cut = format!("s{}", "é".repeat(127));
    let text = registry.text(Format::Text);
    for line in [
        &*format!("requests_total{{route=\"{longest}\",status=\"200\"}} 2\n"),
        "requests_total{route=\"other\",status=\"200\"} 2\n",
        &*format!("requests_total{{route=\"/a\",status=\"{cut}\"}} 2\n"),
        &*format!("requests_total{{route=\"other\",status=\"{cut}\"}} 2\n"),
        "pratiko_metrics_folded_total{family=\"requests_total\"} 6\n",
    ] {
        assert!(text.contains(line), "{line} is not in {text}");
    }
    assert!(text.len() < 3_000, "{}", text.len());
}

#[test]
fn what_would_make_a_total_fall_is_refused_and_counted() {
    let registry = Registry::new();
    let spent: Counter<f64> = registry.counter(Definition::new("spent_total", "Spent.")).unwrap();
    for more in [1.5, -1.0, f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 0.0, -0.0] {
        spent.add(more);
    }
    let cost: Counter<Money> = registry.counter(Definition::new("cost_eur_total", "Cost.")).unwrap();
    cost.add(Money::from_cents(-5));
    cost.add(Money::from_cents(5));
    let text = registry.text(Format::Text);
    for line in [
        "spent_total 1.5\n",
        "cost_eur_total 0.05\n",
        "pratiko_metrics_refused_total{family=\"spent_total\"} 4\n",
        "pratiko_metrics_refused_total{family=\"cost_eur_total\"} 1\n",
    ] {
        assert!(text.contains(line), "{text}");
    }
}

#[test]
fn one_record_that_is_too_large_is_refused_and_a_full_total_does_not_fall() {
    let registry = Registry::new();
    let jobs: Counter<u64> = registry.counter(Definition::new("jobs_total", "Jobs.")).unwrap();
    assert!(!registry.text(Format::Text).contains("refused"), "nothing was");
    for more in [1 << 53, (1 << 53) + 1, u64::MAX, 5] {
        jobs.add(more);
    }
    let cost: Counter<Money> = registry.counter(Definition::new("cost_eur_total", "Cost.")).unwrap();
    for nanos in [i128::from(i64::MAX), i128::from(i64::MAX) + 1, i128::MAX] {
        cost.add(Money::from_nanos(nanos));
    }
    let spent: Counter<f64> = registry.counter(Definition::new("spent_total", "Spent.")).unwrap();
    let waited: Counter<Duration> =
        registry.counter(Definition::new("waited_seconds_total", "Waited.")).unwrap();
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                for _ in 0..2 {
                    spent.add(f64::MAX);
                    waited.add(Duration::from_nanos(u64::MAX));
                }
            });
        }
    });
    let text = registry.text(Format::Text);
    for line in [
        "jobs_total 9007199254740997\n",
        "cost_eur_total 9223372036.854775807\n",
        "spent_total 1.7976931348623157e308\n",
        "waited_seconds_total 18446744073.709551615\n",
        "pratiko_metrics_refused_total{family=\"jobs_total\"} 2\n",
        "pratiko_metrics_refused_total{family=\"cost_eur_total\"} 2\n",
    ] {
        assert!(text.contains(line), "{line} is not in {text}");
    }
}

#[test]
fn two_series_can_be_held_in_one_expression() {
    let registry = Registry::new();
    let queues: Family<Gauge<u64>, ByTenant<'static>> =
        registry.gauges(Definition::new("queue_length", "Jobs.")).unwrap();
    let first = ByTenant { tenant: "a", model: "m" };
    let second = ByTenant { tenant: "b", model: "m" };
    // With guards instead of references this would wait for itself.
    let both = (queues.with(&first), queues.with(&second), registry.text(Format::Text));
    both.0.set(1);
    both.1.set(2);
    assert_eq!((both.0.value(), both.1.value()), (Some(1_u64.into()), Some(2_u64.into())));
}

#[test]
fn a_gauge_is_on_the_page_while_it_is_set() {
    let registry = Registry::new();
    let age: Gauge<f64> = registry.gauge(Definition::new("age_seconds", "Age.")).unwrap();
    let queues: Family<Gauge<u64>, ByOutcome> =
        registry.gauges(Definition::new("queue_length", "Jobs.")).unwrap();
    let first = queues.with(&ByOutcome { outcome: Outcome::Success });
    let second = queues.with(&ByOutcome { outcome: Outcome::Error });
    assert_eq!((registry.text(Format::Text), age.value()), (String::new(), None));

    age.set(0.0);
    second.set(7);
    let text = registry.text(Format::Text);
    assert!(text.contains("\nage_seconds 0\n"), "{text}");
    assert!(text.contains("\nqueue_length{outcome=\"error\"} 7\n") && !text.contains("success"), "{text}");

    second.clear();
    first.set(8);
    age.clear();
    let text = registry.text(Format::Text);
    assert!(!text.contains("age_seconds") && !text.contains("error"), "{text}");
    assert!(text.contains("\nqueue_length{outcome=\"success\"} 8\n"), "{text}");
    second.set(9);
    assert_eq!((first.value(), second.value()), (Some(8_u64.into()), Some(9_u64.into())));
}

#[test]
fn series_that_are_made_while_pages_are_written_lose_nothing() {
    const THREADS: u64 = 6;
    const ROUNDS: u64 = 400;
    let registry = Registry::new();
    let calls: Family<Counter, ByTenant<'static>> =
        registry.counters(Definition::new("calls_total", "Calls.")).unwrap();
    std::thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                for round in 0..ROUNDS {
                    let (tenant, model) = ((round % 40).to_string(), (round / 40).to_string());
                    calls.with(&ByTenant { tenant: &tenant, model: &model }).increment();
                }
            });
        }
        for _ in 0..50 {
            let text = registry.text(Format::Text);
            let lines: Vec<&str> = text.lines().filter(|line| line.starts_with("calls_total{")).collect();
            let names: std::collections::HashSet<&str> =
                lines.iter().filter_map(|line| line.split(' ').next()).collect();
            assert_eq!(names.len(), lines.len(), "a series stands on a page once");
        }
    });
    let text = registry.text(Format::Text);
    let values = text.lines().filter(|line| line.starts_with("calls_total{"));
    let values: Vec<u64> = values.map(|line| line.rsplit(' ').next().unwrap().parse().unwrap()).collect();
    assert_eq!(values, vec![THREADS; ROUNDS as usize]);
}
