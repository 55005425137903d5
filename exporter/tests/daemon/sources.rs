//! Facts from an application's own tables, in a real PostgreSQL.

use pratiko_test_postgres::{Durability, Server};

use crate::support::{Daemon, TempDir, eventually};

const TABLES: &str = "
    CREATE TABLE subscriptions (id bigint PRIMARY KEY, customer bigint, plan text, cents int, state text,
                                changed timestamptz NOT NULL);
    CREATE TABLE calls (id bigint PRIMARY KEY, who text, tokens_in int, tokens_out int, at timestamptz);
    CREATE ROLE reader LOGIN;
    INSERT INTO subscriptions
        SELECT number, number, 'pro', 2500, 'active', now() - interval '1 hour' FROM generate_series(1, 40) number;
    INSERT INTO calls
        SELECT number, 'user-' || number % 10, 1000, 200, now() - interval '1 minute'
        FROM generate_series(1, 5000) number;
    GRANT SELECT ON subscriptions, calls TO reader;
";

const SOURCES: &str = "
sources:
  sql:
    - name: billing
      url_file: URL
      interval: 200ms
      queries:
        - rows: subscriptions
          watermark: changed
          query: >
            SELECT id, customer, plan, cents / 100.0 AS unit_amount, 'month' AS interval, state AS status, changed
            FROM subscriptions;
        - rows: usage
          watermark: id
          query: >
            SELECT id, who AS \"user\", 'openai' AS provider, 'gpt-5' AS model, tokens_in AS input_tokens,
                   tokens_out AS output_tokens, 0.01 AS cost_eur, at AS time
            FROM calls
        - name: missing
          rows: usage
          watermark: id
          query: SELECT * FROM nowhere
        - name: slow
          rows: usage
          watermark: id
          timeout: 100ms
          query: SELECT id, pg_sleep(10) FROM calls
        - name: writing
          rows: usage
          watermark: id
          query: SELECT nextval('counter') AS id
";

struct Billing {
    server: Server,
    directory: TempDir,
}

impl Billing {
    fn new() -> Self {
        let server = Server::start(Durability::None);
        server.sql("postgres", "CREATE DATABASE billing");
        server.sql("billing", TABLES);
        server.sql("billing", "CREATE SEQUENCE counter; GRANT ALL ON counter TO reader");
        let directory = TempDir::new();
        Self { server, directory }
    }

    fn daemon(&self) -> Daemon {
        let url = self.directory.write("url", &self.server.url("billing"));
        let config = SOURCES.replace("URL", url.to_str().unwrap());
        let config = self.directory.write("exporter.yml", &config);
        Daemon::start_with(&self.directory.file("ledger"), &["--config.file", config.to_str().unwrap()])
    }
}

fn eventually_is(daemon: &Daemon, metric: &str, expected: f64) {
    eventually(&format!("{metric} {expected}"), || {
        (daemon.client.metrics().get(metric) == Some(&expected)).then_some(())
    });
}

const MRR: &str = "pratiko_mrr_eur{plan=\"pro\"}";
const CALLS: &str = "pratiko_llm_requests_total{provider=\"openai\",model=\"gpt-5\",outcome=\"success\"}";

#[test]
fn figures_follow_an_applications_tables_and_every_row_counts_once() {
    let billing = Billing::new();
    let daemon = billing.daemon();
    eventually_is(&daemon, MRR, 1000.0);
    eventually_is(&daemon, CALLS, 5000.0);
    billing.server.sql(
        "billing",
        "UPDATE subscriptions SET state = 'canceled', changed = now() WHERE id <= 10;
         INSERT INTO calls VALUES (5001, 'user-1', 10, 10, now())",
    );
    eventually_is(&daemon, MRR, 750.0);
    eventually_is(&daemon, CALLS, 5001.0);
    daemon.kill();

    // Changed meanwhile, and read from where it had come; what is read twice counts once.
    billing.server.sql("billing", "INSERT INTO calls VALUES (5002, 'user-1', 10, 10, now())");
    let daemon = billing.daemon();
    eventually_is(&daemon, CALLS, 5002.0);
    eventually_is(&daemon, MRR, 750.0);
    let accepted = "pratiko_ingest_events_total{source=\"sql\",kind=\"llm_usage\",result=\"accepted\"}";
    assert_eq!(daemon.client.metrics().get(accepted), Some(&1.0));
}

#[test]
fn a_query_that_fails_costs_its_own_freshness_and_changes_nothing() {
    let billing = Billing::new();
    let daemon = billing.daemon();
    eventually_is(&daemon, CALLS, 5000.0);
    let freshness = |query| {
        format!("pratiko_source_last_success_timestamp_seconds{{source=\"billing\",query=\"{query}\"}}")
    };
    let failures = |query| format!("pratiko_source_failures_total{{source=\"billing\",query=\"{query}\"}}");
    for query in ["missing", "slow", "writing"] {
        eventually(query, || (*daemon.client.metrics().get(&failures(query))? >= 2.0).then_some(()));
        assert_eq!(daemon.client.metrics().get(&freshness(query)), None);
    }
    eventually("other queries read to their end", || {
        let metrics = daemon.client.metrics();
        ["subscriptions", "usage"].iter().all(|query| metrics.contains_key(&freshness(query))).then_some(())
    });
    assert_eq!(daemon.client.metrics().get(&failures("usage")), Some(&0.0));
    daemon.terminate();
    let log = daemon.everything_logged();
    assert!(log.contains("relation \\\"nowhere\\\" does not exist"), "{log}");
    assert!(!log.contains("user-1"), "{log}");
}

const TROUBLE: &str = "
sources:
  sql:
    - name: billing
      url_file: URL
      interval: 100ms
      queries:
        - rows: usage
          watermark: id
          query: >
            SELECT id, who AS \"user\", 'openai' AS provider, 'gpt-5' AS model, tokens_in AS input_tokens,
                   0.01 AS cost_eur, at AS time
            FROM calls
        - name: unusable
          rows: signups
          watermark: id
          query: SELECT id, who AS name FROM calls WHERE id <= 101
        - name: unselected
          rows: usage
          watermark: changed_at
          query: SELECT id FROM calls
        - name: misspelt
          rows: usage
          watermark: id
          query: SELECT id, colour FROM calls
    - name: nowhere
      url_file: NOWHERE
      queries: [{rows: usage, watermark: id, query: SELECT 1 AS id}]
    - name: nonsense
      url_file: NONSENSE
      queries: [{rows: usage, watermark: id, query: SELECT 1 AS id}]
";

#[test]
fn rows_that_are_all_rejected_are_no_success_and_every_trouble_says_where_it_is() {
    let billing = Billing::new();
    let mut config = TROUBLE.to_owned();
    for (name, url) in [
        ("URL", billing.server.url("billing").as_str()),
        ("NOWHERE", "postgres://reader@127.0.0.1:1/billing"),
        ("NONSENSE", "billing.db"),
    ] {
        let file = billing.directory.write(&format!("{name}.url"), url);
        config = config.replace(&format!("url_file: {name}\n"), &format!("url_file: {}\n", file.display()));
    }
    let config = billing.directory.write("exporter.yml", &config);
    let ledger = billing.directory.file("ledger");
    let mut daemon = Daemon::start_with(&ledger, &["--config.file", config.to_str().unwrap()]);
    eventually_is(&daemon, CALLS, 5000.0);

    let of = |metric: &str| format!("pratiko_source_{metric}{{source=\"billing\",query=\"unusable\"}}");
    let failed_at_least = |times: f64| {
        let failures = of("failures_total");
        eventually(&failures, || (*daemon.client.metrics().get(&failures)? >= times).then_some(()));
    };
    failed_at_least(3.0);
    let metrics = daemon.client.metrics();
    assert_eq!(metrics.get(&of("last_success_timestamp_seconds")), None);
    let rejected = "pratiko_ingest_events_total{source=\"sql\",kind=\"user_registered\",result=\"rejected\"}";
    assert_eq!(metrics.get(rejected), Some(&101.0));

    billing.server.sql("billing", "UPDATE calls SET tokens_in = 7 WHERE id = 4999");
    let told = daemon.logged("rows were recorded before and say something else now: what was recorded stays; to have it otherwise, begin again (docs/SOURCES.md)");
    assert_eq!(told["query"], "usage");
    daemon.terminate();
    assert!(daemon.ended().success());
    let log = daemon.everything_logged();
    for expected in [
        "the watermark changed_at must be among the columns that the query selects",
        "column \\\"colour\\\" does not exist",
        "NONSENSE.url: write postgres://user@host/database",
        "NOWHERE.url: cannot connect to billing on 127.0.0.1, port 1: ",
    ] {
        assert!(log.contains(expected), "{expected}: {log}");
    }
    assert!(!log.contains("the ledger is not open"), "{log}");
}

#[test]
fn the_example_of_the_documentation_works_on_tables_as_it_has_them() {
    let page = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/SOURCES.md");
    let page = std::fs::read_to_string(page).unwrap();
    let example = page.split("```yaml\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
    let billing = Billing::new();
    billing.server.sql(
        "billing",
        "DROP TABLE subscriptions;
         CREATE TABLE subscriptions (id int, customer_id text, plan text, status text, price_cents int,
            trial_ends_at timestamptz, created_at timestamptz, updated_at timestamptz);
         CREATE TABLE charges (id int, customer_id text, state text, cents int, currency text,
            created_at timestamptz, updated_at timestamptz);
         CREATE TABLE llm_calls (id int, user_id text, customer_id text, model text, prompt_tokens int,
            completion_tokens int, created_at timestamptz);
         INSERT INTO subscriptions VALUES (1, 'acme', 'pro', 'active', 2500, NULL, now() - interval '3 days',
            now() - interval '3 days');
         INSERT INTO charges VALUES (1, 'acme', 'paid', 2500, 'eur', now(), now());
         INSERT INTO llm_calls VALUES (1, 'ada', 'acme', 'gpt-5', 1000000, 0, now());
         GRANT SELECT ON subscriptions, charges, llm_calls TO reader",
    );
    let url = billing.directory.write("url", &billing.server.url("billing"));
    let prices =
        "currency: EUR\nproviders: [{provider: openai, models: [{model: gpt-5, prices: {input: 2}}]}]\n";
    let prices = billing.directory.write("prices.yml", prices);
    let config = example
        .replace("/etc/pratiko/billing.url", url.to_str().unwrap())
        .replace("interval: 1m ", "interval: 200ms ");
    let config = billing.directory.write("exporter.yml", &config);
    let flags = ["--config.file", config.to_str().unwrap(), "--prices.files", prices.to_str().unwrap()];
    let daemon = Daemon::start_with(&billing.directory.file("ledger"), &flags);
    eventually_is(&daemon, "pratiko_mrr_eur{plan=\"pro\"}", 25.0);
    eventually_is(
        &daemon,
        "pratiko_payment_attempts_total{method=\"card\",outcome=\"succeeded\",reason=\"none\"}",
        1.0,
    );
    let cost = "pratiko_llm_cost_eur_total{provider=\"openai\",model=\"gpt-5\",plan=\"pro\"}";
    eventually_is(&daemon, cost, 2.0);
}
