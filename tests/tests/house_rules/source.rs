//! The sources as the rules see them.

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use crate::reading::{Text, imported_paths, split_tests};

/// One file of Rust.
pub struct Source {
    /// Its path from the root of the workspace, with `/`.
    pub path: String,
    /// How many lines it has.
    pub lines: usize,
    /// All of it without comments.
    pub everything: Text,
    /// The same without what only tests build; empty in a file of tests.
    pub production: Text,
}

impl Source {
    /// A file that is not there.
    pub fn made_up(path: &str, text: &str) -> Self {
        let everything = Text::read(text);
        let (production, _) = split_tests(&everything);
        Self { path: path.to_owned(), lines: text.lines().count(), everything, production }
    }

    /// Whether it is one of these files or below one of these folders.
    pub fn is_below(&self, places: &[&str]) -> bool {
        places.iter().any(|place| {
            self.path.strip_prefix(place).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        })
    }

    /// Every path in it, made absolute: `super::numbered` in `collectors/arp.rs` is
    /// `crate::collectors::numbered`.
    pub fn absolute_paths(&self) -> Vec<String> {
        let module = self.module();
        let absolute = |path: String| {
            let steps: Vec<&str> = path.split("::").collect();
            let up = steps.iter().take_while(|step| **step == "super").count();
            match steps[0] {
                "self" => [module.as_slice(), &steps[1..]].concat().join("::"),
                "super" => [&module[..module.len().saturating_sub(up)], &steps[up..]].concat().join("::"),
                _ => path,
            }
        };
        imported_paths(&self.production.code).into_iter().map(absolute).collect()
    }

    /// The module that it is: `crate`, `collectors`, `arp`.
    fn module(&self) -> Vec<&str> {
        let (_, inside) = self.path.split_once("/src/").unwrap_or(("", &self.path));
        let mut steps: Vec<&str> = inside.trim_end_matches(".rs").split('/').collect();
        if matches!(steps.last(), Some(&("mod" | "lib" | "main"))) {
            steps.pop();
        }
        steps.insert(0, "crate");
        steps
    }
}

/// The root of the workspace.
pub fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Every file of Rust in the workspace, with files that only tests build marked as such.
pub fn sources() -> &'static [Source] {
    static SOURCES: LazyLock<Vec<Source>> = LazyLock::new(read);
    &SOURCES
}

fn read() -> Vec<Source> {
    let mut paths = Vec::new();
    for entry in std::fs::read_dir(root()).unwrap() {
        let folder = entry.unwrap().path();
        if folder.join("Cargo.toml").is_file() {
            list(&folder, &mut paths);
        }
    }
    paths.sort();
    let mut sources = Vec::new();
    let mut of_tests = Vec::new();
    for path in paths {
        let name = path.strip_prefix(root()).unwrap().to_str().unwrap().to_owned();
        let source = Source::made_up(&name, &std::fs::read_to_string(&path).unwrap());
        let folder = name.trim_end_matches(".rs").trim_end_matches("/mod");
        let (_, modules) = split_tests(&source.everything);
        of_tests.extend(modules.iter().map(|module| format!("{folder}/{module}")));
        sources.push(source);
    }
    for source in &mut sources {
        let outside = ["/tests/", "/benches/", "/examples/"].iter().any(|part| source.path.contains(part));
        let module = source.path.trim_end_matches(".rs");
        let is_test = of_tests.iter().any(|test| {
            module.strip_prefix(test.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        });
        if outside || is_test || source.is_below(&["tests", "benches"]) {
            source.production = Text::default();
        }
    }
    sources
}

fn list(folder: &Path, paths: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() && !path.ends_with("target") {
            list(&path, paths);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            paths.push(path);
        }
    }
}

#[test]
fn the_sources_are_found_and_those_of_tests_told_apart() {
    let sources = sources();
    let is_production = |path: &str| {
        let source = sources.iter().find(|source| source.path == path).unwrap_or_else(|| panic!("no {path}"));
        !source.production.code.trim().is_empty()
    };
    assert!(sources.len() > 200, "only {} files", sources.len());
    assert!(is_production("domain/src/money/amount.rs"));
    assert!(is_production("exporter/src/collectors/systemd/bus.rs"));
    assert!(!is_production("exporter/src/collectors/systemd/fake_bus.rs"));
    assert!(!is_production("exporter/src/web/tests/tls.rs"));
    assert!(!is_production("ledger/tests/story/main.rs"));
}

#[test]
fn paths_are_absolute_wherever_they_are_written() {
    let paths = |path: &str| {
        let text =
            "use super::numbered::x;\nuse self::inner::y;\nuse crate::host::{Output, sysfs::{self, z}};";
        Source::made_up(path, text).absolute_paths()
    };
    let common = ["crate::host::Output", "crate::host::sysfs::self", "crate::host::sysfs::z"];
    assert_eq!(
        paths("exporter/src/collectors/arp.rs")[..2],
        ["crate::collectors::numbered::x", "crate::collectors::arp::inner::y"]
    );
    assert_eq!(
        paths("exporter/src/collectors/cpu/info.rs")[..2],
        ["crate::collectors::cpu::numbered::x", "crate::collectors::cpu::info::inner::y"]
    );
    assert_eq!(paths("exporter/src/collectors/cpu/mod.rs")[0], "crate::collectors::numbered::x");
    assert_eq!(paths("exporter/src/lib.rs")[2..], common);
}
