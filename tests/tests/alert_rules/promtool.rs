//! What Prometheus' own tool says.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::Mutex;

use crate::assert_none;
use crate::rules::{rule_files, test_files};

/// Runs `promtool`.
pub fn promtool(arguments: &[&str], files: &[PathBuf]) -> Output {
    Command::new("promtool").args(arguments).args(files).output().expect("promtool, which must be installed")
}

/// Everything that it wrote.
pub fn said(output: &Output) -> String {
    String::from_utf8_lossy(&[output.stdout.as_slice(), output.stderr.as_slice()].concat()).into_owned()
}

/// Does something with each item, on as many threads as there are processors.
pub fn in_parallel<T: Send, R: Send>(items: Vec<T>, work: impl Fn(T) -> R + Sync) -> Vec<R> {
    let threads = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
    let waiting = Mutex::new(items.into_iter().enumerate());
    let done = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let next = waiting.lock().unwrap().next();
                    let Some((position, item)) = next else { break };
                    let result = work(item);
                    done.lock().unwrap().push((position, result));
                }
            });
        }
    });
    let mut done = done.into_inner().unwrap();
    done.sort_by_key(|(position, _)| *position);
    done.into_iter().map(|(_, result)| result).collect()
}

/// The name without the folders, for messages.
pub fn short(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

#[test]
fn prometheus_has_nothing_against_any_rule() {
    let files: Vec<PathBuf> = rule_files().iter().map(|file| file.path.clone()).collect();
    let output = promtool(&["check", "rules", "--lint=all", "--lint-fatal"], &files);
    assert!(output.status.success(), "{}", said(&output));
}

#[test]
fn every_unit_test_of_the_rules_passes() {
    let files: Vec<PathBuf> = test_files().iter().map(|file| file.path.clone()).collect();
    let failures = in_parallel(files, |file| {
        let output = promtool(&["test", "rules"], std::slice::from_ref(&file));
        (!output.status.success()).then(|| format!("{}: {}", short(&file), said(&output)))
    });
    assert_none("unit tests fail", &failures.into_iter().flatten().collect::<Vec<_>>());
}
