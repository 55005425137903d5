//! Rule files of Prometheus: what is recorded from what, and what alerts.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::HistoryError;

/// A rule.
#[derive(Debug, Clone, Deserialize)]
pub struct Rule {
    /// The name under which it is recorded.
    pub record: Option<String>,
    /// The name of the alert.
    pub alert: Option<String>,
    /// What is asked.
    pub expr: String,
    /// For how long it has to be so.
    #[serde(rename = "for", default)]
    pub pending: Option<String>,
    /// For how long it goes on when it is no longer so.
    #[serde(default)]
    pub keep_firing_for: Option<String>,
    /// Labels that are added.
    #[serde(default)]
    pub labels: BTreeMap<String, String>,
}

#[derive(Deserialize)]
struct RuleFile {
    groups: Vec<Group>,
}

#[derive(Deserialize)]
struct Group {
    rules: Vec<Rule>,
}

/// The rules of some files.
#[derive(Debug)]
pub struct Rules {
    /// Rules that record, in an order in which none needs a later one. Those of one level need none
    /// of the same level.
    pub levels: Vec<Vec<Rule>>,
    /// Rules that alert.
    pub alerts: Vec<Rule>,
}

impl Rules {
    /// Reads every `*.yml` of a directory but `compat-*.yml`: those say the same under the names that
    /// somebody else's dashboards ask for, and would make a history a third longer.
    pub fn read(directory: &Path) -> Result<Self, HistoryError> {
        let mut rules = Vec::new();
        for file in files(directory)? {
            let text = std::fs::read_to_string(&file).map_err(|error| HistoryError::file(&file, error))?;
            let read: RuleFile = serde_saphyr::from_str(&text)
                .map_err(|error| HistoryError::Rules { file, reason: error.to_string() })?;
            rules.extend(read.groups.into_iter().flat_map(|group| group.rules));
        }
        Self::sort(rules)
    }

    fn sort(rules: Vec<Rule>) -> Result<Self, HistoryError> {
        let (recording, alerts): (Vec<Rule>, Vec<Rule>) =
            rules.into_iter().partition(|rule| rule.record.is_some());
        let mut rules_of: HashMap<&str, Vec<usize>> = HashMap::new();
        for (number, rule) in recording.iter().enumerate() {
            rules_of.entry(rule.record.as_deref().unwrap_or_default()).or_default().push(number);
        }
        // A rule may add a series to those of its own name: then it needs the others of that name.
        let needs_own = |number: usize| {
            let rule: &Rule = &recording[number];
            names(&rule.expr).any(|name| Some(name) == rule.record.as_deref())
        };
        let mut level_of = vec![0; recording.len()];
        // Each round settles one more level at least.
        for _ in 0..=recording.len() {
            let before = level_of.clone();
            for (number, rule) in recording.iter().enumerate() {
                let needed = names(&rule.expr).filter_map(|name| rules_of.get(name)).flatten();
                let needed = needed.filter(|other| {
                    **other != number
                        && !(needs_own(number)
                            && recording[**other].record == rule.record
                            && needs_own(**other))
                });
                level_of[number] = needed.map(|other| level_of[*other] + 1).max().unwrap_or_default();
            }
            if level_of == before {
                let mut levels = vec![Vec::new(); level_of.iter().max().map_or(0, |highest| highest + 1)];
                for (rule, level) in recording.iter().zip(level_of) {
                    levels[level].push(rule.clone());
                }
                return Ok(Self { levels, alerts });
            }
        }
        Err(HistoryError::Circle)
    }
}

fn files(directory: &Path) -> Result<Vec<PathBuf>, HistoryError> {
    let entries = std::fs::read_dir(directory).map_err(|error| HistoryError::file(directory, error))?;
    let mut files: Vec<PathBuf> = entries
        .filter_map(Result::ok)
        .map(|entry| entry.path())
        .filter(|path| {
            let name = path.file_stem().and_then(|name| name.to_str()).unwrap_or_default();
            path.extension().is_some_and(|extension| extension == "yml") && !name.starts_with("compat-")
        })
        .collect();
    files.sort();
    Ok(files)
}

/// Everything in an expression that could be the name of a metric.
fn names(expression: &str) -> impl Iterator<Item = &str> {
    expression.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_' && letter != ':')
}

/// A duration as Prometheus writes it, `1h30m`, in seconds.
pub fn seconds(text: &str) -> Option<i64> {
    let mut whole = 0;
    let mut rest = text;
    while !rest.is_empty() {
        let digits = rest.find(|letter: char| !letter.is_ascii_digit())?;
        let (number, unit) = rest.split_at(digits);
        let letters = unit.find(|letter: char| letter.is_ascii_digit()).unwrap_or(unit.len());
        let (unit, left) = unit.split_at(letters);
        let each = match unit {
            "s" => 1,
            "m" => 60,
            "h" => 3600,
            "d" => 86_400,
            "w" => 7 * 86_400,
            _ => return None,
        };
        whole += number.parse::<i64>().ok()? * each;
        rest = left;
    }
    Some(whole)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(record: &str, expr: &str) -> Rule {
        Rule {
            record: Some(record.to_owned()),
            alert: None,
            expr: expr.to_owned(),
            pending: None,
            keep_firing_for: None,
            labels: BTreeMap::new(),
        }
    }

    #[test]
    fn what_needs_another_comes_after_it() {
        let rules = vec![rule("c", "b / a:x"), rule("b", "sum(a:x[5m])"), rule("a:x", "up"), rule("d", "up")];
        let rules = Rules::sort(rules).unwrap();
        let names: Vec<Vec<&str>> = rules
            .levels
            .iter()
            .map(|level| level.iter().filter_map(|rule| rule.record.as_deref()).collect())
            .collect();
        assert_eq!(names, [vec!["a:x", "d"], vec!["b"], vec!["c"]]);
        assert!(matches!(Rules::sort(vec![rule("a", "b"), rule("b", "a")]), Err(HistoryError::Circle)));
    }

    #[test]
    fn a_rule_may_need_others_of_its_own_name() {
        let rules = vec![rule("b", "a"), rule("a", "avg_over_time(a{w=\"1h\"}[6h])"), rule("a", "up")];
        let levels = Rules::sort(rules).unwrap().levels;
        let expressions: Vec<Vec<&str>> =
            levels.iter().map(|level| level.iter().map(|rule| rule.expr.as_str()).collect()).collect();
        assert_eq!(expressions, [vec!["up"], vec!["avg_over_time(a{w=\"1h\"}[6h])"], vec!["a"]]);
    }

    #[test]
    fn durations_are_read_as_prometheus_writes_them() {
        assert_eq!(
            ["30s", "15m", "1h30m", "7d", "", "5x", "m"].map(seconds),
            [Some(30), Some(900), Some(5400), Some(604_800), Some(0), None, None]
        );
    }
}
