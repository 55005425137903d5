//! The only place that looks at environment variables.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::error::{Origin, Problem};
use super::key::Key;
use super::schema::Schema;

/// The environment as it was when the program started.
#[derive(Debug, Clone, Default)]
pub struct Environment {
    variables: BTreeMap<String, String>,
}

impl Environment {
    /// The environment of this process.
    pub fn of_this_process() -> Self {
        std::env::vars_os()
            .filter_map(|(name, value)| {
                Some((name.into_string().ok()?, value.to_string_lossy().into_owned()))
            })
            .collect()
    }

    /// The value of a variable. An empty one counts as not set.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.variables.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// The variables that begin with `PRATIKO_` and have a value.
    fn ours(&self) -> impl Iterator<Item = &str> {
        self.variables
            .iter()
            .filter(|(name, value)| name.starts_with("PRATIKO_") && !value.is_empty())
            .map(|(name, _)| name.as_str())
    }

    /// The variables that look like ours and mean nothing.
    ///
    /// One letter away from a known one is a slip and a problem. Others are only told of: an
    /// orchestrator may set variables that are named after a service of ours.
    pub(super) fn unknown(&self, schema: &Schema, problems: &mut Vec<Problem>) -> Vec<String> {
        let known: Vec<String> =
            schema.keys().map(Key::variable).chain(["PRATIKO_CONFIG_FILE".to_owned()]).collect();
        let mut unknown = Vec::new();
        for name in self.ours().filter(|name| !known.iter().any(|known| known == name)) {
            let meant = known.iter().find(|known| strsim::damerau_levenshtein(known, name) == 1);
            if let Some(meant) = meant {
                let message = format!("not a known variable; did you mean {meant}?");
                problems.push(Problem { origin: Origin::Environment(name.to_owned()), message });
            } else if schema.keys().any(|key| name.starts_with(&section_prefix(key))) {
                unknown.push(name.to_owned());
            }
        }
        unknown
    }

    /// Where configuration files of this user are.
    pub(super) fn config_home(&self) -> Option<PathBuf> {
        self.directory("XDG_CONFIG_HOME", ".config")
    }

    /// Where the ledger is unless somebody says otherwise.
    ///
    /// A service manager hands out a directory; a person keeps state in their home; what has no
    /// home is a daemon that was started by hand.
    pub(super) fn state_directory(&self) -> PathBuf {
        let handed_out = self.get("STATE_DIRECTORY").and_then(|paths| paths.split(':').next());
        match handed_out {
            Some(path) => PathBuf::from(path),
            None => self
                .directory("XDG_STATE_HOME", ".local/state")
                .map_or_else(|| PathBuf::from("/var/lib/pratiko"), |home| home.join("pratiko")),
        }
    }

    /// A base directory: the variable if it holds an absolute path, else `below` in the home.
    fn directory(&self, variable: &str, below: &str) -> Option<PathBuf> {
        let absolute = |name| self.get(name).map(PathBuf::from).filter(|path| Path::is_absolute(path));
        absolute(variable).or_else(|| absolute("HOME").map(|home| home.join(below)))
    }
}

fn section_prefix(key: &Key) -> String {
    format!("PRATIKO_{}_", key.section().to_uppercase())
}

impl<Name: Into<String>, Value: Into<String>> FromIterator<(Name, Value)> for Environment {
    fn from_iter<Pairs: IntoIterator<Item = (Name, Value)>>(pairs: Pairs) -> Self {
        let variables = pairs.into_iter().map(|(name, value)| (name.into(), value.into())).collect();
        Self { variables }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ledger_is_where_the_surroundings_keep_state() {
        let cases: [(&[(&str, &str)], &str); 6] = [
            (&[("HOME", "/home/ada")], "/home/ada/.local/state/pratiko"),
            (&[("HOME", "/home/ada"), ("XDG_STATE_HOME", "/state")], "/state/pratiko"),
            (&[("HOME", "/home/ada"), ("XDG_STATE_HOME", "relative")], "/home/ada/.local/state/pratiko"),
            (&[("HOME", "/root"), ("STATE_DIRECTORY", "/var/lib/pratiko")], "/var/lib/pratiko"),
            (&[("STATE_DIRECTORY", "/var/lib/one:/var/lib/two")], "/var/lib/one"),
            (&[], "/var/lib/pratiko"),
        ];
        for (variables, expected) in cases {
            let environment: Environment = variables.iter().copied().collect();
            assert_eq!(environment.state_directory(), Path::new(expected), "{variables:?}");
        }
    }

    #[test]
    fn an_empty_variable_counts_as_not_set() {
        let environment: Environment = [("PRATIKO_LOG_LEVEL", "")].into_iter().collect();
        assert_eq!(environment.get("PRATIKO_LOG_LEVEL"), None);
        assert_eq!(environment.ours().count(), 0);
    }
}
