//! Every alert is shown silent, firing, and silent again; every ratio is shown right.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use pratiko_tests::rules::duration;

use crate::assert_none;
use crate::promql::{divides, selectors};
use crate::rules::{AlertTest, Rule, Test, alerts, rules, test_files};

/// When alerts of a name with these labels fire in a test, and when they do not.
struct Story {
    silent: Vec<Duration>,
    firing: Vec<Duration>,
}

/// The story of each series of an alert that fires anywhere in a test.
fn stories(test: &Test, rule: &Rule) -> Vec<Story> {
    let name = rule.alert.as_deref().unwrap();
    let severity = rule.labels.get("severity").unwrap();
    let checks: Vec<&AlertTest> = test.alerts.iter().filter(|check| check.alertname == name).collect();
    let labels = checks.iter().flat_map(|check| check.exp_alerts.iter().map(|alert| &alert.exp_labels));
    let firing: BTreeSet<&BTreeMap<String, String>> =
        labels.filter(|labels| labels.get("severity") == Some(severity)).collect();
    let story = |labels: &BTreeMap<String, String>| {
        let fires = |check: &&&AlertTest| check.exp_alerts.iter().any(|alert| alert.exp_labels == *labels);
        let (firing, silent): (Vec<_>, Vec<_>) = checks.iter().partition(fires);
        let times =
            |checks: Vec<&&AlertTest>| checks.iter().map(|check| duration(&check.eval_time)).collect();
        Story { silent: times(silent), firing: times(firing) }
    };
    firing.into_iter().map(story).collect()
}

/// What is not shown of an alert.
fn gap(rule: &Rule, tests: &[&Test]) -> Option<&'static str> {
    let stories: Vec<Story> = tests.iter().flat_map(|test| stories(test, rule)).collect();
    let some = |is_shown: &dyn Fn(&Story) -> bool| stories.iter().any(is_shown);
    let earlier =
        |story: &Story| story.silent.iter().any(|time| story.firing.iter().any(|firing| time < firing));
    let later =
        |story: &Story| story.silent.iter().any(|time| story.firing.iter().any(|firing| time > firing));
    match () {
        () if stories.is_empty() => Some("no test in which it fires"),
        // It always does.
        () if rule.alert.as_deref() == Some("Watchdog") => None,
        () if !some(&earlier) => Some("no test in which it is silent before it fires"),
        () if !some(&later) => Some("no test in which it is resolved"),
        () => None,
    }
}

fn tests() -> Vec<&'static Test> {
    test_files().iter().flat_map(|file| &file.tests).collect()
}

#[test]
fn every_alert_is_shown_silent_firing_and_resolved() {
    let tests = tests();
    let gaps = alerts().filter_map(|rule| Some(format!("{}: {}", rule.title(), gap(rule, &tests)?)));
    assert_none("unit tests are missing", &gaps.collect::<Vec<_>>());

    let rule = alerts().find(|rule| rule.alert.as_deref() == Some("HostOomKill")).unwrap();
    let mut own: Vec<Test> =
        tests.iter().filter(|test| !stories(test, rule).is_empty()).map(|test| (*test).clone()).collect();
    for test in &mut own {
        test.alerts.retain(|check| !check.exp_alerts.is_empty());
    }
    let own: Vec<&Test> = own.iter().collect();
    assert_eq!(gap(rule, &own), Some("no test in which it is silent before it fires"));
    assert_eq!(gap(rule, &[]), Some("no test in which it fires"));
}

#[test]
fn every_test_is_about_alerts_and_series_that_exist() {
    let alerts: BTreeSet<&str> = alerts().filter_map(|rule| rule.alert.as_deref()).collect();
    let named = tests().into_iter().flat_map(|test| test.alerts.iter().map(move |check| (test, check)));
    let unknown = named.filter(|(_, check)| !alerts.contains(check.alertname.as_str()));
    let unknown = unknown.map(|(test, check)| format!("{}: {}", test.name, check.alertname));
    assert_none("no such alert", &unknown.collect::<Vec<_>>());
}

#[test]
fn every_recorded_ratio_is_shown_right() {
    let mut shown = BTreeSet::new();
    for test in tests() {
        for expression in &test.expressions {
            shown.extend(selectors(&expression.expr).into_iter().map(|selector| selector.name));
        }
    }
    let not_shown = rules().filter_map(|(_, rule)| {
        rule.record.as_deref().filter(|name| divides(&rule.expr) && !shown.contains(name))
    });
    assert_none("a ratio in no test", &not_shown.map(str::to_owned).collect::<Vec<_>>());
}
