//! The bundled list against the Python package genai-prices: every price of ours that holds today or
//! held once, with cached tokens, batches and long requests, priced by both. They agree, or the
//! difference has a line in [`differences`] that says why.
//!
//! `.ci/test-tools` installs the package.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod calls;
mod differences;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use calls::{Told, calls};
use pratiko_domain::pricing::PriceTable;
use pratiko_intake::prices::bundled;

fn package() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/python/genai-prices")
}

/// What the package says that each call costs, in dollars.
fn foreign_costs(calls: &[Told]) -> Vec<Option<String>> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/independent/price.py");
    let python = ["/usr/bin/python3", "python3"]
        .into_iter()
        .find(|python| Command::new(python).arg("-V").output().is_ok());
    let mut child = Command::new(python.expect("python3, for the package genai-prices"))
        .args([script.as_os_str(), package().as_os_str()])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let json = serde_json::to_vec(&calls.iter().map(Told::json).collect::<Vec<_>>()).unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let writer = std::thread::spawn(move || stdin.write_all(&json).unwrap());
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    assert!(output.status.success(), "genai-prices is missing or failed; run .ci/test-tools");
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn the_bundled_list_agrees_with_an_independent_one_or_the_difference_is_explained() {
    let table = PriceTable::new(vec![bundled().unwrap()]);
    let calls = calls(&table);
    let foreign = foreign_costs(&calls);
    let mut agree = 0;
    let mut explained = vec![0; differences::EXPLAINED.len()];
    let mut unexplained = Vec::new();
    for (call, foreign) in calls.iter().zip(foreign) {
        let ours = call.exact_cost(&table);
        let theirs = foreign.as_deref().map(calls::exact);
        if theirs == Some(ours) {
            agree += 1;
            continue;
        }
        match differences::EXPLAINED.iter().position(|difference| difference.explains(call)) {
            Some(line) => explained[line] += 1,
            None => unexplained.push(format!("{call}: ours {ours} theirs {foreign:?}")),
        }
    }
    assert!(unexplained.is_empty(), "{} differ unexplained:\n{}", unexplained.len(), unexplained.join("\n"));
    for (difference, count) in differences::EXPLAINED.iter().zip(explained) {
        assert!(count > 0, "nothing differs any more where {}", difference.why);
    }
    assert!(agree > 1_000, "only {agree} of {} calls agree", calls.len());
}
