//! Which devices a collector speaks of: the pair of flags `…-include` and `…-exclude`.

use std::collections::HashMap;

use regex_lite::Regex;

use crate::host::{OptionSpec, Options, SetupError};

/// So many decisions are remembered; hosts that name every container's interface anew make more.
const REMEMBERED_AT_MOST: usize = 4096;

/// Decides by name, and once per name: matching expressions is dearer than all the reading.
#[derive(Debug, Default)]
pub(super) struct NameFilter {
    include: Option<Regex>,
    exclude: Option<Regex>,
    decisions: HashMap<String, bool>,
}

impl NameFilter {
    /// A filter from the values of two flags, of which only one may be given.
    pub fn from_options(
        options: &Options,
        include: &OptionSpec,
        exclude: &OptionSpec,
    ) -> Result<Self, SetupError> {
        let filter = Self {
            include: options.pattern(include)?,
            exclude: options.pattern(exclude)?,
            decisions: HashMap::new(),
        };
        if filter.include.is_some() && filter.exclude.is_some() {
            return Err(SetupError {
                option: include.name,
                reason: format!("cannot be combined with --collector.{}", exclude.name),
            });
        }
        Ok(filter)
    }

    /// A filter from one flag that names what is left out.
    pub fn excluding(options: &Options, exclude: &OptionSpec) -> Result<Self, SetupError> {
        Ok(Self { exclude: options.pattern(exclude)?, ..Self::default() })
    }

    /// Whether anything can be left out at all.
    pub fn is_active(&self) -> bool {
        self.include.is_some() || self.exclude.is_some()
    }

    /// Whether `name` is spoken of.
    pub fn allows(&mut self, name: &str) -> bool {
        if !self.is_active() {
            return true;
        }
        if let Some(decision) = self.decisions.get(name) {
            return *decision;
        }
        let included = self.include.as_ref().is_none_or(|pattern| pattern.is_match(name));
        let excluded = self.exclude.as_ref().is_some_and(|pattern| pattern.is_match(name));
        let decision = included && !excluded;
        if self.decisions.len() >= REMEMBERED_AT_MOST {
            self.decisions.clear();
        }
        self.decisions.insert(name.to_owned(), decision);
        decision
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::OptionKind;

    static INCLUDE: OptionSpec =
        OptionSpec { name: "x.include", kind: OptionKind::Text, default: "", help: "" };
    static EXCLUDE: OptionSpec =
        OptionSpec { name: "x.exclude", kind: OptionKind::Text, default: "", help: "" };

    fn filter(values: &[(&str, &str)]) -> Result<NameFilter, SetupError> {
        let mut options = Options::default();
        for (name, value) in values {
            options.set(*name, *value);
        }
        NameFilter::from_options(&options, &INCLUDE, &EXCLUDE)
    }

    #[test]
    fn without_flags_everything_is_allowed() {
        assert!(filter(&[]).unwrap().allows("eth0"));
    }

    #[test]
    fn expressions_match_anywhere_in_the_name_unless_anchored() {
        let mut include = filter(&[("x.include", "th")]).unwrap();
        assert!(include.allows("eth0"));
        assert!(!include.allows("lo"));
        let mut exclude = filter(&[("x.exclude", "^lo$")]).unwrap();
        for _ in 0..2 {
            assert!(exclude.allows("eth0"));
            assert!(!exclude.allows("lo"));
        }
    }

    #[test]
    fn both_flags_together_and_a_broken_expression_are_refused() {
        let error = filter(&[("x.include", "a"), ("x.exclude", "b")]).unwrap_err();
        assert_eq!(error.to_string(), "--collector.x.include: cannot be combined with --collector.x.exclude");
        assert_eq!(filter(&[("x.exclude", "(")]).unwrap_err().option, "x.exclude");
    }
}
