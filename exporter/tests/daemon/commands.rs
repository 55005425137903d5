//! The commands, run as a person at a terminal runs them.

use std::fs;
use std::net::TcpListener;
use std::path::Path;
use std::process::Stdio;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::Value;

use crate::http;
use crate::support::{Batch, Daemon, TempDir, new_token, program, run, run_badly, run_well};

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[test]
fn help_and_version_are_printed_and_an_unknown_flag_names_the_nearest() {
    let directory = TempDir::new();
    let help = run_well(directory.path(), &["--help"]);
    for word in ["--web.listen-address", "--collector.textfile.directory", "ledger", "config", "token"] {
        assert!(help.contains(word), "{word}");
    }
    assert!(run_well(directory.path(), &["--version"]).starts_with("pratiko-exporter "));
    assert!(run_well(directory.path(), &["ledger", "import", "--help"]).contains("FILE"));
    let output = run(directory.path(), &["--web.listen-adress=:1"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8(output.stderr).unwrap().contains("--web.listen-address"));
}

#[test]
fn config_check_names_what_is_wrong_and_the_nearest_key() {
    let directory = TempDir::new();
    let check =
        |name: &str| ["config".to_owned(), "check".to_owned(), text(&directory.file(name)).to_owned()];
    directory
        .write("good.yml", "web:\n  listen_address: [\":9100\"]\nbusiness:\n  plans:\n    - name: pro\n");
    let words = check("good.yml");
    let said = run_well(directory.path(), &words.each_ref().map(String::as_str));
    assert!(said.contains("the configuration is good"), "{said}");
    for (bad, expected) in [
        ("web:\n  listen_adress: [\":9100\"]\n", &["listen_adress", "listen_address"][..]),
        ("ledgr:\n  path: /x\n", &["ledgr", "ledger"]),
        ("business:\n  target_cost_eur: cheap\n", &["business.target_cost_eur", "cheap"]),
        ("web:\n  config_file: /nowhere/web.yml\n", &["/nowhere/web.yml"]),
        ("web: [\n", &["bad.yml"]),
        ("ledger:\n  database_url_file: /nowhere/url\n", &["/nowhere/url"]),
        ("stripe:\n  api_key_file: /nowhere/key\n", &["/nowhere/key"]),
        (
            "currencies:\n  source: file\n  file: /nowhere/rates.xml\n",
            &["/nowhere/rates.xml", "currencies.file"],
        ),
        (
            "sources:\n  sql:\n    - name: billing\n      url_file: /nowhere/billing\n      queries:\n        \
             - {rows: usage, watermark: id, query: SELECT 1}\n",
            &["/nowhere/billing", "sources.sql.url_file"],
        ),
    ] {
        directory.write("bad.yml", bad);
        let words = check("bad.yml");
        let said = run_badly(directory.path(), &words.each_ref().map(String::as_str));
        for word in expected {
            assert!(said.contains(word), "{bad:?} without {word}: {said}");
        }
    }
    let words = check("missing.yml");
    let said = run_badly(directory.path(), &words.each_ref().map(String::as_str));
    assert!(said.contains("missing.yml"), "{said}");
}

#[test]
fn config_print_shows_where_values_come_from_and_no_secret() {
    let directory = TempDir::new();
    let file = directory.write("exporter.yml", "log:\n  level: warn\n");
    let output = program()
        .args(["--config.file", text(&file), "--web.max-requests=7", "config", "print"])
        .env("PRATIKO_AUTH_ADMIN_TOKENS", "a-token-that-nobody-may-see")
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    let printed = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
    assert!(!printed.contains("nobody-may-see"), "{printed}");
    for line in ["level: warn  # ", "max_requests: 7  # --web.max-requests", "<redacted>"] {
        assert!(printed.contains(line), "{line} is not in {printed}");
    }
}

#[test]
fn a_token_from_the_command_works_where_its_line_is_configured() {
    let directory = TempDir::new();
    let ((token, line), (another, _)) = (new_token(directory.path()), new_token(directory.path()));
    assert_ne!(token, another);
    let config = directory.write("exporter.yml", &format!("auth:\n  ingest:\n    tokens: [\"{line}\"]\n"));
    let daemon = Daemon::start_with(&directory.file("ledger"), &["--config.file", text(&config)]);
    // Then none is made.
    assert!(!directory.file("ledger").join("ingest-token").exists());
    let mut client = daemon.client.clone();
    for (token, status) in [(token, 200), (another, 401)] {
        client.token = token;
        assert_eq!(client.try_send(Batch { number: 1, size: 1 }).unwrap().status, status);
    }
}

/// One of each kind of event, as they are in the documentation.
fn examples() -> String {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/events");
    let files = fs::read_dir(directory).unwrap().map(|file| file.unwrap().path());
    let events = files.filter(|path| path.extension().is_some_and(|extension| extension == "json"));
    let lines: Vec<String> = events
        .map(|path| {
            serde_json::from_str::<Value>(&fs::read_to_string(path).unwrap()).unwrap().to_string() + "\n"
        })
        .collect();
    assert!(lines.len() >= 10);
    lines.concat()
}

#[test]
fn what_one_ledger_exports_another_imports_once() {
    let directory = TempDir::new();
    let (first, second) = (directory.file("first"), directory.file("second"));
    let daemon = Daemon::start(&first);
    assert_eq!(daemon.client.send(Batch { number: 1, size: 500 }), (500, 0));
    drop(daemon);
    let examples = directory.write("examples.jsonl", &examples());
    run_well(&first, &["ledger", "import", text(&examples)]);
    let exported = run_well(&first, &["ledger", "export"]);
    let count = exported.lines().count();
    assert!(count >= 510, "{count}");
    let file = directory.write("exported.jsonl", &exported);
    let said = run_well(&second, &["ledger", "import", text(&file)]);
    assert!(
        said.contains(&format!("{count} lines, {count} recorded, 0 were there before, 0 rejected")),
        "{said}"
    );
    let said = run_well(&second, &["ledger", "import", text(&file)]);
    assert!(
        said.contains(&format!("{count} lines, 0 recorded, {count} were there before, 0 rejected")),
        "{said}"
    );
    assert_eq!(run_well(&second, &["ledger", "export"]), exported);
    let sums = |ledger: &Path| run_well(ledger, &["ledger", "verify"]);
    assert_eq!(sums(&first), sums(&second));
    let stats = run_well(&second, &["ledger", "stats"]);
    assert!(stats.contains(&format!("events            {count}\n")), "{stats}");
    let llm_only = run_well(&second, &["ledger", "export", "--kind=llm_usage", "--until=2026-03-02"]);
    assert_eq!(llm_only.lines().count(), 2, "{llm_only}");
}

#[test]
fn an_import_says_which_lines_it_could_not_take_and_takes_the_others() {
    let directory = TempDir::new();
    let (good, bad) = (examples(), "{\"specversion\":\"1.0\"}\n");
    let file = directory.write("events.jsonl", &format!("{bad}{good}no event\n"));
    let output = run(&directory.file("ledger"), &["ledger", "import", text(&file)]);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let said = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
    let last = good.lines().count() + 2;
    for part in
        ["events.jsonl:1: type: is missing", &format!("events.jsonl:{last}: not JSON"), "2 lines were not"]
    {
        assert!(said.contains(part), "{part} is not in {said}");
    }
    let stats = run_well(&directory.file("ledger"), &["ledger", "stats"]);
    assert!(stats.contains(&format!("events            {}\n", good.lines().count())), "{stats}");
}

#[test]
fn an_import_into_a_ledger_in_use_is_refused_and_says_what_to_do() {
    let directory = TempDir::new();
    let daemon = Daemon::start(directory.path());
    daemon.client.send(Batch { number: 1, size: 1 });
    let examples = directory.write("examples.jsonl", &examples());
    let said = run_badly(directory.path(), &["ledger", "import", text(&examples)]);
    assert!(said.contains("is in use by another process") && said.contains("over HTTP"), "{said}");
    // Those that only read are welcome.
    run_well(directory.path(), &["ledger", "verify"]);
    daemon.client.metrics_with(1);
}

#[test]
fn where_there_is_no_ledger_the_commands_say_so_and_make_none() {
    let directory = TempDir::new();
    let nowhere = directory.file("nowhere");
    for command in ["stats", "verify", "export"] {
        let said = run_badly(&nowhere, &["ledger", command]);
        assert!(
            said.contains("there is no ledger at") && said.contains("--ledger.path"),
            "{command}: {said}"
        );
    }
    assert!(!nowhere.exists());
}

#[test]
fn a_backup_that_is_made_while_the_daemon_writes_is_a_good_ledger() {
    let directory = TempDir::new();
    let ledger = directory.file("ledger");
    let backups = directory.file("backup");
    fs::create_dir(&backups).unwrap();
    let destination = backups.join("ledger.db");
    let daemon = Daemon::start(&ledger);
    assert_eq!(daemon.client.send(Batch { number: 0, size: 1000 }), (1000, 0));
    let is_done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        for sender in 0..2 {
            let (client, is_done) = (&daemon.client, &is_done);
            scope.spawn(move || {
                for number in (1 + sender..).step_by(2).take_while(|_| !is_done.load(Ordering::Relaxed)) {
                    assert_eq!(client.send(Batch { number, size: 50 }), (50, 0));
                }
            });
        }
        let result = std::panic::catch_unwind(|| {
            run_well(&ledger, &["ledger", "backup", text(&destination)]);
        });
        is_done.store(true, Ordering::Relaxed);
        result.unwrap();
    });
    run_well(&backups, &["ledger", "verify"]);
    let events = run_well(&backups, &["ledger", "export"]).lines().count();
    assert!(events >= 1000 && events.is_multiple_of(50), "{events}");
    let said = run_badly(&ledger, &["ledger", "backup", text(&destination)]);
    assert!(said.contains("exist"), "{said}");
    // A daemon goes on from it.
    let daemon = Daemon::start(&backups);
    daemon.client.metrics_with(events as u64);
}

#[test]
fn a_port_that_is_taken_is_an_error_that_names_it() {
    let directory = TempDir::new();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let said = run_badly(directory.path(), &[&format!("--web.listen-address={address}")]);
    assert!(said.contains(&format!("cannot listen on {address}")), "{said}");
    assert!(said.contains("--web.listen-address"), "{said}");
}

#[test]
fn the_log_is_logfmt_unless_json_is_asked_for() {
    let directory = TempDir::new();
    let mut child = program()
        .args(["--web.listen-address=127.0.0.1:0", "--ledger.path", text(directory.path())])
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut first = String::new();
    let mut lines = std::io::BufReader::new(child.stderr.take().unwrap());
    std::io::BufRead::read_line(&mut lines, &mut first).unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(first.contains(" level=info msg=started addresses=127.0.0.1:"), "{first}");
}

#[test]
fn a_telemetry_path_of_ones_own_is_where_the_metrics_are() {
    let directory = TempDir::new();
    let daemon = Daemon::start_with(
        directory.path(),
        &["--web.telemetry-path=/host", "--collector.disable-defaults", "--collector.loadavg"],
    );
    let answer = http::request(daemon.client.address, "GET", "/host", &[], b"").unwrap();
    assert!(answer.body.contains("\nnode_load1 ") && !answer.body.contains("node_cpu"), "{answer:?}");
    assert_eq!(daemon.client.get("/metrics").status, 404);
}
