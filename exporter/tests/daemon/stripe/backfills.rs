//! Backfills: of an account they end where its webhooks end, they go on where they were, and they
//! are patient.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde_json::Value;

use super::account::{Account, DAY, Shape};
use super::api::{KEY, Manners, Server};
use super::{SECRET, now, start, start_with, tell};
use crate::support::{Daemon, TempDir, new_token, run, run_well};

/// What a ledger knows of an account now: by kind, what it holds but when it became known.
pub fn current(ledger: &Path) -> BTreeMap<String, BTreeSet<String>> {
    let mut facts = BTreeMap::<String, BTreeSet<String>>::new();
    let mut subscriptions = BTreeMap::<String, ((String, u64, String), Value)>::new();
    let mut invoices = BTreeMap::<String, ((String, u64, String), Value)>::new();
    for line in run_well(ledger, &["ledger", "export"]).lines() {
        let event: Value = serde_json::from_str(line).unwrap();
        let (id, mut data) = (event["id"].as_str().unwrap().to_owned(), event["data"].clone());
        let kind = event["type"].as_str().unwrap().to_owned();
        let order = (
            data["effective_at"].as_str().unwrap_or_default().to_owned(),
            data["version"].as_u64().unwrap_or_default(),
            id.clone(),
        );
        let states = match kind.as_str() {
            "com.pratiko.subscription.changed.v1" if data["known_by"] == "inferred" => continue,
            "com.pratiko.subscription.changed.v1" => {
                for field in ["effective_at", "version", "known_by", "started_at"] {
                    data.as_object_mut().unwrap().remove(field);
                }
                &mut subscriptions
            }
            "com.pratiko.invoice.v1" => &mut invoices,
            // That it was open once is only told while it is.
            "com.pratiko.dispute.v1" if data["status"] == "open" => continue,
            _ => {
                facts.entry(kind).or_default().insert(format!("{id} {data}"));
                continue;
            }
        };
        let known =
            states.entry(data["id"].as_str().unwrap().to_owned()).or_insert((order.clone(), data.clone()));
        if known.0 <= order {
            *known = (order, data);
        }
    }
    let texts = |states: BTreeMap<String, ((String, u64, String), Value)>| {
        states.into_values().map(|(_, data)| data.to_string()).collect()
    };
    facts.insert("subscriptions".to_owned(), texts(subscriptions));
    facts.insert("invoices".to_owned(), texts(invoices));
    facts
}

/// Runs a backfill on the ledger in a directory; what it printed.
pub fn backfill_with_key(
    ledger: &Path,
    base: &str,
    key: &str,
    flags: &[&str],
    more: &[&str],
) -> Result<String, String> {
    let keys = TempDir::new();
    let key = keys.write("stripe-key", key);
    let (base, key) =
        (format!("--stripe.api-base={base}"), format!("--stripe.api-key-file={}", key.display()));
    let arguments = [&[base.as_str(), &key][..], flags, &["backfill", "stripe"], more].concat();
    let output = run(ledger, &arguments);
    let said = String::from_utf8(output.stdout).unwrap();
    let complaint = String::from_utf8(output.stderr).unwrap();
    if output.status.success() { Ok(said) } else { Err(format!("{said}{complaint}")) }
}

fn try_backfill(ledger: &Path, base: &str, more: &[&str]) -> Result<String, String> {
    backfill_with_key(ledger, base, KEY, &[], more)
}

fn backfill(ledger: &Path, base: &str, more: &[&str]) -> String {
    try_backfill(ledger, base, more).unwrap()
}

/// A daemon with an admin token, which a backfill finds in its configuration.
fn with_admin(ledger: &Path, files: &TempDir) -> (Daemon, String) {
    let (token, _) = new_token(ledger);
    let file = files.write("admin-token", &token);
    let flag = format!("--auth.admin.token-files={}", file.display());
    (start_with(ledger, files, SECRET, &[&flag]), file.display().to_string())
}

/// Tells a daemon everything, in an order that is not that in which it happened, and some of it twice.
fn tell_all(daemon: &Daemon, account: &Account) {
    let count = account.webhooks.len();
    // A stride without a common divisor visits everything.
    let common = |stride: usize| (2..=stride).any(|by| stride.is_multiple_of(by) && count.is_multiple_of(by));
    let stride = (37..count + 38).find(|stride| !common(*stride)).unwrap();
    for step in 0..count {
        let webhook = &account.webhooks[(step * stride) % count];
        tell(&daemon.client, webhook);
        if step % 3 == 0 {
            tell(&daemon.client, webhook);
        }
    }
}

#[test]
fn webhooks_in_any_order_and_a_backfill_of_the_same_account_end_in_the_same() {
    for shape in [Shape::Old, Shape::New] {
        let account = Account::of_two_months(shape, now());
        let (by_webhooks, by_backfill, secrets) = (TempDir::new(), TempDir::new(), TempDir::new());
        let daemon = start(by_webhooks.path(), &secrets);
        tell_all(&daemon, &account);
        drop(daemon);
        let server = Server::start(account.clone(), Manners::default());
        backfill(by_backfill.path(), &server.base(), &[]);
        let (told, seen) = (current(by_webhooks.path()), current(by_backfill.path()));
        assert_eq!(told.keys().collect::<Vec<_>>(), seen.keys().collect::<Vec<_>>());
        for (kind, facts) in &told {
            assert!(!facts.is_empty());
            assert_eq!(facts, &seen[kind], "{kind}, {shape:?}");
        }
        assert_eq!(told["subscriptions"].len(), 8);
        // And both together are no more than one.
        let said = backfill(by_webhooks.path(), &server.base(), &[]);
        assert!(said.contains(" 0 events recorded"), "{said}");
        let daemon = start(by_backfill.path(), &secrets);
        tell_all(&daemon, &account);
        drop(daemon);
        assert_eq!(current(by_backfill.path()), told);
        for ledger in [&by_webhooks, &by_backfill] {
            run_well(ledger.path(), &["ledger", "verify"]);
        }
    }
}

/// The figures that both must agree on.
fn figures(daemon: &Daemon) -> BTreeMap<String, String> {
    let told = crate::support::eventually("figures", || {
        let metrics = daemon.client.metrics();
        metrics.contains_key("pratiko_arr_eur").then_some(metrics)
    });
    let families = [
        "pratiko_arr_eur",
        "pratiko_mrr_eur",
        "pratiko_payment_attempts_total",
        "pratiko_recent_payments",
        "pratiko_refunds_eur_total",
        "pratiko_disputes_total",
        "pratiko_customers",
    ];
    let chosen =
        told.into_iter().filter(|(series, _)| families.iter().any(|family| series.starts_with(family)));
    chosen.map(|(series, value)| (series, value.to_string())).collect()
}

#[test]
fn while_the_daemon_runs_a_backfill_goes_through_it_and_the_figures_agree() {
    let account = Account::of_two_months(Shape::New, now());
    let (by_webhooks, by_backfill, files) = (TempDir::new(), TempDir::new(), TempDir::new());
    let server = Server::start(account.clone(), Manners::default());
    let (daemon, token) = with_admin(by_backfill.path(), &files);
    let to = format!("http://{}", daemon.client.address);
    let refused = try_backfill(by_backfill.path(), &server.base(), &[]).unwrap_err();
    assert!(refused.contains("token of scope admin"), "{refused}");
    let said = backfill(by_backfill.path(), &server.base(), &["--token-file", &token]);
    assert!(!said.contains(" 0 events recorded"), "{said}");
    let again = backfill(by_backfill.path(), &server.base(), &["--to", &to, "--token-file", &token]);
    assert!(again.contains(" 0 events recorded"), "{again}");
    let other = start(by_webhooks.path(), &files);
    tell_all(&other, &account);
    let told = crate::support::eventually("the same figures", || {
        let told = figures(&other);
        (figures(&daemon) == told).then_some(told)
    });
    let succeeded = "pratiko_payment_attempts_total{method=\"card\",outcome=\"succeeded\",reason=\"none\"}";
    assert_eq!(
        told[succeeded],
        account.charges.iter().filter(|charge| charge["status"] == "succeeded").count().to_string()
    );
    assert!(told["pratiko_arr_eur"].parse::<f64>().unwrap() > 1000.0, "{told:?}");
    assert_eq!(told["pratiko_disputes_total"], "1");
    assert_eq!(told["pratiko_refunds_eur_total"], "10");
}

#[test]
fn a_backfill_that_was_interrupted_goes_on_where_it_was() {
    let account = Account::of_two_months(Shape::New, now());
    let ledger = TempDir::new();
    let whole = Server::start(account.clone(), Manners::default());
    let other = TempDir::new();
    backfill(other.path(), &whole.base(), &[]);
    let all = whole.count();
    let server = Server::start(account, Manners { dies_after: 5, ..Manners::default() });
    let failed = try_backfill(ledger.path(), &server.base(), &[]).unwrap_err();
    assert!(failed.contains("run the same backfill again, it goes on"), "{failed}");
    assert!(ledger.file("backfill-stripe.json").exists());
    // It is back, at the same address.
    let address = server.address;
    let asked = server.asked.lock().unwrap()[..5].to_vec();
    drop(server);
    let mended = Server::start_at(address, Account::of_two_months(Shape::New, now()), Manners::default());
    let said = backfill(ledger.path(), &mended.base(), &[]);
    assert!(said.contains("going on where the last backfill was interrupted"), "{said}");
    assert_eq!(mended.count(), all - 5);
    assert!(mended.asked.lock().unwrap().iter().all(|path| !asked.contains(path)));
    assert!(!ledger.file("backfill-stripe.json").exists());
    assert_eq!(current(ledger.path()).len(), current(other.path()).len());
}

#[test]
fn a_server_that_wants_to_be_left_alone_is_and_one_that_cannot_expand_is_asked_for_less() {
    let account = Account::of_two_months(Shape::New, now());
    let (ledger, other) = (TempDir::new(), TempDir::new());
    let busy =
        Server::start(account.clone(), Manners { busy_every: 3, expands: false, ..Manners::default() });
    backfill(ledger.path(), &busy.base(), &[]);
    let calm = Server::start(account, Manners { page: 100, ..Manners::default() });
    backfill(other.path(), &calm.base(), &[]);
    assert_eq!(calm.count(), 5);
    assert_eq!(current(ledger.path()), current(other.path()));
}

#[test]
fn what_was_there_before_the_reach_is_opening_and_what_ended_before_it_is_not_asked_for() {
    let start_of_all = now() - 62 * DAY;
    let mut account = Account::new(Shape::New);
    account.subscribe("sub_old", start_of_all, 2000, 1);
    account.subscribe("sub_gone", start_of_all, 3000, 1);
    account.cancel("sub_gone", start_of_all + 5 * DAY);
    account.subscribe("sub_new", now() - 3 * DAY, 5000, 1);
    let server = Server::start(account, Manners::default());
    let (ledger, files) = (TempDir::new(), TempDir::new());
    let since = jiff::Timestamp::from_second(now() - 10 * DAY).unwrap().to_string();
    backfill(ledger.path(), &server.base(), &["--since", &since]);
    let daemon = start(ledger.path(), &files);
    let movement = |metrics: &std::collections::HashMap<String, f64>, kind: &str| {
        let of_kind = |series: &&String| {
            series.starts_with("pratiko_mrr_movement_eur{")
                && series.contains(&format!("movement=\"{kind}\""))
                && series.contains("window=\"30d\"")
        };
        metrics.iter().filter(|(series, _)| of_kind(series)).map(|(_, value)| value).sum::<f64>()
    };
    let metrics = crate::support::eventually("movements", || {
        let metrics = daemon.client.metrics();
        (movement(&metrics, "opening") > 0.0).then_some(metrics)
    });
    let kinds = ["opening", "new", "churn", "expansion", "contraction", "reactivation"];
    assert_eq!(kinds.map(|kind| movement(&metrics, kind)), [20.0, 50.0, 0.0, 0.0, 0.0, 0.0]);
    assert_eq!(metrics["pratiko_arr_eur"], 840.0);
    drop(daemon);
    let known = current(ledger.path());
    assert_eq!(known["subscriptions"].len(), 2);
    assert_eq!(known["invoices"].len(), 1);
}

#[test]
fn what_a_backfill_lacks_it_says() {
    let ledger = TempDir::new();
    let error = |arguments: &[&str]| {
        let output = run(ledger.path(), arguments);
        assert!(!output.status.success());
        String::from_utf8(output.stderr).unwrap()
    };
    assert!(error(&["backfill", "stripe"]).contains("stripe.api_key_file"));
    let server = Server::start(Account::new(Shape::New), Manners::default());
    let keys = TempDir::new();
    let wrong = keys.write("key", "sk_live_wrong");
    let (base, key) = (
        format!("--stripe.api-base={}", server.base()),
        format!("--stripe.api-key-file={}", wrong.display()),
    );
    let said = error(&[&base, &key, "backfill", "stripe"]);
    assert!(said.contains("401") && said.contains("is the key"), "{said}");
    assert!(!said.contains("sk_live_wrong"), "{said}");
    let away = "--stripe.api-base=http://api.example.com";
    assert!(error(&[away, &key, "backfill", "stripe"]).contains("https://"));
}
