//! One item of a list that has keys of its own, such as a plan, while it is read.

use std::path::PathBuf;
use std::time::Duration;

use pratiko_domain::money::Money;
use pratiko_intake::yaml::{Node, Value};

use super::duration;
use super::key::{Key, Kind};
use super::nearest::nearest;
use super::reader::Reader;

/// One item of a list while it is read. Every problem is noted with its place and its line.
pub(super) struct Entry<'a, 'b> {
    pub key: &'a Key,
    /// What it is called in messages: `business.plans[2]`.
    pub place: String,
    pub line: u64,
    pub values: &'a mut Reader<'b>,
}

impl Entry<'_, '_> {
    /// Notes that something on `line` will not do; `complaint` follows the place.
    pub fn refuse<T>(&mut self, line: u64, complaint: &str) -> Option<T> {
        self.values.refuse_within(self.key, line, format!("{}{complaint}", self.place));
        None
    }

    /// Notes that a field will not do, and what to write.
    fn expected<T>(&mut self, field: &str, node: &Node, expected: &str) -> Option<T> {
        let is = node.value.described();
        self.refuse(node.line, &format!(".{field} is {is}; write {expected}"))
    }

    /// Notes that there is no such field.
    pub fn unknown<T, const N: usize>(
        &mut self,
        field: &str,
        line: u64,
        known: [&'static str; N],
    ) -> Option<T> {
        let advice = nearest(field, known).map_or_else(
            || format!("known here: {}", known.join(", ")),
            |meant| format!("did you mean {meant}?"),
        );
        self.refuse(line, &format!(".{field} is not a known key; {advice}"))
    }

    /// The fields of the item; `example` is what one looks like.
    pub fn fields(&mut self, item: Node, example: &str) -> Option<Vec<(String, Node)>> {
        match item.value {
            Value::Map(fields) => Some(fields),
            other => {
                let is = other.described();
                self.refuse(item.line, &format!(" is {is}; write {example}"))
            }
        }
    }

    /// A text that is not empty.
    pub fn text(&mut self, field: &str, node: &Node) -> Option<String> {
        match &node.value {
            Value::Scalar(text) if !text.trim().is_empty() => Some(text.clone()),
            _ => self.expected(field, node, "a text"),
        }
    }

    /// A path that is not empty.
    pub fn path(&mut self, field: &str, node: &Node) -> Option<PathBuf> {
        self.text(field, node).map(PathBuf::from)
    }

    /// An amount of euros that is not negative.
    pub fn money(&mut self, field: &str, node: &Node) -> Option<Money> {
        let amount = match &node.value {
            Value::Scalar(text) => text.parse::<Money>().ok().filter(|amount| !amount.is_negative()),
            _ => None,
        };
        amount.or_else(|| self.expected(field, node, &Kind::Money.expected()))
    }

    /// A length of time above zero.
    pub fn duration(&mut self, field: &str, node: &Node) -> Option<Duration> {
        let length = match &node.value {
            Value::Scalar(text) => duration::parse(text).filter(|length| !length.is_zero()),
            _ => None,
        };
        length.or_else(|| self.expected(field, node, &Kind::Duration.expected()))
    }

    /// The items of a list.
    pub fn items(&mut self, field: &str, node: Node) -> Option<Vec<Node>> {
        match node.value {
            Value::List(items) => Some(items),
            _ => self.expected(field, &node, &Kind::List.expected()),
        }
    }
}
