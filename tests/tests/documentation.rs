//! The documentation says what the code does.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use pratiko_domain::event::{Body, Event, Kind};
use pratiko_tests::events_page::{SECTIONS, docs, example, files, schema};
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
fn the_page_of_events_and_the_schemas_are_what_the_types_say() {
    for (name, made) in files().unwrap() {
        let path = docs().join(&name);
        if std::env::var_os("BLESS").is_some() {
            std::fs::write(&path, &made).unwrap();
        }
        let written = std::fs::read_to_string(&path).unwrap_or_default();
        let difference = written.lines().zip(made.lines()).find(|(written, made)| written != made);
        assert!(
            written == made,
            "docs/{name} is not what the types say (BLESS=1 writes it anew); the first difference: {difference:?}"
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

/// Where and how `value` misses `schema`, of which `root` holds the definitions. Knows the parts of
/// JSON Schema that our types use, and is stricter in that it takes no unknown fields.
fn misfit(value: &Value, schema: &Value, root: &Value) -> Option<String> {
    if let Some(reference) = schema["$ref"].as_str() {
        return misfit(value, root.pointer(reference.trim_start_matches('#')).unwrap(), root);
    }
    for choices in [&schema["oneOf"], &schema["anyOf"]] {
        if let Some(choices) = choices.as_array() {
            let fits = choices.iter().any(|choice| misfit(value, choice, root).is_none());
            return (!fits).then(|| ": none of the choices".to_owned());
        }
    }
    let is = |name: &Value| match name.as_str().unwrap() {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "integer" => value.is_i64() || value.is_u64(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        other => panic!("the type {other} is new here"),
    };
    let names = schema["type"].as_array().map_or(std::slice::from_ref(&schema["type"]), Vec::as_slice);
    if !names.iter().any(is) {
        return Some(": wrong type".to_owned());
    }
    if schema.get("const").is_some_and(|only| only != value) {
        return Some(": another value".to_owned());
    }
    match value {
        Value::String(text) => {
            let fits = match schema["format"].as_str() {
                Some("decimal") => text.parse::<pratiko_domain::money::Money>().is_ok(),
                Some("date-time") => text.parse::<pratiko_domain::time::Timestamp>().is_ok(),
                _ => true,
            };
            (!fits).then(|| format!(": not a {}", schema["format"].as_str().unwrap()))
        }
        Value::Number(number) => {
            let outside = |bound: &str, is_outside: fn(i64, i64) -> bool| {
                schema[bound].as_i64().is_some_and(|bound| is_outside(number.as_i64().unwrap(), bound))
            };
            if outside("minimum", |number, least| number < least) {
                return Some(": too small".to_owned());
            }
            outside("maximum", |number, most| number > most).then(|| ": too large".to_owned())
        }
        Value::Array(items) => {
            if schema["minItems"].as_u64().is_some_and(|least| (items.len() as u64) < least) {
                return Some(": too few".to_owned());
            }
            items.iter().find_map(|item| misfit(item, &schema["items"], root))
        }
        Value::Object(fields) => {
            for name in schema["required"].as_array().into_iter().flatten() {
                if !fields.contains_key(name.as_str().unwrap()) {
                    return Some(format!(": {} is missing", name.as_str().unwrap()));
                }
            }
            fields.iter().find_map(|(name, value)| match schema["properties"].get(name) {
                Some(field) => misfit(value, field, root).map(|reason| format!(".{name}{reason}")),
                None => Some(format!(".{name}: no such field")),
            })
        }
        Value::Null | Value::Bool(_) => None,
    }
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
