//! Whether the application is well, as it says itself.

use std::borrow::Cow;
use std::fmt::Write;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

type Check = dyn Fn() -> Result<(), String> + Send + Sync;

/// The checks of an application.
#[derive(Clone, Default)]
pub(super) struct Health {
    checks: Vec<(Cow<'static, str>, Arc<Check>)>,
}

impl Health {
    pub fn add(
        &mut self,
        name: Cow<'static, str>,
        check: impl Fn() -> Result<(), String> + Send + Sync + 'static,
    ) {
        self.checks.push((name, Arc::new(check)));
    }

    /// Whether all is well, and the same as JSON.
    pub fn report(&self) -> (bool, String) {
        let results: Vec<_> = self.checks.iter().map(|(name, check)| (name, run(&**check))).collect();
        let is_ok = results.iter().all(|(_, result)| result.is_ok());
        let mut json = format!("{{\"status\":\"{}\"", if is_ok { "ok" } else { "failing" });
        let mut separator = ",\"checks\":{";
        for (name, result) in &results {
            json.push_str(separator);
            separator = ",";
            write_text(name, &mut json);
            json.push(':');
            write_text(result.as_ref().map_or_else(String::as_str, |()| "ok"), &mut json);
        }
        json.push_str(if results.is_empty() { "}\n" } else { "}}\n" });
        (is_ok, json)
    }
}

/// A check that panics has not passed.
fn run(check: &Check) -> Result<(), String> {
    catch_unwind(AssertUnwindSafe(check)).unwrap_or_else(|_| Err("the check panicked".to_owned()))
}

fn write_text(text: &str, json: &mut String) {
    json.push('"');
    for character in text.chars() {
        match character {
            '"' => json.push_str("\\\""),
            '\\' => json.push_str("\\\\"),
            control if control < ' ' => {
                // Writing to a string cannot fail.
                let _ = write!(json, "\\u{:04x}", u32::from(control));
            }
            character => json.push(character),
        }
    }
    json.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_checks_an_application_that_answers_is_well() {
        assert_eq!(Health::default().report(), (true, "{\"status\":\"ok\"}\n".to_owned()));
    }

    #[test]
    fn one_check_that_fails_or_panics_is_enough() {
        let mut health = Health::default();
        health.add("queue".into(), || Ok(()));
        assert_eq!(health.report(), (true, "{\"status\":\"ok\",\"checks\":{\"queue\":\"ok\"}}\n".to_owned()));
        health.add("\"db\"".into(), || Err("no\nroute \\ to \u{1}it".to_owned()));
        health.add("cache".into(), || panic!("the lock is poisoned"));
        let (is_ok, json) = health.report();
        assert!(!is_ok);
        assert_eq!(
            json,
            "{\"status\":\"failing\",\"checks\":{\"queue\":\"ok\",\
             \"\\\"db\\\"\":\"no\\u000aroute \\\\ to \\u0001it\",\"cache\":\"the check panicked\"}}\n"
        );
    }
}
