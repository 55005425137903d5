//! A year of a small company: eleven months are imported, thirty days are sent day by day, and
//! Prometheus must find the figures that were computed by hand.

mod expose;
mod figures;
mod story;
mod timeline;
mod today;

use std::sync::Arc;

use pratiko_domain::time::ManualClock;
use pratiko_metrics::catalogue::{self, Scope};
use pratiko_metrics::exposition::Kind;
use pratiko_tests::in_process::{InProcess, Installation};
use pratiko_tests::prometheus::{Prometheus, Series};
use pratiko_tests::wait;
use serde_json::Value;

use crate::events::usage;

use timeline::Timeline;
use today::Today;

/// A series as Prometheus names it, and its value as Prometheus prints it.
type Row = (&'static str, &'static str);

/// Basic is sold under a price's id too, and a user of pro may cost more.
fn configuration(zone: &str) -> String {
    format!(
        "business:\n\
         \x20 time_zone: {zone}\n\
         \x20 arr_goal_eur: '6000'\n\
         \x20 internal_users: ['staff-*']\n\
         \x20 plans:\n\
         \x20 - {{name: basic, stripe_prices: [price_basic]}}\n\
         \x20 - {{name: pro, target_cost_eur: '4.00', alert_cost_eur: '5.00'}}\n\
         \x20 - {{name: team}}\n"
    )
}

/// Lives through the company's year, and compares what Prometheus finds at its end with the table.
pub fn finds_the_figures(today: &Today) {
    let story = story::story(today);
    let installation = Installation::new(&configuration(today.zone));
    let imported = installation.import(&story.lines_to_import(), story.start());
    assert_eq!((imported.accepted, imported.rejected), (imported.lines, 0), "{:?}", imported.problems);

    let clock = Arc::new(ManualClock::at(story.start()));
    let daemon = installation.start(Arc::<ManualClock>::clone(&clock));
    let prometheus = Prometheus::scraping(daemon.address(), "{'collect[]': [business]}");
    let time = prometheus.scrape_with(&format!("pratiko_ledger_events_total == {}", imported.accepted));
    for (series, expected) in figures::THIRTY_DAYS_AGO {
        assert_eq!(prometheus.value(&selector(series), Some(&time)).as_deref(), Some(*expected), "{series}");
    }

    send(&story, &clock, &daemon);
    let all = story.len();
    let time =
        prometheus.scrape_with(&format!("pratiko_ledger_events_total == {all} and pratiko_ledger_up == 1"));
    compare(&figures(&prometheus, &time), today, all);
    movements_explain_the_difference(&prometheus, &time);
    no_counter_ever_fell(&prometheus);

    let before = page(&daemon);
    let daemon = daemon.stop().start(clock);
    let after = wait::until("the figures after a restart", || {
        let page = page(&daemon);
        if page.is_empty() { Err("there are none".to_owned()) } else { Ok(page) }
    });
    assert_eq!(before, after);
}

/// Sends the last thirty days, one by one; at their end all of it once more, and what is too old.
fn send(story: &Timeline, clock: &ManualClock, daemon: &InProcess) {
    let days = story.days();
    for (days_ago, events) in &days {
        clock.set(story.end_of_day(*days_ago));
        daemon.accept(events);
    }
    let again: Vec<Value> = days.into_iter().flat_map(|(_, events)| events).collect();
    let (status, answer) = daemon.post(&again);
    assert_eq!((status, &answer["duplicates"]), (200, &again.len().into()), "{answer}");

    let too_old = usage("too-old", story.at(35, "10:39"), "bakery-1", "100");
    let (status, answer) = daemon.post(&[too_old]);
    let reason = answer["rejected"][0]["reason"].as_str().unwrap_or_default();
    assert!(status == 400 && reason.contains("more than 35 days ago"), "{status} {answer}");
}

/// `name{label=value,…}` as a selector.
fn selector(series: &str) -> String {
    let Some((name, labels)) = series.trim_end_matches('}').split_once('{') else {
        return series.to_owned();
    };
    let matchers: Vec<String> = labels
        .split(',')
        .filter_map(|label| label.split_once('='))
        .map(|(name, value)| format!("{name}='{value}'"))
        .collect();
    format!("{name}{{{}}}", matchers.join(","))
}

/// Every series that the ledger gives.
fn figures(prometheus: &Prometheus, time: &str) -> Series {
    let names: Vec<&str> =
        catalogue::all().filter(|metric| metric.scope == Scope::Ledger).map(|metric| metric.name).collect();
    prometheus.query(&format!("{{__name__=~'{}'}}", names.join("|")), Some(time))
}

/// The lines of the page that the ledger gives, if there are any.
fn page(daemon: &InProcess) -> Vec<String> {
    let is_figure = |line: &&str| {
        let name = line.split(['{', ' ']).next().unwrap_or_default();
        catalogue::find(name).is_some_and(|metric| metric.scope == Scope::Ledger)
    };
    daemon.metrics().lines().filter(is_figure).map(str::to_owned).collect()
}

/// What is in the table is found with its value, and whatever else is found is zero.
fn compare(found: &Series, today: &Today, events: usize) {
    let mut found = found.clone();
    found.retain(|series, _| !series.starts_with("pratiko_ledger_info{"));
    let events = events.to_string();
    let mut differences = Vec::new();
    let rows = figures::FIGURES.iter().chain(today.figures).copied();
    for (series, expected) in rows.chain([("pratiko_ledger_events_total", events.as_str())]) {
        match found.remove(series) {
            Some(value) if value == expected => {}
            value => differences.push(format!("{series} is {value:?} and not {expected}")),
        }
    }
    let unexpected = found.iter().filter(|(_, value)| *value != "0");
    differences.extend(unexpected.map(|(series, value)| format!("{series} is {value} and not 0")));
    assert!(differences.is_empty(), "{} on {}:\n{}", differences.len(), today.at, differences.join("\n"));
}

/// The revenue that was found thirty days ago, and all that happened since, make today's.
fn movements_explain_the_difference(prometheus: &Prometheus, time: &str) {
    for (series, start) in figures::THIRTY_DAYS_AGO {
        let Some(labels) = series.strip_prefix("pratiko_mrr_eur{") else { continue };
        let plan = selector(&format!("{{{labels}")).trim_matches(['{', '}']).to_owned();
        let movements =
            |kinds: &str| format!("sum(pratiko_mrr_movement_eur{{{plan},window='30d',movement=~'{kinds}'}})");
        let promql = format!(
            "abs({start} + {} - {} - sum(pratiko_mrr_eur{{{plan}}})) < 1e-9",
            movements("opening|new|expansion|reactivation|fx"),
            movements("contraction|churn"),
        );
        assert!(prometheus.value(&promql, Some(time)).is_some(), "{promql}");
    }
}

/// Thirty days went by while Prometheus watched.
fn no_counter_ever_fell(prometheus: &Prometheus) {
    let ledger = catalogue::all().filter(|metric| metric.scope == Scope::Ledger);
    for counter in ledger.filter(|metric| metric.kind == Kind::Counter) {
        let fell = prometheus.query(&format!("resets({}[1h]) > 0", counter.name), None);
        assert!(fell.is_empty(), "{fell:?} of {}", counter.name);
    }
}

#[test]
fn every_family_of_the_ledger_is_in_the_table() {
    // What has no value of its own, what nothing corrects, folds or invoices here, and what waits for rates.
    const ELSEWHERE: [&str; 6] = [
        "pratiko_ledger_info",
        "pratiko_ledger_events_total",
        "pratiko_ledger_corrections_eur_total",
        "pratiko_ledger_folded_total",
        "pratiko_exchange_rate_age_seconds",
        "pratiko_cost_reconciliation_ratio",
    ];
    let name = |(series, _): &Row| series.split('{').next().unwrap_or_default().to_owned();
    let known: Vec<String> = figures::FIGURES.iter().chain(today::MIDDLE_OF_JUNE.figures).map(name).collect();
    for metric in catalogue::all().filter(|metric| metric.scope == Scope::Ledger) {
        let is_there = known.iter().any(|name| name == metric.name);
        assert_ne!(is_there, ELSEWHERE.contains(&metric.name), "{}", metric.name);
    }
}
