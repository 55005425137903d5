//! Which devices a collector tells of, by the two regular expressions that its user may give.

use std::collections::HashMap;

use regex_lite::Regex;

use super::{OptionSpec, Options, SetupError};

/// Names come and go on a busy container host; a cache of them that grew past this starts anew.
const DECIDED_AT_MOST: usize = 4096;

/// Keeps the names that match one expression, or those that do not match another.
///
/// What it decided is remembered by name: a device costs one match in its life, not one per scrape.
#[derive(Debug, Default)]
pub struct NameFilter {
    include: Option<Regex>,
    exclude: Option<Regex>,
    decided: HashMap<String, bool>,
}

impl NameFilter {
    /// The filter of a pair of flags. Giving `include` sets the default of `exclude` aside; giving
    /// both is an error.
    pub fn new(options: &Options, include: &OptionSpec, exclude: &OptionSpec) -> Result<Self, SetupError> {
        let wanted = options.pattern(include)?;
        let unwanted =
            if wanted.is_some() && !options.is_given(exclude) { None } else { options.pattern(exclude)? };
        if wanted.is_some() && unwanted.is_some() {
            return Err(SetupError {
                option: include.name,
                reason: format!("cannot be given together with --collector.{}", exclude.name),
            });
        }
        Ok(Self { include: wanted, exclude: unwanted, decided: HashMap::new() })
    }

    /// A filter from one flag that names what is left out.
    pub fn excluding(options: &Options, exclude: &OptionSpec) -> Result<Self, SetupError> {
        Ok(Self { exclude: options.pattern(exclude)?, ..Self::default() })
    }

    /// Whether anything can be left out at all.
    pub fn is_active(&self) -> bool {
        self.include.is_some() || self.exclude.is_some()
    }

    /// Whether the device `name` is told of.
    pub fn keeps(&mut self, name: &str) -> bool {
        if !self.is_active() {
            return true;
        }
        if let Some(&kept) = self.decided.get(name) {
            return kept;
        }
        let kept = self.include.as_ref().is_none_or(|pattern| pattern.is_match(name))
            && !self.exclude.as_ref().is_some_and(|pattern| pattern.is_match(name));
        if self.decided.len() >= DECIDED_AT_MOST {
            self.decided.clear();
        }
        self.decided.insert(name.to_owned(), kept);
        kept
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::OptionKind;

    const INCLUDE: OptionSpec =
        OptionSpec { name: "x.include", kind: OptionKind::Text, default: "", help: "" };
    const EXCLUDE: OptionSpec =
        OptionSpec { name: "x.exclude", kind: OptionKind::Text, default: "^loop", help: "" };

    fn filter(given: &[(&str, &str)]) -> Result<NameFilter, SetupError> {
        let mut options = Options::default();
        for (name, value) in given {
            options.set(*name, *value);
        }
        NameFilter::new(&options, &INCLUDE, &EXCLUDE)
    }

    #[test]
    fn the_default_leaves_out_what_it_names() {
        let mut filter = filter(&[]).unwrap();
        assert!(filter.keeps("sda"));
        assert!(!filter.keeps("loop0"));
        assert!(!filter.keeps("loop0"), "the second time as well");
    }

    #[test]
    fn including_sets_the_default_exclusion_aside() {
        let mut filter = filter(&[("x.include", "^loop")]).unwrap();
        assert!(filter.keeps("loop0"));
        assert!(!filter.keeps("sda"));
    }

    #[test]
    fn giving_both_is_refused() {
        assert!(filter(&[("x.include", "a"), ("x.exclude", "b")]).is_err());
        assert!(filter(&[("x.include", "a"), ("x.exclude", "")]).is_ok(), "an empty one excludes nothing");
    }
}
