//! The numbers that decide: each once, in `thresholds.yml`, and each of use.

use std::collections::BTreeSet;

use crate::assert_none;
use crate::promql::{compared_numbers, numbers, selectors};
use crate::promtool::short;
use crate::rules::{Rule, alerts, rules};

/// The file that they stand in.
pub const FILE: &str = "thresholds.yml";
/// What their names begin with.
pub const PREFIX: &str = "pratiko:threshold:";

/// Whether a rule gives a number itself, rather than deriving it from other series.
pub fn is_constant(rule: &Rule) -> bool {
    constant(rule).is_some_and(|number| number != 0.0)
}

/// The number of a rule of the form `vector(5)`.
pub fn constant(rule: &Rule) -> Option<f64> {
    rule.expr.trim().strip_prefix("vector(")?.strip_suffix(')')?.trim().parse().ok()
}

/// Every rule of the file.
pub fn thresholds() -> impl Iterator<Item = &'static Rule> {
    rules().filter(|(file, _)| short(&file.path) == FILE).map(|(_, rule)| rule)
}

/// 0 and 1 are no thresholds but states: something is up, something happened at all.
fn is_threshold(number: f64) -> bool {
    number != 0.0 && number != 1.0
}

#[test]
fn every_number_that_decides_is_a_threshold() {
    let mut offences = Vec::new();
    for (file, rule) in rules().filter(|(file, _)| short(&file.path) != FILE) {
        let written = if rule.alert.is_some() { numbers(&rule.expr) } else { compared_numbers(&rule.expr) };
        let own = written.into_iter().filter(|number| is_threshold(*number));
        offences.extend(own.map(|number| format!("{}, {}: {number}", short(&file.path), rule.title())));
    }
    assert_none("numbers that are no thresholds", &offences);
}

#[test]
fn thresholds_stand_in_one_file_which_holds_nothing_else() {
    let misplaced = rules().filter(|(file, rule)| {
        let is_of_file = short(&file.path) == FILE;
        rule.record.as_deref().is_some_and(|name| name.starts_with(PREFIX)) != is_of_file
    });
    assert_none("misplaced", &misplaced.map(|(_, rule)| rule.title()).collect::<Vec<_>>());
}

#[test]
fn every_threshold_is_there_once_and_of_use() {
    let mut titles = BTreeSet::new();
    let twice = thresholds().map(Rule::title).filter(|title| !titles.insert(title.clone()));
    assert_none("recorded twice", &twice.collect::<Vec<_>>());

    let mut in_use = BTreeSet::new();
    for (_, rule) in rules().filter(|(_, rule)| rule.alert.as_deref() != Some("ThresholdAbsent")) {
        in_use.extend(selectors(&rule.expr).into_iter().map(|selector| selector.name));
    }
    let unused = thresholds().filter(|rule| !in_use.contains(rule.record.as_deref().unwrap()));
    assert_none("nothing compares with it", &unused.map(Rule::title).collect::<Vec<_>>());
}

#[test]
fn some_alerts_compare_with_thresholds() {
    let compares =
        |rule: &&Rule| selectors(&rule.expr).iter().any(|selector| selector.name.starts_with(PREFIX));
    assert!(alerts().filter(compares).count() > 30);
}
