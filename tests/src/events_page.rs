//! `docs/EVENTS.md` and the JSON Schemas beside it, made from the types of the events.

use std::fmt::Write;
use std::path::PathBuf;

use pratiko_domain::event::{
    Credit, Dispute, Invoice, Kind, LlmUsage, OtherCost, PaymentAttempt, Refund, SubscriptionChanged,
    UserActive, UserRegistered,
};
use schemars::{Schema, schema_for};
use serde_json::{Map, Value};

/// What the page says about one kind of event beside what its type says.
pub struct Section {
    /// The kind.
    pub kind: Kind,
    /// The heading.
    pub title: &'static str,
    /// The ways that its states go, as a Mermaid diagram.
    pub diagram: Option<&'static str>,
    /// The examples: names of files in `docs/events/`, without their ending.
    pub examples: &'static [&'static str],
}

/// Every kind, in the order of the page.
pub const SECTIONS: [Section; Kind::ALL.len()] = [
    section(Kind::LlmUsage, "Language model usage", None, &["llm_usage", "llm_usage_exclusive"]),
    section(Kind::OtherCost, "Other cost", None, &["other_cost"]),
    section(Kind::UserRegistered, "User registered", None, &["user_registered"]),
    section(Kind::UserActive, "User active", None, &["user_active"]),
    section(
        Kind::SubscriptionChanged,
        "Subscription changed",
        Some(SUBSCRIPTION),
        &["subscription_changed_trial", "subscription_changed"],
    ),
    section(
        Kind::PaymentAttempt,
        "Payment attempt",
        Some(PAYMENT),
        &["payment_attempt", "payment_attempt_failed"],
    ),
    section(Kind::Invoice, "Invoice", Some(INVOICE), &["invoice", "invoice_paid"]),
    section(Kind::Refund, "Refund", None, &["refund"]),
    section(Kind::Dispute, "Dispute", Some(DISPUTE), &["dispute"]),
    section(Kind::Credit, "Credit", None, &["credit"]),
];

const fn section(
    kind: Kind,
    title: &'static str,
    diagram: Option<&'static str>,
    examples: &'static [&'static str],
) -> Section {
    Section { kind, title, diagram, examples }
}

const SUBSCRIPTION: &str = "\
stateDiagram-v2
    [*] --> trialing: with a trial
    [*] --> incomplete: first payment missing
    [*] --> active: paid for at once
    trialing --> active: the trial is over
    trialing --> canceled
    incomplete --> active: first payment made
    incomplete --> canceled: never paid
    active --> past_due: a payment failed
    past_due --> active: a retry succeeded
    past_due --> unpaid: retries given up
    past_due --> canceled: retries given up
    unpaid --> active: paid after all
    unpaid --> canceled
    active --> paused
    paused --> active
    active --> canceled: cancelled, or cancel_at has come
    canceled --> [*]
";

const PAYMENT: &str = "\
stateDiagram-v2
    [*] --> attempt
    attempt --> succeeded
    attempt --> failed
    attempt --> canceled: the customer gave up
    attempt --> blocked: by the merchant's rules
    attempt --> pending: not final, better not sent
    failed --> attempt: retried with the next attempt_number
    succeeded --> [*]
";

const INVOICE: &str = "\
stateDiagram-v2
    [*] --> open: issued
    open --> paid
    open --> void: withdrawn
    open --> uncollectible: given up
    uncollectible --> paid: paid after all
    uncollectible --> void
    paid --> [*]
    void --> [*]
";

const DISPUTE: &str = "\
stateDiagram-v2
    [*] --> open
    open --> won
    open --> lost
    won --> [*]
    lost --> [*]
";

/// The JSON Schema of the `data` of a kind.
pub fn schema(kind: Kind) -> Schema {
    match kind {
        Kind::LlmUsage => schema_for!(LlmUsage),
        Kind::OtherCost => schema_for!(OtherCost),
        Kind::UserRegistered => schema_for!(UserRegistered),
        Kind::UserActive => schema_for!(UserActive),
        Kind::SubscriptionChanged => schema_for!(SubscriptionChanged),
        Kind::PaymentAttempt => schema_for!(PaymentAttempt),
        Kind::Invoice => schema_for!(Invoice),
        Kind::Refund => schema_for!(Refund),
        Kind::Dispute => schema_for!(Dispute),
        Kind::Credit => schema_for!(Credit),
    }
}

/// The folder of the documentation.
pub fn docs() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../docs")
}

/// The text of an example.
pub fn example(name: &str) -> std::io::Result<String> {
    std::fs::read_to_string(docs().join("events").join(name).with_extension("json"))
}

/// Everything that is made: files in the documentation's folder, with what they hold.
pub fn files() -> std::io::Result<Vec<(String, String)>> {
    let schema_file = |section: &Section| {
        let schema = schema(section.kind);
        (schema_path(section.kind), format!("{:#}\n", schema.as_value()))
    };
    let page = ("EVENTS.md".to_owned(), page()?);
    Ok(std::iter::once(page).chain(SECTIONS.iter().map(schema_file)).collect())
}

fn schema_path(kind: Kind) -> String {
    format!("events/schemas/{}.json", kind.name())
}

fn page() -> std::io::Result<String> {
    let mut page = include_str!("events_page/introduction.md").to_owned();
    page += "\n## Types\n\n| type | what it tells |\n|---|---|\n";
    for section in &SECTIONS {
        let description = description(schema(section.kind).as_value());
        let summary = description.split_inclusive('.').next().unwrap_or_default();
        let anchor = section.title.to_lowercase().replace(' ', "-");
        let _ = writeln!(page, "| [`{}`](#{anchor}) | {summary} |", section.kind.type_name());
    }
    for section in &SECTIONS {
        write_section(&mut page, section)?;
    }
    Ok(page)
}

fn write_section(page: &mut String, section: &Section) -> std::io::Result<()> {
    let schema = schema(section.kind);
    let schema = schema.as_value();
    let _ = write!(page, "\n## {}\n\n`{}`\n", section.title, section.kind.type_name());
    let _ = write!(page, "\n{}\n", description(schema));
    let _ = write!(page, "\nThe fields of `data` ([JSON Schema]({})):\n", schema_path(section.kind));
    write_fields(page, schema);
    for (name, definition) in definitions(schema) {
        let _ = write!(page, "\n### {name}\n\n{}\n", description(definition));
        if let Some(values) = definition["oneOf"].as_array() {
            *page += "\n| value | meaning |\n|---|---|\n";
            for value in values {
                let _ = writeln!(page, "| `{}` | {} |", text(&value["const"]), description(value));
            }
        } else {
            write_fields(page, definition);
        }
    }
    if let Some(diagram) = section.diagram {
        let _ = write!(page, "\n```mermaid\n{diagram}```\n");
    }
    for name in section.examples {
        let _ = write!(page, "\n[`{name}.json`](events/{name}.json)\n\n```json\n{}```\n", example(name)?);
    }
    Ok(())
}

/// The table of an object's fields: the required ones first, as the type orders them.
fn write_fields(page: &mut String, schema: &Value) {
    let empty = Map::new();
    let fields = schema["properties"].as_object().unwrap_or(&empty);
    let required: Vec<&str> = schema["required"].as_array().into_iter().flatten().map(text).collect();
    let optional = fields.keys().map(String::as_str).filter(|name| !required.contains(name));
    *page += "\n| field | type | required | default | meaning |\n|---|---|---|---|---|\n";
    for name in required.iter().copied().chain(optional) {
        let field = &fields[name];
        let is_required = if required.contains(&name) { "yes" } else { "no" };
        let default = match &field["default"] {
            Value::Null => String::new(),
            Value::Object(_) => "all 0".to_owned(),
            value => format!("`{value}`"),
        };
        let (type_name, meaning) = (type_name(field), description(field));
        let _ = writeln!(page, "| `{name}` | {type_name} | {is_required} | {default} | {meaning} |");
    }
}

/// What a field holds, in the words of this page.
fn type_name(field: &Value) -> String {
    if let Some(reference) = field["$ref"].as_str() {
        let name = reference.trim_start_matches("#/$defs/");
        return format!("[{name}](#{})", name.to_lowercase());
    }
    if let Some(choices) = field["anyOf"].as_array() {
        return choices.iter().filter(|choice| choice["type"] != "null").map(type_name).collect();
    }
    let name = field["type"].as_array().map_or(&field["type"], |names| &names[0]);
    match (text(name), text(&field["format"])) {
        ("string", "decimal") => "decimal".to_owned(),
        ("string", "date-time") => "time".to_owned(),
        ("array", _) => format!("array of {}", type_name(&field["items"])),
        (name, _) => name.to_owned(),
    }
}

/// The named types that a schema refers to.
fn definitions(schema: &Value) -> impl Iterator<Item = (&String, &Value)> {
    schema["$defs"].as_object().into_iter().flatten()
}

/// A description on one line for each of its paragraphs.
fn description(schema: &Value) -> String {
    let paragraphs = text(&schema["description"]).split("\n\n");
    paragraphs.map(|paragraph| paragraph.replace('\n', " ")).collect::<Vec<_>>().join("\n\n")
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
