//! Prices, from the command line and in a running daemon.

use std::fs;

use serde_json::json;

use crate::support::{Daemon, TempDir, eventually, run, run_badly, run_well};

/// A price file of one model, in euro, so that no rate is needed.
fn prices(amount: &str) -> String {
    format!(
        "currency: EUR\nproviders:\n  - provider: acme\n    models:\n      - model: m\n        prices: \
         {{input: {amount}, output: {amount}}}\n"
    )
}

/// A call with a million tokens and no cost.
fn call(id: &str, model: &str) -> String {
    json!({
        "specversion": "1.0", "source": "test", "id": id, "type": "com.pratiko.llm.usage.v1", "subject": "ada",
        "time": pratiko_domain::time::Timestamp::from_seconds(now()).to_string(),
        "data": { "provider": "acme", "model": model, "tokens": { "input": 900_000, "output": 100_000 } },
    })
    .to_string()
}

fn now() -> i64 {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    i64::try_from(now.as_secs()).unwrap() - 5
}

#[test]
fn the_bundled_prices_are_listed_and_explained() {
    let directory = TempDir::new();
    let list = run_well(directory.path(), &["prices", "list", "--provider", "openai", "--at", "2026-11-22"]);
    let expected = "openai/gpt-5@2025-08-07#batch\tUSD\tinput 0.625  cache_read 0.0625  output 5\n";
    assert!(list.contains(expected), "{list}");
    assert!(list.lines().all(|line| line.starts_with("openai/")), "{list}");
    let tokens = "input=1000,output=500";
    let explained =
        run_well(directory.path(), &["prices", "explain", "gpt-5", "--provider=openai", "--tokens", tokens]);
    assert!(explained.starts_with("price     openai/gpt-5@2025-08-07\nlist      bundled\n"), "{explained}");
    assert!(explained.contains("cost      0.00625 USD\n"), "{explained}");
    let unpriced = run_badly(directory.path(), &["prices", "explain", "openai/gpt-99"]);
    assert!(unpriced.contains("no price list has the model gpt-99 of openai"), "{unpriced}");
}

#[test]
fn what_has_no_price_is_explained_by_what_was_asked_and_nothing_else() {
    let directory = TempDir::new();
    for (model, expected) in [
        ("opneai/gpt-5", "no price list has the provider opneai;"),
        ("opneai/gpt-5", "(did you mean openai?)"),
        ("our-own-cluster/llama", "no price list has the provider our-own-cluster;"),
        ("gpt-99", "no provider of the price lists has the model gpt-99"),
        ("mistral/mistral-large-latest", "its known prices hold until 2025-12-02"),
    ] {
        let told = run_badly(directory.path(), &["prices", "explain", model, "--at", "2026-11-22"]);
        assert!(told.contains(expected), "{model}: {told}");
        assert!(!told.contains("of openai"), "{model}: {told}");
    }
    let all = run_well(directory.path(), &["prices", "list", "--all", "--provider", "mistral"]);
    let ended = "mistral/mistral-large-latest\tUSD\tinput 2  output 6\tuntil 2025-12-02\n";
    assert!(all.contains(ended), "{all}");
}

#[test]
fn a_price_file_with_an_error_on_line_17_is_refused_with_its_line_and_what_to_do() {
    let directory = TempDir::new();
    let lines: String = (1..=9).map(|_| "# a comment\n").collect();
    let file = directory.write("prices.yml", &format!("{lines}currency: EUR\nproviders:\n  - provider: acme\n    models:\n      - model: m\n        prices:\n          - input: 1\n            output: free\n"));
    let file = file.to_str().unwrap();
    let told = run_badly(directory.path(), &["prices", "check", file]);
    assert!(told.contains(&format!("{file}:17: output: \"free\" is no price: ")), "{told}");
    let config = directory.write("exporter.yml", &format!("prices:\n  files: [{file}]\n"));
    let told = run_badly(directory.path(), &["config", "check", config.to_str().unwrap()]);
    assert!(told.contains("prices.yml:17: "), "{told}");
    let daemon = run(directory.path(), &["--prices.files", file, "--web.listen-address=127.0.0.1:0"]);
    assert_eq!(daemon.status.code(), Some(1));
    let good = directory.write("good.yml", &prices("1"));
    let told = run_well(directory.path(), &["prices", "check", good.to_str().unwrap()]);
    assert!(told.ends_with("1 models with 1 prices, all good\n"), "{told}");
}

#[test]
fn what_is_probably_not_meant_so_in_a_price_file_is_told_and_it_can_be_used() {
    let directory = TempDir::new();
    let text = "currency: EUX\nproviders:\n  - provider: opneai\n    models: [{model: m, prices: {input: 1}}]\n  \
                - provider: our-own-cluster\n    like: [mistrall, opneai]\n";
    let file = directory.write("prices.yml", text);
    let file = file.to_str().unwrap();
    let told = run_well(directory.path(), &["--prices.files", file, "prices", "check", file]);
    for expected in [
        ":1: warning: no reference rate of EUX is published",
        ":3: warning: opneai is a provider of its own, of which no other list knows; if openai is meant",
        ":6: warning: like: no price list has the provider mistrall, so that it does nothing; did you mean mistral?",
    ] {
        assert!(told.contains(&format!("{file}{expected}")), "{told}");
    }
    assert!(told.ends_with("1 models with 1 prices, 3 warnings\n"), "{told}");
}

#[test]
fn a_foreign_list_becomes_a_price_file_and_what_has_no_place_in_it_is_told() {
    let directory = TempDir::new();
    let foreign = json!({
        "gpt-x": { "litellm_provider": "openai", "input_cost_per_token": 2e-6, "output_cost_per_token": 8e-6, "search_cost_per_query": 1 },
        "other": { "litellm_provider": "groq", "input_cost_per_token": 1e-6 },
    });
    let foreign = directory.write("foreign.json", &foreign.to_string());
    let import = ["prices", "import", "--from=litellm", "--provider=openai", foreign.to_str().unwrap()];
    let output = run(directory.path(), &import);
    assert!(output.status.success(), "{output:?}");
    assert!(String::from_utf8(output.stderr).unwrap().contains("left out: search_cost_per_query: "));
    let file = directory.file("imported.yml");
    fs::write(&file, output.stdout).unwrap();
    let file = format!("--prices.files={}", file.display());
    let tokens = "--tokens=input=1000000";
    let explained = run_well(directory.path(), &[&file, "prices", "explain", "openai/gpt-x", tokens]);
    assert!(explained.starts_with("price     litellm:openai/gpt-x\nlist      litellm\n"), "{explained}");
    assert!(explained.contains("cost      2 USD\n"), "{explained}");
    let nonsense = directory.write("nonsense.json", "[1, 2");
    let told =
        run_badly(directory.path(), &["prices", "import", "--from=genai-prices", nonsense.to_str().unwrap()]);
    assert!(told.contains("this is not genai-prices' list"), "{told}");
}

#[test]
fn calls_are_priced_by_files_that_change_and_priced_again_when_somebody_says_so() {
    let directory = TempDir::new();
    let file = directory.write("prices.yml", &prices("2"));
    let ledger = directory.file("ledger");
    let flag = format!("--prices.files={}", file.display());
    let mut daemon = Daemon::start_with(&ledger, &[&flag]);
    let send = |daemon: &Daemon, id: &str, model: &str| {
        let answer = daemon.client.post("application/cloudevents+json", call(id, model).as_bytes()).unwrap();
        assert_eq!(answer.status, 200, "{answer:?}");
    };
    let cost = r#"pratiko_llm_cost_eur_total{provider="acme",model="m",plan="none"}"#;
    let unpriced = r#"pratiko_llm_unpriced_requests_total{provider="acme",model="unknown"}"#;
    send(&daemon, "1", "m");
    send(&daemon, "2", "unknown");
    let metrics = daemon.client.metrics_with(2);
    assert_eq!((metrics[cost], metrics[unpriced]), (2.0, 1.0));
    assert_eq!(metrics["pratiko_exporter_prices_ok"], 1.0);
    let told = daemon.logged("a call is unpriced: no price list has the model unknown of acme; add it, or give its name to a known one with `names:`");
    assert_eq!(told["model"], "unknown");

    // A broken file changes nothing but what is told of it.
    directory.write("prices.yml", &prices("cheap"));
    eventually("the broken file", || {
        (daemon.client.metrics()["pratiko_exporter_prices_ok"] == 0.0).then_some(())
    });
    assert_eq!(daemon.client.metrics()["pratiko_exporter_prices_reload_failures_total"], 1.0);
    send(&daemon, "3", "m");
    assert_eq!(daemon.client.metrics_with(3)[cost], 4.0);
    directory.write("prices.yml", &prices("5"));
    eventually("the mended file", || {
        (daemon.client.metrics()["pratiko_exporter_prices_ok"] == 1.0).then_some(())
    });
    send(&daemon, "4", "m");
    assert_eq!(daemon.client.metrics_with(4)[cost], 9.0);

    // The first two calls were too cheap. Looking is possible while the daemon runs.
    let planned = run_well(&ledger, &[&flag, "ledger", "reprice", "--dry-run", "--model=acme/m"]);
    let change = "acme/m: prices:acme/m -> prices:acme/m: 2 calls, 4 -> 10 EUR (+6)";
    assert!(planned.contains(change), "{planned}");
    assert!(planned.ends_with("nothing was changed; --apply instead of --dry-run changes it\n"), "{planned}");
    let refused = run_badly(&ledger, &[&flag, "ledger", "reprice", "--apply"]);
    assert!(refused.contains("in use by another process: stop the daemon"), "{refused}");
    // Nothing that looks as if it were done stands before it.
    let output = run(&ledger, &[&flag, "ledger", "reprice", "--apply"]);
    assert!(output.stdout.is_empty(), "{output:?}");
    let undecided = String::from_utf8(run(&ledger, &[&flag, "ledger", "reprice"]).stderr).unwrap();
    assert!(undecided.contains("--dry-run|--apply"), "{undecided}");
    let database = directory.write("database.url", "postgres://u@127.0.0.1:1/d");
    let database = format!("--ledger.database-url-file={}", database.display());
    let copied = run_badly(&ledger, &[&database, "ledger", "copy", "--from=sqlite", "--to=postgres"]);
    assert!(copied.contains("stop the daemon, copy, and start it again"), "{copied}");
    daemon.terminate();
    assert!(daemon.ended().success());
    let applied = run_well(&ledger, &[&flag, "ledger", "reprice", "--apply"]);
    assert!(
        applied.ends_with("2 calls were priced again; what they cost before is kept on record\n"),
        "{applied}"
    );
    assert!(run_well(&ledger, &["ledger", "verify"]).contains("cost of events    15 EUR"));
    assert!(run_well(&ledger, &["ledger", "audit"]).contains("ledger reprice"));
    let daemon = Daemon::start_with(&ledger, &[&flag]);
    assert_eq!(daemon.client.metrics_with(4)[cost], 15.0);
}
