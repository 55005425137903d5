//! Somebody else's readers of our pages: Prometheus' own linter, and the strict parsers of its client
//! library for Python.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use pratiko_metrics::exposition::Format;
use serde::Deserialize;

/// A sample as the parser for Python has it; numbers as it prints them.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct PythonSample {
    /// Its family's type.
    pub kind: String,
    /// Its family's help.
    pub help: String,
    /// Its name.
    pub name: String,
    /// Its labels, sorted by name.
    pub labels: Vec<(String, String)>,
    /// Its value.
    pub value: String,
    /// The trace of its exemplar.
    pub trace: Option<String>,
}

const SCRIPT: &str = include_str!("readers/read_page.py");

/// Debian's, which has Debian's packages, before any other.
fn python() -> Command {
    let of_system = Path::new("/usr/bin/python3");
    Command::new(if of_system.exists() { of_system } else { Path::new("python3") })
}

/// Every sample of a page, or what the parser has against it.
///
/// # Panics
/// If there is no Python, or no `prometheus_client` for it.
#[expect(clippy::expect_used, reason = "a test cannot go on without it")]
pub fn read_with_python(page: &str, format: Format) -> Result<Vec<PythonSample>, String> {
    let format = match format {
        Format::Text => "text",
        Format::OpenMetrics => "openmetrics",
    };
    let output = run(python().args(["-c", SCRIPT, format]), page);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!said.contains("ModuleNotFoundError"), "is python3-prometheus-client installed? {said}");
    if !output.status.success() {
        return Err(said);
    }
    let lines = String::from_utf8(output.stdout).expect("text");
    Ok(lines.lines().map(|line| serde_json::from_str(line).expect("a sample")).collect())
}

/// What `promtool check metrics` has against a page in the text format, line by line.
///
/// # Panics
/// If it cannot read the page at all, or is not installed.
pub fn lint_with_promtool(page: &str) -> Vec<String> {
    let output = run(Command::new("promtool").args(["check", "metrics"]), page);
    let complaints = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    // 0: nothing to say; 3: complaints; anything else: the page could not be read.
    assert!(matches!(output.status.code(), Some(0 | 3)), "{}: {complaints}", output.status);
    complaints.lines().filter(|line| !line.trim().is_empty()).map(str::to_owned).collect()
}

#[expect(clippy::expect_used, reason = "a test cannot go on without it")]
fn run(command: &mut Command, input: &str) -> Output {
    let command = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("a program that is installed");
    let mut stdin = child.stdin.take().expect("its input");
    std::thread::scope(|scope| {
        // It may answer before it has read everything, or stop reading at a mistake.
        scope.spawn(move || stdin.write_all(input.as_bytes()));
        child.wait_with_output().expect("its output")
    })
}
