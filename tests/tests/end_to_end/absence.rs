//! Absent is not zero: when business figures are there, and when they are not.

use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use pratiko_domain::time::{Clock, ManualClock, Timestamp};
use pratiko_metrics::catalogue::{self, Scope};
use pratiko_tests::in_process::InProcess;
use pratiko_tests::prometheus::Prometheus;
use pratiko_tests::wait;
use serde_json::json;

use crate::events::{NOON, at, event, usage};

/// Every series of business figures, as a matcher.
fn of_the_ledger() -> String {
    let names: Vec<&str> =
        catalogue::all().filter(|metric| metric.scope == Scope::Ledger).map(|metric| metric.name).collect();
    format!("{{__name__=~'{}'}}", names.join("|"))
}

fn clock() -> Arc<ManualClock> {
    Arc::new(ManualClock::at(at(NOON)))
}

#[test]
fn a_host_without_events_says_nothing_of_business_until_the_first_one() {
    let daemon = InProcess::with_empty_ledger("", clock());
    wait::until("the first figures", || daemon.ledger().snapshot().ok_or("there are none".to_owned()));
    let prometheus = Prometheus::scraping(daemon.address(), "{}");
    let time = prometheus.scrape_with("node_load1");
    assert_eq!(prometheus.query(&of_the_ledger(), Some(&time)).len(), 0);
    assert_eq!(prometheus.value("pratiko_ledger_up", Some(&time)), None);

    daemon.accept(&[usage("1", at(NOON), "user-1", "1")]);
    let time = prometheus.scrape_with("pratiko_ledger_up == 1");
    assert_eq!(prometheus.value("pratiko_arr_eur", Some(&time)).as_deref(), Some("0"));
}

#[test]
fn business_figures_that_are_forced_on_are_there_without_events() {
    let daemon = InProcess::with_empty_ledger("collectors: {business: 'on'}", clock());
    let prometheus = Prometheus::scraping(daemon.address(), "{}");
    let time = prometheus.scrape_with("pratiko_ledger_up == 1");
    for (series, value) in [
        ("pratiko_ledger_events_total", "0"),
        ("pratiko_arr_eur", "0"),
        ("pratiko_arr_goal_eur", "25000"),
        ("pratiko_customers{kind='paying'}", "0"),
        ("count(pratiko_ledger_info)", "1"),
    ] {
        assert_eq!(prometheus.value(series, Some(&time)).as_deref(), Some(value), "{series}");
    }
    // A ratio of nothing is no number.
    assert_eq!(prometheus.query("{__name__=~'pratiko_.+_ratio'}", Some(&time)).len(), 0);
}

#[test]
fn business_figures_that_are_switched_off_are_absent_whatever_the_ledger_holds() {
    let daemon = InProcess::with_empty_ledger("collectors: {business: 'off'}", clock());
    daemon.accept(&[usage("1", at(NOON), "user-1", "1")]);
    wait::until("figures with the event", || {
        let is_there = daemon.ledger().snapshot().is_some_and(|snapshot| snapshot.events == 1);
        is_there.then_some(()).ok_or("there are none".to_owned())
    });
    let page = daemon.metrics();
    assert!(!page.contains("pratiko_llm_cost_eur_total") && !page.contains("pratiko_ledger_up"));
}

#[test]
fn counters_begin_at_zero_so_that_the_first_event_is_an_increase() {
    let daemon = InProcess::with_empty_ledger("", clock());
    let prometheus = Prometheus::scraping(daemon.address(), "{'collect[]': [business]}");
    daemon.accept(&[usage("1", at(NOON), "user-1", "1")]);
    let time = prometheus.scrape_with("pratiko_ledger_events_total == 1");
    let count = |series: &str| prometheus.query(series, Some(&time)).len();
    // Five methods; four outcomes without a reason, and failures for six.
    assert_eq!(count("pratiko_payment_attempts_total == 0"), 50);
    assert_eq!(count("pratiko_payment_amount_eur_total == 0"), 25);
    assert_eq!(count("pratiko_llm_requests_total"), 3);
    assert_eq!(count("pratiko_trials_total{plan='none'} == 0"), 4);
    assert_eq!(count("pratiko_churned_customers_total{plan='none'} == 0"), 2);
    assert_eq!(count("pratiko_refunds_eur_total == 0"), 1);
    assert_eq!(count("pratiko_ledger_corrections_eur_total == 0"), 1);

    let payment = json!({ "method": "card", "outcome": "failed", "reason": "declined", "amount": "10" });
    daemon.accept(&[event("2", "payment.attempt", at(NOON), Some("user-1"), &payment)]);
    prometheus
        .scrape_with("increase(pratiko_payment_attempts_total{reason='declined',method='card'}[5m]) > 0");
}

/// A clock on which the ledger's thread hangs while it is told to.
struct HangingClock {
    time: ManualClock,
    hangs: Mutex<bool>,
    changed: Condvar,
}

impl HangingClock {
    fn set_hanging(&self, hangs: bool) {
        *self.hangs.lock().unwrap() = hangs;
        self.changed.notify_all();
    }
}

impl Clock for HangingClock {
    fn now(&self) -> Timestamp {
        if std::thread::current().name() == Some("ledger") {
            let hangs = self.hangs.lock().unwrap();
            drop(self.changed.wait_while(hangs, |hangs| *hangs).unwrap());
        }
        self.time.now()
    }
}

/// Lets the ledger's thread go on, also when the test fails: the daemon could not stop without it.
struct Release<'a>(&'a HangingClock);

impl Drop for Release<'_> {
    fn drop(&mut self) {
        self.0.set_hanging(false);
    }
}

#[test]
fn figures_that_are_older_than_five_minutes_are_withdrawn_until_they_are_fresh_again() {
    let clock = Arc::new(HangingClock {
        time: ManualClock::at(at(NOON)),
        hangs: Mutex::new(false),
        changed: Condvar::new(),
    });
    let daemon = InProcess::with_empty_ledger("", Arc::<HangingClock>::clone(&clock));
    let prometheus = Prometheus::scraping(daemon.address(), "{}");
    daemon.accept(&[usage("1", at(NOON), "user-1", "1")]);
    prometheus.scrape_with("pratiko_ledger_events_total == 1");

    clock.set_hanging(true);
    let release = Release(&clock);
    let five_minutes = at(NOON).plus(Duration::from_secs(5 * 60));
    clock.time.set(five_minutes);
    let time = prometheus.scrape_with("pratiko_ledger_snapshot_age_seconds == 300");
    assert_eq!(prometheus.value("pratiko_ledger_up", Some(&time)).as_deref(), Some("1"));

    clock.time.set(five_minutes.plus(Duration::from_secs(1)));
    let time = prometheus.scrape_with("pratiko_ledger_up == 0");
    assert_eq!(prometheus.query(&of_the_ledger(), Some(&time)).len(), 0);
    assert_eq!(prometheus.value("up", Some(&time)).as_deref(), Some("1"));
    assert_eq!(prometheus.query("node_load1", Some(&time)).len(), 1);

    drop(release);
    let time = prometheus.scrape_with("pratiko_ledger_up == 1");
    assert_eq!(prometheus.value("pratiko_ledger_events_total", Some(&time)).as_deref(), Some("1"));
}
