//! The collectors' own flags, as data: `--collector.netdev.device-exclude=^veth`.

use std::collections::HashMap;

use regex_lite::Regex;

use super::SetupError;

/// Whether a flag takes a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OptionKind {
    /// `--collector.x=value`.
    Text,
    /// `--collector.x=value`, any number of times.
    Texts,
    /// `--collector.x`, `--no-collector.x`; its value is `true` or `false`.
    Switch,
}

/// One flag of a collector.
#[derive(Debug)]
pub struct OptionSpec {
    /// The flag without `--collector.`: `filesystem.mount-points-exclude`.
    pub name: &'static str,
    /// Whether it takes a value.
    pub kind: OptionKind,
    /// What holds when it is not given.
    pub default: &'static str,
    /// One line for `--help` and the documentation.
    pub help: &'static str,
}

/// The values given for the flags of all collectors.
#[derive(Debug, Default, Clone)]
pub struct Options(HashMap<String, Vec<String>>);

impl Options {
    /// Gives the flag `name` a value, in place of any that it has.
    pub fn set(&mut self, name: impl Into<String>, value: impl Into<String>) {
        self.0.insert(name.into(), vec![value.into()]);
    }

    /// Gives the flag `name` a further value, for [`OptionKind::Texts`].
    pub fn add(&mut self, name: impl Into<String>, value: impl Into<String>) {
        self.0.entry(name.into()).or_default().push(value.into());
    }

    /// The value of a flag, or its default.
    pub fn text(&self, spec: &OptionSpec) -> &str {
        self.texts(spec).last().unwrap_or(spec.default)
    }

    /// All values of a flag; none if it is not given and has an empty default.
    pub fn texts(&self, spec: &OptionSpec) -> impl DoubleEndedIterator<Item = &str> {
        let given = self.0.get(spec.name);
        let default = (given.is_none() && !spec.default.is_empty()).then_some(spec.default);
        given.into_iter().flatten().map(String::as_str).chain(default)
    }

    /// Whether a switch is on.
    pub fn switch(&self, spec: &OptionSpec) -> bool {
        self.text(spec) == "true"
    }

    /// The regular expression in a flag; `None` when it is empty.
    pub fn pattern(&self, spec: &OptionSpec) -> Result<Option<Regex>, SetupError> {
        match self.text(spec) {
            "" => Ok(None),
            text => Regex::new(text).map(Some).map_err(|error| SetupError {
                option: spec.name,
                reason: format!("{text:?} is not a regular expression: {error}"),
            }),
        }
    }
}
