//! Directories named by a pattern, as a shell would: `/var/lib/*/metrics`.

use std::fs;
use std::path::{Component, Path, PathBuf};

use regex_lite::Regex;

/// A path whose components may be patterns of `*`, `?` and `[…]`.
pub(super) struct Glob {
    written: PathBuf,
    steps: Vec<Step>,
}

enum Step {
    Name(PathBuf),
    Pattern(Regex),
}

impl Glob {
    /// The pattern `text`; what makes no sense as a pattern is taken for a path.
    pub(super) fn new(text: &str) -> Self {
        let written = PathBuf::from(text);
        let steps = written
            .components()
            .map(|component| match component {
                Component::Normal(name) => {
                    name.to_str().and_then(pattern).map_or_else(|| Step::Name(name.into()), Step::Pattern)
                }
                other => Step::Name(other.as_os_str().into()),
            })
            .collect();
        Self { written, steps }
    }

    /// The paths that match now, sorted. Where none does, the pattern itself: that nothing is there
    /// is for the caller to find out.
    pub(super) fn expand(&self) -> Vec<PathBuf> {
        if !self.steps.iter().any(|step| matches!(step, Step::Pattern(_))) {
            return vec![self.written.clone()];
        }
        let mut found = vec![PathBuf::new()];
        for step in &self.steps {
            found = match step {
                Step::Name(name) => found.into_iter().map(|path| path.join(name)).collect(),
                Step::Pattern(pattern) => {
                    found.iter().flat_map(|directory| matching(directory, pattern)).collect()
                }
            };
        }
        found.retain(|path| path.exists());
        found.sort_unstable();
        if found.is_empty() { vec![self.written.clone()] } else { found }
    }
}

fn matching(directory: &Path, pattern: &Regex) -> Vec<PathBuf> {
    let here = if directory.as_os_str().is_empty() { Path::new(".") } else { directory };
    let Ok(entries) = fs::read_dir(here) else { return Vec::new() };
    entries
        .flatten()
        .filter(|entry| entry.file_name().to_str().is_some_and(|name| pattern.is_match(name)))
        .map(|entry| directory.join(entry.file_name()))
        .collect()
}

/// The regular expression for one component; `None` where there is nothing special in it.
fn pattern(component: &str) -> Option<Regex> {
    if !component.contains(['*', '?', '[', '\\']) {
        return None;
    }
    let mut regex = String::from("(?s)^");
    let mut in_class = false;
    let mut chars = component.chars().peekable();
    while let Some(char) = chars.next() {
        match char {
            '\\' => regex.push_str(&regex_lite::escape(&chars.next()?.to_string())),
            ']' if in_class => {
                in_class = false;
                regex.push(']');
            }
            '^' | '-' if in_class => regex.push(char),
            _ if in_class => regex.push_str(&regex_lite::escape(&char.to_string())),
            '[' => {
                in_class = true;
                regex.push('[');
            }
            '*' => regex.push_str(".*"),
            '?' => regex.push('.'),
            _ => regex.push_str(&regex_lite::escape(&char.to_string())),
        }
    }
    regex.push('$');
    Regex::new(&regex).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::testing::TempDir;

    #[test]
    fn patterns_match_component_by_component() {
        let root = TempDir::new();
        for name in ["a1/metrics", "a2/metrics", "a3/other", "b/metrics", "[x]/metrics"] {
            fs::create_dir_all(root.path().join(name)).unwrap();
        }
        let cases: [(&str, &[&str]); 8] = [
            ("*/metrics", &["[x]/metrics", "a1/metrics", "a2/metrics", "b/metrics"]),
            ("a?/metrics", &["a1/metrics", "a2/metrics"]),
            ("a[2-9]/*", &["a2/metrics", "a3/other"]),
            ("[^a]*/metrics", &["[x]/metrics", "b/metrics"]),
            ("b/metrics", &["b/metrics"]),
            ("\\[x\\]/metrics", &["[x]/metrics"]),
            ("c*/metrics", &["c*/metrics"]),
            ("[broken", &["[broken"]),
        ];
        for (pattern, expected) in cases {
            let found = Glob::new(root.path().join(pattern).to_str().unwrap()).expand();
            let expected: Vec<PathBuf> = expected.iter().map(|name| root.path().join(name)).collect();
            assert_eq!(found, expected, "{pattern}");
        }
    }
}
