//! Settings as values of the right type. Every problem is noted, so that all are told at once.

use std::path::PathBuf;
use std::time::Duration;

use pratiko_domain::money::Money;

use super::error::{Origin, Problem};
use super::key::Key;
use super::settings::Settings;
use super::{duration, size};
use pratiko_intake::yaml::{Node, Value};

/// Reads keys; what comes out as `None` has been noted among the problems.
pub(super) struct Reader<'a> {
    pub settings: &'a Settings,
    pub problems: Vec<Problem>,
}

impl Reader<'_> {
    /// Notes that the value of `key` will not do, and why.
    pub fn refuse(&mut self, key: &Key, complaint: &str) {
        let setting = self.settings.of(key);
        let message = format!("{} is {}{complaint}", key.path, shown(key, &setting.value));
        self.problems.push(Problem { origin: setting.origin, message });
    }

    /// Notes a problem on a line within the value of `key`; `message` begins with the place.
    pub fn refuse_within(&mut self, key: &Key, line: u64, message: String) {
        let origin = match self.settings.of(key).origin {
            Origin::File { path, .. } if line > 0 => Origin::File { path, line },
            other => other,
        };
        self.problems.push(Problem { origin, message });
    }

    fn refuse_type(&mut self, key: &Key) {
        self.refuse(key, &format!("; write {}", key.kind.expected()));
    }

    fn scalar<T>(&mut self, key: &Key, parse: impl FnOnce(&str) -> Option<T>) -> Option<T> {
        let parsed = match &self.settings.of(key).value {
            Value::Scalar(text) => parse(text),
            _ => None,
        };
        if parsed.is_none() {
            self.refuse_type(key);
        }
        parsed
    }

    /// A text, which may be empty.
    pub fn text(&mut self, key: &Key) -> Option<String> {
        self.scalar(key, |text| Some(text.to_owned()))
    }

    /// A path, which must not be empty.
    pub fn path(&mut self, key: &Key) -> Option<PathBuf> {
        self.scalar(key, |text| (!text.is_empty()).then(|| PathBuf::from(text)))
    }

    /// `true` or `false`.
    pub fn switch(&mut self, key: &Key) -> Option<bool> {
        self.scalar(key, |text| text.parse().ok())
    }

    /// One of a few words, and what it stands for.
    pub fn choice<T: Copy>(&mut self, key: &Key, choices: &[(&str, T)]) -> Option<T> {
        self.scalar(key, |text| choices.iter().find(|(word, _)| *word == text).map(|(_, meant)| *meant))
    }

    /// A length of time above zero.
    pub fn duration(&mut self, key: &Key) -> Option<Duration> {
        let length = self.duration_or_zero(key)?;
        self.unless(key, length, length.is_zero(), "; it must be longer than zero")
    }

    /// A length of time.
    pub fn duration_or_zero(&mut self, key: &Key) -> Option<Duration> {
        self.scalar(key, duration::parse)
    }

    /// A number of bytes above zero that fits into memory.
    pub fn size(&mut self, key: &Key) -> Option<usize> {
        let bytes = self.scalar(key, |text| usize::try_from(size::parse(text)?).ok())?;
        self.unless(key, bytes, bytes == 0, "; it must be above zero")
    }

    /// A whole number above zero.
    pub fn count(&mut self, key: &Key) -> Option<usize> {
        let number = self.count_or_zero(key)?;
        self.unless(key, number, number == 0, "; it must be above zero")
    }

    /// A whole number.
    pub fn count_or_zero(&mut self, key: &Key) -> Option<usize> {
        self.scalar(key, |text| text.parse().ok())
    }

    /// An amount of euros that is not negative.
    pub fn money(&mut self, key: &Key) -> Option<Money> {
        let amount = self.scalar(key, |text| text.parse::<Money>().ok())?;
        self.unless(key, amount, amount.is_negative(), "; it must not be below zero")
    }

    /// Percent that are not negative.
    pub fn percent(&mut self, key: &Key) -> Option<Money> {
        let percent = self.scalar(key, |text| text.parse::<Money>().ok())?;
        self.unless(key, percent, percent.is_negative(), "; it must not be below zero")
    }

    fn unless<T>(&mut self, key: &Key, value: T, is_wrong: bool, complaint: &str) -> Option<T> {
        if is_wrong {
            self.refuse(key, complaint);
            return None;
        }
        Some(value)
    }

    /// The items of a list.
    pub fn items(&mut self, key: &Key) -> Option<Vec<Node>> {
        let Value::List(items) = self.settings.of(key).value else {
            self.refuse_type(key);
            return None;
        };
        Some(items)
    }

    /// A list of texts, none of which is empty, each with its line.
    pub fn texts(&mut self, key: &Key) -> Option<Vec<(String, u64)>> {
        let items = self.items(key)?;
        let mut texts = Vec::with_capacity(items.len());
        for (position, item) in items.into_iter().enumerate() {
            match item.value {
                Value::Scalar(text) if !text.is_empty() => texts.push((text, item.line)),
                other => {
                    let message = format!("{}[{position}] is {}; write a text", key.path, other.described());
                    self.refuse_within(key, item.line, message);
                    return None;
                }
            }
        }
        Some(texts)
    }

    /// A list of paths.
    pub fn paths(&mut self, key: &Key) -> Option<Vec<PathBuf>> {
        Some(self.texts(key)?.into_iter().map(|(text, _)| PathBuf::from(text)).collect())
    }
}

fn shown(key: &Key, value: &Value) -> String {
    match value {
        Value::Scalar(_) if key.kind.is_secret() => "a text".to_owned(),
        other => other.described(),
    }
}
