//! Test support: fake hosts written as text, and the golden test that runs over all of them.
//!
//! A case is one file, `fixtures/<collector>/<case>.txt`, in sections:
//!
//! ```text
//! -- options --
//! netdev.device-exclude=^veth
//! -- proc/loadavg --
//! 0.10 0.20 0.30 1/100 4711
//! -- sys/class/net/eth0 -> ../../devices/eth0 --
//! -- expected --
//! # success 1, skipped 0
//! node_load1 0.1
//! ```
//!
//! A section `bus root/run/dbus/system_bus_socket` is the script of a [`FakeBus`] that listens there.
//! `proc/`, `sys/`, `root/` and `udev/` are the four roots. Run the test with `BLESS=1` to write the
//! expected section from what the collector says, and then read the difference.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, UNIX_EPOCH};

use pratiko_metrics::exposition::Format;

use super::{CollectError, FileSystemStats, KernelTime, Options, Output, Roots, Setup, System, Uname};
use crate::collectors;
use crate::collectors::systemd::fake_bus::FakeBus;

/// A directory of its own that goes away with the value.
pub struct TempDir(PathBuf);

impl TempDir {
    pub fn new() -> Self {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("pratiko-test-{}-{count}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for TempDir {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// System calls with fixed answers. A path with `stale` in it fails as a stale network mount does.
struct FakeSystem;

impl System for FakeSystem {
    fn statvfs(&self, path: &Path) -> io::Result<FileSystemStats> {
        if path.to_string_lossy().contains("stale") {
            return Err(io::Error::from_raw_os_error(116));
        }
        Ok(FileSystemStats {
            size_bytes: 1_000_000,
            free_bytes: 400_000,
            available_bytes: 350_000,
            files: 1_000,
            files_free: 900,
            read_only: path.to_string_lossy().contains("readonly"),
        })
    }

    fn uname(&self) -> Uname {
        Uname {
            sysname: "Linux".into(),
            release: "6.1.0-test".into(),
            version: "#1 SMP".into(),
            machine: "x86_64".into(),
            nodename: "host.example".into(),
            domainname: "(none)".into(),
        }
    }

    fn adjtimex(&self) -> io::Result<KernelTime> {
        Ok(KernelTime {
            state: 0,
            status: 0x2001,
            offset: 1_500,
            freq: 65_536 * 10,
            maxerror: 20_000,
            esterror: 300,
            constant: 7,
            tick: 10_000,
            tai: 37,
            ..KernelTime::default()
        })
    }

    fn now_seconds(&self) -> f64 {
        1_700_000_000.25
    }

    fn time_zone(&self) -> (String, i32) {
        ("CET".into(), 3600)
    }

    fn page_bytes(&self) -> u64 {
        4096
    }
}

struct Case {
    path: PathBuf,
    inputs: String,
    expected: String,
}

const EXPECTED: &str = "-- expected --\n";

fn cases(collector: &str) -> Vec<Case> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(collector);
    let Ok(entries) = fs::read_dir(&folder) else { return Vec::new() };
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
        .into_iter()
        .map(|path| {
            let text = fs::read_to_string(&path).unwrap();
            let (inputs, expected) = text.split_once(EXPECTED).unwrap_or((&text, ""));
            Case { path, inputs: inputs.to_owned(), expected: expected.to_owned() }
        })
        .collect()
}

/// Writes the case's files below `root`, starts its buses, and returns its options with them.
fn lay_out(inputs: &str, root: &Path) -> (Options, Vec<FakeBus>) {
    let mut options = Options::default();
    let mut buses = Vec::new();
    let mut open: Option<(PathBuf, String)> = None;
    let mut in_options = false;
    let mut close = |open: Option<(PathBuf, String)>| {
        if let Some((path, content)) = open {
            if let Some(socket) = path.to_str().and_then(|path| path.strip_prefix("bus ")) {
                let socket = root.join(socket);
                fs::create_dir_all(socket.parent().unwrap()).unwrap();
                buses.push(FakeBus::start(&socket, &content, usize::MAX));
                return;
            }
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, content).unwrap();
            let modified = UNIX_EPOCH + Duration::from_secs(1_700_000_000);
            fs::File::options().append(true).open(path).unwrap().set_modified(modified).unwrap();
        }
    };
    for line in inputs.lines() {
        if let Some(title) = line.strip_prefix("-- ").and_then(|rest| rest.strip_suffix(" --")) {
            close(open.take());
            in_options = title == "options";
            if let Some((link, target)) = title.split_once(" -> ") {
                let link = root.join(link);
                fs::create_dir_all(link.parent().unwrap()).unwrap();
                std::os::unix::fs::symlink(target, link).unwrap();
            } else if let Some(directory) = title.strip_suffix('/') {
                fs::create_dir_all(root.join(directory)).unwrap();
            } else if title.starts_with("bus ") {
                open = Some((title.into(), String::new()));
            } else if !in_options {
                open = Some((root.join(title), String::new()));
            }
        } else if in_options {
            if let Some((name, value)) = line.split_once('=') {
                options.add(name, value.replace("{root}", &root.to_string_lossy()));
            }
        } else if let Some((_, content)) = &mut open {
            content.push_str(line);
            content.push('\n');
        }
    }
    close(open);
    (options, buses)
}

fn run(spec: &super::Spec, inputs: &str) -> String {
    let dir = TempDir::new();
    let root = dir.path();
    // The buses go after the collector, which is connected to them.
    let (options, _buses) = lay_out(inputs, root);
    let roots = Roots {
        procfs: root.join("proc"),
        sysfs: root.join("sys"),
        rootfs: root.join("root"),
        udev: root.join("udev"),
    };
    let system: Arc<dyn System> = Arc::new(FakeSystem);
    let setup = Setup { roots: &roots, options: &options, system: &system };
    let mut collector = (spec.build)(&setup).unwrap();
    // Twice: what is kept between scrapes must not change the answer.
    let mut pages = [0, 1].map(|_| {
        let mut output = Output::new(Format::Text);
        let result = collector.collect(&mut output);
        let mut page = output.page().clone();
        output.append_foreign_to(&mut page, |_| false);
        let success = output.skipped() == 0 && matches!(result, Ok(()) | Err(CollectError::NotHere(_)));
        let failure = match result {
            Err(CollectError::NotHere(thing)) => format!(", no {thing} here"),
            Err(error) => format!(", {error}"),
            Ok(()) => String::new(),
        };
        let skipped = output.skipped();
        let page = String::from_utf8_lossy(&page.finish()).into_owned();
        format!("# success {}, skipped {skipped}{failure}\n{page}", u8::from(success))
            .replace(&*root.to_string_lossy(), "{root}")
    });
    assert_eq!(pages[0], pages[1], "{}: the second scrape differs from the first", spec.name);
    std::mem::take(&mut pages[0])
}

#[test]
fn every_collector_says_of_its_fake_hosts_what_is_written_there() {
    let bless = std::env::var_os("BLESS").is_some();
    let mut wrong = Vec::new();
    for spec in collectors::ALL {
        for case in cases(spec.name) {
            let actual = run(spec, &case.inputs);
            if bless {
                fs::write(&case.path, format!("{}{EXPECTED}{actual}", case.inputs)).unwrap();
            } else if actual != case.expected {
                wrong.push(format!("{}:\n{actual}", case.path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "these differ from their expected section:\n{}", wrong.join("\n"));
}

#[test]
fn every_collector_has_a_normal_an_absent_and_a_malformed_case() {
    let mut missing = Vec::new();
    for spec in collectors::ALL {
        let names: Vec<String> = cases(spec.name)
            .iter()
            .map(|case| case.path.file_stem().unwrap().to_string_lossy().into_owned())
            .collect();
        for wanted in ["normal", "absent", "malformed"] {
            if !names.iter().any(|name| name == wanted) {
                missing.push(format!("fixtures/{}/{wanted}.txt", spec.name));
            }
        }
    }
    assert!(missing.is_empty(), "missing: {missing:?}");
}
