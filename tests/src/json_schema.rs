//! Does a value fit a schema?

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]
#![expect(clippy::missing_panics_doc, reason = "a test fails by panicking")]

use serde_json::Value;

/// Where and how `value` misses `schema`, of which `root` holds the definitions. Knows the parts of
/// JSON Schema that ours use, and is stricter in that it takes no unknown fields.
pub fn misfit(value: &Value, schema: &Value, root: &Value) -> Option<String> {
    if let Some(reference) = schema["$ref"].as_str() {
        return misfit(value, root.pointer(reference.trim_start_matches('#')).unwrap(), root);
    }
    if schema.as_object().is_some_and(serde_json::Map::is_empty) {
        return None;
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
        "number" => value.is_number(),
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
    if schema["enum"].as_array().is_some_and(|values| !values.contains(value)) {
        return Some(": none of the values".to_owned());
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
            let others = schema.get("additionalProperties");
            fields.iter().find_map(|(name, value)| match schema["properties"].get(name).or(others) {
                Some(field) => misfit(value, field, root).map(|reason| format!(".{name}{reason}")),
                None => Some(format!(".{name}: no such field")),
            })
        }
        Value::Null | Value::Bool(_) => None,
    }
}
