//! All keys there are.

use crate::collectors;
use crate::host::Spec;

use super::key::Key;
use super::{auth, business, currencies, ingest, ledger, log, paths, prices, sources, stripe, web};

/// The keys of the exporter, in the order of the documentation.
#[derive(Debug)]
pub struct Schema {
    keys: Vec<Listed>,
    pub(super) collectors: &'static [&'static Spec],
}

#[derive(Debug)]
enum Listed {
    Fixed(&'static Key),
    Made(Key),
}

impl Schema {
    /// The keys of this exporter.
    pub fn of_this_exporter() -> Self {
        Self::with_collectors(collectors::ALL)
    }

    /// The keys of an exporter with these collectors.
    pub(crate) fn with_collectors(collectors: &'static [&'static Spec]) -> Self {
        let fixed = |keys: &'static [&'static Key]| keys.iter().copied().map(Listed::Fixed);
        let keys = fixed(web::KEYS)
            .chain(fixed(paths::KEYS))
            .chain(fixed(super::collectors::KEYS))
            .chain(super::collectors::keys_of(collectors).map(Listed::Made))
            .chain(fixed(ledger::KEYS))
            .chain(fixed(business::KEYS))
            .chain(fixed(prices::KEYS))
            .chain(fixed(currencies::KEYS))
            .chain(fixed(ingest::KEYS))
            .chain(fixed(sources::KEYS))
            .chain(fixed(auth::KEYS))
            .chain(fixed(stripe::KEYS))
            .chain(fixed(log::KEYS))
            .collect();
        Self { keys, collectors }
    }

    /// Every key.
    pub fn keys(&self) -> impl Iterator<Item = &Key> {
        self.keys.iter().map(|listed| match listed {
            Listed::Fixed(key) => key,
            Listed::Made(key) => key,
        })
    }

    /// The key at `path`.
    pub(super) fn key(&self, path: &str) -> Option<&Key> {
        self.keys().find(|key| key.path == path)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn no_two_keys_share_a_path_a_flag_or_a_variable() {
        let schema = Schema::of_this_exporter();
        let mut seen = HashSet::new();
        for key in schema.keys() {
            let flag = key.flag().map(|flag| format!("--{flag}"));
            for name in
                [Some(key.path.clone().into_owned()), flag, Some(key.variable())].into_iter().flatten()
            {
                assert!(seen.insert(name.clone()), "{name} is there twice");
            }
        }
    }

    #[test]
    fn no_key_is_also_a_section_of_others() {
        let schema = Schema::of_this_exporter();
        for key in schema.keys() {
            let inner = format!("{}.", key.path);
            assert!(!schema.keys().any(|other| other.path.starts_with(&inner)), "{} is both", key.path);
        }
    }

    #[test]
    fn every_key_is_explained_in_a_sentence() {
        for key in Schema::of_this_exporter().keys() {
            assert!(key.help.ends_with('.'), "{}: {:?}", key.path, key.help);
        }
    }
}
