//! The rules in `alert-rules/`: what Prometheus says of them, what their unit tests show, and that none
//! of them lacks what people need when it fires.

#![expect(clippy::unwrap_used, clippy::panic, clippy::expect_used, reason = "a test fails by panicking")]

mod alerts;
mod made;
mod mutations;
mod names;
mod node_exporter_full;
mod promql;
mod promtool;
mod rules;
mod runbooks;
mod thresholds;
mod unit_tests;

/// Fails with all offences, each on its line.
fn assert_none(rule: &str, offences: &[String]) {
    assert!(offences.is_empty(), "{rule}:\n  {}", offences.join("\n  "));
}
