//! Whether the unit tests would notice. Each threshold is raised and lowered by a tenth, and each alert
//! made to fire without waiting; some test must fail then. Only the rules and the tests that depend on
//! what is changed are run, and once unchanged, so that they fail for no other reason.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::Duration;

use pratiko_tests::rules::duration;
use pratiko_tests::temp::TempDir;
use serde_json::Value;

use crate::assert_none;
use crate::promql::selectors;
use crate::promtool::{in_parallel, promtool, said, short};
use crate::rules::{Group, Rule, RuleFile, Test, TestFile, alerts, rule_files, rules, test_files};
use crate::thresholds::{constant, is_constant, thresholds};

const MINUTE: Duration = Duration::from_secs(60);

/// What is looked at: a rule, by its place among all rules.
type Place = usize;

/// Which rules need which.
struct Dependencies {
    rules: Vec<&'static Rule>,
    /// The name of the file of each.
    files: Vec<String>,
    /// By what is recorded.
    recording: BTreeMap<&'static str, Vec<Place>>,
}

impl Dependencies {
    fn read() -> Self {
        let (files, rules): (Vec<String>, Vec<&Rule>) =
            rules().map(|(file, rule)| (short(&file.path), rule)).unzip();
        let mut recording: BTreeMap<&str, Vec<Place>> = BTreeMap::new();
        for (place, rule) in rules.iter().enumerate() {
            if let Some(name) = &rule.record {
                recording.entry(name).or_default().push(place);
            }
        }
        Self { rules, files, recording }
    }

    /// The rules that record what an expression asks for.
    fn needed_by<'a>(&'a self, expression: &'a str) -> impl Iterator<Item = Place> + 'a {
        let names = selectors(expression).into_iter().map(|selector| selector.name);
        names.filter_map(|name| self.recording.get(name)).flatten().copied()
    }

    /// These and all that they need.
    fn with_all_they_need(&self, places: impl IntoIterator<Item = Place>) -> BTreeSet<Place> {
        let mut found = BTreeSet::new();
        let mut waiting: Vec<Place> = places.into_iter().collect();
        while let Some(place) = waiting.pop() {
            if found.insert(place) {
                waiting.extend(self.needed_by(&self.rules[place].expr));
            }
        }
        found
    }

    /// This one and all that need it.
    fn with_all_that_need(&self, changed: Place) -> BTreeSet<Place> {
        let needs = |place: &Place| self.with_all_they_need([*place]).contains(&changed);
        (0..self.rules.len()).filter(needs).collect()
    }

    /// The tests that can tell a rule changed, each by itself and with the rules that it takes; the
    /// shortest first.
    fn tests_of(&self, changed: Place) -> Vec<(TestFile, BTreeSet<Place>)> {
        let affected = self.with_all_that_need(changed);
        let names = |name: &dyn Fn(&Rule) -> Option<&str>| -> BTreeSet<&str> {
            affected.iter().filter_map(|place| name(self.rules[*place])).collect()
        };
        let alerts = names(&|rule| rule.alert.as_deref());
        let recorded = names(&|rule| rule.record.as_deref());
        let is_affected =
            |expression: &str| selectors(expression).iter().any(|selector| recorded.contains(selector.name));
        let mut found = Vec::new();
        for file in test_files() {
            let loaded = |place: &Place| file.rule_files.contains(&format!("../{}", self.files[*place]));
            if !loaded(&changed) {
                continue;
            }
            for test in &file.tests {
                let mut test = test.clone();
                test.alerts.retain(|check| alerts.contains(check.alertname.as_str()));
                test.expressions.retain(|check| is_affected(&check.expr));
                if test.alerts.is_empty() && test.expressions.is_empty() {
                    continue;
                }
                let mut needed = self.with_all_they_need(self.asked_for_by(&test));
                needed.retain(loaded);
                found.push((TestFile { tests: vec![test], ..file.clone() }, needed));
            }
        }
        found.sort_by_key(|(test, needed)| steps(test) * needed.len());
        found
    }

    /// The alerts that a test is about, and what its expressions ask for.
    fn asked_for_by(&self, test: &Test) -> BTreeSet<Place> {
        let alerts: BTreeSet<&str> = test.alerts.iter().map(|check| check.alertname.as_str()).collect();
        let is_meant = |rule: &Rule| rule.alert.as_deref().is_some_and(|name| alerts.contains(name));
        let meant = (0..self.rules.len()).filter(|place| is_meant(self.rules[*place]));
        meant.chain(test.expressions.iter().flat_map(|check| self.needed_by(&check.expr))).collect()
    }
}

/// How often a test evaluates its rules.
fn steps(file: &TestFile) -> usize {
    let interval = file.rest["evaluation_interval"].as_str().map_or(MINUTE, duration);
    let of_test = |test: &Test| {
        let alerts = test.alerts.iter().map(|check| check.eval_time.as_str());
        let expressions = test.expressions.iter().filter_map(|check| check.rest["eval_time"].as_str());
        alerts.chain(expressions).map(duration).max().unwrap_or_default()
    };
    let longest = file.tests.iter().map(of_test).max().unwrap_or_default();
    (longest.as_secs_f64() / interval.as_secs_f64()) as usize
}

/// A change that some test must notice.
struct Mutant {
    place: Place,
    what: String,
    changed: Rule,
}

fn of_thresholds(dependencies: &Dependencies) -> Vec<Mutant> {
    let mut mutants = Vec::new();
    for rule in thresholds().filter(|rule| is_constant(rule)) {
        let place = dependencies.rules.iter().position(|other| std::ptr::eq(*other, rule)).unwrap();
        for factor in [0.9, 1.1] {
            let number = constant(rule).unwrap() * factor;
            let changed = Rule { expr: format!("vector({number})"), ..rule.clone() };
            mutants.push(Mutant { place, what: format!("{} is {number}", rule.title()), changed });
        }
    }
    mutants
}

fn of_waiting(dependencies: &Dependencies) -> Vec<Mutant> {
    let waiting = alerts().filter(|rule| rule.hold.is_some());
    let mutant = |rule: &'static Rule| {
        let place = dependencies.rules.iter().position(|other| std::ptr::eq(*other, rule)).unwrap();
        let changed = Rule { hold: None, ..rule.clone() };
        Mutant { place, what: format!("{} does not wait", rule.title()), changed }
    };
    waiting.map(mutant).collect()
}

/// Why a mutant lives: nobody notices it, or what notices it fails also without it. (Series of other names
/// are what a rule is not about, so that tests without them must pass as they do with them.)
fn survival(dependencies: &Dependencies, mutant: &Mutant) -> Option<String> {
    let tests = dependencies.tests_of(mutant.place);
    if tests.is_empty() {
        return Some(format!("{}: no test depends on it", mutant.what));
    }
    for (test, needed) in &tests {
        if run(dependencies, test, needed, mutant, &mutant.changed).is_some() {
            let unchanged = dependencies.rules[mutant.place];
            let otherwise = run(dependencies, test, needed, mutant, unchanged);
            return otherwise.map(|said| format!("{}: tests fail also without it: {said}", mutant.what));
        }
    }
    Some(format!("{}: every test passes", mutant.what))
}

/// Runs tests with a rule replaced; what `promtool` says if one fails.
fn run(
    dependencies: &Dependencies,
    test: &TestFile,
    needed: &BTreeSet<Place>,
    mutant: &Mutant,
    replacement: &Rule,
) -> Option<String> {
    let directory = TempDir::new();
    write(directory.path(), "rules.yml", &some_rules(dependencies, needed, mutant.place, replacement));
    let mut test = test.clone();
    test.rule_files = vec!["rules.yml".to_owned()];
    keep_what_is_asked_for(dependencies, needed, &mut test);
    write(directory.path(), "test.yml", &test);
    let output = promtool(&["test", "rules"], &[directory.path().join("test.yml")]);
    (!output.status.success()).then(|| said(&output))
}

/// Leaves out the series that none of the rules asks for.
fn keep_what_is_asked_for(dependencies: &Dependencies, needed: &BTreeSet<Place>, test: &mut TestFile) {
    let expressions = needed.iter().map(|place| dependencies.rules[*place].expr.as_str());
    let names: BTreeSet<&str> = expressions.flat_map(selectors).map(|selector| selector.name).collect();
    for test in &mut test.tests {
        let own = test.expressions.iter().flat_map(|check| selectors(&check.expr));
        let own: BTreeSet<&str> = own.map(|selector| selector.name).collect();
        let Some(Value::Array(series)) = test.rest.get_mut("input_series") else { continue };
        series.retain(|series| {
            let name = series["series"].as_str().unwrap_or_default().split('{').next().unwrap_or_default();
            names.contains(name) || own.contains(name)
        });
    }
}

/// JSON is YAML.
fn write(directory: &Path, name: &str, what: &impl serde::Serialize) {
    std::fs::write(directory.join(name), serde_json::to_string(what).unwrap()).unwrap();
}

/// The rules that are needed, in their groups and in their order, with one replaced.
fn some_rules(
    dependencies: &Dependencies,
    needed: &BTreeSet<Place>,
    replaced: Place,
    replacement: &Rule,
) -> RuleFile {
    let mut groups = Vec::new();
    let mut place = 0;
    for group in rule_files().iter().flat_map(|file| &file.groups) {
        let mut rules = Vec::new();
        for _ in &group.rules {
            if needed.contains(&place) {
                let rule = if place == replaced { replacement } else { dependencies.rules[place] };
                rules.push(rule.clone());
            }
            place += 1;
        }
        if !rules.is_empty() {
            groups.push(Group { rules, ..group.clone() });
        }
    }
    RuleFile { path: std::path::PathBuf::new(), groups }
}

fn all(dependencies: &Dependencies) -> Vec<Mutant> {
    of_thresholds(dependencies).into_iter().chain(of_waiting(dependencies)).collect()
}

#[test]
fn every_threshold_that_is_a_tenth_off_and_every_alert_that_does_not_wait_fails_some_test() {
    let dependencies = Dependencies::read();
    let survivors = in_parallel(all(&dependencies), |mutant| survival(&dependencies, &mutant));
    assert_none("no unit test notices", &survivors.into_iter().flatten().collect::<Vec<_>>());
}

#[test]
fn a_change_that_changes_nothing_survives() {
    let dependencies = Dependencies::read();
    let mutant = all(&dependencies).into_iter().next().unwrap();
    let unchanged = Mutant { changed: dependencies.rules[mutant.place].clone(), ..mutant };
    assert!(survival(&dependencies, &unchanged).unwrap().ends_with("every test passes"));
}
