//! What the rules make of a history: recorded series, and alerts.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write;

use super::HistoryError;
use super::columns::Columns;
use super::firing::Alarm;
use super::period::Period;
use super::prometheus::{Found, Prometheus};
use super::rules::{Rule, seconds};

/// Records what a rule records in a period.
pub fn record(
    server: &Prometheus,
    rule: &Rule,
    period: Period,
    columns: &mut Columns,
) -> Result<(), HistoryError> {
    let Some(name) = &rule.record else { return Ok(()) };
    if let Some(value) = number(&rule.expr) {
        let place = columns.place(name, "unknown", &series(name, &with(BTreeMap::new(), rule)));
        (0..period.minutes()).for_each(|minute| columns.set(place, minute, value));
        return Ok(());
    }
    for Found { metric, values } in server.query(&rule.expr, period)? {
        let place = columns.place(name, "unknown", &series(name, &with(metric, rule)));
        for (at, value) in values {
            if let (Some(minute), Ok(value)) = (period.minute(at as i64), value.parse()) {
                columns.set(place, minute, value);
            }
        }
    }
    Ok(())
}

/// The number that a threshold says at every minute: nobody need be asked for it.
fn number(expression: &str) -> Option<f64> {
    expression.trim().strip_prefix("vector(")?.strip_suffix(')')?.parse().ok()
}

/// How the series of an alert stand, from one period to the next.
#[derive(Debug, Default)]
pub struct Alarms(BTreeMap<BTreeMap<String, String>, Alarm>);

/// Writes `ALERTS` of an alert in a period.
pub fn alert(
    server: &Prometheus,
    rule: &Rule,
    period: Period,
    alarms: &mut Alarms,
    columns: &mut Columns,
) -> Result<(), HistoryError> {
    let Some(name) = &rule.alert else { return Ok(()) };
    let duration = |text: &Option<String>| text.as_deref().and_then(seconds).unwrap_or_default();
    let (pending, keeps) = (duration(&rule.pending), duration(&rule.keep_firing_for));
    let mut found: HashMap<BTreeMap<String, String>, Vec<bool>> = HashMap::new();
    for Found { metric, values } in server.query(&rule.expr, period)? {
        let labels = with(metric, rule);
        let is_so = found.entry(labels).or_insert_with(|| vec![false; period.minutes()]);
        for (at, _) in values {
            if let Some(so) = period.minute(at as i64).and_then(|minute| is_so.get_mut(minute)) {
                *so = true;
            }
        }
    }
    for labels in found.keys() {
        alarms.0.entry(labels.clone()).or_default();
    }
    for (labels, alarm) in &mut alarms.0 {
        let is_so = found.get(labels);
        for minute in 0..period.minutes() {
            let is_so = is_so.is_some_and(|is_so| is_so[minute]);
            if let Some(state) = alarm.next(period.seconds(minute), is_so, pending, keeps) {
                let mut labels = labels.clone();
                labels.insert("alertname".to_owned(), name.clone());
                labels.insert("alertstate".to_owned(), state.name().to_owned());
                let place = columns.place("ALERTS", "unknown", &series("ALERTS", &labels));
                columns.set(place, minute, 1.0);
            }
        }
    }
    Ok(())
}

/// The labels of a result with those of the rule, which win.
fn with(mut labels: BTreeMap<String, String>, rule: &Rule) -> BTreeMap<String, String> {
    labels.remove("__name__");
    labels.extend(rule.labels.clone());
    labels.retain(|_, text| !text.is_empty());
    labels
}

fn series(name: &str, labels: &BTreeMap<String, String>) -> String {
    if labels.is_empty() {
        return name.to_owned();
    }
    let mut written = format!("{name}{{");
    for (number, (label, text)) in labels.iter().enumerate() {
        let comma = if number == 0 { "" } else { "," };
        let text = text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
        // A text takes whatever is written to it.
        let _ = write!(written, "{comma}{label}=\"{text}\"");
    }
    written.push('}');
    written
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_of_a_rule_win_and_empty_ones_go() {
        let labels = BTreeMap::from([
            ("__name__".to_owned(), "up".to_owned()),
            ("severity".to_owned(), "none".to_owned()),
            ("plan".to_owned(), String::new()),
            ("path".to_owned(), "a\"b\\c".to_owned()),
        ]);
        let rule = Rule {
            record: None,
            alert: None,
            expr: String::new(),
            pending: None,
            keep_firing_for: None,
            labels: BTreeMap::from([("severity".to_owned(), "critical".to_owned())]),
        };
        let written = series("x", &with(labels, &rule));
        assert_eq!(["vector(0.05)", "vector(time())", "vector(0) > 0"].map(number), [Some(0.05), None, None]);
        assert_eq!(written, "x{path=\"a\\\"b\\\\c\",severity=\"critical\"}");
    }
}
