//! The tables in `docs/CONFIGURATION.md`, made from the keys, and the example in it, which must work.

use std::fmt::Write as _;
use std::path::PathBuf;

use super::*;

/// What stands before the tables; all that follows is made.
const MARK: &str =
    "<!-- What follows is made from the keys by a test; run it with BLESS=1 to write it anew. -->\n";

fn file() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../docs/CONFIGURATION.md")
}

fn tables(schema: &Schema) -> String {
    let mut text = String::new();
    let mut section = "";
    for key in schema.keys() {
        if key.section() != section {
            section = key.section();
            write!(
                text,
                "\n### {section}\n\n| key | flag | environment | default | meaning |\n|---|---|---|---|---|\n"
            )
            .unwrap();
        }
        let cells = [code(&key.path), flag(key), code(&key.variable()), default(key), key.explained()];
        writeln!(text, "| {} |", cells.map(|cell| cell.replace('|', "\\|")).join(" | ")).unwrap();
    }
    text
}

fn code(text: &str) -> String {
    format!("`{text}`")
}

fn flag(key: &Key) -> String {
    match (key.flag(), key.kind) {
        (None, _) => "—".to_owned(),
        (Some(flag), Kind::Switch | Kind::AutoSwitch) => code(&format!("--[no-]{flag}")),
        (Some(flag), _) => code(&format!("--{flag}")),
    }
}

fn default(key: &Key) -> String {
    match key.default {
        DefaultValue::Is("") => "—".to_owned(),
        DefaultValue::Is(value) => code(value),
        DefaultValue::Depends { described, .. } => described.to_owned(),
    }
}

#[test]
fn the_documentation_lists_the_keys_as_they_are() {
    let text = std::fs::read_to_string(file()).unwrap();
    let (by_hand, made) = text.split_once(MARK).expect("the mark before the tables is there");
    let expected = tables(&Schema::of_this_exporter());
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(file(), format!("{by_hand}{MARK}{expected}")).unwrap();
    } else {
        assert!(made == expected, "docs/CONFIGURATION.md is not up to date; run this test with BLESS=1");
    }
}

#[test]
fn the_example_in_the_documentation_is_a_configuration_that_works() {
    let text = std::fs::read_to_string(file()).unwrap();
    let examples: Vec<&str> =
        text.split("```yaml\n").skip(1).filter_map(|rest| rest.split("```").next()).collect();
    assert!(!examples.is_empty());
    for example in examples {
        let result = interpret(
            &Schema::of_this_exporter(),
            &Flags::default(),
            &Environment::default(),
            Some(("example", example)),
        );
        assert!(result.is_ok(), "{}\n{example}", result.map(|loaded| loaded.config).unwrap_err());
    }
}
