//! The configuration in effect, as YAML with the origin of every value.

use std::fmt::Write as _;

use super::schema::Schema;
use super::secret::REDACTED;
use super::settings::Settings;
use pratiko_intake::yaml::Value;

/// Every key, its value and, as a comment, where that came from.
pub(super) fn to_yaml(schema: &Schema, settings: &Settings) -> String {
    let mut yaml = String::new();
    let mut open: Vec<&str> = Vec::new();
    for key in schema.keys() {
        let mut sections: Vec<&str> = key.path.split('.').collect();
        let name = sections.pop().unwrap_or_default();
        let shared = open.iter().zip(&sections).take_while(|(one, other)| one == other).count();
        for (depth, section) in sections.iter().enumerate().skip(shared) {
            line(&mut yaml, depth, &format!("{section}:"));
        }
        let setting = settings.of(key);
        let value = match setting.value {
            Value::List(items) if key.kind.is_secret() => flow(&Value::list(vec![REDACTED; items.len()])),
            Value::Scalar(text) if key.kind.is_secret() && !text.is_empty() => quoted(REDACTED),
            value => flow(&value),
        };
        line(&mut yaml, sections.len(), &format!("{name}: {value}  # {}", setting.origin));
        open = sections;
    }
    yaml
}

fn line(yaml: &mut String, depth: usize, text: &str) {
    // Writing to a string cannot fail.
    let _ = writeln!(yaml, "{:indent$}{text}", "", indent = 2 * depth);
}

/// A value on one line.
fn flow(value: &Value) -> String {
    match value {
        Value::Nothing => "null".to_owned(),
        Value::Scalar(text) => scalar(text),
        Value::List(items) => {
            let items: Vec<String> = items.iter().map(|item| flow(&item.value)).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Map(entries) => {
            let entries: Vec<String> = entries
                .iter()
                .map(|(name, node)| format!("{}: {}", scalar(name), flow(&node.value)))
                .collect();
            format!("{{{}}}", entries.join(", "))
        }
    }
}

/// A text, in quotes unless it is plain beyond doubt.
fn scalar(text: &str) -> String {
    let begins_plain = text.starts_with(|letter: char| letter.is_ascii_alphanumeric() || letter == '/');
    let is_plain = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/._-".contains(&byte));
    let is_word_of_yaml = matches!(text.to_ascii_lowercase().as_str(), "null" | "nan" | "inf");
    if begins_plain && is_plain && !is_word_of_yaml { text.to_owned() } else { quoted(text) }
}

/// A text in the double quotes of YAML, which are those of JSON.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
