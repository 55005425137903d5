//! What the demo leaves in a ledger.

use serde_json::Value;

use crate::story::{Exporter, NOW};

/// The business figures of so many days, but for what every ledger has of its own.
fn summary_of(days: &str, more: &[&str]) -> Value {
    let exporter = Exporter::at(NOW);
    exporter.tell(days, &[&["--since", "2026-06-01"], more].concat());
    exporter.summary()
}

#[test]
fn the_same_seed_gives_the_same_ledger_and_another_one_another() {
    let one = summary_of("5", &[]);
    assert_eq!(one, summary_of("5", &[]));
    assert_ne!(one, summary_of("5", &["--seed", "2"]));
}

#[test]
fn telling_it_again_changes_nothing() {
    let exporter = Exporter::at(NOW);
    exporter.tell("3", &["--since", "2026-06-10"]);
    let (before, events) = (exporter.summary(), exporter.value("pratiko_ledger_events_total"));
    exporter.tell("3", &["--since", "2026-06-10"]);
    assert_eq!(exporter.summary(), before);
    assert_eq!(exporter.value("pratiko_ledger_events_total"), events);
    let known = r#"pratiko_ingest_events_total{source="api",kind="llm_usage",result="duplicate"}"#;
    assert!(exporter.value(known) > Some(0.0));
    let rejected =
        r#"pratiko_ingest_events_total{source="api",kind="subscription_changed",result="rejected"}"#;
    assert_eq!(exporter.value(rejected), Some(0.0));
}

#[test]
fn a_month_of_it_is_a_company_worth_watching() {
    let exporter = Exporter::at(NOW);
    exporter.tell("31", &[]);
    exporter.summary();
    let value = |series: &str| exporter.value(series).unwrap_or_else(|| panic!("no {series}"));
    let plans = ["base", "pro", "premium"];
    let sum = |name: &str, labels: &str| -> f64 {
        plans.iter().map(|plan| value(&format!("{name}{{plan=\"{plan}\"{labels}}}"))).sum()
    };
    let cost = sum("pratiko_cost_eur", ",kind=\"llm\",window=\"30d\"");
    let users = sum("pratiko_active_users", ",window=\"30d\"");
    let per_user = cost / users;
    assert!((1.2..1.8).contains(&per_user), "{per_user} € a user");
    let arr = value("pratiko_arr_eur");
    assert!((20_000.0..26_000.0).contains(&arr), "{arr} € a year");
    for plan in plans {
        assert!(value(&format!("pratiko_cost_per_user_eur{{plan=\"{plan}\"}}")) < 2.0, "{plan}");
    }
    assert!(value("pratiko_payment_success_ratio{basis=\"first_attempt\",window=\"30d\"}") > 0.95);
    assert!(value("pratiko_trial_conversion_ratio") > 0.5);
    assert!(value("pratiko_churn_ratio") < 0.07);
}
