//! The files of rules and of their unit tests, as they are read here.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A file of rules.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct RuleFile {
    /// Where it is.
    #[serde(skip)]
    pub path: PathBuf,
    pub groups: Vec<Group>,
}

/// Rules that are evaluated one after the other.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Group {
    pub name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interval: Option<String>,
    pub rules: Vec<Rule>,
}

/// A recording rule or an alert.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub record: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alert: Option<String>,
    pub expr: String,
    #[serde(default, rename = "for", skip_serializing_if = "Option::is_none")]
    pub hold: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keep_firing_for: Option<String>,
    #[serde(default)]
    pub labels: BTreeMap<String, String>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub annotations: BTreeMap<String, String>,
}

impl Rule {
    /// What it is called: of an alert also how severe, since two may share a name.
    pub fn title(&self) -> String {
        match (&self.record, &self.alert) {
            (Some(record), _) => {
                let labels: Vec<String> =
                    self.labels.iter().map(|(name, value)| format!("{name}={value:?}")).collect();
                if labels.is_empty() { record.clone() } else { format!("{record}{{{}}}", labels.join(", ")) }
            }
            (None, alert) => {
                let severity = self.labels.get("severity").map_or("?", String::as_str);
                format!("{} ({severity})", alert.as_deref().unwrap_or("?"))
            }
        }
    }
}

/// A file of unit tests. Fields that are not looked at are kept as they are.
#[derive(Debug, Clone, Deserialize, Serialize)]
pub struct TestFile {
    /// Where it is.
    #[serde(skip)]
    pub path: PathBuf,
    /// Relative to the file.
    pub rule_files: Vec<String>,
    pub tests: Vec<Test>,
    #[serde(flatten)]
    pub rest: BTreeMap<String, Value>,
}

/// What comes in, and what is expected of it.
#[derive(Debug, Clone, Deserialize, Serialize)]
pub struct Test {
    #[serde(default)]
    pub name: String,
    #[serde(default, rename = "alert_rule_test")]
    pub alerts: Vec<AlertTest>,
    #[serde(default, rename = "promql_expr_test")]
    pub expressions: Vec<ExpressionTest>,
    #[serde(flatten)]
    pub rest: BTreeMap<String, Value>,
}

/// Which alerts of a name fire at a time.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct AlertTest {
    pub eval_time: String,
    pub alertname: String,
    #[serde(default)]
    pub exp_alerts: Vec<ExpectedAlert>,
}

#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct ExpectedAlert {
    pub exp_labels: BTreeMap<String, String>,
    #[serde(default)]
    pub exp_annotations: BTreeMap<String, String>,
}

/// What an expression gives at a time.
#[derive(Debug, Clone, Deserialize, Serialize)]
pub struct ExpressionTest {
    pub expr: String,
    #[serde(flatten)]
    pub rest: BTreeMap<String, Value>,
}

/// `alert-rules/`.
pub fn folder() -> PathBuf {
    root().join("alert-rules")
}

/// The workspace.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Every file of rules, by name.
pub fn rule_files() -> &'static [RuleFile] {
    static FILES: LazyLock<Vec<RuleFile>> = LazyLock::new(|| {
        let read = |path: PathBuf| RuleFile { path: path.clone(), ..read(&path) };
        yaml_files(&folder()).into_iter().map(read).collect()
    });
    &FILES
}

/// Every file of unit tests, by name.
pub fn test_files() -> &'static [TestFile] {
    static FILES: LazyLock<Vec<TestFile>> = LazyLock::new(|| {
        let read = |path: PathBuf| TestFile { path: path.clone(), ..read(&path) };
        yaml_files(&folder().join("tests")).into_iter().map(read).collect()
    });
    &FILES
}

/// Every rule, with the file that it is in.
pub fn rules() -> impl Iterator<Item = (&'static RuleFile, &'static Rule)> {
    rule_files()
        .iter()
        .flat_map(|file| file.groups.iter().flat_map(|group| &group.rules).map(move |rule| (file, rule)))
}

/// Every alert.
pub fn alerts() -> impl Iterator<Item = &'static Rule> {
    rules().map(|(_, rule)| rule).filter(|rule| rule.alert.is_some())
}

fn yaml_files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<PathBuf> =
        entries.filter(|path| path.extension().is_some_and(|extension| extension == "yml")).collect();
    files.sort();
    files
}

fn read<T: serde::de::DeserializeOwned>(path: &Path) -> T {
    let text = std::fs::read_to_string(path).unwrap();
    serde_saphyr::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}
