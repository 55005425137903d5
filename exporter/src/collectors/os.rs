//! Which distribution this is, from `/etc/os-release`.

use std::collections::HashMap;
use std::io;
use std::path::PathBuf;

use pratiko_metrics::exposition::Kind;

use crate::host::{CollectError, Collector, FileVersion, Output, Setup, SetupError, Spec};

pub(super) const SPEC: Spec = Spec {
    name: "os",
    on_by_default: true,
    about: "The distribution, its version and the end of its support.",
    options: &[],
    build: |setup: &Setup<'_>| -> Result<Box<dyn Collector>, SetupError> {
        let files = ["/etc/os-release", "/usr/lib/os-release"].map(|path| setup.roots.root(path));
        Ok(Box::new(Release { files, known: None, facts: HashMap::new(), malformed: 0 }))
    },
};

/// The labels of `node_os_info`, each the lower-case name of its variable.
const LABELS: [(&str, &str); 12] = [
    ("build_id", "BUILD_ID"),
    ("id", "ID"),
    ("id_like", "ID_LIKE"),
    ("image_id", "IMAGE_ID"),
    ("image_version", "IMAGE_VERSION"),
    ("name", "NAME"),
    ("pretty_name", "PRETTY_NAME"),
    ("variant", "VARIANT"),
    ("variant_id", "VARIANT_ID"),
    ("version", "VERSION"),
    ("version_codename", "VERSION_CODENAME"),
    ("version_id", "VERSION_ID"),
];

struct Release {
    files: [PathBuf; 2],
    /// Which version of which file the facts are from.
    known: Option<(PathBuf, FileVersion)>,
    facts: HashMap<String, String>,
    malformed: usize,
}

impl Collector for Release {
    fn collect(&mut self, output: &mut Output) -> Result<(), CollectError> {
        let path = self.refresh()?;
        for _ in 0..self.malformed {
            output.skip(&path, "not NAME=value");
        }
        let labels = LABELS.map(|(label, variable)| (label, self.fact(variable)));
        output
            .family("node_os_info", Kind::Gauge, "What the distribution says of itself; always 1.")
            .sample(&labels, 1);
        if let Some(version) = major_and_minor(self.fact("VERSION_ID")) {
            output
                .family("node_os_version", Kind::Gauge, "The distribution's version, as major.minor.")
                .sample(
                    &[
                        ("id", self.fact("ID")),
                        ("id_like", self.fact("ID_LIKE")),
                        ("name", self.fact("NAME")),
                    ],
                    version,
                );
        }
        match self.fact("SUPPORT_END") {
            "" => {}
            date => match midnight(date) {
                Some(seconds) => {
                    output
                        .family(
                            "node_os_support_end_timestamp_seconds",
                            Kind::Gauge,
                            "When support ends, in seconds since the epoch.",
                        )
                        .sample(&[], seconds);
                }
                None => output.skip(&path, date),
            },
        }
        Ok(())
    }
}

impl Release {
    /// Reads the file again if it is not the one that was read, and says which it is.
    fn refresh(&mut self) -> Result<PathBuf, CollectError> {
        let versions = self.files.iter().map(|path| (path, FileVersion::of(path)));
        let found = versions.into_iter().find(|(_, version)| match version {
            Err(error) => error.kind() != io::ErrorKind::NotFound,
            Ok(_) => true,
        });
        let (path, version) = found.ok_or(CollectError::NotHere(THING))?;
        let version = version.map_err(|source| CollectError::reading(path, THING, source))?;
        let current = (path.clone(), version);
        if self.known.as_ref() != Some(&current) {
            let content = std::fs::read(path).map_err(|source| CollectError::reading(path, THING, source))?;
            (self.facts, self.malformed) = parse(&String::from_utf8_lossy(&content));
            self.known = Some(current);
        }
        Ok(path.clone())
    }

    fn fact(&self, name: &str) -> &str {
        self.facts.get(name).map_or("", String::as_str)
    }
}

const THING: &str = "os-release file";

/// The variables, and how many lines are none.
fn parse(text: &str) -> (HashMap<String, String>, usize) {
    let mut variables = HashMap::new();
    let mut malformed = 0;
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
        match line.split_once('=').and_then(|(name, value)| Some((name, unquote(value)?))) {
            Some((name, value)) => {
                variables.insert(name.to_owned(), value);
            }
            None => malformed += 1,
        }
    }
    (variables, malformed)
}

/// A value as a shell would read it: bare, in single quotes, or in double quotes with escapes.
fn unquote(value: &str) -> Option<String> {
    let value = value.trim();
    if let Some(rest) = value.strip_prefix('\'') {
        return rest.strip_suffix('\'').map(str::to_owned);
    }
    let quoted = value.strip_prefix('"');
    let inner = match quoted {
        Some(rest) => rest.strip_suffix('"')?,
        None => value,
    };
    let mut plain = String::with_capacity(inner.len());
    let mut letters = inner.chars();
    while let Some(letter) = letters.next() {
        plain.push(if letter == '\\' { letters.next()? } else { letter });
    }
    Some(plain)
}

/// `12` of `12`, `22.04` of `22.04.3`; none of `rolling`.
fn major_and_minor(version: &str) -> Option<f64> {
    let mut dots = 0;
    let end = version
        .find(|letter: char| {
            dots += usize::from(letter == '.');
            !letter.is_ascii_digit() && (letter != '.' || dots > 1)
        })
        .unwrap_or(version.len());
    version[..end].parse().ok().filter(|number| *number > 0.0)
}

/// The beginning of a day such as `2028-06-30`, in UTC.
fn midnight(date: &str) -> Option<i64> {
    let date: jiff::civil::Date = date.parse().ok()?;
    Some(date.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp().as_second())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_read_as_a_shell_would() {
        assert_eq!(unquote("debian").as_deref(), Some("debian"));
        assert_eq!(unquote("\"A \\\"B\\\" \\$C\"").as_deref(), Some("A \"B\" $C"));
        assert_eq!(unquote("'it is \\ so'").as_deref(), Some("it is \\ so"));
        assert_eq!(unquote("\"open").as_deref(), None);
        assert_eq!(unquote("").as_deref(), Some(""));
    }

    #[test]
    fn a_version_is_its_first_two_numbers() {
        assert_eq!(major_and_minor("12"), Some(12.0));
        assert_eq!(major_and_minor("22.04.3"), Some(22.04));
        assert_eq!(major_and_minor("9.4beta"), Some(9.4));
        assert_eq!(major_and_minor("rolling"), None);
        assert_eq!(major_and_minor(""), None);
    }
}
