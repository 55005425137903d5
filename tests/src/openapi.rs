//! `docs/openapi.json`: the HTTP interface, from a file by hand and the types of the events.

use pratiko_domain::event::Kind;
use serde_json::{Map, Value, json};

use crate::events_page::schema;

/// The paths and their answers.
const INTERFACE: &str = include_str!("openapi/interface.json");

/// The description, with the schemas of the events in it.
pub fn description() -> serde_json::Result<Value> {
    let mut description: Value = serde_json::from_str(INTERFACE)?;
    description["info"]["version"] = env!("CARGO_PKG_VERSION").into();
    let mut schemas = Map::new();
    let kinds: Vec<Value> = Kind::ALL.iter().map(|kind| event(*kind, &mut schemas)).collect();
    let event = json!({
        "description": "One event: a CloudEvent whose `data` is that of its `type`.",
        "allOf": [{ "$ref": "#/components/schemas/Envelope" }],
        "oneOf": kinds,
    });
    schemas.insert("Event".to_owned(), event);
    if let Value::Object(by_hand) = &mut description["components"]["schemas"] {
        by_hand.extend(schemas);
    }
    // The types keep what they refer to beside them; here all schemas are in one place.
    serde_json::from_str(&description.to_string().replace("#/$defs/", "#/components/schemas/"))
}

/// The text of the file.
pub fn text() -> serde_json::Result<String> {
    Ok(format!("{:#}\n", description()?))
}

/// What is special about the events of one kind; puts the schema of its data, and those that it
/// refers to, into `schemas`.
fn event(kind: Kind, schemas: &mut Map<String, Value>) -> Value {
    let mut data = schema(kind).to_value();
    let mut name = kind.name().to_owned();
    let mut is_required = false;
    if let Value::Object(data) = &mut data {
        data.remove("$schema");
        if let Some(Value::Object(definitions)) = data.remove("$defs") {
            schemas.extend(definitions);
        }
        if let Some(Value::String(title)) = data.remove("title") {
            name = title;
        }
        is_required = data.get("required").is_some();
    }
    schemas.insert(name.clone(), data);
    let required: &[&str] = if is_required { &["data"] } else { &[] };
    json!({
        "properties": {
            "type": { "const": kind.type_name() },
            "data": { "$ref": format!("#/components/schemas/{name}") },
        },
        "required": required,
    })
}
