//! A YAML text as a tree with line numbers. Which keys it may have is decided elsewhere.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_saphyr::{Location, Spanned};

/// A value and the line it stands on, from 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    pub line: u64,
    pub value: Value,
}

/// A value. Scalars keep the text they were written as, so that nothing is lost in a number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    Nothing,
    Scalar(String),
    List(Vec<Node>),
    Map(Vec<(String, Node)>),
}

impl Value {
    /// What it is, for error messages.
    pub fn described(&self) -> String {
        match self {
            Self::Nothing => "empty".to_owned(),
            Self::Scalar(text) => format!("{text:?}"),
            Self::List(_) => "a list".to_owned(),
            Self::Map(_) => "a section with keys of its own".to_owned(),
        }
    }

    /// Texts as a list, without lines.
    pub fn list(texts: impl IntoIterator<Item = impl Into<String>>) -> Self {
        let node = |text: String| Node { line: 0, value: Self::Scalar(text) };
        Self::List(texts.into_iter().map(|text| node(text.into())).collect())
    }
}

/// Why a text is not YAML that can be used.
#[derive(Debug)]
pub struct NotYaml {
    pub line: u64,
    pub reason: String,
}

/// Reads one document.
pub fn parse(text: &str) -> Result<Node, NotYaml> {
    let options = serde_saphyr::options! {
        // `on` and `off` are words here, as in YAML 1.2.
        strict_booleans: true,
        merge_keys: serde_saphyr::MergeKeyPolicy::Error,
        with_snippet: false,
        // Enough for prices that many share, too little to blow a file up.
        alias_limits: serde_saphyr::alias_limits! { max_total_replayed_events: 10_000 },
    };
    let only_comments = text.lines().all(|line| matches!(line.trim_start().chars().next(), None | Some('#')));
    if only_comments {
        return Ok(Node { line: 1, value: Value::Nothing });
    }
    let raw: Spanned<Raw> = serde_saphyr::from_str_with_options(text, options).map_err(|error| NotYaml {
        line: error.location().map_or(1, |location| location.line()),
        reason: error.to_string(),
    })?;
    Ok(node(raw, text))
}

/// What the YAML reader makes of a value before its text is looked up.
enum Raw {
    Nothing,
    Text(String),
    /// A number or a truth value, written as the reader understood it.
    Typed(String),
    List(Vec<Spanned<Self>>),
    Map(Vec<(Spanned<String>, Spanned<Self>)>),
}

fn node(raw: Spanned<Raw>, source: &str) -> Node {
    let value = match raw.value {
        Raw::Nothing => Value::Nothing,
        Raw::Text(text) => Value::Scalar(text),
        Raw::Typed(understood) => {
            Value::Scalar(written(source, raw.defined).map_or(understood, str::to_owned))
        }
        Raw::List(items) => Value::List(items.into_iter().map(|item| node(item, source)).collect()),
        Raw::Map(entries) => Value::Map(
            entries
                .into_iter()
                .map(|(key, value)| {
                    let mut value = node(value, source);
                    // The line of the key is where people look for it.
                    value.line = key.referenced.line();
                    (key.value, value)
                })
                .collect(),
        ),
    };
    Node { line: raw.referenced.line(), value }
}

/// The text of a plain scalar at `location`.
fn written(source: &str, location: Location) -> Option<&str> {
    let start = usize::try_from(location.span().byte_offset()?).ok()?;
    let length = usize::try_from(location.span().byte_len()?).ok()?;
    source.get(start..start.checked_add(length)?)
}

impl<'de> Deserialize<'de> for Raw {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(RawVisitor)
    }
}

struct RawVisitor;

impl<'de> Visitor<'de> for RawVisitor {
    type Value = Raw;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a YAML value")
    }

    fn visit_unit<E>(self) -> Result<Raw, E> {
        Ok(Raw::Nothing)
    }

    fn visit_str<E>(self, text: &str) -> Result<Raw, E> {
        Ok(Raw::Text(text.to_owned()))
    }

    fn visit_bool<E>(self, value: bool) -> Result<Raw, E> {
        Ok(Raw::Typed(value.to_string()))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Raw, E> {
        Ok(Raw::Typed(value.to_string()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Raw, E> {
        Ok(Raw::Typed(value.to_string()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Raw, E> {
        Ok(Raw::Typed(value.to_string()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Raw, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = access.next_element()? {
            items.push(item);
        }
        Ok(Raw::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Raw, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = access.next_entry()? {
            entries.push(entry);
        }
        Ok(Raw::Map(entries))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scalar(line: u64, text: &str) -> Node {
        Node { line, value: Value::Scalar(text.to_owned()) }
    }

    fn entries(text: &str) -> Vec<(String, Node)> {
        match parse(text).unwrap().value {
            Value::Map(entries) => entries,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn scalars_keep_their_text_and_their_line() {
        let entries = entries(
            "a: 1.10\nb: 0755\nc: on\nd: true\n\ne: 'x: y'\nf: 8_000\ng: 0.30000000000000000001\nh: -5\n",
        );
        let expected = [
            scalar(1, "1.10"),
            scalar(2, "0755"),
            scalar(3, "on"),
            scalar(4, "true"),
            scalar(6, "x: y"),
            scalar(7, "8_000"),
            scalar(8, "0.30000000000000000001"),
            scalar(9, "-5"),
        ];
        assert_eq!(entries.into_iter().map(|(_, node)| node).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn lists_and_sections_nest() {
        let entries = entries("web:\n  listen:\n    - one\n    - 2\n  none:\nflow: {a: [x]}\n");
        let Value::Map(web) = &entries[0].1.value else { panic!("{entries:?}") };
        assert_eq!(web[0].1.value, Value::List(vec![scalar(3, "one"), scalar(4, "2")]));
        assert_eq!(web[1].1, Node { line: 5, value: Value::Nothing });
        assert_eq!(entries[1].1.line, 6);
    }

    #[test]
    fn an_anchor_may_be_used_again() {
        let entries = entries("a: &cost 1.50\nb: *cost\n");
        assert_eq!(entries[1].1, scalar(2, "1.50"));
    }

    #[test]
    fn a_file_with_comments_alone_is_empty() {
        for text in ["", "\n\n", "# web:\n  # listen\n"] {
            assert_eq!(parse(text).unwrap().value, Value::Nothing, "{text:?}");
        }
    }

    #[test]
    fn what_is_not_yaml_is_refused_with_its_line() {
        for (text, line) in [("a: 1\nb: [1\n", 2), ("a: 1\na: 2\n", 2), ("a: 1\n---\nb: 2\n", 3)] {
            let error = parse(text).unwrap_err();
            assert_eq!(error.line, line, "{text:?}: {}", error.reason);
        }
    }
}
