//! From what goes wrong in a company to the people who are told, and to the message that it is over.

use std::time::Duration;

use pratiko_tests::rules::{self, Alert};
use pratiko_tests::wait;

use crate::company::Company;
use crate::watch::Watch;

/// How long after the time for which its condition must hold an alert may take to arrive.
const LATEST: Duration = Duration::from_secs(120);

/// What a scenario of the demo must raise.
struct Expectation {
    scenario: &'static str,
    /// Alerts by name and severity.
    raises: &'static [(&'static str, &'static str)],
    /// How names begin that may be heard beside them, because that is true as well.
    may_raise: &'static [&'static str],
}

const SLOW_API: Expectation = Expectation {
    scenario: "slow-api",
    raises: &[("ApiSlow", "critical")],
    may_raise: &["ApiRouteSlow", "LlmProviderSlow", "LlmFirstChunkSlow", "ApiLatencyBudgetBurn"],
};

const COST_SPIKE: Expectation = Expectation {
    scenario: "cost-spike",
    raises: &[("CostRunaway", "critical")],
    may_raise: &[
        "CostPerUser",
        "GrossMargin",
        "OverallCost",
        "PlanMargin",
        "UserCost",
        "UsersCost",
        "UsersOver",
    ],
};

const PAYMENT_OUTAGE: Expectation = Expectation {
    scenario: "payment-outage",
    raises: &[("PaymentFailuresHigh", "critical")],
    may_raise: &[],
};

const CHURN_WAVE: Expectation = Expectation {
    scenario: "churn-wave",
    raises: &[("ChurnHigh", "critical")],
    may_raise: &["MrrDropped", "RevenueRetentionLow"],
};

const HOST_TROUBLE: Expectation = Expectation {
    scenario: "host-trouble",
    raises: &[
        ("HostClockWrong", "critical"),
        ("HostRaidDegraded", "critical"),
        ("HostDiskFull", "critical"),
        ("HostOomKill", "warning"),
        ("HostCpuSaturated", "warning"),
        ("HostUnitFailed", "warning"),
    ],
    may_raise: &["Host"],
};

/// As they are.
const UNSCALED: u32 = 1;
/// Longer than any window and any time that a condition must hold in these scenarios.
const LONG: Duration = Duration::from_secs(90 * 60);

#[test]
fn a_slow_service_is_told_of_and_so_is_its_end() {
    // Five minutes are fifteen seconds, in which twenty times as much happens.
    arrives_and_ends(&SLOW_API, 20, Duration::from_secs(600));
}

#[test]
#[ignore = "takes as long as it says; make test-long"]
fn unscaled_slow_api() {
    arrives_and_ends(&SLOW_API, UNSCALED, LONG);
}

#[test]
#[ignore = "takes as long as it says; make test-long"]
fn unscaled_cost_spike() {
    arrives_and_ends(&COST_SPIKE, UNSCALED, LONG);
}

#[test]
#[ignore = "takes as long as it says; make test-long"]
fn unscaled_payment_outage() {
    arrives_and_ends(&PAYMENT_OUTAGE, UNSCALED, LONG);
}

#[test]
#[ignore = "takes as long as it says; make test-long"]
fn unscaled_churn_wave() {
    arrives_and_ends(&CHURN_WAVE, UNSCALED, LONG);
}

#[test]
#[ignore = "takes as long as it says; make test-long"]
fn unscaled_host_trouble() {
    arrives_and_ends(&HOST_TROUBLE, UNSCALED, LONG);
}

#[test]
#[ignore = "takes ten minutes; make test-long"]
fn a_company_that_is_well_wakes_nobody() {
    let well = Company::start("steady", 30, UNSCALED);
    let watch = Watch::over(&well, UNSCALED);
    std::thread::sleep(Duration::from_secs(600));
    let messages = watch.alertmanager.messages();
    let others: Vec<_> = messages.iter().filter(|message| message.place != "deadman").collect();
    assert!(others.is_empty(), "{others:#?}");
    let barks = messages.len();
    assert!((2..=4).contains(&barks), "the Watchdog was heard {barks} times within ten minutes");
}

/// Runs a scenario until all of its alerts have arrived where they should, then lets Prometheus see a company
/// that is well until all of them are over.
fn arrives_and_ends(expectation: &Expectation, factor: u32, patience: Duration) {
    let days = if factor > 1 { 0 } else { 30 };
    let troubled = Company::start(expectation.scenario, days, factor);
    let watch = Watch::over(&troubled, factor);
    let alerts: Vec<Alert> = expectation.raises.iter().map(|(name, severity)| find(name, severity)).collect();
    for alert in &alerts {
        let message = watch.hear(alert, "firing", patience);
        let delay = watch.delay(alert, &message);
        assert!(delay <= LATEST, "{} arrived {delay:?} after its time", alert.name);
        for place in places(alert) {
            wait_for(&watch, place, alert, false);
        }
    }
    let well = Company::start("steady", days, factor);
    watch.turn_to(&well);
    for alert in &alerts {
        watch.hear(alert, "resolved", patience);
        for place in places(alert) {
            wait_for(&watch, place, alert, true);
        }
    }
    let mut unexpected = watch.heard();
    unexpected.retain(|name| {
        !expectation.raises.iter().any(|(raised, _)| raised == name)
            && !expectation.may_raise.iter().any(|beginning| name.starts_with(beginning))
    });
    assert!(unexpected.is_empty(), "{} raises {unexpected:?} as well", expectation.scenario);
}

fn find(name: &str, severity: &str) -> Alert {
    let mut alerts = rules::alerts().into_iter();
    let found = alerts.find(|alert| alert.name == name && alert.label("severity") == severity);
    found.unwrap_or_else(|| panic!("there is no alert {name} that is {severity}"))
}

/// Where people must see it.
fn places(alert: &Alert) -> Vec<&'static str> {
    let mut places = match (alert.label("severity"), alert.label("area")) {
        ("info", _) => vec!["mail/operations@example.com"],
        (_, "cost" | "revenue" | "payments") => vec!["slack/business", "mail/business@example.com"],
        (_, "security") => vec!["mail/security@example.com"],
        _ => vec!["slack/operations"],
    };
    if alert.label("severity") == "critical" {
        places.push("pagerduty");
    }
    places
}

fn wait_for(watch: &Watch, place: &str, alert: &Alert, is_over: bool) {
    let summary = alert.annotations["summary"].trim_end_matches('.');
    wait::until(&format!("{summary} at {place}"), || {
        let messages = watch.alertmanager.messages();
        let is_it = |message: &&crate::web_sink::Message| {
            let is_end = message.title().starts_with('✅') || message.body["event_action"] == "resolve";
            message.place == place && message.is_about(summary) && is_end == is_over
        };
        messages.iter().find(is_it).map(|_| ()).ok_or_else(|| format!("{messages:#?}"))
    });
}
