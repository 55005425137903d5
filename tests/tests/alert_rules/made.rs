//! `threshold-absent.yml`, made from `thresholds.yml`: a comparison with nothing never fires, so that a
//! threshold that is not there is an alert of its own. `BLESS=1` writes it and its unit test anew.

use std::fmt::Write;

use crate::rules::{Rule, folder};
use crate::thresholds::{is_constant, thresholds};

const RULES: &str = "threshold-absent.yml";
const TESTS: &str = "tests/threshold-absent.yml";

const HEAD: &str = "\
# Made from thresholds.yml: BLESS=1 cargo test --package pratiko_tests --test alert_rules
#
# A comparison with nothing never fires. Therefore this alert names every threshold that must be there;
# those that are derived from the ledger's figures are there when it is, and a plan without a limit is
# told by PlanWithoutCostLimit.
groups:
  - name: monitoring-thresholds
    interval: 1m
    rules:
      - alert: ThresholdAbsent
        expr: |-
          group by (threshold) (
";

const TAIL: &str = "          )
        for: 5m
        labels: {severity: warning, area: monitoring}
        annotations:
          summary: A threshold is missing, and the alerts that compare with it are silent.
          description: >-
            {{ $labels.threshold }} is not recorded. thresholds.yml is not loaded, or of another version than the
            other rules.
          runbook_url: '{{ $externalLabels.runbooks }}#thresholdabsent'
          dashboard_url: '{{ $externalLabels.dashboards }}/d/pratiko-alerts/?viewPanel=31'
";

const TEST_HEAD: &str = "\
# Made from thresholds.yml: BLESS=1 cargo test --package pratiko_tests --test alert_rules
rule_files:
  - ../threshold-absent.yml
evaluation_interval: 1m

tests:
  - name: ThresholdAbsent, when nothing is recorded, and when everything is
    interval: 1m
    external_labels: {runbooks: 'https://runbooks.example/RUNBOOKS.md', dashboards: 'https://grafana.example'}
    input_series:
";

/// A threshold as PromQL asks for it.
fn selector(rule: &Rule) -> String {
    rule.title()
}

fn rules() -> String {
    let mut text = HEAD.to_owned();
    for (position, rule) in thresholds().filter(|rule| is_constant(rule)).enumerate() {
        let or = if position == 0 { "" } else { "or " };
        let selector = selector(rule);
        let _ = writeln!(
            text,
            "            {or}label_replace(absent({selector}), \"threshold\", '{selector}', \"\", \"\")"
        );
    }
    text + TAIL
}

/// The thresholds come ten minutes late: all are missed, and then none.
fn tests() -> String {
    let constants: Vec<String> = thresholds().filter(|rule| is_constant(rule)).map(selector).collect();
    let mut text = TEST_HEAD.to_owned();
    for selector in &constants {
        let _ = writeln!(text, "      - {{series: '{selector}', values: '_x10 1x10'}}");
    }
    text += "    alert_rule_test:\n\
             \x20     - {eval_time: 4m, alertname: ThresholdAbsent}\n\
             \x20     - {eval_time: 12m, alertname: ThresholdAbsent}\n\
             \x20     - eval_time: 8m\n\
             \x20       alertname: ThresholdAbsent\n\
             \x20       exp_alerts:\n";
    for selector in &constants {
        let _ = write!(
            text,
            "          - exp_labels: {{severity: warning, area: monitoring, threshold: '{selector}'}}\n\
             \x20           exp_annotations:\n\
             \x20             summary: A threshold is missing, and the alerts that compare with it are silent.\n\
             \x20             description: >-\n\
             \x20               {selector} is not recorded. thresholds.yml is not loaded, or of another version than the other rules.\n\
             \x20             runbook_url: https://runbooks.example/RUNBOOKS.md#thresholdabsent\n\
             \x20             dashboard_url: https://grafana.example/d/pratiko-alerts/?viewPanel=31\n",
        );
    }
    text
}

#[test]
fn the_alert_about_thresholds_names_all_of_them() {
    for (name, made) in [(RULES, rules()), (TESTS, tests())] {
        let path = folder().join(name);
        if std::env::var_os("BLESS").is_some() {
            std::fs::write(&path, &made).unwrap();
        }
        let written = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(
            written == made,
            "alert-rules/{name} is not what thresholds.yml says (BLESS=1 writes it anew)"
        );
    }
}
