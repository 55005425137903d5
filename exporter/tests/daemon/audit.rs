//! What administrators may do: look at single users, forget them, compare invoices; and how that is written
//! down.

use std::io::Write;
use std::path::Path;

use serde_json::{Value, json};

use crate::http::{self, Answer};
use crate::support::{Daemon, TempDir, eventually, new_token, run_badly, run_well, usage};

/// A person whose id needs percent-encoding everywhere.
const ANNA: &str = "anna/ä@example.com?x=1";
const ANNA_IN_PATH: &str = "anna%2F%C3%A4%40example.com%3Fx%3D1";

/// A daemon with a token of scope admin in a file, and what it is told by the file's configuration.
struct Administered {
    directory: TempDir,
    token: String,
    config: String,
}

impl Administered {
    fn new() -> Self {
        let directory = TempDir::new();
        let (token, _) = new_token(directory.path());
        let file = directory.write("admin-token", &format!("# for the commands\n{token}\n"));
        let yaml = format!("auth:\n  admin:\n    token_files: [\"{}\"]\n", file.display());
        let config = directory.write("exporter.yml", &yaml).display().to_string();
        Self { directory, token, config }
    }

    fn ledger(&self) -> std::path::PathBuf {
        self.directory.file("ledger")
    }

    fn start(&self) -> Daemon {
        Daemon::start_with(&self.ledger(), &["--config.file", &self.config])
    }

    fn ask(&self, daemon: &Daemon, method: &str, path: &str, body: &str) -> Answer {
        let bearer = format!("Bearer {}", self.token);
        let headers = [("Authorization", bearer.as_str()), ("Content-Type", "application/json")];
        http::request(daemon.client.address, method, path, &headers, body.as_bytes()).unwrap()
    }

    fn command<'a>(&'a self, words: &[&'a str]) -> Vec<&'a str> {
        [&["--config.file", self.config.as_str()], words].concat()
    }
}

fn send(daemon: &Daemon, events: &[Value]) {
    let answer = daemon.client.post("application/json", json!(events).to_string().as_bytes()).unwrap();
    assert_eq!(answer.status, 200, "{answer:?}");
}

/// Whether any file of a directory holds a text.
fn is_in_files(directory: &Path, text: &str) -> bool {
    let entries = std::fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path());
    entries
        .filter(|path| path.is_file())
        .any(|path| String::from_utf8_lossy(&std::fs::read(path).unwrap()).contains(text))
}

#[test]
fn nobody_is_an_administrator_until_a_token_is_configured() {
    let directory = TempDir::new();
    let daemon = Daemon::start(directory.path());
    let bearer = format!("Bearer {}", daemon.client.token);
    for (method, path) in [
        ("GET", "/api/v1/users"),
        ("GET", "/api/v1/users/anna"),
        ("GET", "/api/v1/users/anna/costs"),
        ("DELETE", "/api/v1/users/anna"),
        ("GET", "/api/v1/audit"),
        ("POST", "/api/v1/reconciliations"),
    ] {
        let headers = [("Authorization", bearer.as_str())];
        let answer = http::request(daemon.client.address, method, path, &headers, b"{}").unwrap();
        assert_eq!(answer.status, 403, "{method} {path}: {answer:?}");
        assert!(answer.body.contains("auth.admin.tokens"), "{answer:?}");
    }
}

#[test]
fn an_administrator_sees_who_costs_most_and_what_when() {
    let administered = Administered::new();
    let daemon = administered.start();
    send(&daemon, &[usage("1", ANNA, "2.25"), usage("2", "berta", "3"), usage("3", ANNA, "0.5")]);
    let get = |path: &str| administered.ask(&daemon, "GET", path, "");
    let users = get("/api/v1/users").json();
    let told: Vec<_> = users["users"].as_array().unwrap().iter().map(|user| user["id"].as_str()).collect();
    assert_eq!(told, [Some("berta"), Some(ANNA)]);
    assert_eq!(get("/api/v1/users?top=1").json()["users"].as_array().unwrap().len(), 1);
    let anna = get(&format!("/api/v1/users/{ANNA_IN_PATH}")).json();
    assert_eq!((&anna["id"], &anna["cost_eur"]["30d"]), (&json!(ANNA), &json!("2.75")));
    assert_eq!((&anna["over_target"], &anna["over_alert"]), (&json!(true), &json!(true)));
    for by in ["day", "quarter"] {
        let costs = get(&format!("/api/v1/users/{ANNA_IN_PATH}/costs?window=7d&by={by}")).json();
        assert_eq!(costs["llm_eur"], "2.75", "{costs}");
        assert!(!costs["parts"].as_array().unwrap().is_empty(), "{costs}");
    }
    for (path, status) in [
        ("/api/v1/users/nobody", 404),
        ("/api/v1/users/nobody/costs", 404),
        ("/api/v1/users?top=many", 400),
        ("/api/v1/users?limit=5", 400),
        ("/api/v1/users/berta/costs?window=2d", 400),
        ("/api/v1/users/berta/costs?by=year", 400),
        ("/api/v1/audit?before=x", 400),
    ] {
        assert_eq!(get(path).status, status, "{path}");
    }
}

#[test]
fn somebody_is_forgotten_and_the_deed_is_written_down_without_the_id() {
    let administered = Administered::new();
    let daemon = administered.start();
    send(&daemon, &[usage("1", ANNA, "2"), usage("2", "berta", "3")]);
    let path = format!("/api/v1/users/{ANNA_IN_PATH}");
    let erased = administered.ask(&daemon, "DELETE", &path, "");
    assert_eq!(erased.status, 200, "{erased:?}");
    let again = administered.ask(&daemon, "DELETE", &path, "");
    assert_eq!((again.status, &again.json()["erased_at"]), (200, &erased.json()["erased_at"]));
    assert_eq!(administered.ask(&daemon, "GET", &path, "").status, 404);
    assert_eq!(administered.ask(&daemon, "DELETE", "/api/v1/users/nobody", "").status, 404);
    let users = administered.ask(&daemon, "GET", "/api/v1/users", "").json();
    assert_eq!(
        (&users["users"][1]["id"], &users["users"][1]["cost_eur"]["30d"]),
        (&Value::Null, &json!("2"))
    );
    assert!(!is_in_files(&administered.ledger(), "example.com"));

    let log = administered.ask(&daemon, "GET", "/api/v1/audit?limit=4", "").json();
    let told: Vec<_> = log["entries"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| (entry["action"].as_str().unwrap(), entry["result"].as_str().unwrap()))
        .collect();
    let users_id = "/api/v1/users/{id}";
    assert_eq!(
        told,
        [
            ("GET /api/v1/users", "200"),
            (&*format!("DELETE {users_id}"), "404"),
            (&*format!("GET {users_id}"), "404"),
            (&*format!("DELETE {users_id}"), "200"),
        ]
    );
    assert_eq!(log["entries"][3]["person"], erased.json()["person"]);
    assert!(log["entries"][0]["actor"].as_str().unwrap().starts_with("token sha256:"), "{log}");
    assert!(!log.to_string().contains(&administered.token) && !log.to_string().contains("example.com"));
    let printed = run_well(&administered.ledger(), &["ledger", "audit", "--limit", "2"]);
    assert_eq!(printed.lines().count(), 2, "{printed}");

    daemon.terminate();
    let mut daemon = daemon;
    assert!(daemon.ended().success());
    assert!(!daemon.everything_logged().contains("example.com"));
}

#[test]
fn what_is_done_for_somebody_who_left_before_the_answer_is_written_down_too() {
    const PEOPLE: usize = 20;
    let administered = Administered::new();
    let daemon = administered.start();
    let told = |number| usage(&format!("call-{number}"), &format!("user-{number}"), "1");
    send(&daemon, &(0..PEOPLE).map(told).collect::<Vec<_>>());
    for number in 0..PEOPLE {
        let mut stream = http::connect(daemon.client.address).unwrap();
        let (address, token) = (daemon.client.address, &administered.token);
        write!(
            stream,
            "DELETE /api/v1/users/user-{number} HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {token}\r\n\r\n"
        )
        .unwrap();
    }
    let get = |path| administered.ask(&daemon, "GET", path, "").json();
    let all = |list: &Value, is_counted: fn(&Value) -> bool| {
        list.as_array().unwrap().iter().filter(|one| is_counted(one)).count() == PEOPLE
    };
    eventually("the erasures", || {
        all(&get("/api/v1/users?top=100")["users"], |user| user["id"].is_null()).then_some(())
    });
    eventually("their entries", || {
        let entries = &get("/api/v1/audit?limit=1000")["entries"];
        all(entries, |entry| entry["action"] == "DELETE /api/v1/users/{id}").then_some(())
    });
}

#[test]
fn a_ledger_that_is_restored_from_a_backup_forgets_again() {
    let administered = Administered::new();
    let mut daemon = administered.start();
    send(&daemon, &[usage("1", ANNA, "2"), usage("2", "berta", "3")]);
    let ledger = administered.ledger();
    let backup = administered.directory.file("backup.db");
    let backup = backup.to_str().unwrap();
    run_well(&ledger, &["ledger", "backup", backup]);
    assert!(is_in_files(administered.directory.path(), "example.com"));
    let path = format!("/api/v1/users/{ANNA_IN_PATH}");
    assert_eq!(administered.ask(&daemon, "DELETE", &path, "").status, 200);
    daemon.terminate();
    assert!(daemon.ended().success());
    for name in ["ledger.db-wal", "ledger.db-shm"] {
        let _ = std::fs::remove_file(ledger.join(name));
    }
    std::fs::copy(backup, ledger.join("ledger.db")).unwrap();

    let daemon = administered.start();
    daemon.client.metrics_with(2);
    assert_eq!(administered.ask(&daemon, "GET", &path, "").status, 404);
    assert!(!is_in_files(&ledger, "example.com"));
    // What is told again of somebody forgotten is known.
    let event = json!([usage("1", ANNA, "2")]).to_string();
    let answer = daemon.client.post("application/json", event.as_bytes()).unwrap();
    assert_eq!(answer.json()["duplicates"], 1, "{answer:?}");
    assert!(!is_in_files(&ledger, "example.com"));
}

#[test]
fn commands_ask_the_daemon_that_has_the_ledger_and_do_it_themselves_without_one() {
    let administered = Administered::new();
    let ledger = administered.ledger();
    let mut daemon = administered.start();
    send(&daemon, &[usage("1", "anna", "2"), usage("2", "berta", "3")]);
    let erase = |id| administered.command(&["ledger", "erase", id]);
    let said = run_well(&ledger, &erase("anna"));
    assert!(said.starts_with("erased since "), "{said}");
    let said = run_badly(&ledger, &erase("nobody"));
    assert!(said.contains("404") && said.contains("nobody of this id"), "{said}");
    // Without a token it says what to do.
    let said = run_badly(&ledger, &["ledger", "erase", "berta"]);
    assert!(said.contains("auth.admin.token_files"), "{said}");

    daemon.terminate();
    assert!(daemon.ended().success());
    assert!(!ledger.join("daemon.url").exists());
    let said = run_well(&ledger, &["ledger", "erase", "berta"]);
    assert!(said.starts_with("erased since "), "{said}");
    let said = run_badly(&ledger, &["ledger", "erase", "nobody"]);
    assert!(said.contains("nobody of this id"), "{said}");
    assert!(!is_in_files(&ledger, "anna") && !is_in_files(&ledger, "berta"));
    let log = run_well(&ledger, &["ledger", "audit"]);
    assert!(log.contains("command of user ") && log.contains("ledger erase"), "{log}");
}

#[test]
fn an_invoice_is_compared_and_the_ratio_is_on_the_page() {
    let administered = Administered::new();
    let ledger = administered.ledger();
    let mut daemon = administered.start();
    let now = pratiko_metrics::SystemClock;
    let month = pratiko_domain::time::Clock::now(&now).utc_date().to_string()[..7].to_owned();
    send(&daemon, &[usage("1", "anna", "19"), usage("2", "berta", "0.5")]);
    let reconcile = |invoice| {
        administered.command(&[
            "ledger",
            "reconcile",
            "--provider",
            "openai",
            "--month",
            &month,
            "--invoice",
            invoice,
        ])
    };
    let said = run_well(&ledger, &reconcile("20"));
    assert!(said.contains("gpt-5") && said.contains("0.9750"), "{said}");
    let series = "pratiko_cost_reconciliation_ratio{provider=\"openai\"}";
    let ratio = |daemon: &Daemon| daemon.client.metrics().get(series).copied();
    eventually("the ratio", || ratio(&daemon).filter(|ratio| (ratio - 0.975).abs() < 1e-9));
    let said = run_badly(
        &ledger,
        &administered.command(&[
            "ledger",
            "reconcile",
            "--provider",
            "open-ai",
            "--month",
            &month,
            "--invoice",
            "1",
        ]),
    );
    assert!(said.contains("knows no call"), "{said}");
    daemon.terminate();
    assert!(daemon.ended().success());

    let mut in_dollars = reconcile("20");
    in_dollars.extend(["--currency", "USD"]);
    let said = run_badly(&ledger, &in_dollars);
    assert!(said.contains("the reference rate of USD at the end of that month"), "{said}");
    run_well(&ledger, &reconcile("19.5"));
    let daemon = administered.start();
    eventually("the later ratio", || ratio(&daemon).filter(|ratio| (ratio - 1.0).abs() < 1e-9));
}

#[test]
fn a_figure_is_explained_while_the_daemon_writes() {
    let administered = Administered::new();
    let daemon = administered.start();
    send(&daemon, &[usage("call-1", "anna", "2"), usage("call-2", "berta", "3")]);
    let ledger = administered.ledger();
    let said = run_well(&ledger, &["ledger", "explain", "cost", "--plan", "none"]);
    assert!(said.contains("test call-1") && !said.contains("anna"), "{said}");
    assert!(said.contains("  5  by these rows: pratiko_cost_eur{plan=~\"none\",window=\"30d\"}"), "{said}");
    assert!(said.contains("  5  by the ledger's own figure"), "{said}");
    let said = run_well(&ledger, &["ledger", "explain", "cost", "--with-ids"]);
    assert!(said.contains("anna") && said.contains("berta"), "{said}");
    let said = run_well(&ledger, &["ledger", "explain", "mrr", "--at", "2026-01-31"]);
    assert!(said.contains("  0  by these rows: pratiko_mrr_eur, at 2026-01-31T00:00:00Z"), "{said}");
    let said = run_badly(&ledger, &["ledger", "explain", "mrr", "--plan", "gold"]);
    assert!(said.contains("no plan \"gold\""), "{said}");
    let wrong = crate::support::run(&ledger, &["ledger", "explain", "profit"]);
    assert_eq!(wrong.status.code(), Some(2));
}
