//! Every key with its value and where that came from: flags over environment over file over
//! defaults.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::environment::Environment;
use super::error::{Origin, Problem};
use super::key::{DefaultValue, Key, Kind};
use super::schema::Schema;
use super::{file, ledger};
use pratiko_intake::yaml::{self, Value};

/// What was given on the command line.
#[derive(Debug, Clone, Default)]
pub struct Flags {
    /// `--config.file`.
    pub config_file: Option<PathBuf>,
    given: BTreeMap<String, (String, Vec<String>)>,
}

impl Flags {
    /// No flag but, perhaps, the configuration file.
    pub fn with_file(config_file: Option<PathBuf>) -> Self {
        Self { config_file, given: BTreeMap::new() }
    }

    /// The flag `flag` (with its dashes, for messages) gives the key at `path` these values.
    pub fn give(&mut self, path: impl Into<String>, flag: impl Into<String>, values: Vec<String>) {
        self.given.insert(path.into(), (flag.into(), values));
    }
}

/// The value of one key.
#[derive(Debug, Clone)]
pub(super) struct Setting {
    pub value: Value,
    pub origin: Origin,
}

/// The values of all keys, by path.
#[derive(Debug)]
pub(super) struct Settings(BTreeMap<String, Setting>);

impl Settings {
    /// The value of `key`.
    pub fn of(&self, key: &Key) -> Setting {
        self.at(&key.path)
    }

    /// The value of the key at `path`.
    pub fn at(&self, path: &str) -> Setting {
        let nothing = || Setting { value: Value::Nothing, origin: Origin::Default };
        self.0.get(path).cloned().unwrap_or_else(nothing)
    }

    fn is_default(&self, path: &str) -> bool {
        self.at(path).origin == Origin::Default
    }

    fn set_default(&mut self, path: &str, value: Value) {
        self.0.insert(path.to_owned(), Setting { value, origin: Origin::Default });
    }

    /// The defaults that depend on other keys.
    fn derive_defaults(&mut self, schema: &Schema) {
        let is_true = |setting: &Setting| setting.value == Value::Scalar("true".to_owned());
        if is_true(&self.at("collectors.disable_defaults")) {
            let switches = schema
                .keys()
                .filter(|key| key.path.starts_with("collectors.") && key.path.ends_with(".enabled"));
            for key in switches.filter(|key| self.is_default(&key.path)).collect::<Vec<_>>() {
                self.set_default(&key.path, Value::Scalar("false".to_owned()));
            }
            if self.is_default("collectors.business") {
                self.set_default("collectors.business", Value::Scalar("off".to_owned()));
            }
        }
        if self.is_default("auth.ingest.tokens")
            && self.is_default("auth.ingest.token_files")
            && let Value::Scalar(ledger) = self.of(&ledger::PATH).value
        {
            let file = Path::new(&ledger).join("ingest-token");
            self.set_default("auth.ingest.token_files", Value::list([file.to_string_lossy()]));
        }
    }
}

/// Brings all sources together. What cannot be told apart here is reported among `problems`.
pub(super) fn resolve(
    schema: &Schema,
    flags: &Flags,
    environment: &Environment,
    file: Option<(&str, &str)>,
    problems: &mut Vec<Problem>,
) -> Settings {
    let mut from_file = match file {
        Some((path, text)) => file::settings(schema, path, text, problems),
        None => BTreeMap::new(),
    };
    let mut settings = BTreeMap::new();
    for key in schema.keys() {
        let setting = from_flags(key, flags)
            .or_else(|| from_environment(key, environment, problems))
            .or_else(|| from_file.remove(&*key.path))
            .unwrap_or_else(|| by_default(key, environment));
        settings.insert(key.path.clone().into_owned(), setting);
    }
    let mut settings = Settings(settings);
    settings.derive_defaults(schema);
    settings
}

fn from_flags(key: &Key, flags: &Flags) -> Option<Setting> {
    let (flag, values) = flags.given.get(&*key.path)?;
    let value = if key.kind.is_list() { Value::list(values) } else { Value::Scalar(values.last()?.clone()) };
    Some(Setting { value, origin: Origin::Flag(flag.clone()) })
}

fn from_environment(key: &Key, environment: &Environment, problems: &mut Vec<Problem>) -> Option<Setting> {
    let variable = key.variable();
    let text = environment.get(&variable)?;
    let origin = Origin::Environment(variable);
    let value = match key.kind {
        // These have structure: the variable holds what the file would.
        Kind::Plans | Kind::Sources => match yaml::parse(text) {
            Ok(node) => node.value,
            Err(error) => {
                let message = format!("{} is not YAML: {}", key.path, error.reason);
                problems.push(Problem { origin: origin.clone(), message });
                Value::list([""; 0])
            }
        },
        kind => from_text(kind, text),
    };
    Some(Setting { value, origin })
}

fn by_default(key: &Key, environment: &Environment) -> Setting {
    let value = match key.default {
        DefaultValue::Is(text) => from_text(key.kind, text),
        DefaultValue::Depends { value, .. } => from_text(key.kind, &value(environment)),
    };
    Setting { value, origin: Origin::Default }
}

/// A value written as one text; lists are separated by commas.
fn from_text(kind: Kind, text: &str) -> Value {
    if kind.is_list() {
        Value::list(text.split(',').map(str::trim).filter(|item| !item.is_empty()))
    } else {
        Value::Scalar(text.to_owned())
    }
}
