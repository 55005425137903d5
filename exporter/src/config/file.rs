//! The configuration file: where it is, and which of its keys are known.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::environment::Environment;
use super::error::{ConfigError, Origin, Problem};
use super::nearest::nearest;
use super::schema::Schema;
use super::settings::{Flags, Setting};
use pratiko_intake::yaml::{self, Node, Value};

/// A file that is read only if it exists.
const OF_THE_SYSTEM: &str = "/etc/pratiko/exporter.yml";

/// The file to read and its text; a file that somebody named must exist.
pub(super) fn read(
    flags: &Flags,
    environment: &Environment,
) -> Result<Option<(PathBuf, String)>, ConfigError> {
    let named =
        flags.config_file.clone().or_else(|| environment.get("PRATIKO_CONFIG_FILE").map(PathBuf::from));
    let Some(path) = named.or_else(|| usual_places(environment).into_iter().find(|path| path.exists()))
    else {
        return Ok(None);
    };
    match std::fs::read_to_string(&path) {
        Ok(text) => Ok(Some((path, text))),
        Err(source) => Err(ConfigError::Read { path, source }),
    }
}

/// Where the file is looked for: the user's own place first.
fn usual_places(environment: &Environment) -> Vec<PathBuf> {
    let of_the_user = environment.config_home().map(|home| home.join("pratiko/exporter.yml"));
    of_the_user.into_iter().chain([Path::new(OF_THE_SYSTEM).to_owned()]).collect()
}

/// The values in the file by the path of their key.
pub(super) fn settings(
    schema: &Schema,
    path: &str,
    text: &str,
    problems: &mut Vec<Problem>,
) -> BTreeMap<String, Setting> {
    let mut reading = Reading { schema, path, problems, settings: BTreeMap::new() };
    match yaml::parse(text) {
        Ok(Node { value: Value::Map(entries), .. }) => reading.section("", entries),
        Ok(Node { value: Value::Nothing, .. }) => {}
        Ok(Node { value, line }) => reading.report(
            line,
            format!(
                "the file is {}; write sections such as web: and log: with their keys",
                value.described()
            ),
        ),
        Err(error) => reading.report(error.line, format!("this is not YAML: {}", error.reason)),
    }
    reading.settings
}

struct Reading<'a> {
    schema: &'a Schema,
    path: &'a str,
    problems: &'a mut Vec<Problem>,
    settings: BTreeMap<String, Setting>,
}

impl Reading<'_> {
    /// Reads the entries of the section that `prefix` (empty, or with a point at its end) names.
    fn section(&mut self, prefix: &str, entries: Vec<(String, Node)>) {
        for (name, node) in entries {
            let path = format!("{prefix}{name}");
            if self.schema.key(&path).is_some() {
                let origin = self.origin(node.line);
                self.settings.insert(path, Setting { value: node.value, origin });
                continue;
            }
            let inner = format!("{path}.");
            if !self.schema.keys().any(|key| key.path.starts_with(&inner)) {
                let advice = self.advice(prefix, &name);
                self.report(node.line, format!("{path} is not a known key; {advice}"));
                continue;
            }
            match node.value {
                Value::Map(entries) => self.section(&inner, entries),
                // A section whose keys are all commented out.
                Value::Nothing => {}
                other => {
                    let names = children(self.schema, &inner).join(", ");
                    let is = other.described();
                    self.report(node.line, format!("{path} is {is}; write its keys below it: {names}"));
                }
            }
        }
    }

    /// What the unknown key `name` was probably meant to be.
    fn advice(&self, prefix: &str, name: &str) -> String {
        let siblings = children(self.schema, prefix);
        if let Some(meant) = nearest(name, siblings.iter().copied()) {
            return format!("did you mean {meant}?");
        }
        let elsewhere = self
            .schema
            .keys()
            .find(|key| key.path.rsplit('.').next() == Some(name) && key.section() != "collectors");
        match elsewhere {
            Some(key) => format!("did you mean {}?", key.path),
            None => format!("known here: {}", siblings.join(", ")),
        }
    }

    fn origin(&self, line: u64) -> Origin {
        Origin::File { path: self.path.to_owned(), line }
    }

    fn report(&mut self, line: u64, message: String) {
        let origin = self.origin(line);
        self.problems.push(Problem { origin, message });
    }
}

/// The names directly below `prefix`.
fn children<'schema>(schema: &'schema Schema, prefix: &str) -> Vec<&'schema str> {
    let mut names: Vec<&str> =
        schema.keys().filter_map(|key| key.path.strip_prefix(prefix)?.split('.').next()).collect();
    names.dedup();
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_of_the_user_comes_before_the_file_of_the_system() {
        let environment: Environment = [("HOME", "/home/ada")].into_iter().collect();
        let places = usual_places(&environment);
        assert_eq!(places[0], Path::new("/home/ada/.config/pratiko/exporter.yml"));
        assert_eq!(places[1], Path::new("/etc/pratiko/exporter.yml"));
    }

    #[test]
    fn a_file_that_was_named_must_exist() {
        let flags = Flags::with_file(Some("/nonexistent/exporter.yml".into()));
        let error = read(&flags, &Environment::default()).unwrap_err().to_string();
        assert!(
            error.starts_with("cannot read the configuration file /nonexistent/exporter.yml: "),
            "{error}"
        );
    }
}
