//! Reference rates that come from a server, from a file and from a command.

mod bank;

use std::collections::{BTreeMap, HashMap};
use std::time::{Duration, Instant};

use pratiko_domain::time::{Clock, Date};
use pratiko_metrics::SystemClock;
use serde_json::{Value, json};

use crate::support::{Client, Daemon, TempDir, eventually, run_badly, run_well};
use bank::{Bank, Mood, document};

/// So many days ago, in UTC.
fn ago(days: i64) -> Date {
    Date::from_days_since_epoch(SystemClock.now().utc_date().days_since_epoch() - days)
}

/// A call that cost this many dollars, now.
fn dollars(id: &str, cost: &str) -> Value {
    json!({
        "specversion": "1.0", "id": id, "source": "test", "type": "com.pratiko.llm.usage.v1", "subject": "ada",
        "data": {"provider": "openai", "model": "gpt-5", "cost": cost, "currency": "USD"},
    })
}

fn send(client: &Client, event: &Value) {
    let answer = client.post("application/cloudevents+json", event.to_string().as_bytes()).unwrap();
    assert_eq!(answer.status, 200, "{answer:?}");
}

fn metric(metrics: &HashMap<String, f64>, name: &str) -> Option<f64> {
    metrics.get(name).copied()
}

fn reads(client: &Client, result: &str) -> f64 {
    let name = format!("pratiko_exporter_rates_reads_total{{result=\"{result}\"}}");
    metric(&client.metrics(), &name).unwrap()
}

/// Waits until rates were looked for once more with this result.
fn one_more(client: &Client, result: &str) {
    let before = reads(client, result);
    eventually(&format!("one more read that {result}"), || (reads(client, result) > before).then_some(()));
}

/// Waits until the cost of all calls is this many euro.
fn costs(client: &Client, euro: f64) {
    eventually(&format!("a cost of {euro} euro"), || {
        let cost = metric(
            &client.metrics(),
            "pratiko_llm_cost_eur_total{provider=\"openai\",model=\"gpt-5\",plan=\"none\"}",
        )?;
        (cost == euro).then_some(())
    });
}

fn fetching(bank: &Bank) -> [String; 3] {
    [
        "--currencies.source=fetch".to_owned(),
        format!("--currencies.url={}", bank.url()),
        "--currencies.refresh=50ms".to_owned(),
    ]
}

fn start(ledger: &TempDir, flags: &[String]) -> Daemon {
    let flags: Vec<&str> = flags.iter().map(String::as_str).collect();
    Daemon::start_with(ledger.path(), &flags)
}

#[test]
fn a_server_is_asked_for_the_history_and_then_for_what_is_new() {
    let bank = Bank::open([(ago(30), "2"), (ago(3), "1.5"), (ago(1), "1.1")]);
    let ledger = TempDir::new();
    let daemon = start(&ledger, &fetching(&bank));
    let client = &daemon.client;
    one_more(client, "unchanged");
    let first = &bank.requests()[0];
    assert_eq!(
        (first.file.as_str(), first.condition.as_deref(), first.status),
        ("eurofxref-hist.xml", None, 200)
    );

    send(client, &dollars("call-1", "1.10"));
    costs(client, 1.0);
    let metrics = client.metrics();
    let age = metric(&metrics, "pratiko_exchange_rate_age_seconds{currency=\"USD\"}").unwrap();
    assert!((86_400.0..2.0 * 86_400.0).contains(&age), "{age}");
    assert_eq!(metric(&metrics, "pratiko_ledger_foreign_amounts_total{currency=\"USD\"}"), Some(1.0));
    assert_eq!(metric(&metrics, "pratiko_ledger_unconverted_total"), Some(0.0));

    // Another day is published: it counts from the next day on, and what was converted stays as it is.
    bank.publish(ago(0), "2.2");
    one_more(client, "changed");
    send(client, &dollars("call-2", "1.10"));
    costs(client, 2.0);

    // The server is told what has been read already, and says that there is nothing else.
    one_more(client, "unchanged");
    let told_nothing_new =
        bank.requests().iter().filter(|request| request.condition.is_some() && request.status == 304).count();
    assert!(told_nothing_new > 0, "{:?}", bank.requests());
    let histories = bank.requests().iter().filter(|request| request.file == "eurofxref-hist.xml").count();
    assert_eq!(histories, 1, "all days are asked for once");
}

#[test]
fn the_history_is_asked_for_although_a_file_was_imported_before() {
    let bank = Bank::open([(ago(30), "2"), (ago(2), "1.5"), (ago(1), "1.1")]);
    let (ledger, files) = (TempDir::new(), TempDir::new());
    let own = files.file("own.csv");
    std::fs::write(&own, format!("Date,TRY,\n{},30,\n", ago(0))).unwrap();
    run_well(ledger.path(), &["rates", "import", own.to_str().unwrap()]);
    {
        let daemon = start(&ledger, &fetching(&bank));
        one_more(&daemon.client, "unchanged");
    }
    let files = |bank: &Bank| bank.requests().into_iter().map(|request| request.file).collect::<Vec<_>>();
    let asked = files(&bank);
    assert_eq!(asked[0], "eurofxref-hist.xml");

    // It was read, which is remembered.
    let daemon = start(&ledger, &fetching(&bank));
    one_more(&daemon.client, "unchanged");
    assert!(!files(&bank)[asked.len()..].contains(&"eurofxref-hist.xml".to_owned()), "{:?}", files(&bank));
}

#[test]
fn a_server_in_trouble_is_asked_again_and_nothing_else_suffers() {
    let bank = Bank::open([(ago(3), "1.5"), (ago(2), "1.1"), (ago(1), "1.1")]);
    let ledger = TempDir::new();
    bank.is(Mood::Answers(500));
    let mut daemon = start(&ledger, &fetching(&bank));
    let client = daemon.client.clone();
    one_more(&client, "failed");
    send(&client, &dollars("call-1", "1.10"));
    eventually("an amount that waits", || {
        (metric(&client.metrics(), "pratiko_ledger_unconverted_amounts") == Some(1.0)).then_some(())
    });
    let line = daemon.logged("no new reference rates; amounts in other currencies may wait");
    let error = line["error"].as_str().unwrap();
    assert!(error.ends_with("eurofxref-hist.xml answered 500 when it was asked for rates"), "{error}");

    bank.is(Mood::Garbage);
    one_more(&client, "failed");
    one_more(&client, "failed");
    assert_eq!(metric(&client.metrics(), "pratiko_exporter_rates_read_age_seconds"), None);

    // It is well again: what has waited is converted, once.
    bank.is(Mood::Well);
    costs(&client, 1.0);
    assert_eq!(metric(&client.metrics(), "pratiko_ledger_unconverted_amounts"), Some(0.0));
    assert!(metric(&client.metrics(), "pratiko_exporter_rates_read_age_seconds").unwrap() < 60.0);

    // It contradicts itself: what is known stays.
    bank.publish(ago(1), "9");
    eventually("a conflict", || {
        (metric(&client.metrics(), "pratiko_exporter_rates_conflicts_total")? > 0.0).then_some(())
    });
    send(&client, &dollars("call-2", "1.10"));
    costs(&client, 2.0);

    // It takes requests and says nothing: events, pages and the end do not wait for it.
    bank.is(Mood::Silent);
    bank.publish(ago(0), "1");
    std::thread::sleep(Duration::from_millis(300));
    send(&client, &dollars("call-3", "1.10"));
    costs(&client, 3.0);
    let told = Instant::now();
    daemon.terminate();
    assert!(daemon.ended().success());
    assert!(told.elapsed() < Duration::from_secs(20), "{:?}", told.elapsed());
}

fn file(rates: &[(Date, &str)]) -> String {
    let rates: BTreeMap<Date, String> = rates.iter().map(|(day, rate)| (*day, (*rate).to_owned())).collect();
    document(rates.iter().rev())
}

#[test]
fn a_file_is_read_when_it_is_there_and_again_when_it_changes() {
    let ledger = TempDir::new();
    let place = TempDir::new();
    let flags = [
        "--currencies.source=file".to_owned(),
        format!("--currencies.file={}", place.file("rates.xml").display()),
        "--currencies.refresh=50ms".to_owned(),
    ];
    let daemon = start(&ledger, &flags);
    let client = &daemon.client;
    one_more(client, "failed");
    send(client, &dollars("call-1", "1.10"));
    eventually("an amount that waits", || {
        (metric(&client.metrics(), "pratiko_ledger_unconverted_amounts") == Some(1.0)).then_some(())
    });

    // Too old to count: the page for people says so too.
    place.write("rates.xml", &file(&[(ago(30), "2")]));
    eventually("a word on the page", || {
        let page = client.get("/").body;
        page.contains("1 amounts are in none of these figures").then_some(())
    });

    // Whatever day it was yesterday, it had no rate: today has one.
    place.write("rates.xml", &file(&[(ago(2), "1.1"), (ago(0), "9")]));
    costs(client, 1.0);
    let more = file(&[(ago(2), "1.1"), (ago(1), "2.2"), (ago(0), "9")]);
    place.write("rates.xml", &more.replace("2.2", "0"));
    one_more(client, "failed");
    place.write("rates.xml", &more);
    one_more(client, "unchanged");
    send(client, &dollars("call-2", "1.10"));
    costs(client, 1.5);
    assert_eq!(reads(client, "changed"), 3.0);
}

#[test]
fn rates_are_checked_imported_and_listed() {
    let ledger = TempDir::new();
    let place = TempDir::new();
    let daemon = Daemon::start(ledger.path());
    send(&daemon.client, &dollars("call-1", "1.10"));
    daemon.client.metrics_with(1);

    let good = place.write("good.xml", &file(&[(ago(2), "1.1"), (ago(1), "2.2")]));
    let good = good.to_str().unwrap();
    let busy = run_badly(ledger.path(), &["rates", "import", good]);
    assert!(busy.contains("the daemon has the ledger open; stop it for the import"), "{busy}");
    drop(daemon);

    let bad = place.write("bad.xml", &file(&[(ago(2), "1.1"), (ago(1), "-1")]));
    let bad = bad.to_str().unwrap();
    let refused = run_badly(ledger.path(), &["rates", "check", bad]);
    assert!(refused.contains("bad.xml, line 9, column 4: \"-1\" cannot be how many USD"), "{refused}");
    assert!(run_badly(ledger.path(), &["rates", "import", good, bad]).contains("bad.xml, line 9"));
    assert!(run_well(ledger.path(), &["rates", "list"]).starts_with("the ledger knows no reference rates"));

    let checked = run_well(ledger.path(), &["rates", "check", good]);
    assert_eq!(checked, format!("{good}: 4 rates of 2 currencies on 2 days from {} to {}\n", ago(2), ago(1)));
    let imported = run_well(ledger.path(), &["rates", "import", good]);
    assert!(imported.ends_with("; 4 were new, 1 amounts had waited for them\n"), "{imported}");
    let again = run_well(ledger.path(), &["rates", "import", good]);
    assert!(again.ends_with("; 0 were new, 0 amounts had waited for them\n"), "{again}");

    let listed = run_well(ledger.path(), &["rates", "list"]);
    let expected = format!(
        "currency  first       last        units per euro\n\
         JPY       {0}  {1}  155.53\nUSD       {0}  {1}  2.2\n",
        ago(2),
        ago(1)
    );
    assert_eq!(listed, expected);
    let of_one = run_well(ledger.path(), &["rates", "list", "USD"]);
    assert_eq!(of_one, format!("{}  1.1\n{}  2.2\n", ago(2), ago(1)));
    let unknown = run_badly(ledger.path(), &["rates", "list", "GBP"]);
    assert!(unknown.contains("knows no rate of GBP; known are: JPY, USD"), "{unknown}");

    let other = place.write("other.xml", &file(&[(ago(2), "1.2")]));
    let contradicted = run_badly(ledger.path(), &["rates", "import", other.to_str().unwrap()]);
    assert!(contradicted.contains("1 rates contradict known ones"), "{contradicted}");

    let daemon = Daemon::start(ledger.path());
    costs(&daemon.client, 0.5);
}
