//! The documentation says what the code does.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::fmt::Write;
use std::path::Path;
use std::process::Command;

use pratiko_domain::event::{Body, Event, Kind};
use pratiko_tests::events_page::{SECTIONS, docs, example, schema};
use pratiko_tests::glossary_page::QUERIES;
use pratiko_tests::json_schema::misfit;
use pratiko_tests::made::files;
use pratiko_tests::temp::TempDir;
use serde::Deserialize;
use serde_json::Value;

/// A CloudEvent, as the page describes it.
#[derive(Deserialize)]
struct CloudEvent {
    specversion: String,
    id: String,
    source: String,
    r#type: String,
    time: pratiko_domain::time::Timestamp,
    subject: Option<String>,
    data: Value,
}

/// Every example with its name and the kind under which the page shows it.
fn examples() -> Vec<(&'static str, Kind, CloudEvent)> {
    let of_section = |section: &'static pratiko_tests::events_page::Section| {
        section.examples.iter().map(|name| {
            let event = serde_json::from_str(&example(name).unwrap());
            (*name, section.kind, event.unwrap_or_else(|error| panic!("{name}: {error}")))
        })
    };
    SECTIONS.iter().flat_map(of_section).collect()
}

fn body(kind: Kind, data: Value) -> serde_json::Result<Body> {
    use serde_json::from_value as read;
    Ok(match kind {
        Kind::LlmUsage => Body::LlmUsage(read(data)?),
        Kind::OtherCost => Body::OtherCost(read(data)?),
        Kind::UserRegistered => Body::UserRegistered(read(data)?),
        Kind::UserActive => Body::UserActive(read(data)?),
        Kind::SubscriptionChanged => Body::SubscriptionChanged(read(data)?),
        Kind::PaymentAttempt => Body::PaymentAttempt(read(data)?),
        Kind::Invoice => Body::Invoice(read(data)?),
        Kind::Refund => Body::Refund(read(data)?),
        Kind::Dispute => Body::Dispute(read(data)?),
        Kind::Credit => Body::Credit(read(data)?),
    })
}

#[test]
fn what_is_made_from_the_code_is_as_the_code_says() {
    for (name, made) in files().unwrap() {
        let path = docs().join(&name);
        if std::env::var_os("BLESS").is_some() {
            std::fs::write(&path, &made).unwrap();
        }
        let written = std::fs::read_to_string(&path).unwrap_or_default();
        let difference = written.lines().zip(made.lines()).find(|(written, made)| written != made);
        assert!(
            written == made,
            "docs/{name} is not what the code says (BLESS=1 writes it anew); the first difference: {difference:?}"
        );
    }
}

#[test]
fn every_kind_has_its_section_with_an_example() {
    assert_eq!(SECTIONS.map(|section| section.kind), Kind::ALL);
    assert!(SECTIONS.iter().all(|section| !section.examples.is_empty()));
    let shown: Vec<&str> = SECTIONS.iter().flat_map(|section| section.examples).copied().collect();
    for file in std::fs::read_dir(docs().join("events")).unwrap() {
        let path = file.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap();
        assert!(path.is_dir() || shown.contains(&name), "docs/events/{name}.json is on no page");
    }
}

#[test]
fn every_example_is_an_event_that_is_read_written_and_read_as_the_same() {
    for (name, kind, event) in examples() {
        assert_eq!((event.specversion.as_str(), event.r#type.as_str()), ("1.0", kind.type_name()), "{name}");
        let first = body(kind, event.data.clone()).unwrap_or_else(|error| panic!("{name}: {error}"));
        let written = serde_json::to_value(&first).unwrap();
        assert_is_part(&event.data, &written, name);
        assert_eq!(body(kind, written).unwrap(), first, "{name}");

        let CloudEvent { source, id, time, subject, .. } = event;
        let event = Event { source, id, time, subject, body: first };
        assert_eq!(event.validate(), Ok(()), "{name}");
    }
}

/// Everything in `part` is in `whole` too: no field of an example is misspelt and passed over.
fn assert_is_part(part: &Value, whole: &Value, path: &str) {
    match (part, whole) {
        (Value::Object(part), Value::Object(whole)) => {
            for (name, value) in part {
                let path = format!("{path}.{name}");
                assert_is_part(value, whole.get(name).unwrap_or_else(|| panic!("{path} is no field")), &path);
            }
        }
        (Value::Array(part), Value::Array(whole)) => {
            assert_eq!(part.len(), whole.len(), "{path}");
            for (part, whole) in part.iter().zip(whole) {
                assert_is_part(part, whole, path);
            }
        }
        _ => assert_eq!(part, whole, "{path}"),
    }
}

#[test]
fn every_example_fits_its_schema() {
    for (name, kind, event) in examples() {
        let schema = schema(kind);
        assert_eq!(misfit(&event.data, schema.as_value(), schema.as_value()), None, "{name}");
    }
}

#[test]
fn what_is_wrong_fits_no_schema() {
    let schema = schema(Kind::SubscriptionChanged);
    let (_, _, good) = examples().into_iter().find(|(name, ..)| *name == "subscription_changed").unwrap();
    let misfit = |change: &dyn Fn(&mut Value)| {
        let mut data = good.data.clone();
        change(&mut data);
        misfit(&data, schema.as_value(), schema.as_value()).unwrap_or_default()
    };
    assert_eq!(misfit(&|_| {}), "");
    assert_eq!(misfit(&|data| data["status"] = "sleeping".into()), ".status: none of the choices");
    assert_eq!(misfit(&|data| data["items"] = Value::Array(vec![])), ".items: too few");
    assert_eq!(misfit(&|data| data["items"][0]["unit_amount"] = 25.into()), ".items.unit_amount: wrong type");
    assert_eq!(
        misfit(&|data| data["items"][0]["interval_count"] = 0.into()),
        ".items.interval_count: too small"
    );
    assert_eq!(misfit(&|data| data["effective_at"] = "today".into()), ".effective_at: not a date-time");
    assert_eq!(
        misfit(&|data| data["discounts"][0]["percent_off"] = "a lot".into()),
        ".discounts.percent_off: not a decimal"
    );
    assert_eq!(misfit(&|data| drop(data.as_object_mut().unwrap().remove("id"))), ": id is missing");
    assert_eq!(misfit(&|data| data["colour"] = "blue".into()), ".colour: no such field");
}

#[test]
fn a_diagram_names_every_state() {
    for section in &SECTIONS {
        let Some(diagram) = section.diagram else { continue };
        let schema = schema(section.kind);
        let states = [
            "/$defs/SubscriptionStatus",
            "/$defs/InvoiceStatus",
            "/$defs/DisputeStatus",
            "/$defs/PaymentOutcome",
        ];
        let values = states.iter().find_map(|path| schema.as_value().pointer(path)).unwrap();
        for value in values["oneOf"].as_array().unwrap() {
            let state = value["const"].as_str().unwrap();
            assert!(diagram.split_whitespace().any(|word| word.trim_end_matches(':') == state), "{state}");
        }
    }
}

#[test]
fn prometheus_understands_every_query_of_the_glossary() {
    let mut rules = "groups:\n  - name: glossary\n    rules:\n".to_owned();
    for (position, (metric, _, query)) in QUERIES.iter().enumerate() {
        assert!(query.contains(metric.name), "{query} does not ask for {}", metric.name);
        let query = Value::from(*query);
        let _ = write!(rules, "      - record: glossary:query{position}\n        expr: {query}\n");
    }
    let directory = TempDir::new();
    let file = directory.path().join("glossary.yml");
    std::fs::write(&file, rules).unwrap();
    promtool(&["check", "rules"], &file);
}

#[test]
fn prometheus_understands_the_configuration_that_we_give_for_it() {
    promtool(&["check", "config", "--syntax-only"], &docs().join("../deploy/prometheus/prometheus.yml"));
}

fn promtool(arguments: &[&str], file: &Path) {
    let output = Command::new("promtool").args(arguments).arg(file).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "promtool {arguments:?}: {said}");
}

#[test]
fn every_link_between_our_pages_leads_to_a_file() {
    let mut checked = 0;
    for folder in [docs().join(".."), docs()] {
        let files = std::fs::read_dir(&folder).unwrap().map(|file| file.unwrap().path());
        for page in files.filter(|path| path.extension().is_some_and(|extension| extension == "md")) {
            let text = std::fs::read_to_string(&page).unwrap();
            let links = text.split("](").skip(1).filter_map(|rest| rest.split(')').next());
            for link in links.filter(|link| !link.contains("://")) {
                let file = link.split('#').next().unwrap();
                assert!(folder.join(file).exists(), "{}: {link}", page.display());
                checked += 1;
            }
        }
    }
    assert!(checked > 20, "only {checked} links");
}
