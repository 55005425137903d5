//! The collectors' own flags, as data: `--collector.netdev.device-exclude=^veth`.

use std::collections::HashMap;
use std::time::Duration;

use jiff::SignedDuration;
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

    /// Whether a flag was given at all, rather than left at its default.
    pub fn is_given(&self, spec: &OptionSpec) -> bool {
        self.0.contains_key(spec.name)
    }

    /// Whether a switch is on.
    pub fn switch(&self, spec: &OptionSpec) -> bool {
        self.text(spec) == "true"
    }

    /// The time span in a flag, such as `500ms` or `1m30s`.
    pub fn duration(&self, spec: &OptionSpec) -> Result<Duration, SetupError> {
        let text = self.text(spec);
        text.parse::<SignedDuration>().and_then(Duration::try_from).map_err(|error| SetupError {
            option: spec.name,
            reason: format!("{text:?} is not a time span such as \"500ms\": {error}"),
        })
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_spans_are_written_with_their_unit() {
        let spec = OptionSpec { name: "x.timeout", kind: OptionKind::Text, default: "400ms", help: "" };
        let with = |text: &str| {
            let mut options = Options::default();
            options.set("x.timeout", text);
            options.duration(&spec)
        };
        assert_eq!(Options::default().duration(&spec).unwrap(), Duration::from_millis(400));
        assert_eq!(with("5s").unwrap(), Duration::from_secs(5));
        assert_eq!(with("1m30s").unwrap(), Duration::from_secs(90));
        assert!(with("5").is_err());
        assert!(with("-5s").is_err());
    }
}
