//! What the ecosystem's own linter says of the page.

use std::io::Write;
use std::process::{Command, Stdio};
use std::sync::Arc;

use pratiko_tests::in_process::InProcess;
use pratiko_tests::manual_clock::ManualClock;
use pratiko_tests::wait;

use crate::events::{NOON, at, usage};

#[test]
fn the_linter_complains_of_nothing_but_names_that_are_node_exporter_s_own() {
    let clock = Arc::new(ManualClock::at(at(NOON)));
    let daemon = InProcess::with_empty_ledger("", clock);
    daemon.accept(&[usage("1", at(NOON), "user-1", "1")]);
    let page = wait::until("a page with business figures", || {
        let page = daemon.metrics();
        if page.contains("\npratiko_llm_cost_eur_total{") { Ok(page) } else { Err(page) }
    });
    let mut promtool = Command::new("promtool")
        .args(["check", "metrics"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    promtool.stdin.take().unwrap().write_all(page.as_bytes()).unwrap();
    let output = promtool.wait_with_output().unwrap();
    let complaints = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    // 0: nothing to say; 3: complaints; anything else: the page could not be read.
    assert!(matches!(output.status.code(), Some(0 | 3)), "{}: {complaints}", output.status);
    let ours: Vec<&str> =
        complaints.lines().filter(|line| !line.trim().is_empty() && !line.starts_with("node_")).collect();
    assert!(ours.is_empty(), "{ours:#?}");
}
